import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { ProjectRig } from '../rig/project-rig.ts'

const EVENTS = (rows: string) => `
import { Asset, RowAsset } from 'varve'
/** One row per event. */
@Asset({ key: 'bronze/events', freshness: { warnAfter: '1h', failAfter: '2h', column: 'at' } })
export class Events extends RowAsset<{ id: number; at: string; day: string }> {
  readonly columns = { id: 'bigint', at: 'timestamptz', day: 'date' }
  async *rows() {
    yield* [${rows}]
  }
}`

const COPIES = (freshness: string) => `
import { Asset, SqlAsset, Upstream, sql } from 'varve'
import { Events } from '../bronze/events'
/** One row per event. */
@Asset({ key: 'silver/copies', freshness: ${freshness} })
export class Copies extends SqlAsset {
  @Upstream(() => Events) readonly events!: Events
  query() {
    return sql\`select * from \${this.events}\`
  }
}`

const DAYS = `
import { Asset, RowAsset, daily, type RunContext } from 'varve'
/** One row per day. */
@Asset({ key: 'gold/days', partitions: daily({ column: 'day', start: '2026-03-01' }), batch: 'all', freshness: { failAfter: '26h' } })
export class Days extends RowAsset<{ day: string }> {
  readonly columns = { day: 'date' }
  async *rows({ window }: RunContext) {
    for (let at = window!.from.getTime(); at < window!.to.getTime(); at += 86_400_000) yield { day: new Date(at).toISOString().slice(0, 10) }
  }
}`

const ROWS = "{ id: 1, at: '2026-03-05T08:00:00Z', day: '2026-03-04' }, { id: 2, at: '2026-03-05T09:15:00.123Z', day: '2026-03-05' }, { id: 3, at: null, day: null }"

