import { fileKey, removeOf, type AddFile } from '../delta/actions.ts'
import { columnsOf } from '../delta/schema.ts'
import type { StructType } from '../delta/schema-types.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import { newSchema } from '../delta/stage.ts'
import type { TableChange } from '../delta/table-change.ts'
import { writeDataFiles } from '../delta/write-data-files.ts'
import type { Connection } from '../duckdb/connection.ts'
import type { SliceFilter } from '../partitions/slice-filter.ts'
import { sliceCondition } from './slice-condition.ts'
import { withSchema } from './files-in-table.ts'
import { filesOfSlices } from './slices-in-files.ts'

/**
 * Puts files in place of the rows that some slices have now. A file that holds nothing else goes as a whole; what a mixed one holds of
 * other slices is written anew; the rest of the table is neither read nor touched.
 * @returns the change, and a SELECT of the rows that go
 */
export async function replaceSlices(connection: Connection, base: Snapshot, schema: StructType, adds: readonly AddFile[], filter: SliceFilter, signal: AbortSignal): Promise<{ readonly change: TableChange; readonly removed: string }> {
  const types = new Map(columnsOf(schema).map(({ name, type }) => [name, type]))
  const condition = sliceCondition(filter, column => types.get(column) ?? 'VARCHAR')
  const concerned = filesOfSlices(base, filter)
  const mixed = concerned.filter(({ standing }) => standing === 'mixed').map(({ file }) => file)
  const removed = await base.scanSql({ files: concerned.map(({ file }) => file), filter: condition })
  const target = withSchema(base, schema)
  const kept = mixed.length === 0 ? [] : await writeDataFiles(connection, await target.scanSql({ files: mixed, filter: `(${condition}) is not true` }), target, { signal })
  const gone = concerned.map(({ file }) => file)
  const now = Date.now()
  const change: TableChange = {
    adds: [...adds, ...kept],
    removes: gone.map(file => removeOf(file, now)),
    ...newSchema(base, schema),
    reads: { kind: 'files', keys: gone.map(fileKey) },
    metrics: { numAddedFiles: adds.length + kept.length, numRemovedFiles: gone.length },
  }
  return { change, removed }
}
