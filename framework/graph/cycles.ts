import { DirectedGraph } from 'graphology'
import type { AssetKey } from '../vocabulary/asset-key.ts'

/** Circles of assets that wait for each other, none of which shares an asset with another: each as short as can be, in the order of reading, its first asset again at its end. */
export function cyclesAmong(keys: Iterable<AssetKey>, upstreamKeysOf: (key: AssetKey) => readonly AssetKey[]): AssetKey[][] {
  const graph = new DirectedGraph()
  for (const key of [...keys].sort()) graph.mergeNode(key)
  for (const key of graph.nodes()) for (const upstream of upstreamKeysOf(key as AssetKey)) graph.mergeEdge(upstream, key)
  const cycles: AssetKey[][] = []
  for (;;) {
    dropEnds(graph)
    const [start] = graph.nodes()
    if (start === undefined) return cycles
    const cycle = shortestCycle(graph, start)
    if (cycle) cycles.push(cycle as AssetKey[])
    for (const key of cycle ?? [start]) if (graph.hasNode(key)) graph.dropNode(key)
  }
}

/** Takes away, one by one, what nothing is read by or reads nothing: it is on no circle. */
function dropEnds(graph: DirectedGraph): void {
  const ends = graph.nodes()
  for (let key = ends.pop(); key !== undefined; key = ends.pop()) {
    if (!graph.hasNode(key) || (graph.inDegree(key) > 0 && graph.outDegree(key) > 0)) continue
    ends.push(...graph.neighbors(key))
    graph.dropNode(key)
  }
}

function shortestCycle(graph: DirectedGraph, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>()
  const reached = [start]
  for (const key of reached) {
    for (const next of graph.outNeighbors(key)) {
      if (cameFrom.has(next)) continue
      cameFrom.set(next, key)
      if (next !== start) {
        reached.push(next)
        continue
      }
      const cycle = [start]
      do cycle.unshift(cameFrom.get(cycle[0]!)!)
      while (cycle[0] !== start)
      return cycle
    }
  }
  return undefined
}
