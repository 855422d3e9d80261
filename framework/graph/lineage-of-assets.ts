import type { QueryLineage, ShadowTable } from './column-lineage-data.ts'
import { columnRef, type ColumnEdge, type LineageColumn, type LineageEdge, type LineageGraph, type LineageNode } from './lineage-graph.ts'

/** What the lineage graph has to know of an asset. */
export interface LineageAsset extends LineageNode {
  readonly reads: readonly string[]
  /** Of an asset made by a query, or as the author of another declares it. */
  readonly lineage?: Pick<QueryLineage, 'columns' | 'rowset'> | undefined
}

/** The graph of the assets, down to the columns. A column that is only known because someone reads it is listed, with an unknown type. */
export function lineageOfAssets(assets: readonly LineageAsset[]): LineageGraph {
  const mentioned = new Map(assets.map(({ key }) => [key, new Mentioned(key)]))
  const edges = assets.flatMap(({ key, reads }) => reads.filter(read => mentioned.has(read)).map((read): LineageEdge => ({ from: read, to: key })))
  const columnEdges = assets.flatMap(({ key, lineage }) => (lineage ? columnEdgesOf(mentioned.get(key)!, lineage, mentioned) : []))
  const nodes = assets.map(({ key, layer, kind, description, columns = [] }): LineageNode => {
    const listed = new Set(columns.map(({ name }) => name))
    const more = mentioned.get(key)!.columns().filter(({ name }) => !listed.has(name))
    return { key, layer, ...(kind !== undefined && { kind }), ...(description !== undefined && { description }), columns: [...columns, ...more] }
  })
  return { nodes, edges, columnEdges }
}

/** The columns of an asset that someone speaks of. Each has one reference, so that of the many edges at a column none writes its own. */
class Mentioned {
  readonly #columns = new Map<string, { readonly ref: string; type: string }>()
  constructor(readonly key: string) {}

  ref(name: string, type?: string): string {
    const known = this.#columns.get(name)
    if (known) {
      known.type = type ?? known.type
      return known.ref
    }
    const ref = columnRef(this.key, name)
    this.#columns.set(name, { ref, type: type ?? 'UNKNOWN' })
    return ref
  }

  columns(): LineageColumn[] {
    return [...this.#columns].map(([name, { type }]) => ({ name, type, tags: [] }))
  }
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
function columnEdgesOf(own: Mentioned, { columns, rowset }: Pick<QueryLineage, 'columns' | 'rowset'>, mentioned: ReadonlyMap<string, Mentioned>): ColumnEdge[] {
  const all = columns.map(({ name, type }) => own.ref(name, type))
  const edges: ColumnEdge[] = []
  for (const [i, { from }] of columns.entries()) {
    for (const { table, column, kind, masked } of from) {
      const ref = mentioned.get(table)?.ref(column)
      if (ref !== undefined) edges.push({ from: ref, to: all[i]!, relation: 'value', kind, masked })
    }
  }
  for (const { table, column, kind, masked, only } of rowset) {
    const ref = mentioned.get(table)?.ref(column)
    if (ref !== undefined) for (const to of only?.map(name => own.ref(name)) ?? all) edges.push({ from: ref, to, relation: 'rowset', kind, masked })
  }
  return edges
}
