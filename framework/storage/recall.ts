import type { DeltaTable } from '../delta/delta-table.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { Landing } from './landing.ts'

/** A version as the asset's own files tell of it. */
export interface Recalled {
  readonly version: number
  /** A commit that changes how the rows lie, and no row. */
  readonly maintenance: boolean
  readonly made?: Materialization | undefined
  readonly by?: string | undefined
}

/** The newest batches of what lands, newest first. */
export async function recalledBatches(landing: Landing, key: AssetKey, limit = Infinity): Promise<readonly Recalled[]> {
  const recalled: Recalled[] = []
  for (let batch = await landing.head(key); batch >= 0 && recalled.length < limit; batch -= 1) {
    const { files: _, batch: __, procDate: ___, version: ____, ...provenance } = await landing.manifest(key, batch)
    recalled.push({ version: batch, maintenance: false, made: { ...provenance, tableVersion: batch } as Materialization })
  }
  return recalled
}

/** The versions of a table of which its log still tells, newest first. */
export async function recalledCommits(table: DeltaTable): Promise<readonly Recalled[]> {
  return (await table.history()).map(({ version, operation, provenance, engineInfo }) => {
    const made = isProvenance(provenance) ? ({ ...provenance, tableVersion: version } as Materialization) : undefined
    return { version, maintenance: !made && MAINTENANCE.test(operation), made, by: `${operation} by ${engineInfo ?? 'an unknown writer'}` }
  })
}

const MAINTENANCE = /^(OPTIMIZE|VACUUM|CHECKPOINT|REORG)/

const isProvenance = (value: unknown): value is Omit<Materialization, 'tableVersion'> => typeof value === 'object' && value !== null && 'codeVersion' in value && 'dataVersion' in value
