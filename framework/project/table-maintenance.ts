import { holderOf } from '../vocabulary/holder.ts'
import { LeasedTurns } from '../execution/turn.ts'
import { CannotWrite } from '../delta/delta-errors.ts'
import type { DeltaTable } from '../delta/delta-table.ts'
import { SHORTEST_SAFE_RETENTION_HOURS } from '../delta/vacuum.ts'
import { optimizeTable, vacuumTable, type Optimized, type OptimizeRequest, type VacuumRequest } from '../storage/maintenance.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { toMillis } from '../vocabulary/duration.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { EventError } from '../vocabulary/run-event.ts'
import type { Parts } from './parts.ts'
import { tableSettings } from './tables-config.ts'

/** What came of each table. One that fails does not hold up the others. */
export interface Maintained<Done> {
  readonly tables: readonly Done[]
  readonly failures: readonly { readonly asset: AssetKey; readonly error: EventError }[]
}

/** The files of a table that no version within the retention needs. */
export interface VacuumedTable {
  readonly asset: AssetKey
  readonly files: readonly string[]
  readonly bytes: number
}

/** Packs and cleans the tables of assets, one after the other, each in its turn: no run writes it meanwhile. */
export class TableMaintenance {
  readonly #parts: Parts
  readonly #say: (message: string) => void

  constructor(parts: Parts, say: (message: string) => void) {
    this.#parts = parts
    this.#say = say
  }

  /** @throws what is wrong with the only table that is asked for */
  optimize(keys: readonly AssetKey[], request: OptimizeRequest): Promise<Maintained<Optimized>> {
    const { config } = this.#parts.frame
    return this.#each(keys, request.signal, async (asset, table) => {
      const { zorderBy, targetFileSize } = tableSettings(config.tables, asset)
      return optimizeTable(asset, table, await this.#parts.database(), { ...request, zorderBy: request.zorderBy ?? zorderBy, targetFileSize: request.targetFileSize ?? targetFileSize })
    })
  }

  /** @throws what is wrong with the only table that is asked for, or with the retention */
  async vacuum(keys: readonly AssetKey[], request: Omit<VacuumRequest, 'now'>): Promise<Maintained<VacuumedTable>> {
    const { retainHours, force } = request
    if (retainHours !== undefined && retainHours < SHORTEST_SAFE_RETENTION_HOURS && !force) throw new TooShortRetention(retainHours)
    return this.#each(keys, undefined, async (asset, table) => {
      const { files, bytes } = await vacuumTable(table, { ...request, now: this.#parts.clock.now() })
      return { asset, files, bytes }
    })
  }

  async #each<Done>(keys: readonly AssetKey[], signal: AbortSignal | undefined, work: (asset: AssetKey, table: DeltaTable) => Promise<Done>): Promise<Maintained<Done>> {
    const turns = new LeasedTurns(this.#parts.eventLog().leases, holderOf('maintenance'), toMillis(this.#parts.frame.config.lease), () => false)
    const tables: Done[] = []
    const failures: { asset: AssetKey; error: EventError }[] = []
    for (const asset of keys) {
      signal?.throwIfAborted()
      try {
        const table = await this.#parts.store.tableOf(this.#parts.frame.graph.get(asset))
        if (table) tables.push(await turns.take(asset, signal ?? new AbortController().signal, this.#say, () => work(asset, table), () => {}))
      } catch (error) {
        if (signal?.aborted || !(error instanceof Error) || keys.length === 1) throw error
        failures.push({ asset, error: error instanceof ExplainedError ? { code: error.code, message: error.message, hint: error.hint } : { code: 'internal', message: error.message } })
      }
    }
    return { tables, failures }
  }
}

class TooShortRetention extends CannotWrite {
  constructor(hours: number) {
    super(`A retention of ${hours} hours is less than the ${SHORTEST_SAFE_RETENTION_HOURS} that keep running readers and writers safe.`, 'Keep 168 hours or more, or add --files-of-running-writers-may-be-lost.')
  }
}
