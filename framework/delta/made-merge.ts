import type { Connection } from '../duckdb/connection.ts'
import { fileKey, removeOf, type AddFile, type RemoveFile } from './actions.ts'
import { withDeletedRows } from './delete-rows.ts'
import type { Snapshot } from './snapshot.ts'
import { newSchema } from './stage.ts'
import type { StructType } from './schema-types.ts'
import type { TableChange } from './table-change.ts'

/** A merge whose rows were matched and written elsewhere. */
export interface MadeMerge {
  /** The files with the rows that come; where old ones were written anew, with their other rows as well. */
  readonly written: readonly AddFile[]
  /** All files that were read, in the order by which `gone` counts them. */
  readonly files: readonly AddFile[]
  /** Of these, by their numbers, the ones with rows that go. */
  readonly touched: readonly number[]
  /** A query of `__varve_file` and `__varve_row`: the rows that go. Absent where the touched files were written anew. */
  readonly gone?: string | undefined
  /** The table's schema from now on. */
  readonly schema: StructType
  readonly rows: { readonly read: number; readonly inserted: number; readonly updated: number }
}

/** The change that such a merge is. */
export async function stageMadeMerge(connection: Connection, base: Snapshot, { written, files, touched, gone, schema, rows }: MadeMerge): Promise<TableChange> {
  const { adds, removes } = gone === undefined ? writtenAnew(touched.map(index => files[index]!)) : await withDeletedRows(connection, base.root, files, gone)
  const all = [...adds, ...written]
  return {
    adds: all, removes, ...newSchema(base, schema),
    reads: { kind: 'files', keys: files.map(fileKey) },
    metrics: { numSourceRows: rows.read, numTargetRowsInserted: rows.inserted, numTargetRowsUpdated: rows.updated, numTargetRowsDeleted: 0, numTargetFilesAdded: all.length, numTargetFilesRemoved: removes.length },
  }
}

function writtenAnew(files: readonly AddFile[]): { readonly adds: readonly AddFile[]; readonly removes: readonly RemoveFile[] } {
  const now = Date.now()
  return { adds: [], removes: files.map(file => removeOf(file, now)) }
}
