import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stageMergeInto } from '../../framework/delta/complete-merge.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { completeRows } from '../../framework/delta/own-values.ts'
import { append } from '../../framework/delta/stage.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { committed, Rig } from '../delta/rig.ts'
import { Peer } from './peer.ts'

const rig = new Rig()
let spark: Peer
beforeAll(async () => { spark = await Peer.start('spark') })
afterAll(() => { spark?.stop() })

async function add(table: DeltaTable, query: string): Promise<void> {
  const base = await table.snapshot()
  const change = await rig.database.use(async c => {
    const rows = await completeRows(c, base.root, base.schema, query)
    const files = await writeDataFiles(c, rows.query, base)
    const [count] = await c.rows<{ n: bigint }>(`select count(*) as n from (${query})`)
    return append(base, files, rows.schemaAfter(Number(count!.n)))
  })
  committed(await table.commit(change, base, { operation: 'WRITE' }))
}

it('Spark and we number the rows of one table in turns, and compute its columns alike', async () => {
  const path = join(rig.folder, 'numbered')
  await spark.ask({ do: 'create_numbered', path })
  const table = rig.table(path)
  const text = (rows: string) => spark.ask({ do: 'sql', text: `insert into delta.\`${path}\` (ts, v) values ${rows}` })
  await add(table, "select timestamptz '2024-02-29 23:59:59Z' as ts, unnest(['a', 'b']) as v")
  await text("(timestamp'2024-03-01 00:00:00', 'c')")
  await add(table, "select null::timestamptz as ts, 'd' as v, 7 as other")
  await rig.database.use(async c => {
    const base = await table.snapshot()
    const { change } = await stageMergeInto(c, base, "select 'a' as v, timestamptz '2025-01-01 00:00:00Z' as ts union all select 'e', null", { on: ['v'] })
    committed(await table.commit(change, base, { operation: 'MERGE' }))
  })
  await text("(timestamp'2024-03-01 00:00:00', 'f')")
  const ours = await rig.rows(table) as { id: number; other: number; day: string | null; v: string }[]
  const to = join(rig.folder, 'exported')
  await spark.ask({ do: 'export', path, to })
  expect(await rig.database.use(c => c.json(`select * from read_parquet('${to}/*.parquet', hive_partitioning=false) order by all`))).toEqual(ours)
  const of = (v: string) => ours.find(row => row.v === v)!
  expect(['a', 'b', 'c', 'd'].map(v => [of(v).id, of(v).other, of(v).day])).toEqual([[10, -1, '2025-01-01'], [15, -2, '2024-02-29'], [20, -3, '2024-03-01'], [25, 7, null]])
  expect(new Set(ours.map(({ id }) => id)).size).toBe(6)
  expect(of('f').id).toBeGreaterThan(of('e').id)
})

it('a default stands where Spark would have it', async () => {
  const path = join(rig.folder, 'defaults')
  await spark.ask({ do: 'sql', text: `create table delta.\`${path}\` (a int, b string default 'none', c timestamp default timestamp'2020-01-01 10:00:00', d int default 1 + 2, e date default date'2020-02-29', f boolean default true) using delta tblproperties ('delta.feature.allowColumnDefaults' = 'supported')` })
  await spark.ask({ do: 'sql', text: `insert into delta.\`${path}\` (a) values (1)` })
  const table = rig.table(path)
  await add(table, 'select 1 as a')
  const [first, second] = await rig.rows(table)
  expect(second).toEqual(first)
})
