import { expect, it } from 'vitest'
import { dropColumn } from '../../framework/delta/alter-columns.ts'
import { append, overwrite } from '../../framework/delta/stage.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()

/** A table that is clustered by a column and a field, as Spark makes it. */
async function clustered(properties: Readonly<Record<string, string>> = {}): Promise<DeltaTable> {
  const table = await rig.create(`select 1 as a, {'x': 1, 'y': 2} as s`, { properties: { 'delta.columnMapping.mode': 'name', ...properties } })
  const base = await table.snapshot()
  const protocol = { ...base.protocol, writerFeatures: [...base.protocol.writerFeatures!, 'domainMetadata', 'clustering'] }
  const configuration = JSON.stringify({ clusteringColumns: [['a'], ['s', 'y']], domainName: 'delta.clustering' })
  committed(await table.commit({ adds: [], removes: [], protocol, domainMetadata: [{ domain: 'delta.clustering', configuration, removed: false }], reads: { kind: 'nothing' }, metrics: {} }, base, { operation: 'CLUSTER BY' }))
  return table
}

it('a clustered table is written to, keeps its clustering, and neither loses its columns nor is partitioned', async () => {
  const table = await clustered()
  await rig.append(table, `select 2 as a, {'x': 3, 'y': 4} as s`)
  await table.checkpoint()
  const base = await rig.table(table.root).snapshot()
  expect([base.domains.get('delta.clustering')?.configuration, await rig.rows(base)]).toEqual([expect.stringContaining('clusteringColumns'), [{ a: 1, s: { x: 1, y: 2 } }, { a: 2, s: { x: 3, y: 4 } }]])
  for (const change of [dropColumn(base, 'a'), dropColumn(base, ['s', 'y']), overwrite(base, [], { partitionColumns: ['a'] })]) {
    await expect(table.commit(change, base, { operation: 'X' })).rejects.toMatchObject({ code: 'delta/cannot-write', message: expect.stringContaining('clustered') })
  }
  committed(await table.commit(dropColumn(base, ['s', 'x']), base, { operation: 'DROP COLUMNS' }))
})

it('files without statistics of what a table is clustered by are refused', async () => {
  const table = await clustered({ 'delta.dataSkippingNumIndexedCols': '2' })
  const base = await table.snapshot()
  const files = await rig.database.use(c => writeDataFiles(c, `select 2 as a, {'x': 3, 'y': 4} as s`, base))
  await expect(table.commit(append(base, files), base, { operation: 'WRITE' })).rejects.toMatchObject({ code: 'delta/cannot-write', message: expect.stringContaining('s.y') })
})
