import type { AssetKey } from './asset-key.ts'
import type { Materialization } from './materialization.ts'
import type { PartitionKey } from './partition-key.ts'
import type { DataVersion } from './version.ts'

/** What a source says of itself before anything is read from it: an export folder's files, an external table's state. */
export interface Observation {
  readonly asset: AssetKey
  /** Absent where the source's state cannot be told. */
  readonly dataVersion?: DataVersion | undefined
  /** For people: `crm_accounts.csv, 18,124 bytes`. */
  readonly what: string
}

/** A head of a table that is not the version that we recorded. */
export interface Tampering {
  readonly asset: AssetKey
  readonly recorded: number
  readonly head: number
  /** Who wrote it, as its `commitInfo` tells. */
  readonly by?: string | undefined
}

/** The newest materialization of every slice, and what the sources say now: all that the planner is given of the world. */
export class LakeState {
  readonly #slices = new Map<AssetKey, Map<PartitionKey | undefined, Materialization>>()
  readonly #observations = new Map<AssetKey, Observation>()
  readonly #tampered = new Map<AssetKey, Tampering>()

  constructor(materializations: Iterable<Materialization> = [], observations: Iterable<Observation> = [], tampered: Iterable<Tampering> = []) {
    for (const made of materializations) this.record(made)
    for (const seen of observations) this.#observations.set(seen.asset, seen)
    for (const head of tampered) this.#tampered.set(head.asset, head)
  }

  /** Takes in what a run just wrote. */
  record(made: Materialization): void {
    let slices = this.#slices.get(made.asset)
    if (!slices) this.#slices.set(made.asset, (slices = new Map()))
    slices.set(made.partition, made)
    this.#tampered.delete(made.asset)
  }

  last(asset: AssetKey, partition?: PartitionKey): Materialization | undefined {
    return this.#slices.get(asset)?.get(partition)
  }

  slicesOf(asset: AssetKey): readonly Materialization[] {
    return [...(this.#slices.get(asset)?.values() ?? [])]
  }

  observationOf(asset: AssetKey): Observation | undefined {
    return this.#observations.get(asset)
  }

  tamperingOf(asset: AssetKey): Tampering | undefined {
    return this.#tampered.get(asset)
  }
}
