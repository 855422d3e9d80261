import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeTable } from '../../framework/project/any-table.ts'
import { ProjectRig } from '../rig/project-rig.ts'

let source: readonly number[]
Object.defineProperty(globalThis, 'maintained', { get: () => source })

const NUMBERS = `
import { Asset, RowAsset, daily } from 'varve'
/** One row per number. */
@Asset({ key: 'bronze/numbers', partitions: daily({ column: 'day', start: '2026-03-01' }) })
export class Numbers extends RowAsset<{ day: string; n: number }> {
  readonly columns = { day: 'date', n: 'bigint' }
  async *rows({ partition }: { partition?: string }) {
    for (const n of globalThis.maintained) yield { day: partition!, n }
  }
}`
const TOTALS = `
import { Asset, SqlAsset, Upstream, daily, sql } from 'varve'
import { Numbers } from '../bronze/numbers'
/** One row per day. */
@Asset({ key: 'silver/totals', partitions: daily({ column: 'day', start: '2026-03-01' }) })
export class Totals extends SqlAsset {
  @Upstream(() => Numbers) readonly numbers!: Numbers
  query() {
    return sql\`select day, sum(n)::bigint as total from \${this.numbers} group by day\`
  }
}`
const now = new Date('2026-03-06T00:00:00Z')

let rig: ProjectRig
beforeEach(async () => {
  source = [1, 2, 3]
  rig = new ProjectRig({ 'assets/bronze/numbers.ts': NUMBERS, 'assets/silver/totals.ts': TOTALS })
  await rig.run([], { now })
})
afterEach(() => rig.remove())

const planned = () => rig.with(async project => (await project.plan({ selection: [] })).steps.map(({ asset, partition, causes }) => [asset, partition, causes.map(({ code }) => code)]), { now })

