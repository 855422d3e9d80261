import type { LineageGraph } from '../lineage-graph.ts'
import { EDGE_ATTRIBUTES, flatGraph, NODE_ATTRIBUTES, type Attributes } from './flat-graph.ts'
import { xmlText } from './xml-text.ts'

/** The graph in GEXF 1.3, for Gephi and its like. */
export function gexf(graph: LineageGraph): string {
  const { nodes, edges } = flatGraph(graph)
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gexf xmlns="http://gexf.net/1.3" version="1.3">',
    '  <meta><creator>Varve</creator><description>Lineage</description></meta>',
    '  <graph defaultedgetype="directed" mode="static">',
    ...declared('node', NODE_ATTRIBUTES),
    ...declared('edge', EDGE_ATTRIBUTES),
    '    <nodes>',
    ...nodes.map(({ id, label, attributes }) => `      <node id="${xmlText(id)}" label="${xmlText(label)}">${values(attributes)}</node>`),
    '    </nodes>',
    '    <edges>',
    ...edges.map(({ from, to, attributes }, i) => `      <edge id="e${i}" source="${xmlText(from)}" target="${xmlText(to)}">${values(attributes)}</edge>`),
    '    </edges>',
    '  </graph>',
    '</gexf>',
  ].join('\n')}\n`
}

const declared = (of: 'node' | 'edge', types: Readonly<Record<string, string>>): string[] => [
  `    <attributes class="${of}">`,
  ...Object.entries(types).map(([name, type]) => `      <attribute id="${name}" title="${name}" type="${type}"/>`),
  '    </attributes>',
]

const values = (attributes: Attributes): string =>
  `<attvalues>${Object.entries(attributes).map(([name, value]) => `<attvalue for="${name}" value="${xmlText(String(value))}"/>`).join('')}</attvalues>`