describe('the freshness of a lake', () => {
  let rig: ProjectRig
  beforeEach(() => {
    rig = new ProjectRig({ 'assets/bronze/events.ts': EVENTS(ROWS), 'assets/silver/copies.ts': COPIES("{ failAfter: '2h' }"), 'assets/gold/days.ts': DAYS })
  })
  afterEach(() => rig.remove())

  const look = async (key: string, now: string) => {
    const [found] = await rig.with(project => project.freshness([key]), { now: new Date(now) })
    const { state, newest, until, blame, why } = found!
    return { state, newest: newest && new Date(newest).toISOString(), until: until && new Date(until).toISOString(), ...(blame && { blame }), ...(why && { why }) }
  }

  test('is unknown before anything was made', async () => {
    expect(await look('silver/copies', '2026-03-05T10:00:00Z')).toMatchObject({ state: 'unknown', blame: 'bronze/events', why: 'it was never materialized' })
    expect(await look('bronze/events', '2026-03-05T10:00:00Z')).toMatchObject({ state: 'unknown', why: 'at holds no value' })
  })

  test('goes by the greatest value of the column that is named, and else by when it was made', async () => {
    await rig.run(['silver/copies+', '+silver/copies'], { now: new Date('2026-03-05T10:00:00Z') })
    expect(await look('bronze/events', '2026-03-05T10:15:00.122Z')).toEqual({ state: 'pass', newest: '2026-03-05T09:15:00.123Z', until: '2026-03-05T10:15:00.123Z' })
    expect(await look('bronze/events', '2026-03-05T10:15:00.123Z')).toMatchObject({ state: 'warn' })
    expect(await look('silver/copies', '2026-03-05T11:59:59Z')).toEqual({ state: 'pass', newest: '2026-03-05T10:00:00.000Z', until: '2026-03-05T12:00:00.000Z' })
    expect(await look('silver/copies', '2026-03-05T12:00:00Z')).toMatchObject({ state: 'fail', blame: 'bronze/events' })
  })

  test('is renewed by a run that looked and found nothing new', async () => {
    await rig.run(['+silver/copies'], { now: new Date('2026-03-05T10:00:00Z') })
    expect((await rig.run(['+silver/copies'], { now: new Date('2026-03-05T13:00:00Z') })).steps).toEqual([])
    expect(await look('silver/copies', '2026-03-05T14:00:00Z')).toEqual({ state: 'pass', newest: '2026-03-05T13:00:00.000Z', until: '2026-03-05T15:00:00.000Z' })
  })

  test('is not renewed by a plan, nor by a look at something else', async () => {
    await rig.run(['+silver/copies'], { now: new Date('2026-03-05T10:00:00Z') })
    await rig.with(project => project.plan({ selection: [] }), { now: new Date('2026-03-05T13:00:00Z') })
    await rig.run(['bronze/events'], { now: new Date('2026-03-05T13:00:00Z') })
    expect(await look('silver/copies', '2026-03-05T13:00:00Z')).toMatchObject({ state: 'fail', newest: '2026-03-05T10:00:00.000Z' })
  })

  test('is renewed by a run that made the same again', async () => {
    await rig.run(['+silver/copies'], { now: new Date('2026-03-05T10:00:00Z') })
    await rig.run(['silver/copies'], { force: true, now: new Date('2026-03-05T13:00:00Z') })
    expect(await look('silver/copies', '2026-03-05T13:00:00Z')).toMatchObject({ state: 'pass', newest: '2026-03-05T13:00:00.000Z' })
  })

  test('is not set back by an event that came out of order', async () => {
    await rig.run(['+silver/copies'], { now: new Date('2026-03-05T10:00:00Z') })
    await rig.run(['silver/copies'], { force: true, now: new Date('2026-03-05T07:00:00Z') })
    expect(await look('silver/copies', '2026-03-05T11:00:00Z')).toMatchObject({ state: 'pass', newest: '2026-03-05T10:00:00.000Z' })
  })

  test('is not renewed by filling an old slice', async () => {
    await rig.run(['gold/days'], { now: new Date('2026-03-05T01:00:00Z') })
    const fill = (slice: string, now: string) => rig.with(project => project.materialize({ selection: ['gold/days'], partitions: [slice], force: true }, { signal: new AbortController().signal, listen: () => {} }), { now: new Date(now) })
    await fill('2026-03-02', '2026-03-06T02:00:00Z')
    expect(await look('gold/days', '2026-03-06T03:00:00Z')).toEqual({ state: 'fail', newest: '2026-03-05T01:00:00.000Z', until: undefined })
    await fill('2026-03-05', '2026-03-06T04:00:00Z')
    expect(await look('gold/days', '2026-03-06T05:00:00Z')).toMatchObject({ state: 'pass', newest: '2026-03-06T04:00:00.000Z' })
  })

  test('by a column is told by a query where statistics do not tell', async () => {
    rig.write('assets/silver/copies.ts', COPIES("{ failAfter: '2d', column: 'day' }"))
    await rig.run(['+silver/copies'], { now: new Date('2026-03-05T10:00:00Z') })
    const told = await look('silver/copies', '2026-03-05T10:00:00Z')
    expect(told).toMatchObject({ state: 'pass', newest: '2026-03-05T00:00:00.000Z' })
    const log = join(rig.lake, 'silver/copies/_delta_log/00000000000000000000.json')
    const { readFileSync } = await import('node:fs')
    writeFileSync(log, readFileSync(log, 'utf8').replaceAll('maxValues', 'noValues'))
    expect(await look('silver/copies', '2026-03-05T10:00:00Z')).toEqual(told)
  })

  test('that can\'t be told is unknown for that asset, and for no other', async () => {
    await rig.run([], { now: new Date('2026-03-05T10:00:00Z') })
    rig.write('assets/silver/copies.ts', COPIES("{ failAfter: '2h', column: 'id' }"))
    const found = await rig.with(project => project.freshness(), { now: new Date('2026-03-05T10:10:00Z') })
    expect(Object.fromEntries(found.map(({ asset, state }) => [asset, state]))).toEqual({ 'bronze/events': 'pass', 'gold/days': 'pass', 'silver/copies': 'unknown' })
    expect((await look('silver/copies', '2026-03-05T10:10:00Z')).why).toBe('The freshness of silver/copies is that of the column id, which is not one of time.')
    rmSync(join(rig.lake, 'gold/days/_delta_log'), { recursive: true })
    writeFileSync(join(rig.lake, 'gold/days/_delta_log'), 'not a folder')
    const broken = await rig.with(project => project.freshness(), { now: new Date('2026-03-05T10:10:00Z') })
    expect(Object.fromEntries(broken.map(({ asset, state }) => [asset, state]))).toEqual({ 'bronze/events': 'pass', 'gold/days': 'unknown', 'silver/copies': 'unknown' })
  })

  test('can be selected by', async () => {
    await rig.run([], { now: new Date('2026-03-05T10:00:00Z') })
    const selected = (selection: string, now: string) => rig.with(project => project.select([selection]), { now: new Date(now) })
    expect(await selected('fresh:fail', '2026-03-05T12:30:00Z')).toEqual(['bronze/events', 'silver/copies'])
    expect(await selected('fresh:pass and gold/*', '2026-03-05T12:30:00Z')).toEqual(['gold/days' as AssetKey])
  })

  test('has policies that are checked when the project is loaded, all at once and with their place', async () => {
    rig.write('assets/silver/copies.ts', COPIES("{ failAfter: '30s' }"))
    rig.write('config/local.yaml', 'freshness:\n  gold: { warnAfter: 3h, failAfter: 2h }\nschedules:\n  nightly: { cron: "0 2 * * *", select: nothing/like_it }\n')
    const mistake = await rig.with(async () => undefined).catch((error: { mistakes: { message: string; place?: { file: string } }[] }) => error.mistakes.map(({ message, place }) => [message, place?.file]))
    expect(mistake).toEqual([
      ["The freshness policy of layer gold can't be kept: it warns after 3h and fails after 2h.", undefined],
      ["The freshness policy of silver/copies can't be kept: failAfter is 30s.", expect.stringContaining('assets/silver/copies.ts')],
      ["The schedule nightly can't be kept: There is no asset nothing/like_it.", undefined],
    ])
  })
})
