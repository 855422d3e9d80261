import { layerOf, type AssetKey } from '../vocabulary/asset-key.ts'
import type { AssetGraph } from './asset-graph.ts'
import type { LineageGraph } from './lineage-graph.ts'

/** What feeds what among these assets. */
export function lineageOf(graph: AssetGraph, keys: readonly AssetKey[]): LineageGraph {
  const chosen = new Set(keys)
  const nodes = keys.map(key => {
    const { kind, description } = graph.get(key)
    return { key, layer: layerOf(key), kind, description }
  })
  const edges = keys.flatMap(to => graph.upstreamKeysOf(to).filter(from => chosen.has(from)).map(from => ({ from, to })))
  return { nodes, edges }
}
