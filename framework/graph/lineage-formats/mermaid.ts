import { inOrder } from '../lineage.ts'
import { columnRef, type ColumnEdge, type LineageGraph, type LineageNode } from '../lineage-graph.ts'
import { byLayer } from './layers.ts'
import { visibleText } from './visible-text.ts'

/** The graph as a Mermaid flowchart: a box per layer; with columns, a box per table in it and dotted lines for what only decides on rows. */
export function mermaid(graph: LineageGraph): string {
  const { nodes, edges, columnEdges } = inOrder(graph)
  const id = new Map(nodes.map(({ key }, i) => [key, `n${i}`]))
  const columnId = new Map<string, string>()
  const lines = ['flowchart LR']
  for (const [i, [layer, members]] of [...byLayer(nodes)].entries()) {
    lines.push(`  subgraph layer${i}["${label(layer)}"]`, ...members.flatMap(node => drawn(node)), '  end')
  }
  for (const { from, to } of edges) lines.push(`  ${id.get(from)} --> ${id.get(to)}`)
  for (const edge of columnEdges ?? []) lines.push(`  ${columnId.get(edge.from)} ${arrow(edge)} ${columnId.get(edge.to)}`)
  return `${lines.join('\n')}\n`

  function drawn(node: LineageNode): string[] {
    const box = id.get(node.key)!
    if (!columnEdges || !node.columns?.length) return [`    ${box}["${label(node.key)}"]`]
    const columns = node.columns.map(({ name, type }, i) => {
      columnId.set(columnRef(node.key, name), `${box}c${i}`)
      return `      ${box}c${i}["${label(`${name}: ${type}`)}"]`
    })
    return [`    subgraph ${box}["${label(node.key)}"]`, ...columns, '    end']
  }
}

const arrow = ({ relation, kind, masked }: ColumnEdge): string => {
  const words = [kind === 'identity' ? '' : kind.replace('_', ' '), masked ? 'masked' : ''].filter(Boolean).join(', ')
  return (relation === 'value' ? '-->' : '-.->') + (words && `|"${words}"|`)
}

/** Whatever could mean something to Mermaid, to Markdown or to HTML goes in by its number. */
const label = (text: string): string => visibleText(text).replaceAll(/[^\p{L}\p{N}\p{M} _/:.,()-]/gu, character => `#${character.codePointAt(0)};`) || ' '
