import type { DeltaTable } from '../delta/delta-table.ts'
import { stageOptimize } from '../delta/optimize.ts'
import { vacuum, type Vacuumed } from '../delta/vacuum.ts'
import type { Database } from '../duckdb/database.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { PublishConflict } from './storage-errors.ts'

export interface OptimizeRequest {
  readonly zorderBy?: readonly string[] | undefined
  /** In bytes. */
  readonly targetFileSize?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What became of a table's files. */
export interface Optimized {
  readonly asset: AssetKey
  readonly version: number
  readonly filesBefore: number
  readonly filesAfter: number
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/** Packs small files and drops deletion vectors, or lays the rows along a curve. The content stays as it is, and so does what reads it. */
export async function optimizeTable(asset: AssetKey, table: DeltaTable, database: Database, { zorderBy, targetFileSize, signal }: OptimizeRequest): Promise<Optimized> {
  const base = await table.snapshot()
  const { change, metrics } = await database.use(connection => stageOptimize(connection, base, { zorderBy, targetFileSize, signal }))
  const operationParameters = { predicate: '[]', ...(zorderBy && { zOrderBy: JSON.stringify(zorderBy) }) }
  const outcome = await table.commit(change, base, { operation: 'OPTIMIZE', operationParameters })
  if (outcome.status === 'conflict') throw new PublishConflict(asset, outcome.version, outcome.reason)
  const { filesBefore, filesAfter, bytesBefore, bytesAfter } = metrics
  return { asset, version: outcome.version, filesBefore, filesAfter, bytesBefore, bytesAfter }
}

export interface VacuumRequest {
  readonly retainHours?: number | undefined
  /** Keep less than a week, although running writers and readers of old versions may lose files. */
  readonly force?: boolean | undefined
  /** Only with this are files taken away. */
  readonly delete?: boolean | undefined
  readonly now: Date
}

/** Finds, and takes away where that is asked for, the files that no version within the retention needs. */
export async function vacuumTable(table: DeltaTable, { retainHours, force, delete: wanted = false, now }: VacuumRequest): Promise<Vacuumed> {
  return await vacuum(await table.snapshot(), { retentionHours: retainHours, dryRun: !wanted, now, ...(force && { force: 'files of running writers may be lost' }) })
}
