import type { Connection } from '../duckdb/connection.ts'
import { fileKey, type AddFile } from './actions.ts'
import { withDeletedRows } from './delete-rows.ts'
import type { StagedMerge } from './merge.ts'
import type { Snapshot } from './snapshot.ts'
import { newSchema } from './stage.ts'
import type { StructType } from './schema-types.ts'
import type { TableChange } from './table-change.ts'
import { writeDataFiles } from './write-data-files.ts'

/** Rows of a table that give way to others. */
export interface Replacement {
  /** Those that the places of `gone` count, in the order of a scan. */
  readonly files: readonly AddFile[]
  /** A query of the rows that go, with `__varve_file` and `__varve_row`. */
  readonly gone: string
  /** A query of the rows that come. */
  readonly came: string
  /** What both are, as the caller knows it. */
  readonly content: StagedMerge['content']
  /** The table's schema from now on, which the rows of both have. */
  readonly schema: StructType
  readonly signal?: AbortSignal | undefined
}

/** Marks rows as deleted and writes others, of which both are known already: nothing is read of the table. The table must allow deletion vectors, and the change has no data for readers of changes. */
export async function stageReplacement(connection: Connection, base: Snapshot, { files, gone, came, content: { added, removed }, schema, signal }: Replacement): Promise<TableChange> {
  const altered = newSchema(base, schema)
  const target = base.with({ adds: [], removes: [], ...altered, reads: { kind: 'nothing' }, metrics: {} })
  const marked = removed.rows === 0 ? { adds: [], removes: [] } : await withDeletedRows(connection, base.root, files, gone)
  const written = added.rows === 0 ? [] : await writeDataFiles(connection, came, target, { signal })
  const adds = [...marked.adds, ...written]
  const metrics = { numTargetRowsInserted: added.rows - removed.rows, numTargetRowsUpdated: removed.rows, numTargetRowsDeleted: 0, numTargetFilesAdded: adds.length, numTargetFilesRemoved: marked.removes.length }
  return { adds, removes: marked.removes, ...altered, reads: { kind: 'files', keys: files.map(fileKey) }, metrics }
}
