import { inOrder } from '../lineage.ts'
import { columnRef, type LineageGraph } from '../lineage-graph.ts'
import { oneLine } from './visible-text.ts'

/** The graph as graph tools know one: tables and columns alike are nodes, each with its attributes as text. */
export interface FlatGraph {
  readonly nodes: readonly { readonly id: string; readonly label: string; readonly attributes: Attributes }[]
  readonly edges: readonly { readonly from: string; readonly to: string; readonly attributes: Attributes }[]
}

export type Attributes = Readonly<Record<string, string | boolean>>

export const NODE_ATTRIBUTES = { type: 'string', layer: 'string', kind: 'string', description: 'string', asset: 'string', dataType: 'string', tags: 'string' } as const
export const EDGE_ATTRIBUTES = { relation: 'string', kind: 'string', masked: 'boolean' } as const

/** A table's id is its key and a column's is `asset.column`; where that is taken already, with a stroke more. */
export function flatGraph(graph: LineageGraph): FlatGraph {
  const { nodes, edges, columnEdges } = inOrder(graph)
  const taken = new Set<string>()
  const free = (name: string): string => {
    let id = name
    while (taken.has(id)) id += "'"
    taken.add(id)
    return id
  }
  const tableId = new Map(nodes.map(({ key }) => [key, free(key)]))
  const columnId = new Map<string, string>()
  const tables = nodes.map(({ key, layer, kind, description }) => ({ id: tableId.get(key)!, label: key, attributes: { type: 'asset', layer, ...(kind !== undefined && { kind }), ...(description !== undefined && { description: oneLine(description) }) } }))
  const columns = (columnEdges ? nodes : []).flatMap(({ key, layer, columns = [] }) => columns.map(({ name, type, tags }) => {
    const id = free(columnRef(key, name))
    columnId.set(columnRef(key, name), id)
    return { id, label: name, attributes: { type: 'column', layer, asset: key, dataType: type, ...(tags.length > 0 && { tags: tags.join(', ') }) } }
  }))
  return {
    nodes: [...tables, ...columns],
    edges: [
      ...edges.map(({ from, to }) => ({ from: tableId.get(from)!, to: tableId.get(to)!, attributes: { relation: 'reads' } })),
      ...(columnEdges ?? []).map(({ from, to, relation, kind, masked }) => ({ from: columnId.get(from)!, to: columnId.get(to)!, attributes: { relation, kind, masked } })),
    ],
  }
}
