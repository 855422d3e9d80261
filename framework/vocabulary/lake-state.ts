import type { AssetKey } from './asset-key.ts'
import type { ExplainedError } from './errors.ts'
import type { Materialization } from './materialization.ts'
import type { DataVersion } from './version.ts'

/** What a source says of itself before anything is read from it: an export folder's files, an external table's state. */
export interface Observation {
  readonly asset: AssetKey
  /** Absent where the source's state cannot be told. */
  readonly dataVersion?: DataVersion | undefined
  /** For people: `crm_accounts.csv, 18,124 bytes`. */
  readonly what: string
  /** Why the source can't be taken in. Its asset's step fails of it. */
  readonly refused?: ExplainedError | undefined
}

/** A head of a table that is not the version that we recorded. */
export interface Tampering {
  readonly asset: AssetKey
  readonly recorded: number
  readonly head: number
  /** Who wrote it, as its `commitInfo` tells. */
  readonly by?: string | undefined
}

/** The newest materialization of every asset, and what the sources say now. How single slices were made is in their ledgers. */
export class LakeState {
  readonly #newest = new Map<AssetKey, Materialization>()
  readonly #observations = new Map<AssetKey, Observation>()
  readonly #tampered = new Map<AssetKey, Tampering>()

  constructor(materializations: Iterable<Materialization> = [], observations: Iterable<Observation> = [], tampered: Iterable<Tampering> = []) {
    for (const made of materializations) this.record(made)
    for (const seen of observations) this.#observations.set(seen.asset, seen)
    for (const head of tampered) this.#tampered.set(head.asset, head)
  }

  /** Takes in what a run just wrote. */
  record(made: Materialization): void {
    this.#newest.set(made.asset, made)
    this.#tampered.delete(made.asset)
  }

  last(asset: AssetKey): Materialization | undefined {
    return this.#newest.get(asset)
  }

  observationOf(asset: AssetKey): Observation | undefined {
    return this.#observations.get(asset)
  }

  tamperingOf(asset: AssetKey): Tampering | undefined {
    return this.#tampered.get(asset)
  }
}
