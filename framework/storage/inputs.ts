import type { EngineInput } from '../engines/engine.ts'
import type { Partitions } from '../partitions/partitions.ts'
import type { SliceSet } from '../partitions/slice-set.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { DataVersion } from '../vocabulary/version.ts'

/** The slices that a step makes. */
export interface StepSlices {
  readonly partitions: Partitions
  readonly set: SliceSet
  /** They are all that there are. */
  readonly all?: boolean | undefined
}

/** What a step reads, at the versions that the state tells. */
export interface Inputs {
  readonly tables: readonly EngineInput[]
  readonly rows: number
  readonly versions: ReadonlyMap<AssetKey, number>
  readonly contents: ReadonlyMap<AssetKey, DataVersion>
  /** How many rows each of them has, where that is recorded. */
  readonly counts: ReadonlyMap<AssetKey, number>
}
