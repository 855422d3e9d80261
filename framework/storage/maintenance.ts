import type { DeltaTable } from '../delta/delta-table.ts'
import { stageOptimize } from '../delta/optimize.ts'
import { resolvePath } from '../delta/table-paths.ts'
import { vacuum, type Vacuumed } from '../delta/vacuum.ts'
import type { Database } from '../duckdb/database.ts'
import { filesAt } from '../objects/lake-files.ts'
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

/**
 * Packs small files and drops deletion vectors, or lays the rows along a curve. The content stays as it is, and so does what reads it. Where someone
 * changed the very files meanwhile, it starts over from what they left. @throws {PublishConflict} where that happens again and again
 */
export async function optimizeTable(asset: AssetKey, table: DeltaTable, database: Database, { zorderBy, targetFileSize, signal }: OptimizeRequest): Promise<Optimized> {
  const operationParameters = { predicate: '[]', ...(zorderBy && { zOrderBy: JSON.stringify(zorderBy) }) }
  for (let attempt = 1; ; attempt += 1) {
    const base = await table.snapshot()
    const { change, metrics } = await database.use(connection => stageOptimize(connection, base, { zorderBy, targetFileSize, signal }))
    const outcome = await table.commit(change, base, { operation: 'OPTIMIZE', operationParameters })
    const { filesBefore, filesAfter, bytesBefore, bytesAfter } = metrics
    if (outcome.status !== 'conflict') return { asset, version: outcome.version, filesBefore, filesAfter, bytesBefore, bytesAfter }
    await filesAt(table.root).remove(change.adds.map(({ path }) => resolvePath(table.root, path)))
    if (attempt === MOST_ATTEMPTS) throw new PublishConflict(asset, outcome.version, outcome.reason)
  }
}

/** Whoever loses this often should come back at a quieter hour: each attempt writes all that is packed anew. */
const MOST_ATTEMPTS = 5

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
  return await vacuum(await table.snapshot(), { retentionHours: retainHours, dryRun: !wanted, now, newest: () => table.snapshot(), ...(force && { force: 'files of running writers may be lost' }) })
}
