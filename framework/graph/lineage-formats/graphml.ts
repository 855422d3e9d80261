import type { LineageGraph } from '../lineage-graph.ts'
import { EDGE_ATTRIBUTES, flatGraph, NODE_ATTRIBUTES, type Attributes } from './flat-graph.ts'
import { xmlText } from './xml-text.ts'

/** The graph in GraphML, for yEd, networkx, igraph and their like. */
export function graphml(graph: LineageGraph): string {
  const { nodes, edges } = flatGraph(graph)
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">',
    ...keys('node', { label: 'string', ...NODE_ATTRIBUTES }),
    ...keys('edge', EDGE_ATTRIBUTES),
    '  <graph id="lineage" edgedefault="directed">',
    ...nodes.map(({ id, label, attributes }) => `    <node id="${xmlText(id)}">${data('node', { label, ...attributes })}</node>`),
    ...edges.map(({ from, to, attributes }, i) => `    <edge id="e${i}" source="${xmlText(from)}" target="${xmlText(to)}">${data('edge', attributes)}</edge>`),
    '  </graph>',
    '</graphml>',
  ].join('\n')}\n`
}

const keys = (of: 'node' | 'edge', types: Readonly<Record<string, string>>): string[] =>
  Object.entries(types).map(([name, type]) => `  <key id="${of}_${name}" for="${of}" attr.name="${name}" attr.type="${type}"/>`)

const data = (of: 'node' | 'edge', attributes: Attributes): string =>
  Object.entries(attributes).map(([name, value]) => `<data key="${of}_${name}">${xmlText(String(value))}</data>`).join('')