describe('maintenance', () => {
  it('packs the files of a table, and makes nothing stale by it', async () => {
    const before = await rig.rows('select * from bronze.numbers order by all')
    const { tables: packed } = await rig.with(project => project.optimize(['bronze/numbers'], {}), { now })
    expect(packed).toMatchObject([{ asset: 'bronze/numbers', version: 5, filesBefore: 5, filesAfter: 1 }])
    expect(await rig.rows('select * from bronze.numbers order by all')).toEqual(before)
    expect(await planned()).toEqual([])
    expect(await rig.with(project => project.optimize([], {}), { now })).toMatchObject({ tables: [{ filesBefore: 0 }, { asset: 'silver/totals', filesBefore: 5, filesAfter: 1 }], failures: [] })
    expect(await planned()).toEqual([])
  })

  it('keeps what is stale stale: a packed table does not hide that its upstream changed', async () => {
    source = [7]
    await rig.with(project => project.materialize({ selection: ['bronze/numbers'], force: true, partitions: ['2026-03-02'] }, { signal: new AbortController().signal, listen: () => {} }), { now })
    expect(await planned()).toEqual([['silver/totals', '2026-03-02', ['data']]])
    await rig.with(project => project.optimize([], {}), { now })
    expect(await planned()).toEqual([['silver/totals', '2026-03-02', ['data']]])
    await rig.with(project => project.rebuildState(), { now })
    expect(await planned()).toEqual([['silver/totals', '2026-03-02', ['data']]])
  })

  it('opens a packed file for the one slice that changed', async () => {
    await rig.with(project => project.optimize([], {}), { now })
    source = [7]
    await rig.with(project => project.materialize({ selection: [], force: true, partitions: ['2026-03-02'] }, { signal: new AbortController().signal, listen: () => {} }), { now })
    expect(await rig.rows('select day, total from silver.totals order by day')).toEqual(['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05'].map(day => ({ day, total: day === '2026-03-02' ? 7 : 6 })))
    expect(await planned()).toEqual([])
  })

  it('lists files that are not needed, and takes them away only when told to', async () => {
    const orphan = join(rig.lake, 'silver/totals/part-orphan.parquet')
    writeFileSync(orphan, 'left behind')
    utimesSync(orphan, new Date('2026-01-01'), new Date('2026-01-01'))
    const orphans = (more: object) => rig.with(project => project.vacuum(['silver/totals'], more), { now })
    expect(await orphans({})).toEqual({ tables: [{ asset: 'silver/totals', files: [orphan], bytes: 11 }], failures: [] })
    expect(rig.filesOf('silver/totals')).toContain('part-orphan.parquet')
    await orphans({ delete: true })
    expect(rig.filesOf('silver/totals')).not.toContain('part-orphan.parquet')
    await expect(orphans({ retainHours: 1 })).rejects.toMatchObject({ code: 'delta/cannot-write' })
  })

  it('does the others where one table fails, and says which and why; of one table alone it is the mistake', async () => {
    rmSync(join(rig.lake, 'bronze/numbers', [...rig.filesOf('bronze/numbers')].find(name => name.endsWith('.parquet'))!))
    const { tables, failures } = await rig.with(project => project.optimize([], {}), { now })
    expect(tables).toMatchObject([{ asset: 'silver/totals', filesBefore: 5, filesAfter: 1 }])
    expect(failures).toMatchObject([{ asset: 'bronze/numbers', error: { message: expect.stringContaining('parquet') } }])
    await expect(rig.with(project => project.optimize(['bronze/numbers'], {}), { now })).rejects.toThrow('parquet')
    await expect(rig.with(project => project.vacuum([], { retainHours: 1 }), { now })).rejects.toMatchObject({ code: 'delta/cannot-write' })
  })

  it('describes any Delta table by its folder', async () => {
    const facts = await describeTable(join(rig.lake, 'silver/totals'), {}, { count: true, history: true })
    expect(facts).toMatchObject({ version: 4, rows: 5, files: 5, partitionColumns: [], deletionVectors: 0, protocol: { minReaderVersion: 1, minWriterVersion: 2 } })
    expect(facts.schema.fields.map(({ name, type }) => [name, type])).toEqual([['day', 'date'], ['total', 'long']])
    expect(facts.history!.map(({ version }) => version)).toEqual([4, 3, 2, 1, 0])
    expect((await describeTable(join(rig.lake, 'silver/totals'), { version: 1 })).rows).toBe(2)
    expect(facts.warnings).toEqual([])
    writeFileSync(join(rig.lake, 'silver/totals/_delta_log/00000000000000000001.crc'), JSON.stringify({ numFiles: 7, tableSizeBytes: 1 }))
    expect((await describeTable(join(rig.lake, 'silver/totals'), { version: 1 })).warnings).toEqual(['The log does not add up to the checksum of version 1: it has 2 files, but its checksum says 7.'])
    await expect(describeTable(rig.root, {})).rejects.toMatchObject({ code: 'delta/no-table' })
  })
})

describe('the layout of tables, in the configuration', () => {
  const configured = (yaml: string) => rig.write('config/local.yaml', yaml)

  it('gives a layer or an asset its profile, its file size and its curve', async () => {
    configured(`
tables:
  layers:
    silver: { profile: modern, targetFileSize: 64MB }
  assets:
    bronze/numbers: { zorderBy: [n] }
`)
    rmSync(rig.lake, { recursive: true })
    await rig.run([], { now })
    const [silver, bronze] = [await describeTable(join(rig.lake, 'silver/totals'), {}), await describeTable(join(rig.lake, 'bronze/numbers'), {})]
    expect([silver.protocol.minReaderVersion, silver.properties]).toEqual([3, { 'delta.enableDeletionVectors': 'true', 'delta.targetFileSize': '67108864' }])
    expect([bronze.protocol, bronze.properties]).toEqual([{ minReaderVersion: 1, minWriterVersion: 2 }, {}])
    await rig.with(project => project.optimize([], {}), { now })
    const { history } = await describeTable(join(rig.lake, 'bronze/numbers'), {}, { history: true })
    expect(history![0]).toMatchObject({ operation: 'OPTIMIZE', operationParameters: { zOrderBy: '["n"]' } })
  })

  it.each([
    ['tables: { layers: { sliver: { profile: modern } } }', 'project/table-of-nothing', 'tables.layers.sliver'],
    ['tables: { assets: { silver/total: { profile: modern } } }', 'project/table-of-nothing', 'silver/total'],
    ['tables: { layers: { silver: { profile: latest } } }', 'project/bad-config', 'profile'],
    ["maintenance: { cron: 'never' }", 'project/bad-schedule', 'maintenance'],
    ["maintenance: { cron: '0 3 * * 0', retainHours: 24 }", 'project/bad-config', 'retainHours'],
  ])('%s is refused by name', async (yaml, code, named) => {
    configured(yaml)
    await expect(planned()).rejects.toMatchObject({ message: expect.stringContaining(named), code })
  })
})

