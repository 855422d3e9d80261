import { layerOf, type AssetKey } from '../../vocabulary/asset-key.ts'

/** Layer after layer, each layer where its first asset stood, its assets in the order they came in. */
export function byLayer<T extends { readonly key: AssetKey }>(assets: readonly T[]): T[] {
  const layers = [...new Set(assets.map(({ key }) => layerOf(key)))]
  return layers.flatMap(layer => assets.filter(({ key }) => layerOf(key) === layer))
}
