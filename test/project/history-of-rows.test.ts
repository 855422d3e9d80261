import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProjectRig } from '../rig/project-rig.ts'

/** What the source has at the moment. */
let source: readonly (readonly [string, string | null])[]
Object.defineProperty(globalThis, 'members', { get: () => source })

const MEMBERS = `
import { Asset, RowAsset } from 'varve'
/** One row per member. */
@Asset({ key: 'bronze/members', volatile: true })
export class Members extends RowAsset<{ id: string; tier: string | null }> {
  readonly columns = { id: 'varchar', tier: 'varchar' }
  async *rows() {
    for (const [id, tier] of globalThis.members) yield { id, tier }
  }
}`
const DIM = (options = "on: ['id'], compare: ['tier'], deletes: 'close'", more = '') => `
import { Asset, SqlAsset, Upstream, daily, scd2, sql } from 'varve'
import { Members } from '../bronze/members'
/** One row per member and tier that they were in. */
@Asset({ key: 'gold/dim_member', write: scd2({ ${options} })${more} })
export class DimMember extends SqlAsset {
  @Upstream(() => Members) readonly members!: Members
  query() {
    return sql\`select id, tier from \${this.members}\`
  }
}`
const READER = `
import { Asset, SqlAsset, Upstream, sql } from 'varve'
import { DimMember } from './dim_member'
/** One row per tier that is held now. */
@Asset({ key: 'gold/tiers' })
export class Tiers extends SqlAsset {
  @Upstream(() => DimMember) readonly members!: DimMember
  query() {
    return sql\`select tier, count(*) as members, min(valid_from) as since from \${this.members} where is_current group by tier\`
  }
}`

let rig: ProjectRig
beforeEach(() => {
  source = [['ada', 'gold'], ['bob', null]]
  rig = new ProjectRig({ 'assets/bronze/members.ts': MEMBERS, 'assets/gold/dim_member.ts': DIM(), 'assets/gold/tiers.ts': READER })
})
afterEach(() => rig.remove())

const day = (n: number) => ({ now: new Date(Date.UTC(2026, 0, n)) })
const versions = () => rig.rows(`select id, tier, valid_from::date::varchar as since, valid_to::date::varchar as until, is_current from "gold/dim_member" order by id, valid_from`)

describe('an asset that keeps the history of its rows', () => {
  it('[XF-SG-6] closes and opens versions day by day, closes what is gone, and does nothing where nothing changed', async () => {
    await rig.run([], day(1))
    source = [['ada', null], ['bob', null]]
    await rig.run([], day(2))
    source = [['bob', 'gold'], ['cyd', 'gold']]
    await rig.run([], day(3))
    const expected = [
      { id: 'ada', tier: 'gold', since: '2026-01-01', until: '2026-01-02', is_current: false },
      { id: 'ada', tier: null, since: '2026-01-02', until: '2026-01-03', is_current: false },
      { id: 'bob', tier: null, since: '2026-01-01', until: '2026-01-03', is_current: false },
      { id: 'bob', tier: 'gold', since: '2026-01-03', until: null, is_current: true },
      { id: 'cyd', tier: 'gold', since: '2026-01-03', until: null, is_current: true },
    ]
    expect(await versions()).toEqual(expected)
    expect(await rig.rows('select tier, members::integer as members from "gold/tiers"')).toEqual([{ tier: 'gold', members: 2 }])

    const { steps } = await rig.run(['gold/dim_member'], { ...day(9), force: true })
    expect(steps.map(({ status, unchanged }) => [status, unchanged])).toEqual([['materialized', true]])
    expect(await rig.version('gold/dim_member')).toBe(2)
    expect(await versions()).toEqual(expected)
  })

  it('holds the promises of a history before each publication', async () => {
    const { steps } = await rig.run(['+gold/dim_member'], day(1))
    expect(steps.at(-1)!.checks.map(({ check, severity, passed }) => [check, severity, passed])).toEqual([
      ['each version begins before it ends, and is current while it is open', 'error', true],
      ['no two versions of a key overlap, and at most one is open', 'error', true],
    ])
  })

  it('refuses to be cut into slices', async () => {
    rig.write('assets/gold/dim_member.ts', DIM("on: ['id'], changedBy: 'day'", ", partitions: daily({ column: 'day', start: '2026-01-01' })"))
    await expect(rig.run()).rejects.toMatchObject({ code: 'definition/history-in-slices' })
  })

  it('names the column that its mode needs and its rows lack', async () => {
    rig.write('assets/gold/dim_member.ts', DIM("on: ['id'], changedBy: 'updated'"))
    const { steps } = await rig.run(['+gold/dim_member'])
    expect(steps.at(-1)!.error).toMatchObject({ code: 'storage/no-such-column', message: expect.stringContaining('updated') as string })
  })
})
