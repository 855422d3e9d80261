import { inOrder } from '../lineage.ts'
import { columnRef, type ColumnEdge, type LineageGraph, type LineageNode } from '../lineage-graph.ts'
import { byLayer } from './layers.ts'
import { oneLine, visibleText } from './visible-text.ts'
import { xmlText } from './xml-text.ts'

/** The graph in Graphviz's language: a cluster per layer; with columns, each table lists its own and the edges run between them. */
export function dot(graph: LineageGraph): string {
  const { nodes, edges, columnEdges } = inOrder(graph)
  const port = new Map(nodes.flatMap(({ key, columns = [] }) => columns.map(({ name }, i) => [columnRef(key, name), `${quoted(key)}:c${i}`])))
  const lines = ['digraph lineage {', '  rankdir=LR', '  node [shape=box, fontname="Helvetica"]', '  edge [fontname="Helvetica", fontsize=10]']
  for (const [i, [layer, members]] of [...byLayer(nodes)].entries()) {
    lines.push(`  subgraph cluster_${i} {`, `    label=${shown(layer)}`, ...members.map(node => `    ${drawn(node, columnEdges !== undefined)}`), '  }')
  }
  for (const { from, to } of edges) lines.push(`  ${quoted(from)} -> ${quoted(to)}${columnEdges ? ' [style=bold, color="#bbbbbb"]' : ''}`)
  for (const edge of columnEdges ?? []) lines.push(`  ${port.get(edge.from)}:e -> ${port.get(edge.to)}:w [${style(edge)}]`)
  lines.push('}')
  return `${lines.join('\n')}\n`
}

function drawn({ key, description, columns }: LineageNode, withColumns: boolean): string {
  const tip = description === undefined ? '' : `, tooltip=${shown(oneLine(description))}`
  if (!withColumns || !columns?.length) return `${quoted(key)} [label=${shown(key)}${tip}]`
  const rows = columns.map(({ name, type }, i) => `<TR><TD PORT="c${i}" ALIGN="LEFT">${cell(name)} <FONT COLOR="#777777">${cell(type)}</FONT></TD></TR>`)
  const table = `<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0"><TR><TD BGCOLOR="#eeeeee"><B>${cell(key)}</B></TD></TR>${rows.join('')}</TABLE>`
  return `${quoted(key)} [shape=plain, label=<${table}>${tip}]`
}

function style({ relation, kind, masked }: ColumnEdge): string {
  const words = [kind === 'identity' ? '' : kind.replace('_', ' '), masked ? 'masked' : ''].filter(Boolean).join(', ')
  return [relation === 'rowset' ? 'style=dashed' : 'style=solid', ...(words ? [`label="${words}"`] : [])].join(', ')
}

/** A name. A backslash is doubled, or the one before a quote would take it in. */
const quoted = (text: string): string => `"${visibleText(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** A text for people: Graphviz reads entities (`&amp;`) in it. */
const shown = (text: string): string => quoted(text.replaceAll('&', '&amp;'))

/** A text in a table, where it must not be empty. */
const cell = (text: string): string => xmlText(text) || '&#160;'
