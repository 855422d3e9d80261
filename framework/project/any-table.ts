import { DeltaTable, type At } from '../delta/delta-table.ts'
import type { CommitSummary } from '../delta/history.ts'
import type { Protocol } from '../delta/actions.ts'
import type { StructType } from '../delta/schema-types.ts'
import { Database } from '../duckdb/database.ts'
import { CACHE_DEFAULTS } from './aws-config.ts'
import { findRoot } from './find-root.ts'
import { Lake, lakeLocation } from './lake.ts'

/** What a Delta table is, ours or not, as its log tells. */
export interface TableFacts {
  readonly version: number
  /** Counted only where asked for, or known without a look at the rows. */
  readonly rows?: number | undefined
  readonly files: number
  readonly bytes: number
  readonly partitionColumns: readonly string[]
  readonly schema: StructType
  readonly protocol: Protocol
  readonly properties: Readonly<Record<string, string>>
  /** Files of which some rows are marked as deleted. */
  readonly deletionVectors: number
  /** What is wrong with the version though it can be read. */
  readonly warnings: readonly string[]
  readonly history?: readonly CommitSummary[] | undefined
}

/** Looks at the Delta table in a folder. @throws {NoTable} {NoSuchVersion} {UnsupportedFeature} {BrokenLog} */
export async function describeTable(path: string, at: At, { count = false, history = false } = {}): Promise<TableFacts> {
  const database = await Database.open()
  const lake = new Lake({ aws: {}, cache: CACHE_DEFAULTS, root: findRoot(process.cwd()) })
  try {
    const root = lake.folderOf(lakeLocation(path, process.cwd()))
    const table = new DeltaTable(root, lake.logOf(root), database)
    const snapshot = await table.snapshot(at)
    const { version, files, partitionColumns, schema, protocol, properties } = snapshot
    const rows = count ? await database.use(connection => snapshot.countRows(connection)) : files.rows
    const trouble = await table.trouble(snapshot)
    return { version, rows, files: files.count, bytes: files.bytes, partitionColumns, schema, protocol, properties, deletionVectors: files.deletionVectors, warnings: trouble === undefined ? [] : [`The log does not add up to the checksum of version ${version}: ${trouble}.`], history: history ? await table.history() : undefined }
  } finally {
    await lake.close()
    database.close()
  }
}
