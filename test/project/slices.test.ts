import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Project } from '../../framework/project/project.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { ProjectRig } from '../rig/project-rig.ts'

/** Events by day, as the source system has them at the moment. */
let source: Readonly<Record<string, readonly number[]>>
Object.defineProperty(globalThis, 'days', { get: () => source })

const EVENTS = `
import { Asset, RowAsset, daily } from 'varve'
/** One row per event. */
@Asset({ key: 'bronze/events', partitions: daily({ column: 'day', start: '2026-03-01' }), codeVersion: 'x' })
export class Events extends RowAsset<{ day: string; n: number }> {
  readonly columns = { day: 'date', n: 'bigint' }
  async *rows({ window }: { window?: { from: Date; to: Date } }) {
    const days = globalThis.days
    for (const [day, values] of Object.entries(days)) if (new Date(day) >= window!.from && new Date(day) < window!.to) for (const n of values) yield { day, n }
  }
}`

const TOTALS = (more = '', query = 'select day, sum(n) as total from ${this.events} group by day') => `
import { Asset, SqlAsset, Upstream, daily, sql, timeWindow } from 'varve'
import { Events } from '../bronze/events'
/** One row per day. */
@Asset({ key: 'silver/totals', partitions: daily({ column: 'day', start: '2026-03-01' })${more} })
export class Totals extends SqlAsset {
  @Upstream(() => Events) readonly events!: Events
  query() {
    return sql\`${query}\`
  }
}`

const GRAND = `
import { Asset, SqlAsset, Upstream, sql } from 'varve'
import { Totals } from '../silver/totals'
/** One row: the sum of all days. */
@Asset({ key: 'gold/grand' })
export class Grand extends SqlAsset {
  @Upstream(() => Totals) readonly totals!: Totals
  query() {
    return sql\`select sum(total)::bigint as total from \${this.totals}\`
  }
}`

const DAYS = { '2026-03-01': [1, 2], '2026-03-02': [3], '2026-03-03': [4, 5] }
const NOW = new Date('2026-03-04T06:00:00Z')

let rig: ProjectRig
beforeEach(() => {
  source = DAYS
  rig = new ProjectRig({ 'assets/bronze/events.ts': EVENTS, 'assets/silver/totals.ts': TOTALS(), 'assets/gold/grand.ts': GRAND })
})
afterEach(() => rig.remove())

const steps = async (more: Parameters<ProjectRig['run']>[1] & { partitions?: readonly string[]; between?: { from: string; to: string } } = {}, selection: readonly string[] = []) => {
  const { now = NOW, partitions, between, force, signal = new AbortController().signal, listen = () => {} } = more
  const result = await rig.with(project => project.materialize({ selection, force, partitions, between }, { signal, listen }), { now })
  return result.steps.map(({ asset, partition, status }) => [asset, partition, status].filter(Boolean).join(' '))
}
const planned = (now = NOW, selection: readonly string[] = []) => rig.with((project: Project) => project.plan({ selection }), { now })
const causes = async (now = NOW) => (await planned(now)).steps.map(({ asset, partition, causes }) => [asset, partition, causes.map(({ code, slices }) => `${code} ${slices ?? ''}`.trim())])

