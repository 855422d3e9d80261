import type { LineageGraph } from '../lineage-graph.ts'
import { dot } from './dot.ts'
import { gexf } from './gexf.ts'
import { graphml } from './graphml.ts'
import { html } from './html.ts'
import { json } from './json.ts'
import { mermaid } from './mermaid.ts'

/** The formats that a lineage graph can be written in as one text. */
export const LINEAGE_FORMATS = ['json', 'mermaid', 'dot', 'graphml', 'gexf', 'html'] as const

export type LineageFormat = (typeof LINEAGE_FORMATS)[number]

/** The graph as text. Columns are written where the graph has column edges. Equal graphs give equal text, whatever their order. */
export function lineageText(graph: LineageGraph, format: LineageFormat): string {
  switch (format) {
    case 'json': return json(graph)
    case 'mermaid': return mermaid(graph)
    case 'dot': return dot(graph)
    case 'graphml': return graphml(graph)
    case 'gexf': return gexf(graph)
    case 'html': return html(graph)
  }
}
