import type { Connection } from '../duckdb/connection.ts'
import { fileKey, type AddFile } from './actions.ts'
import { contentHash, type ContentHash } from './content-hash.ts'
import { withDeletedRows } from './delete-rows.ts'
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
  /** The table's schema from now on, which the rows of both have. */
  readonly schema: StructType
  readonly signal?: AbortSignal | undefined
}

export interface StagedReplacement {
  readonly change: TableChange
  readonly content: { readonly added: ContentHash; readonly removed: ContentHash }
}

/** Marks rows as deleted and writes others, of which both are known already: nothing is read of the table. The table must allow deletion vectors, and the change has no data for readers of changes. */
export async function stageReplacement(connection: Connection, base: Snapshot, { files, gone, came, schema, signal }: Replacement): Promise<StagedReplacement> {
  const altered = newSchema(base, schema)
  const target = base.with({ adds: [], removes: [], ...altered, reads: { kind: 'nothing' }, metrics: {} })
  const [removed, added] = [await contentHash(connection, gone, schema, signal), await contentHash(connection, came, schema, signal)]
  const marked = removed.rows === 0 ? { adds: [], removes: [] } : await withDeletedRows(connection, base.root, files, gone)
  const written = added.rows === 0 ? [] : await writeDataFiles(connection, came, target, { signal })
  const adds = [...marked.adds, ...written]
  const metrics = { numTargetRowsInserted: added.rows - removed.rows, numTargetRowsUpdated: removed.rows, numTargetRowsDeleted: 0, numTargetFilesAdded: adds.length, numTargetFilesRemoved: marked.removes.length }
  return { change: { adds, removes: marked.removes, ...altered, reads: { kind: 'files', keys: files.map(fileKey) }, metrics }, content: { added, removed } }
}