it('a run warns of a table that comes to be in many small files, and says how to pack them', async () => {
  rig.write('config/local.yaml', 'tables: { smallFiles: { warnAt: 5 } }')
  source = [8]
  const result = await rig.with(project => project.materialize({ selection: [], force: true, partitions: ['2026-03-02'] }, { signal: new AbortController().signal, listen: () => {} }), { now })
  expect(result.ok).toBe(true)
  expect(result.steps.map(({ asset, checks }) => [asset, checks.filter(({ passed }) => !passed).map(({ check, severity, detail }) => [check, severity, detail])])).toEqual([
    ['bronze/numbers', [['few small files', 'warn', '5 of its 5 files are small, 1 KiB on average: varve optimize bronze/numbers packs them']]],
    ['silver/totals', [['few small files', 'warn', '5 of its 5 files are small, 1 KiB on average: varve optimize silver/totals packs them']]],
  ])
})

it('the daemon packs and cleans tables at the times of the configuration, once for each', async () => {
  rig.write('config/local.yaml', "maintenance: { cron: '0 3 * * 0', select: bronze/numbers }")
  const said: string[] = []
  const daemon = (at: string) => rig.with(project => project.automate({ once: true, only: ['schedules'], stop: new AbortController().signal, onStop: 'finish', say: message => said.push(message), tell: () => {} }), { now: new Date(at) })
  await daemon('2026-03-06T12:00:00Z')
  await daemon('2026-03-07T12:00:00Z')
  expect(said).toEqual([])
  await daemon('2026-03-08T03:00:30Z')
  await daemon('2026-03-08T03:01:00Z')
  expect(said).toEqual([
    'maintenance of 2026-03-08T03:00:00.000Z: begun', 'packed 1 of 1 tables: 5 files became 1', 'took 0 files that no table needs away from 1 tables', 'maintenance of 2026-03-08T03:00:00.000Z: ended',
  ])
})

it('[Q15-b] the daemon packs a table as soon as a run leaves it in many small files, where the configuration wants that, and once', async () => {
  const configured = (more: string) => rig.write('config/local.yaml', `tables: { smallFiles: { warnAt: 5 } }\nmaintenance: { cron: '0 3 * * 0'${more} }`)
  const said: string[] = []
  const daemon = () => rig.with(project => project.automate({ once: true, only: ['schedules'], stop: new AbortController().signal, onStop: 'finish', say: message => said.push(message), tell: () => {} }), { now })
  configured('')
  source = [8]
  await rig.with(project => project.materialize({ selection: [], force: true, partitions: ['2026-03-02'] }, { signal: new AbortController().signal, listen: () => {} }), { now })
  await daemon()
  expect(said).toEqual([])
  configured(', onSmallFiles: true')
  await daemon()
  await daemon()
  expect(said).toEqual(['packed 2 of 2 tables: 10 files became 2'])
  expect(await rig.rows('select count(*)::int as rows from bronze.numbers')).toEqual([{ rows: 13 }])
})
