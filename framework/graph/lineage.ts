import { ExplainedError } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { columnRef, type ColumnEdge, type LineageEdge, type LineageGraph, type LineageNode } from './lineage-graph.ts'

/** How far to go from where one stands; without a number, to the end. */
export interface Reach {
  readonly up?: number | undefined
  readonly down?: number | undefined
}

/** The graph in its one order, with each edge once. @throws Error where an edge ends in something that is not in the graph. */
export function inOrder(graph: LineageGraph): LineageGraph {
  const keys = new Set(graph.nodes.map(({ key }) => key))
  if (keys.size !== graph.nodes.length) throw new Error('A lineage graph has two nodes of one key')
  const columns = columnsByRef(graph)
  for (const { from, to } of graph.edges) {
    if (!keys.has(from) || !keys.has(to)) throw new Error(`The lineage edge ${from} -> ${to} ends outside of the graph`)
  }
  for (const { from, to } of graph.columnEdges ?? []) {
    if (!columns.has(from) || !columns.has(to)) throw new Error(`The column edge ${from} -> ${to} ends in a column that no node lists`)
  }
  return {
    nodes: [...graph.nodes].sort((a, b) => compare(a.key, b.key)),
    edges: once(graph.edges, keys),
    ...(graph.columnEdges && { columnEdges: once(graph.columnEdges, columns.keys(), ({ relation, kind, masked }) => (relation === 'value' ? REST / 2 : 0) + 2 * KINDS[kind] + Number(masked)) }),
  }
}

/** The graph of tables alone. */
export const withoutColumns = ({ nodes, edges }: LineageGraph): LineageGraph => ({
  nodes: nodes.map(node => ({ ...node, columns: undefined })),
  edges,
})

/** What lies within reach of the keys, with all that runs between. @throws {NotInLineage} where a key is not in the graph. */
export function around(graph: LineageGraph, keys: Iterable<string>, reach: Reach = {}): LineageGraph {
  const start = [...keys]
  const known = new Set(graph.nodes.map(({ key }) => key))
  for (const key of start) if (!known.has(key)) throw new NotInLineage('asset', key, known)
  return restricted(graph, reached(start, graph.edges, reach))
}

/**
 * What one column is made of and what is made of it: the columns on its paths, and the tables that have one.
 * A node keeps only those columns. `relations` says which edges are followed; both kinds where it is absent.
 * @throws {NotInLineage} where no node lists the column.
 */
export function columnPath(graph: LineageGraph, column: string, reach: Reach = {}, relations: readonly ColumnEdge['relation'][] = ['value', 'rowset']): LineageGraph {
  const owners = columnsByRef(graph)
  if (!owners.has(column)) throw new NotInLineage('column', column, owners.keys())
  const followed = (graph.columnEdges ?? []).filter(({ relation }) => relations.includes(relation))
  const upward = reached([column], followed, { ...reach, down: 0 })
  const downward = reached([column], followed, { ...reach, up: 0 })
  const columnEdges = followed.filter(({ from, to }) => (upward.has(from) && upward.has(to)) || (downward.has(from) && downward.has(to)))
  const shown = new Set([...upward, ...downward])
  const links = new Set(columnEdges.map(({ from, to }) => JSON.stringify([owners.get(from), owners.get(to)])))
  return {
    nodes: graph.nodes.flatMap(node => {
      const columns = node.columns?.filter(({ name }) => shown.has(columnRef(node.key, name))) ?? []
      return columns.length === 0 ? [] : [{ ...node, columns }]
    }),
    edges: graph.edges.filter(({ from, to }) => links.has(JSON.stringify([from, to]))),
    columnEdges,
  }
}

/** A name that the graph does not have. */
export class NotInLineage extends ExplainedError {
  readonly code: string
  readonly hint: string
  constructor(readonly what: 'asset' | 'column', readonly missing: string, known: Iterable<string>) {
    super(what === 'asset' ? `There is no asset ${missing} in the lineage.` : `There is no column ${missing} in the lineage.`)
    this.code = `graph/unknown-${what}`
    this.hint = didYouMean(missing, known, what === 'asset' ? 'See `varve list` for those there are.' : 'Write asset.column, as in gold/customer_360.customer_id.')
  }
}

/** Every listed column, by its `asset.column`, with the key of its node. */
export const columnsByRef = ({ nodes }: LineageGraph): Map<string, string> =>
  new Map(nodes.flatMap(({ key, columns = [] }) => columns.map(({ name }) => [columnRef(key, name), key])))

/** The names within reach along the edges, the start itself among them. */
function reached(start: readonly string[], edges: readonly LineageEdge[], { up = Infinity, down = Infinity }: Reach): Set<string> {
  const above = neighbours(edges, 'to', 'from')
  const below = neighbours(edges, 'from', 'to')
  return new Set([...walk(start, above, up), ...walk(start, below, down)])
}

function walk(start: readonly string[], next: ReadonlyMap<string, readonly string[]>, steps: number): Set<string> {
  const seen = new Set(start)
  let edge = [...seen]
  for (let step = 0; step < steps && edge.length > 0; step += 1) {
    const further: string[] = []
    for (const name of edge) {
      for (const other of next.get(name) ?? []) {
        if (seen.has(other)) continue
        seen.add(other)
        further.push(other)
      }
    }
    edge = further
  }
  return seen
}

function neighbours(edges: readonly LineageEdge[], by: keyof LineageEdge, other: keyof LineageEdge): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const edge of edges) {
    const list = found.get(edge[by])
    if (list) list.push(edge[other])
    else found.set(edge[by], [edge[other]])
  }
  return found
}

function restricted(graph: LineageGraph, keys: ReadonlySet<string>): LineageGraph {
  const owners = columnsByRef(graph)
  const kept = (ref: string) => keys.has(owners.get(ref) ?? '')
  return {
    nodes: graph.nodes.filter(({ key }: LineageNode) => keys.has(key)),
    edges: graph.edges.filter(({ from, to }) => keys.has(from) && keys.has(to)),
    ...(graph.columnEdges && { columnEdges: graph.columnEdges.filter(({ from, to }) => kept(from) && kept(to)) }),
  }
}

/**
 * Sorted by their ends and then by what else they are, and each only once. `names` are all that they can end in, `rest` a small number
 * that tells and orders edges between the same two.
 */
function once<Edge extends LineageEdge>(edges: readonly Edge[], names: Iterable<string>, rest: (edge: Edge) => number = () => 0): Edge[] {
  const sorted = [...names].sort(compare)
  const rank = new Map(sorted.map((name, i) => [name, i]))
  const places = Float64Array.from(edges, edge => (rank.get(edge.from)! * sorted.length + rank.get(edge.to)!) * REST + rest(edge))
  if (places.every((place, i) => i === 0 || places[i - 1]! < place)) return [...edges]
  const order = Uint32Array.from(edges.keys()).sort((a, b) => places[a]! - places[b]!)
  return Array.from(order.filter((edge, i) => i === 0 || places[order[i - 1]!] !== places[edge]), edge => edges[edge]!)
}

const REST = 64

const KINDS: Readonly<Record<ColumnEdge['kind'], number>> = {
  aggregation: 0, distinct: 1, filter: 2, group_by: 3, having: 4, identity: 5, join: 6, qualify: 7, set_operation: 8, sort_limit: 9, transformation: 10, unknown: 11, unnest: 12, window: 13,
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
