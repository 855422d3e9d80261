import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openProject } from '../../framework/project/project.ts'
import { ProjectRig } from '../rig/project-rig.ts'

let rows: readonly { readonly id: number | null; readonly amount: number }[] = []
Object.defineProperty(globalThis, 'gatedRows', { get: () => rows })

const ASSET = (checks: string, write = 'overwrite()') => `
import { Asset, Check, RowAsset, SqlAsset, Upstream, anomaly, append, between, matchesContract, merge, notNull, noRows, overwrite, primaryKey, rowCount, sql, unique } from 'varve'
/** One row per sale, as told. */
@Asset({ key: 'bronze/told', volatile: true })
export class Told extends RowAsset<any> {
  readonly columns = { id: 'bigint', amount: 'double', email: 'varchar' }
  rows() { return globalThis.gatedRows }
}
/** One row per sale. */
@Asset({ key: 'silver/sales', write: ${write}, checks: [${checks}] })
export class Sales extends SqlAsset {
  @Upstream(() => Told) readonly told!: Told
  query() { return sql\`select id, amount, email from \${this.told}\` }
}
/** One row per day. */
@Asset({ key: 'gold/total' })
export class Total extends SqlAsset {
  @Upstream(() => Sales) readonly sales!: Sales
  query() { return sql\`select sum(amount) as total from \${this.sales}\` }
}`

let rig: ProjectRig
beforeAll(() => {
  rig = new ProjectRig({ 'assets/silver/sales.ts': ASSET('') })
})
afterAll(() => rig.remove())

const GOOD = [{ id: 1, amount: 5 }, { id: 2, amount: 6 }]
const BAD = [{ id: 3, amount: 5 }, { id: null, amount: -6 }]

/** Publishes good rows without a check, then makes bad ones under these checks, with a reader that asks all the while. */
async function attempt(checks: string, write?: string): Promise<{ readonly status: string; readonly seen: readonly unknown[]; readonly after: unknown; readonly severities: readonly unknown[] }> {
  rig.write('assets/silver/sales.ts', ASSET('', write))
  rows = GOOD
  await rig.run([], { force: true })
  rig.write('assets/silver/sales.ts', ASSET(checks, write))
  rows = BAD
  const reader = await openProject({ root: rig.root, lake: rig.lake })
  const read = async () => JSON.stringify((await reader.query('select id, amount from silver.sales order by id')).rows.map(row => row['id']))
  const seen = new Set<string>()
  const reads: Promise<unknown>[] = []
  try {
    const { steps } = await rig.run([], { listen: event => {
      if (event.type === 'step-staged' || event.type === 'step-checked') reads.push(read().then(found => seen.add(found)))
    } })
    await Promise.all(reads)
    const step = steps.find(({ asset }) => asset === 'silver/sales')!
    return { status: step.status, seen: [...seen], after: await read(), severities: step.checks.map(({ passed, severity }) => (passed ? 'holds' : severity)) }
  } finally {
    await reader.close()
  }
}

describe('the gate', () => {
  it.each([
    ["notNull('id')", ['error']],
    ["notNull('id', { scope: 'full' })", ['error']],
    ["notNull('id', { scope: 'changed' })", ['error']],
    ["notNull('id', { severity: 'error', blocking: true })", ['error']],
    ["notNull('id', { onFail: 'fail', where: sql`amount < 0` })", ['error']],
    ["notNull('id', { mostly: 0.9 })", ['error']],
    ["notNull('id', { warnIf: { rows: 0 }, failIf: { ratio: 0.4 } })", ['error']],
    ["primaryKey('id')", ['error']],
    ["noRows('none is given back', table => sql`select * from ${table} where amount < 0`)", ['error']],
    ["notNull('identity', { severity: 'error' })", ['error']],
    ["rowCount({ ofLast: { min: 2 } }), between('amount', { min: 0 }, { severity: 'warn' })", ['error', 'warn']],
  ])('leaves the published version to every reader where %s is broken', async (checks, severities) => {
    expect(await attempt(checks)).toEqual({ status: 'check-failed', seen: ['[1,2]'], after: '[1,2]', severities })
  })

  it.each([
    ["notNull('id', { severity: 'warn' })", ['warn']],
    ["notNull('id', { severity: 'warn', scope: 'changed' })", ['warn']],
    ["notNull('id', { onFail: 'warn' })", ['warn']],
    ["notNull('id', { blocking: false })", ['error']],
    ["notNull('id', { blocking: false, scope: 'changed' })", ['error']],
    ["notNull('id', { mostly: 0.5 })", ['holds']],
    ["notNull('id', { where: sql`amount > 0` })", ['holds']],
    ["notNull('id', { warnIf: { rows: 0 }, failIf: { rows: 1 } })", ['warn']],
  ])('lets through, and tells, what breaks %s', async (checks, severities) => {
    const { status, after, severities: told } = await attempt(checks)
    expect({ status, after, told }).toEqual({ status: 'materialized', after: '[3,null]', told: severities })
  })

  it('looks at changed rows only where it is told so, though older ones break the promise', async () => {
    rig.write('assets/silver/sales.ts', ASSET('', 'append()'))
    rows = BAD
    await rig.run([], { force: true })
    rows = [{ id: 9, amount: 1 }]
    rig.write('assets/silver/sales.ts', ASSET("notNull('id', { scope: 'changed' }), notNull('id', { severity: 'warn' })", 'append()'))
    const step = (await rig.run()).steps.find(({ asset }) => asset === 'silver/sales')!
    expect([step.status, step.checks.map(({ passed, failingRows, of }) => [passed, failingRows, of])]).toEqual(['materialized', [[true, 0, 1], [false, expect.any(Number), expect.any(Number)]]])
  })

  it.each([
    ["notNull('id', { severity: 'warn', blocking: true })"],
    ["unique('id', { scope: 'changed' })"],
    ["matchesContract({ where: sql`id > 1` })"],
    ["rowCount({ ofLast: { min: 1 } }, { where: sql`id > 1` })"],
    ["anomaly('x', sql`count(*)`, { sensitivity: 0 })"],
  ])('refuses %s, which cannot be meant', async checks => {
    rig.write('assets/silver/sales.ts', ASSET(checks))
    await expect(rig.run()).rejects.toMatchObject({ code: 'definition/bad-promise' })
  })
})
