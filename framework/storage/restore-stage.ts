import { fileKey, removeOf } from '../delta/actions.ts'
import type { DeltaTable } from '../delta/delta-table.ts'
import { columnsOf } from '../delta/schema.ts'
import { Snapshot } from '../delta/snapshot.ts'
import { filesAt } from '../objects/lake-files.ts'
import type { TableChange } from '../delta/table-change.ts'
import { resolvePath } from '../delta/table-paths.ts'
import type { Database } from '../duckdb/database.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { Candidate, Provenance } from './candidate.ts'
import { columnFacts } from './column-facts.ts'
import { PublishConflict } from './storage-errors.ts'

/**
 * An earlier version of the table as a candidate: its files are taken in again, and nothing is computed. Undefined where one of them
 * has been cleaned away, or where the table is that version already.
 */
export async function stageRestore(table: DeltaTable, database: Database, asset: AssetKey, made: Materialization): Promise<Candidate | undefined> {
  const base = await table.snapshot()
  const old = await table.snapshot({ version: made.tableVersion }).catch(() => undefined)
  if (!old) return undefined
  const now = Date.now()
  const kept = new Set([...base.files].map(fileKey))
  const wanted = new Set([...old.files].map(fileKey))
  const adds = [...old.files].filter(file => !kept.has(fileKey(file))).map(file => ({ ...file, dataChange: true, modificationTime: now }))
  const removes = [...base.files].filter(file => !wanted.has(fileKey(file))).map(file => removeOf(file, now))
  if (adds.length + removes.length === 0) return undefined
  if ((await filesAt(table.root).sizes(adds.map(({ path }) => resolvePath(table.root, path)))).includes(undefined)) return undefined
  const metadata = old.metadata.schemaString === base.metadata.schemaString ? {} : { metadata: { ...base.metadata, schemaString: old.metadata.schemaString } }
  const change: TableChange = { adds, removes, ...metadata, reads: { kind: 'whole table' }, metrics: { numRestoredFiles: adds.length, numRemovedFiles: removes.length } }
  const after = Snapshot.candidate(table.root, database, change, base)
  return {
    asset,
    dataVersion: made.dataVersion,
    cuts: made.cuts,
    counts: { rowsIn: 0, rowsOut: made.rows, rejected: 0 },
    rows: made.rows,
    tableBytes: after.files.bytes,
    files: 0,
    bytes: 0,
    sameAsBefore: false,
    unchanged: false,
    relation: () => after.scanSql(),
    columns: columnsOf(after.schema),
    facts: column => columnFacts(after, column),
    discard: async () => undefined,
    async publish(provenance: Provenance) {
      const outcome = await table.commit(change, base, { operation: 'RESTORE', operationParameters: { version: String(made.tableVersion) }, provenance, timestamp: new Date(provenance.at), nobodyBetween: true })
      if (outcome.status === 'conflict') throw new PublishConflict(asset, outcome.version, outcome.reason)
      return outcome.version
    },
  }
}
