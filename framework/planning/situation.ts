import type { ColumnReads } from '../graph/column-reads.ts'
import type { LakeView } from '../graph/lake-view.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CodeVersion } from '../vocabulary/version.ts'
import type { PricedEngine } from './price.ts'

/** The world as a question of staleness is asked of it. */
export interface Situation extends LakeView {
  readonly codeVersions: ReadonlyMap<AssetKey, CodeVersion>
  /** Of each asset that promises anything, the digest of its checks. */
  readonly checkVersions?: ReadonlyMap<AssetKey, string> | undefined
  /** Checks that were held against a version that was there before them. */
  readonly heldChecks?: ReadonlyMap<AssetKey, { readonly checks: string; readonly tableVersion: number }> | undefined
  /** What makes an asset, where that takes money; undefined where it takes nothing. */
  readonly priceOf?: ((key: AssetKey) => PricedEngine | undefined) | undefined
  /** Which columns each asset reads of each upstream, where that is proven. Absent: nobody has asked, and all count as read. */
  readonly columnReads?: ColumnReads | undefined
  /** The configured values, by name. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined
}
