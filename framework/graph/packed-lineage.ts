import { columnRef, type ColumnEdge, type LineageColumn, type LineageGraph } from './lineage-graph.ts'

/** A lineage graph as JSON that is small and quickly read: each name once, edges as numbers of nodes and of columns. */
export interface PackedLineage {
  readonly nodes: readonly (readonly [key: string, layer: string, kind: string | null, description: string | null, columns: readonly (readonly [name: string, type: string, tags?: readonly string[]])[] | null])[]
  /** From and to, one after the other. */
  readonly edges: readonly number[]
  /** From, to and the number of what it is among `relations`. Columns are counted through all nodes. */
  readonly columnEdges?: readonly number[] | undefined
  readonly relations: readonly (readonly [ColumnEdge['relation'], ColumnEdge['kind'], masked: boolean])[]
}

/** @throws Error where an edge ends in something that no node lists */
export function packed({ nodes, edges, columnEdges }: LineageGraph): PackedLineage {
  const numbers = numbered(nodes.map(({ key }) => key))
  const columns = numbered(nodes.flatMap(({ key, columns = [] }) => columns.map(({ name }) => columnRef(key, name))))
  const relations = new Map<string, { readonly number: number; readonly told: PackedLineage['relations'][number] }>()
  const relation = ({ relation, kind, masked }: ColumnEdge): number => {
    const word = `${relation} ${kind} ${masked}`
    const known = relations.get(word) ?? { number: relations.size, told: [relation, kind, masked] }
    relations.set(word, known)
    return known.number
  }
  const ends = columnEdges?.flatMap(edge => [columns(edge.from), columns(edge.to), relation(edge)])
  return {
    nodes: nodes.map(({ key, layer, kind, description, columns }) => [key, layer, kind ?? null, description ?? null, columns?.map(({ name, type, tags }) => (tags.length > 0 ? [name, type, tags] : [name, type])) ?? null]),
    edges: edges.flatMap(({ from, to }) => [numbers(from), numbers(to)]),
    ...(ends && { columnEdges: ends }),
    relations: [...relations.values()].map(({ told }) => told),
  }
}

/** The graph again. */
export function unpacked({ nodes, edges, columnEdges: ends, relations }: PackedLineage): LineageGraph {
  const refs: string[] = []
  const columnsOf = (key: string, columns: NonNullable<PackedLineage['nodes'][number][4]>) => columns.map(([name, type, tags = []]): LineageColumn => {
    refs.push(columnRef(key, name))
    return { name, type, tags }
  })
  const told = nodes.map(([key, layer, kind, description, columns]) => ({ key, layer, ...(kind !== null && { kind }), ...(description !== null && { description }), ...(columns && { columns: columnsOf(key, columns) }) }))
  return {
    nodes: told,
    edges: inTuples(edges, 2, i => ({ from: nodes[edges[i]!]![0], to: nodes[edges[i + 1]!]![0] })),
    ...(ends && { columnEdges: inTuples(ends, 3, i => {
      const [relation, kind, masked] = relations[ends[i + 2]!]!
      return { from: refs[ends[i]!]!, to: refs[ends[i + 1]!]!, relation, kind, masked }
    }) }),
  }
}

const inTuples = <T>(numbers: readonly number[], size: number, at: (i: number) => T): T[] => Array.from({ length: numbers.length / size }, (_, i) => at(i * size))

function numbered(names: readonly string[]): (name: string) => number {
  const numbers = new Map(names.map((name, i) => [name, i]))
  return name => {
    const number = numbers.get(name)
    if (number === undefined) throw new Error(`The lineage has an edge at ${name}, which no node lists`)
    return number
  }
}
