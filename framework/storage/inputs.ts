import type { EngineInput } from '../engines/engine.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'

/** What a step reads, at the versions that the state tells. */
export interface Inputs {
  readonly tables: readonly EngineInput[]
  readonly rows: number
  readonly versions: ReadonlyMap<AssetKey, number>
}
