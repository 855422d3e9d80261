import type { AssetGraph } from '../graph/asset-graph.ts'
import type { World } from '../partitions/partitions.ts'
import type { SliceLedger } from '../partitions/slice-ledger.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { LakeState } from '../vocabulary/lake-state.ts'

/** What is known of the lake at one moment. */
export interface View {
  readonly graph: AssetGraph
  readonly state: LakeState
  /** Of the assets that have slices. */
  readonly ledgers: Map<AssetKey, SliceLedger>
  readonly world: World
}
