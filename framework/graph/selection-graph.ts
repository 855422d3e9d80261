import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { FreshnessState } from './selection-syntax.ts'

/** What a selection needs to see of a graph. */
export interface SelectableGraph {
  /** Upstreams first. */
  readonly keys: readonly AssetKey[]
  upstreamKeysOf(key: AssetKey): readonly AssetKey[]
  downstreamKeysOf(key: AssetKey): readonly AssetKey[]
  facts(key: AssetKey): SelectableFacts
}

/** What an author wrote of an asset that can be selected by. */
export interface SelectableFacts {
  readonly layer: string
  readonly kind: string
  readonly tags: readonly string[]
  readonly owners: readonly string[]
  readonly group?: string | undefined
}

/** What only the lake and the lineage know. Asked lazily, and only about assets on which the answer still hangs. */
export interface SelectionFacts {
  stale?(key: AssetKey): boolean
  changed?(key: AssetKey): boolean
  freshness?(key: AssetKey): FreshnessState
  checkFailed?(key: AssetKey): boolean
  /** The assets through which a column flows. */
  columnClosure?(key: AssetKey, column: string): readonly AssetKey[]
}
