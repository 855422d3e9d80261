import type { AssetGraph } from '../graph/asset-graph.ts'
import type { ColumnReads } from '../graph/column-reads.ts'
import type { World } from '../partitions/partitions.ts'
import type { SliceLedger } from '../partitions/slice-ledger.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { LakeState } from '../vocabulary/lake-state.ts'
import type { CodeVersion } from '../vocabulary/version.ts'

/** The world as a question of staleness is asked of it. */
export interface Situation {
  readonly graph: AssetGraph
  readonly state: LakeState
  readonly codeVersions: ReadonlyMap<AssetKey, CodeVersion>
  /** Of the assets that have slices: how each slice was made. A run adds what it makes. */
  readonly ledgers: Map<AssetKey, SliceLedger>
  /** Which columns each asset reads of each upstream, where that is proven. Absent: nobody has asked, and all count as read. */
  readonly columnReads?: ColumnReads | undefined
  readonly world: World
  /** The configured values, by name. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined
}