describe('an asset with slices', () => {
  it('makes each slice by itself, and what reads all of them once', async () => {
    expect(await causes()).toEqual([
      ['bronze/events', '2026-03-01..2026-03-04', ['missing 2026-03-01..2026-03-04']],
      ['silver/totals', '2026-03-01..2026-03-04', ['missing 2026-03-01..2026-03-04']],
      ['gold/grand', undefined, ['missing']],
    ])
    expect(await steps()).toEqual([
      'bronze/events 2026-03-01 materialized', 'bronze/events 2026-03-02 materialized', 'bronze/events 2026-03-03 materialized',
      'silver/totals 2026-03-01 materialized', 'silver/totals 2026-03-02 materialized', 'silver/totals 2026-03-03 materialized',
      'gold/grand materialized',
    ])
    expect(await rig.rows('from silver.totals order by day')).toEqual([{ day: '2026-03-01', total: '3' }, { day: '2026-03-02', total: '3' }, { day: '2026-03-03', total: '9' }])
    expect(await rig.rows('from gold.grand')).toEqual([{ total: 15 }])
    expect(await causes()).toEqual([])
  })

  it('asks for the slice of a day once the day has ended', async () => {
    await steps()
    const next = new Date('2026-03-05T00:00:00Z')
    expect(await causes(new Date('2026-03-04T23:59:59Z'))).toEqual([])
    expect(await causes(next)).toEqual([
      ['bronze/events', '2026-03-04', ['interval 2026-03-04']],
      ['silver/totals', '2026-03-04', ['interval 2026-03-04']],
      ['gold/grand', undefined, ['upstream']],
    ])
    // Nothing happened on that day: the slice is made, it is empty, and what reads all of them has nothing new.
    expect(await steps({ now: next })).toEqual(['bronze/events 2026-03-04 materialized', 'silver/totals 2026-03-04 materialized', 'gold/grand fresh'])
    expect(await causes(next)).toEqual([])
  })

  it('makes again only the slices that read what changed', async () => {
    await steps()
    source = { ...DAYS, '2026-03-02': [30] }
    expect(await steps({ force: true }, ['bronze/events'])).toEqual(['bronze/events 2026-03-01 materialized', 'bronze/events 2026-03-02 materialized', 'bronze/events 2026-03-03 materialized'])
    expect(await causes()).toEqual([['silver/totals', '2026-03-02', ['data 2026-03-02']], ['gold/grand', undefined, ['upstream']]])
    expect(await steps()).toEqual(['silver/totals 2026-03-02 materialized', 'gold/grand materialized'])
    expect(await rig.rows('from gold.grand')).toEqual([{ total: 42 }])
    expect(await causes()).toEqual([])
  })

  it('stops the wave slice by slice, within one run', async () => {
    await steps()
    source = { ...DAYS, '2026-03-03': [9] }
    rig.write('assets/bronze/events.ts', EVENTS.replace("codeVersion: 'x'", "codeVersion: 'y'"))
    expect(await steps()).toEqual([
      'bronze/events 2026-03-01 materialized', 'bronze/events 2026-03-02 materialized', 'bronze/events 2026-03-03 materialized',
      'silver/totals 2026-03-01 fresh', 'silver/totals 2026-03-02 fresh', 'silver/totals 2026-03-03 materialized', 'gold/grand fresh',
    ])
    expect(await causes()).toEqual([])
  })

  it('makes the named slices only, and takes out rows that a slice no longer has', async () => {
    await steps()
    source = { '2026-03-01': [1], '2026-03-03': [4, 5, 6] }
    expect(await steps({ force: true, partitions: ['2026-03-02', '2026-03-03'] }, ['bronze/events'])).toEqual(['bronze/events 2026-03-02 materialized', 'bronze/events 2026-03-03 materialized'])
    expect(await rig.rows('select day, count(*)::int as n from bronze.events group by all order by all')).toEqual([{ day: '2026-03-01', n: 2 }, { day: '2026-03-03', n: 3 }])
    expect((await causes())[0]).toEqual(['silver/totals', '2026-03-02..2026-03-04', ['data 2026-03-02..2026-03-04']])
  })

  it('makes many slices with one query where the author says that slices do not mix', async () => {
    rig.write('assets/silver/totals.ts', TOTALS(", batch: 'all'"))
    await steps({}, ['bronze/events'])
    expect(await steps({}, ['silver/totals'])).toEqual(['silver/totals 2026-03-01..2026-03-04 materialized'])
    expect(await rig.rows('from silver.totals order by day')).toEqual([{ day: '2026-03-01', total: '3' }, { day: '2026-03-02', total: '3' }, { day: '2026-03-03', total: '9' }])
    source = { ...DAYS, '2026-03-02': [30] }
    await steps({ force: true, partitions: ['2026-03-02'] }, ['bronze/events'])
    // The file of three days is opened for one of them; the other two stay as they were.
    expect(await steps({}, ['silver/totals'])).toEqual(['silver/totals 2026-03-02 materialized'])
    expect(await rig.rows('from silver.totals order by day')).toEqual([{ day: '2026-03-01', total: '3' }, { day: '2026-03-02', total: '30' }, { day: '2026-03-03', total: '9' }])
  })

  it('tells apart the slices of one query that came out otherwise, and makes only what reads those', async () => {
    rig.write('assets/bronze/events.ts', EVENTS.replace("codeVersion: 'x'", "batch: 'all'").replace("start: '2026-03-01'", "start: '2026-03-01', open: true"))
    rig.write('assets/silver/totals.ts', TOTALS(", batch: 'all'").replace("start: '2026-03-01'", "start: '2026-03-01', open: true"))
    const all = '2026-03-01..9999-12-31'
    expect(await steps()).toEqual([`bronze/events ${all} materialized`, `silver/totals ${all} materialized`, 'gold/grand materialized'])
    // A day ahead of the clock, one that is gone, one with other rows of the same sum, and one that is as it was.
    source = { '2026-03-01': [1, 2], '2026-03-03': [3, 6], '2027-01-01': [7] }
    expect(await steps({ force: ['bronze/events'] } as never, ['bronze/events'])).toEqual([`bronze/events ${all} materialized`])
    expect((await planned()).steps.map(({ asset, partition }) => [asset, partition])).toEqual([['silver/totals', '2026-03-02..2026-03-04, 2027-01-01'], ['gold/grand', undefined]])
    expect(await steps()).toEqual(['silver/totals 2026-03-02..2026-03-04, 2027-01-01 materialized', 'gold/grand materialized'])
    expect(await rig.rows('from silver.totals order by day')).toEqual([{ day: '2026-03-01', total: '3' }, { day: '2026-03-03', total: '9' }, { day: '2027-01-01', total: '7' }])
  })

  it('makes a span once more, rather than very many ranges of it, and still tells only what came out otherwise', async () => {
    const day = (i: number) => new Date(Date.UTC(2026, 3, 1 + i)).toISOString().slice(0, 10)
    const open = (text: string) => text.replace("start: '2026-03-01'", "start: '2026-03-01', open: true")
    rig.write('assets/bronze/events.ts', open(EVENTS.replace("codeVersion: 'x'", "batch: 'all'")))
    rig.write('assets/silver/totals.ts', open(TOTALS(", batch: 'all'")))
    rig.write('assets/gold/copies.ts', open(TOTALS(", batch: 'all'", 'select day, total from ${this.events}').replaceAll('Events', 'Totals').replace('../bronze/events', '../silver/totals').replace("key: 'silver/totals'", "key: 'gold/copies'").replace('class Totals', 'class Copies').replaceAll('bronze', 'silver')))
    source = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [day(i), [i]]))
    await steps()
    source = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [day(i), [i % 2 === 0 ? i + 1 : i]]))
    await rig.run(['bronze/events'], { now: NOW, force: true })
    expect(await steps({}, ['silver/totals'])).toEqual([`silver/totals ${day(0)}..${day(79)} materialized`])
    const [step] = (await planned(NOW, ['gold/copies'])).steps
    expect(step!.partition!.split(', ')).toEqual(Array.from({ length: 40 }, (_, i) => day(2 * i)))
    expect(await rig.rows('select sum(total)::integer as n from silver.totals')).toEqual([{ n: 80 * 79 / 2 + 40 }])
  })

  it('keeps rows of open slices aside that lie before the first, and takes them out of there once they no longer do', async () => {
    rig.write('assets/bronze/events.ts', EVENTS.replace("codeVersion: 'x'", "batch: 'all'").replace("start: '2026-03-01'", "start: '2026-03-01', open: true").replace('if (new Date(day) >= window!.from && new Date(day) < window!.to) ', ''))
    source = { ...DAYS, '1066-10-14': [9] }
    const open = () => rig.with(async project => (await project.quarantined('bronze/events' as AssetKey)).map(({ row }) => row['n']))
    const run = (await rig.run(['bronze/events'], { now: NOW })).steps[0]!
    expect([run.counts, await open()]).toMatchObject([{ rowsOut: 5, rejected: 1 }, [9]])
    source = { ...DAYS, '2026-03-09': [9] }
    await rig.run(['bronze/events'], { now: NOW, force: true })
    expect([await open(), await rig.rows('select sum(n)::integer as n from bronze.events')]).toEqual([[], [{ n: 24 }]])
  })

  it('refuses at once to make millions of slices one by one', async () => {
    rig.write('assets/bronze/events.ts', EVENTS.replace("start: '2026-03-01'", "start: '2026-03-01', open: true"))
    await expect(rig.run(['bronze/events'], { now: NOW })).rejects.toMatchObject({ code: 'execution/too-many-chunks', message: 'bronze/events would make the slices 2026-03-01..9999-12-31 in more than 100,000 queries, one slice each.' })
    expect(await steps({ partitions: ['2026-03-01'] }, ['bronze/events'])).toEqual(['bronze/events 2026-03-01 materialized'])
  })

  it('lets no slice leak rows into another', async () => {
    rig.write('assets/silver/totals.ts', TOTALS('', "select unnest([day, day - 1, day + 1]) as day, n as total from ${this.events}"))
    await steps({}, ['+silver/totals'])
    expect(await rig.rows('select day, count(*)::int as n from silver.totals group by all order by all')).toEqual([{ day: '2026-03-01', n: 2 }, { day: '2026-03-02', n: 1 }, { day: '2026-03-03', n: 2 }])
  })

  it('keeps rows aside that name no slice, and says how many', async () => {
    const region = (partitions: string) => `
import { Asset, SqlAsset, daily, product, sql, staticPartitions } from 'varve'
/** One row per sale. */
@Asset({ key: 'silver/sales', partitions: ${partitions} })
export class Sales extends SqlAsset {
  query() {
    return sql\`select * from (values (date '2026-03-01', 'eu', 1), (date '2026-03-01', 'us', 2), (null, 'eu', 3), (date '2026-03-02', null, 4), (date '2026-03-02', 'mars', 5), (date '2026-02-01', 'eu', 6)) as t(day, region, n)\`
  }
}`
    rig.write('assets/silver/sales.ts', region("daily({ column: 'day', start: '2026-03-01', end: '2026-03-03' })"))
    const made = async () => (await rig.run(['silver/sales'], { now: NOW })).steps.map(({ partition, counts, checks }) => [partition, counts.rowsOut, counts.rejected, checks.map(({ check, passed, failingRows }) => `${check}: ${passed ? 'yes' : failingRows}`).join()])
    expect(await made()).toEqual([['2026-03-01', 2, 1, 'day names a slice: 1'], ['2026-03-02', 2, 1, 'day names a slice: 1']])
    const aside = () => rig.with(async project => (await project.quarantined('silver/sales' as AssetKey)).map(({ row }) => row['n']).sort())
    expect(await aside()).toEqual([3])
    rig.write('assets/silver/sales.ts', region("product({ day: daily({ column: 'day', start: '2026-03-01', end: '2026-03-03' }), region: staticPartitions({ column: 'region', keys: ['eu', 'us'] }) })"))
    await made()
    expect(await rig.rows('select n from silver.sales order by n')).toEqual([{ n: 1 }, { n: 2 }])
    expect(await aside()).toEqual([3, 4, 5])
  })

  it('reads a window of the upstream where the mapping says so, and is touched by all of it', async () => {
    const windowed = TOTALS('', 'select max(day) as day, sum(n) as total from ${this.events}').replace('@Upstream(() => Events)', '@Upstream(() => Events, { partitions: timeWindow({ from: -1, to: 0, allowMissing: true }) })')
    rig.write('assets/silver/totals.ts', windowed)
    await steps({}, ['+silver/totals'])
    expect(await rig.rows('from silver.totals order by day')).toEqual([{ day: '2026-03-01', total: '3' }, { day: '2026-03-02', total: '6' }, { day: '2026-03-03', total: '12' }])
    source = { ...DAYS, '2026-03-01': [10] }
    await steps({ force: true, partitions: ['2026-03-01'] }, ['bronze/events'])
    expect((await causes()).slice(0, 1)).toEqual([['silver/totals', '2026-03-01..2026-03-03', ['data 2026-03-01..2026-03-03']]])
  })

  it('makes again the whole week of which a day was made otherwise, and no other', async () => {
    const now = new Date('2026-03-16T06:00:00Z')
    rig.write('assets/silver/totals.ts', TOTALS('', 'select min(day) as day, sum(n) as total from ${this.events}').replace("daily({ column: 'day', start: '2026-03-01' })", "weekly({ column: 'day', start: '2026-03-02' })").replace('daily, sql', 'sql, weekly'))
    source = { '2026-03-02': [1], '2026-03-04': [2], '2026-03-10': [4] }
    await steps({ now }, ['+silver/totals'])
    expect(await rig.rows('from silver.totals order by day')).toEqual([{ day: '2026-03-02', total: '3' }, { day: '2026-03-10', total: '4' }])
    source = { ...source, '2026-03-04': [20] }
    await steps({ now, force: true, partitions: ['2026-03-04'] }, ['bronze/events'])
    expect((await causes(now)).slice(0, 1)).toEqual([['silver/totals', '2026-03-02', ['data 2026-03-02']]])
    expect(await steps({ now }, ['silver/totals'])).toEqual(['silver/totals 2026-03-02 materialized'])
    expect(await rig.rows('from silver.totals order by day')).toEqual([{ day: '2026-03-02', total: '21' }, { day: '2026-03-10', total: '4' }])
    expect(await steps({ now }, ['silver/totals'])).toEqual([])
  })

  it('skips the slices whose upstream slices failed, and makes the others', async () => {
    rig.write('assets/bronze/events.ts', EVENTS.replace('for (const n of values) yield', "if (day === '2026-03-02' && window) throw new Error('no such day'); else for (const n of values) yield"))
    expect(await steps()).toEqual([
      'bronze/events 2026-03-01 materialized', 'bronze/events 2026-03-02 failed', 'bronze/events 2026-03-03 materialized',
      'silver/totals 2026-03-01 materialized', 'silver/totals 2026-03-02 skipped', 'silver/totals 2026-03-03 materialized', 'gold/grand skipped',
    ])
  })

  it('remembers its slices by the lake alone', async () => {
    await steps()
    source = { ...DAYS, '2026-03-02': [30] }
    await steps({ force: true, partitions: ['2026-03-02'] }, ['bronze/events'])
    const before = await causes()
    await rig.with(project => project.rebuildState(), { now: NOW })
    expect(await causes()).toEqual(before)
    expect(before[0]).toEqual(['silver/totals', '2026-03-02', ['data 2026-03-02']])
  })

  it('says when a slice is asked for that does not exist, and when nothing has slices', async () => {
    await expect(steps({ partitions: ['2026-03-09'] }, ['bronze/events'])).rejects.toMatchObject({ code: 'partitions/unknown-slice' })
    await expect(steps({ partitions: ['2026-03-01'] }, ['gold/grand'])).rejects.toMatchObject({ code: 'project/nothing-has-slices' })
    await expect(steps({ between: { from: '2026-03-03', to: '2026-03-01' } }, ['bronze/events'])).rejects.toMatchObject({ code: 'partitions/inverted-range' })
  })

  it('reads its own earlier slice, one after the other', async () => {
    rig.write('assets/silver/running.ts', `
import { Asset, SqlAsset, Upstream, daily, previousPartition, sql } from 'varve'
import { Events } from '../bronze/events'
/** One row per day: the sum so far. */
@Asset({ key: 'silver/running', partitions: daily({ column: 'day', start: '2026-03-01' }), columns: { day: 'date', total: 'bigint' } })
export class Running extends SqlAsset {
  @Upstream(() => Events) readonly events!: Events
  @Upstream(() => Running, { partitions: previousPartition() }) readonly before!: Running
  query() {
    return sql\`select max(day) as day, (sum(n) + coalesce((select sum(total) from \${this.before}), 0))::bigint as total from \${this.events}\`
  }
}`)
    expect(await steps({}, ['bronze/events', 'silver/running'])).toEqual([
      'bronze/events 2026-03-01 materialized', 'bronze/events 2026-03-02 materialized', 'bronze/events 2026-03-03 materialized',
      'silver/running 2026-03-01 materialized', 'silver/running 2026-03-02 materialized', 'silver/running 2026-03-03 materialized',
    ])
    expect(await rig.rows('from silver.running order by day')).toEqual([{ day: '2026-03-01', total: 3 }, { day: '2026-03-02', total: 6 }, { day: '2026-03-03', total: 15 }])
    source = { ...DAYS, '2026-03-01': [10] }
    await steps({ force: true, partitions: ['2026-03-01'] }, ['bronze/events'])
    // One day changed: it and every day after it are made again.
    await steps({}, ['silver/running'])
    expect(await rig.rows('from silver.running order by day')).toEqual([{ day: '2026-03-01', total: 10 }, { day: '2026-03-02', total: 13 }, { day: '2026-03-03', total: 22 }])
    expect((await planned(NOW, ['silver/running'])).steps).toEqual([])
  })

  it('says which of several assets has no such slice', async () => {
    await expect(rig.with(project => project.plan({ selection: [], partitions: ['2026-02-30'] }), { now: NOW })).rejects.toMatchObject({ code: 'partitions/unknown-slice', message: 'bronze/events: There is no slice 2026-02-30 in UTC.' })
    await expect(rig.with(project => project.plan({ selection: ['silver/totals'], partitions: ['2026-02-30'] }), { now: NOW })).rejects.toMatchObject({ message: 'There is no slice 2026-02-30 in UTC.' })
  })

  it('reads its own earlier slices in a place whose clocks are changed, and for keys that are registered later', async () => {
    rig.write('assets/silver/running.ts', `
import { Asset, SqlAsset, Upstream, daily, dimensions, dynamicPartitions, previousPartition, product, samePartition, sql } from 'varve'
/** One row per day and tenant: how many days there were. */
@Asset({ key: 'silver/running', partitions: product({ day: daily({ column: 'day', start: '2026-03-28', timezone: 'Europe/Berlin' }), tenant: dynamicPartitions({ column: 'tenant', name: 'tenants' }) }), columns: { day: 'date', tenant: 'varchar', n: 'bigint' } })
export class Running extends SqlAsset {
  @Upstream(() => Running, { partitions: dimensions({ day: previousPartition(), tenant: samePartition() }) }) readonly before!: Running
  query() {
    return sql\`select day::date as day, tenant, 1 + coalesce((select max(n) from \${this.before} b where b.tenant = t.tenant), 0)::bigint as n from (values (date '2026-03-28'), (date '2026-03-29'), (date '2026-03-30')) d(day), (values ('a'), ('b')) t(tenant)\`
  }
}`)
    const now = new Date('2026-03-31T06:00:00Z')
    await rig.with(project => project.addPartitionKeys('tenants', ['a']), { now })
    await steps({ now }, ['silver/running'])
    expect(await rig.rows("from silver.running order by day, tenant")).toEqual([1, 2, 3].map(n => ({ day: `2026-03-${27 + n}`, tenant: 'a', n })))
    await rig.with(project => project.addPartitionKeys('tenants', ['b']), { now })
    await steps({ now }, ['silver/running'])
    expect(await rig.rows("from silver.running where tenant = 'b' order by day")).toEqual([1, 2, 3].map(n => ({ day: `2026-03-${27 + n}`, tenant: 'b', n })))
    expect((await planned(now, ['silver/running'])).steps).toEqual([])
  })

  it('fills a range, and downstream of it what it touches', async () => {
    await steps()
    source = { ...DAYS, '2026-03-01': [7], '2026-03-02': [8] }
    const request = { selection: ['bronze/events'], between: { from: '2026-03-02', to: '2026-03-03' }, force: true, withDownstream: true }
    const { steps: dry } = await rig.with(project => project.plan(request), { now: NOW })
    expect(dry.map(({ asset, partition, causes }) => [asset, partition, causes.map(({ code, slices }) => `${code} ${slices ?? ''}`.trim())])).toEqual([
      ['bronze/events', '2026-03-02', ['forced 2026-03-02']], ['silver/totals', '2026-03-02', ['upstream 2026-03-02']], ['gold/grand', undefined, ['upstream']],
    ])
    const result = await rig.with(project => project.materialize(request, { signal: new AbortController().signal, listen: () => {} }), { now: NOW })
    expect(result.steps.map(({ asset, partition, status }) => [asset, partition, status].filter(Boolean).join(' '))).toEqual(['bronze/events 2026-03-02 materialized', 'silver/totals 2026-03-02 materialized', 'gold/grand materialized'])
    expect(await rig.rows('from gold.grand')).toEqual([{ total: 20 }])
  })

  it('leaves assets without slices as they are when a range is filled, and refuses a range that nothing lies in', async () => {
    const backfill = (from: string, to: string) => rig.with(async project => (await project.plan({ selection: [], onlySliced: true, between: { from, to } })).steps.map(({ id }) => id), { now: NOW })
    expect(await backfill('2026-03-02', '2026-03-03')).toEqual(['bronze/events', 'silver/totals'])
    for (const [from, to] of [['2026-05-01', '2026-06-01'], ['2025-05-01', '2025-06-01'], ['2026-03-04', '2026-03-05']] as const) {
      await expect(backfill(from, to)).rejects.toMatchObject({ code: 'project/nothing-in-range', message: `No slice lies between ${from} and ${to}.`, hint: 'There are 2026-03-01..2026-03-04 by now; a slice of time exists once its window has ended.' })
    }
  })

  it('goes on with a range where it was stopped', async () => {
    const stop = new AbortController()
    let made = 0
    await steps({ signal: stop.signal, listen: event => void (event.type === 'step-materialized' && (made += 1) === 2 && stop.abort()), between: { from: '2026-03-01', to: '2026-03-04' } }, ['bronze/events'])
    expect(await steps({ between: { from: '2026-03-01', to: '2026-03-04' } }, ['bronze/events'])).toEqual(['bronze/events 2026-03-03 materialized'])
  })

  it('retries what a run left undone, with its own request', async () => {
    await steps()
    rig.write('assets/bronze/events.ts', EVENTS.replace('for (const n of values) yield', "if (day === '2026-03-02' && !globalThis.mended) throw new Error('no such day'); else for (const n of values) yield").replace("codeVersion: 'x'", "codeVersion: 'x'"))
    await steps({ force: true, between: { from: '2026-03-01', to: '2026-03-03' } }, ['bronze/events'])
    const last = await rig.with(async project => project.runs(1)[0]!.run)
    const left = await rig.with(project => project.planOfRetry(last), { now: NOW })
    expect(left.steps.map(({ asset, partition, causes }) => [asset, partition, causes[0]!.code])).toEqual([['bronze/events', '2026-03-02', 'forced']])
    Object.assign(globalThis, { mended: true })
    const result = await rig.with(project => project.retry(last, { signal: new AbortController().signal, listen: () => {} }), { now: NOW })
    expect(result.steps.map(({ partition, status }) => [partition, status])).toEqual([['2026-03-02', 'materialized']])
    await expect(rig.with(async project => project.planOfRetry(project.runs(1)[0]!.run), { now: NOW })).rejects.toMatchObject({ code: 'project/nothing-left' })
    await expect(rig.with(project => project.planOfRetry('no-such-run'), { now: NOW })).rejects.toMatchObject({ code: 'project/no-such-run' })
  })

  it('does not plan a slice whose upstream slice is not there', async () => {
    await steps({ partitions: ['2026-03-01'] }, ['bronze/events'])
    expect(await steps({ partitions: ['2026-03-01'] }, ['silver/totals'])).toEqual(['silver/totals 2026-03-01 materialized'])
    await expect(planned(NOW, ['silver/totals'])).rejects.toMatchObject({ code: 'planning/upstream-slices-not-materialized', message: 'silver/totals reads the slices 2026-03-02..2026-03-04 of bronze/events, which were never materialized and are not selected.' })
  })

  it('makes slices of names, and of names that are registered later', async () => {
    rig.write('assets/bronze/sales.ts', `
import { Asset, RowAsset, dynamicPartitions } from 'varve'
/** One row per shop. */
@Asset({ key: 'bronze/sales', partitions: dynamicPartitions({ column: 'shop', name: 'shops' }) })
export class Sales extends RowAsset<{ shop: string; n: number }> {
  readonly columns = { shop: 'varchar', n: 'bigint' }
  async *rows({ partition }: { partition?: string }) {
    yield { shop: partition!, n: partition!.length }
  }
}`)
    await rig.with(async project => expect(await project.addPartitionKeys('shops', ['berlin', 'rome'])).toBe(2))
    expect(await steps({}, ['bronze/sales'])).toEqual(['bronze/sales berlin materialized', 'bronze/sales rome materialized'])
    await rig.with(async project => expect(await project.addPartitionKeys('shops', ['rome', 'oslo'])).toBe(1))
    expect(await steps({}, ['bronze/sales'])).toEqual(['bronze/sales oslo materialized'])
    expect(await rig.rows('from bronze.sales order by shop')).toEqual([{ shop: 'berlin', n: 6 }, { shop: 'oslo', n: 4 }, { shop: 'rome', n: 4 }])
  })

  it('costs as much for ten years of hours as for their ranges', async () => {
    rig.write('assets/bronze/events.ts', EVENTS.replace("daily({ column: 'day', start: '2026-03-01' })", "hourly({ column: 'day', start: '2015-01-01T00:00' }), batch: 'all'").replace('daily }', 'hourly }').replace("day: 'date'", "day: 'timestamptz'"))
    const { steps: all } = await planned(NOW, ['bronze/events'])
    expect(all.map(({ partition, causes }) => [partition, causes.length])).toEqual([['2015-01-01T00..2026-03-04T06', 1]])
    await rig.with(project => project.materialize({ selection: ['bronze/events'] }, { signal: new AbortController().signal, listen: () => {} }), { now: NOW })
    expect((await planned(new Date('2026-03-04T08:00:00Z'), ['bronze/events'])).steps.map(({ partition }) => partition)).toEqual(['2026-03-04T06..2026-03-04T08'])
  })

  it('makes again the slices that read a configured value which changed', async () => {
    rig.write('config/local.yaml', 'variables: { factor: 1 }\n')
    rig.write('assets/bronze/events.ts', EVENTS.replace('async *rows({ window }: { window?: { from: Date; to: Date } }) {', 'async *rows(context: any) {\n    const { window } = context\n    const factor = context.variable("factor")').replace('yield { day, n }', 'yield { day, n: n * factor }'))
    await steps({}, ['bronze/events'])
    expect((await planned(NOW, ['bronze/events'])).steps).toEqual([])
    rig.write('config/local.yaml', 'variables: { factor: 2 }\n')
    expect((await planned(NOW, ['bronze/events'])).steps.map(({ partition, causes }) => [partition, causes.map(({ code }) => code)])).toEqual([['2026-03-01..2026-03-04', ['code']]])
  })
})
