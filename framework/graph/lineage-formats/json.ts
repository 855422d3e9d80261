import { inOrder } from '../lineage.ts'
import type { LineageGraph } from '../lineage-graph.ts'

/** The graph as the JSON document that other programs read. */
export const json = (graph: LineageGraph): string => `${JSON.stringify(inOrder(graph), null, 2)}\n`
