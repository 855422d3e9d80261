import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { dropColumn, moveColumn, renameColumn } from '../../framework/delta/alter-columns.ts'
import { shallowClone } from '../../framework/delta/clone.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { stageDelete } from '../../framework/delta/row-changes.ts'
import type { Snapshot } from '../../framework/delta/snapshot.ts'
import type { TableChange } from '../../framework/delta/table-change.ts'
import { committed, Rig } from '../delta/rig.ts'
import { Peer } from './peer.ts'

const rig = new Rig()
let spark: Peer
beforeAll(async () => { spark = await Peer.start('spark') })
afterAll(() => { spark?.stop() })

const sql = (path: string, text: string) => spark.ask({ do: 'sql', text: text.replaceAll('{t}', `delta.\`${path}\``) })

async function change(table: DeltaTable, think: (base: Snapshot) => TableChange | Promise<TableChange>): Promise<void> {
  const base = await table.snapshot()
  committed(await table.commit(await think(base), base, { operation: 'CHANGE' }))
}

/** What Spark reads of a table, and what we do. */
async function both(table: DeltaTable, name: string): Promise<readonly [unknown, unknown]> {
  const to = join(rig.folder, `exported-${name}`)
  await spark.ask({ do: 'export', path: table.root, to })
  return [await rig.database.use(c => c.json(`select * from read_parquet('${to}/*.parquet', hive_partitioning=false) order by all`)), await rig.rows(table)]
}

it('a clone that we made is read and written by Spark, and its source stays as it was', async () => {
  const source = rig.table(join(rig.folder, 'source of it, 100%'))
  await sql(source.root, "create table {t} (a int, p string) using delta partitioned by (p) tblproperties ('delta.enableDeletionVectors' = 'true')")
  await sql(source.root, "insert into {t} select /*+ coalesce(1) */ id, 'a b%' from range(10)")
  await sql(source.root, 'delete from {t} where a = 3')
  const rows = await rig.rows(source)
  const clone = rig.table()
  committed(await clone.commit(shallowClone(await source.snapshot()), undefined, { operation: 'CLONE' }))
  const [theirs, ours] = await both(clone, 'first')
  expect([theirs, ours]).toEqual([rows, rows])
  await sql(clone.root, 'delete from {t} where a = 4')
  await change(clone, base => rig.database.use(async c => (await stageDelete(c, base, 'a = 5', { how: 'deletion-vectors' })).change))
  await sql(clone.root, "insert into {t} values (100, 'ü')")
  const [spoken, read] = await both(clone, 'second')
  expect(spoken).toEqual(read)
  expect((read as { a: number }[]).map(({ a }) => a)).toEqual([0, 1, 2, 6, 7, 8, 9, 100])
  expect(await rig.rows(source)).toEqual(rows)
})

it('columns that we moved, renamed and dropped, inside of others too, are Spark\'s the next moment', async () => {
  const table = await rig.create(`select 1 as id, {'x': 1, 'y': {'z': 'deep', 'w': 2}} as s, [{'k': 1, 'v': 'e'}] as l`, { properties: { 'delta.columnMapping.mode': 'name' } })
  await change(table, base => moveColumn(base, 'l', 'first'))
  await change(table, base => moveColumn(base, ['s', 'y', 'w'], 'first'))
  await change(table, base => renameColumn(base, ['s', 'y', 'z'], 'zz'))
  await change(table, base => dropColumn(base, ['l', 'element', 'v']))
  await sql(table.root, "insert into {t} values (array(struct(7)), 2, struct(5, struct(6, 'more')))")
  const [theirs, ours] = await both(table, 'columns')
  expect(theirs).toEqual(ours)
  expect(ours).toEqual([{ l: [{ k: 1 }], id: 1, s: { x: 1, y: { w: 2, zz: 'deep' } } }, { l: [{ k: 7 }], id: 2, s: { x: 5, y: { w: 6, zz: 'more' } } }])
})
