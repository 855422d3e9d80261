import type { LineageGraph } from '../../graph/lineage-graph.ts'
import type { Style } from '../terminal/style.ts'
import { tableLines } from './table-view.ts'

/** A line an asset, with what it reads, layer by layer. */
export function lineageLines({ nodes, edges }: LineageGraph, { width, style }: { readonly width: number; readonly style: Style }): string[] {
  const reads = new Map<string, string[]>(nodes.map(({ key }) => [key, []]))
  for (const { from, to } of edges) reads.get(to)?.push(from)
  const rows = nodes.map(({ key }) => [key, reads.get(key)!.join(', ')])
  return tableLines([{ title: 'asset', least: 30, paint: style.bold }, { title: 'is made of', least: 20, wrap: true }], rows, { width, style })
}

/** What `lineage --format json` prints. */
export const lineageDocument = ({ nodes, edges }: LineageGraph) => ({ nodes: nodes.map(({ key, layer }) => ({ key, layer })), edges: edges.map(({ from, to }) => ({ from, to })) })
