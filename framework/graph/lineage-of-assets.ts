import type { LineageOfColumn, QueryLineage, RowsetEdge, ShadowTable } from './column-lineage-data.ts'
import { columnRef, type ColumnEdge, type LineageColumn, type LineageEdge, type LineageGraph, type LineageNode } from './lineage-graph.ts'

/** What the lineage graph has to know of an asset. */
export interface LineageAsset extends LineageNode {
  readonly reads: readonly string[]
  /** Of an asset made by a query, or as the author of another declares it. */
  readonly lineage?: Pick<QueryLineage, 'columns' | 'rowset'> | undefined
}

/** The graph of the assets, down to the columns. A column that is only known because someone reads it is listed, with an unknown type. */
export function lineageOfAssets(assets: readonly LineageAsset[]): LineageGraph {
  const columnEdges = assets.flatMap(({ key, lineage }) => (lineage ? columnEdgesOf(key, lineage) : []))
  const known = new Set(assets.map(({ key }) => key))
  const edges = assets.flatMap(({ key, reads }) => reads.filter(read => known.has(read)).map((read): LineageEdge => ({ from: read, to: key })))
  const ends = assets.flatMap(({ key, lineage }) => [
    ...(lineage?.columns ?? []).flatMap(({ name, type, from }) => [{ table: key, column: name, type }, ...from]),
    ...(lineage?.rowset ?? []),
  ])
  const mentioned = new Map<string, Map<string, LineageColumn>>()
  for (const end of ends) {
    const columns = mentioned.get(end.table) ?? new Map<string, LineageColumn>()
    mentioned.set(end.table, columns)
    if (!columns.has(end.column) || 'type' in end) columns.set(end.column, { name: end.column, type: 'type' in end ? end.type : 'UNKNOWN', tags: [] })
  }
  const nodes = assets.map(({ key, layer, kind, description, columns = [] }): LineageNode => {
    const listed = new Set(columns.map(({ name }) => name))
    const more = [...(mentioned.get(key)?.values() ?? [])].filter(({ name }) => !listed.has(name))
    return { key, layer, ...(kind !== undefined && { kind }), ...(description !== undefined && { description }), columns: [...columns, ...more] }
  })
  return { nodes, edges, columnEdges: columnEdges.filter(({ table }) => known.has(table)).map(({ edge }) => edge) }
}

/** The graph of a query that is in no asset: its result is the node `query`, and each table that it reads is one. */
export function lineageOfStatement(lineage: QueryLineage, tables: readonly ShadowTable[]): LineageGraph {
  const read = tables.filter(({ name }) => lineage.reads.includes(name))
  return lineageOfAssets([
    ...read.map(({ name, columns }) => ({ key: name, layer: layerOfName(name), reads: [], columns: columns.map(({ name, type }) => ({ name, type, tags: [] })) })),
    { key: 'query', layer: 'query', reads: lineage.reads, lineage },
  ])
}

const layerOfName = (name: string): string => (/[./]/.test(name) ? name.slice(0, name.search(/[./]/)) : 'tables')

/** Every edge into the table's columns; one that decides on the rows is one into each of the columns that it concerns. */
function columnEdgesOf(key: string, { columns, rowset }: Pick<QueryLineage, 'columns' | 'rowset'>): { readonly table: string; readonly edge: ColumnEdge }[] {
  const edge = ({ table, column, kind, masked }: LineageOfColumn['from'][number] | RowsetEdge, to: string, relation: ColumnEdge['relation']) =>
    ({ table, edge: { from: columnRef(table, column), to: columnRef(key, to), relation, kind, masked } })
  return [
    ...columns.flatMap(({ name, from }) => from.map(source => edge(source, name, 'value'))),
    ...rowset.flatMap(source => (source.only ?? columns.map(({ name }) => name)).map(name => edge(source, name, 'rowset'))),
  ]
}
