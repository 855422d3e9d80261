import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { contentHash } from '../../../framework/delta/content-hash.ts'
import { DeltaTable } from '../../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../../framework/delta/local-log-store.ts'
import { stageMerge, stageUpsert } from '../../../framework/delta/merge.ts'
import { deltaSchemaOf } from '../../../framework/delta/schema.ts'
import { append, newTable } from '../../../framework/delta/stage.ts'
import { writeCheckpoint } from '../../../framework/delta/write-checkpoint.ts'
import { writeDataFiles } from '../../../framework/delta/write-data-files.ts'
import type { Connection } from '../../../framework/duckdb/connection.ts'
import { Database } from '../../../framework/duckdb/database.ts'
import { Bench } from './bench.ts'

const ROWS = Number(process.env['VARVE_BENCH_ROWS'] ?? 5_000_000)
const TARGET = 16 * 1024 * 1024

const rowsOf = (range: string, id: string) => `select ${id} as id, 'name' || (i % 500000) as name, timestamptz '2024-01-01' + to_seconds(i) as ts, ((i * 137) % 10000000 / 100)::decimal(18, 2) as amount, (i % 1000)::integer as n,
  ['alpha', 'beta', 'gamma', 'delta', 'epsilon'][i % 5 + 1] as category, sqrt(i) as d, i % 3 = 0 as b from ${range} as r(i)`

/** Each figure against the raw DuckDB operation in the same run. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  const database = await Database.open()
  const bench = new Bench()
  try {
    await database.use(connection => dataBench(bench, connection, database, folder))
    await logBench(bench, database, folder)
    bench.print()
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function dataBench(bench: Bench, connection: Connection, database: Database, folder: string): Promise<void> {
  await connection.run(`create temp table source as ${rowsOf(`range(${ROWS})`, 'i')}`)
  await connection.run(`create temp table batch as ${rowsOf('range(100000)', `(i * 7919) % ${ROWS}`)}`)
  const raw = join(folder, 'raw')
  const columns = (await connection.describe('from source')).map(column => column.name)
  const schema = deltaSchemaOf(await connection.describe('from source'))
  const copy = `(format parquet, compression zstd, file_size_bytes ${TARGET}, overwrite)`
  let made = 0
  const fresh = () => join(folder, `table-${(made += 1)}`)
  const create = async (root: string) => {
    const table = new DeltaTable(root, new LocalLogStore(root), database)
    const files = await writeDataFiles(connection, 'from source', { root, schema, partitionColumns: [] }, { targetFileSize: TARGET })
    await table.commit(newTable({ schema, files, profile: 'modern' }), undefined, { operation: 'CREATE TABLE AS SELECT' })
    return table
  }
  const rawCopy = () => connection.run(`copy source to '${raw}' ${copy}`)
  await rawCopy()
  await bench.pair('create', 'raw COPY', () => create(fresh()), rawCopy, 1.1)
  const table = await create(fresh())
  const base = await table.snapshot()
  const scan = await base.scanSql()
  await bench.pair('content hash of the table', 'raw COPY', () => contentHash(connection, scan, schema), rawCopy, 0.1)
  const rawRewrite = () => connection.run(`copy (select ${columns.map(name => `case when u.id is not null then u.${name} else t.${name} end as ${name}`).join(', ')}
    from read_parquet('${raw}/*.parquet') as t full join batch as u on t.id = u.id) to '${join(folder, 'rewritten')}' ${copy}`)
  const rewrite = 'raw copy-on-write'
  await bench.pair('upsert of 100,000 random rows, deletion vectors', rewrite, () => stageUpsert(connection, base, 'from batch', { on: ['id'] }, 'deletion-vectors'), rawRewrite, 0.15)
  await bench.pair('merge of 100,000 random rows, compared and hashed, deletion vectors', rewrite, () => stageMerge(connection, base, 'from batch', { on: ['id'] }, 'deletion-vectors'), rawRewrite)
  await bench.pair('merge of 100,000 random rows, copy-on-write', rewrite, () => stageMerge(connection, base, 'from batch', { on: ['id'] }, 'copy-on-write'), rawRewrite)
  const { change } = await stageUpsert(connection, base, 'from batch', { on: ['id'] }, 'deletion-vectors')
  const query = (from: string) => connection.rows(`select sum(n) as n, min(category) as c, sum(d) as d from (${from})`)
  const after = base.with(change)
  const rawScan = () => query(`from read_parquet('${raw}/*.parquet')`)
  await bench.pair('scan of 3 columns', 'raw scan', async () => query(await base.scanSql()), rawScan)
  await bench.pair('scan after the merge', 'raw scan', async () => query(await after.scanSql()), rawScan, 2)
}

async function logBench(bench: Bench, database: Database, folder: string): Promise<void> {
  const root = join(folder, 'files')
  const schema = deltaSchemaOf([{ name: 'id', type: 'BIGINT' }])
  const open = () => new DeltaTable(root, new LocalLogStore(root), database)
  const table = open()
  const files = Array.from({ length: 100_000 }, (_, i) => ({
    path: `part-${String(i).padStart(6, '0')}-0a1b2c3d-aaaa-bbbb-cccc-0123456789ab.c000.zstd.parquet`, partitionValues: {}, size: 1_000_000 + i, modificationTime: 1_700_000_000_000 + i, dataChange: true,
    stats: JSON.stringify({ numRecords: 1000, minValues: { id: i * 1000, name: 'a name that is rather long' }, maxValues: { id: i * 1000 + 999, name: 'the name at the other end' }, nullCount: { id: 0, name: 0 } }),
  }))
  await table.commit(newTable({ schema, files, properties: { 'delta.checkpointInterval': '1000000' } }), undefined, { operation: 'CREATE' })
  await writeCheckpoint(table.store, await table.snapshot(), new Date())
  await bench.alone('snapshot of 100,000 files from a checkpoint', () => open().snapshot(), 1000)
  const small = new DeltaTable(join(folder, 'small'), new LocalLogStore(join(folder, 'small')), database)
  await small.commit(newTable({ schema, files: files.slice(0, 1), properties: { 'delta.checkpointInterval': '1000000' } }), undefined, { operation: 'CREATE' })
  let version = 1
  await bench.alone('commit', async () => {
    const base = await small.snapshot()
    return small.commit(append(base, [files[(version += 1)]!]), base, { operation: 'WRITE' })
  }, 5)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await run()
