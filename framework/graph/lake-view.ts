import type { World } from '../partitions/partitions.ts'
import type { SliceLedger } from '../partitions/slice-ledger.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { LakeState } from '../vocabulary/lake-state.ts'
import type { AssetGraph } from './asset-graph.ts'

/** What is known of the lake at one moment. */
export interface LakeView {
  readonly graph: AssetGraph
  readonly state: LakeState
  /** Of the assets that have slices: how each slice was made. A run adds what it makes. */
  readonly ledgers: Map<AssetKey, SliceLedger>
  readonly world: World
}
