import type { AssetKey } from '../vocabulary/asset-key.ts'
import { declareAsset } from './asset.ts'
import type { AssetClass, AssetDefinition } from './asset-definition.ts'
import { SqlAsset } from './sql-asset.ts'

/**
 * A class in place of an asset's that is not loaded, for those who only name its table.
 * @param touched is called when anything else is asked of it: what comes of that can't be trusted
 */
export function standInFor(definition: AssetDefinition, touched: () => void): AssetClass {
  class StandIn extends SqlAsset {
    constructor() {
      super()
      return new Proxy<StandIn>(this, {
        get: (target, name) => (name === 'key' || typeof name === 'symbol' ? (Reflect.get(target, name) as unknown) : void touched()),
        has: (target, name) => name in target,
      })
    }

    query(): never {
      throw new Error(`${definition.key} is not loaded`)
    }
  }
  Object.defineProperty(StandIn.prototype, 'key', { value: definition.key satisfies AssetKey })
  declareAsset(StandIn, definition)
  return StandIn
}
