import type { LineageNode } from '../lineage-graph.ts'

/** The nodes by their layer, in the order in which the layers come up. */
export function byLayer(nodes: readonly LineageNode[]): Map<string, LineageNode[]> {
  const layers = new Map<string, LineageNode[]>()
  for (const node of nodes) {
    const layer = layers.get(node.layer)
    if (layer) layer.push(node)
    else layers.set(node.layer, [node])
  }
  return layers
}
