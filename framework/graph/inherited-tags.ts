import { columnRef, type LineageGraph } from './lineage-graph.ts'

/** The graph in which tags go along with the values: each column also has those of the columns that go into it unmasked. A column that `waived` names takes none on. */
export function inheritedTags(graph: LineageGraph, inherits: (tag: string) => boolean, waived: (column: string) => boolean = () => false): LineageGraph {
  if (!graph.nodes.some(({ columns = [] }) => columns.some(({ tags }) => tags.some(inherits)))) return graph
  const next = new Map<string, string[]>()
  for (const { from, to, relation, masked } of graph.columnEdges ?? []) {
    if (relation !== 'value' || masked || waived(to)) continue
    const list = next.get(from)
    if (list) list.push(to)
    else next.set(from, [to])
  }
  const tags = new Map(graph.nodes.flatMap(({ key, columns = [] }) => columns.map(({ name, tags }) => [columnRef(key, name), new Set(tags)])))
  const todo = [...tags.keys()]
  for (let ref = todo.pop(); ref !== undefined; ref = todo.pop()) {
    const passedOn = [...tags.get(ref)!].filter(inherits)
    if (passedOn.length === 0) continue
    for (const to of next.get(ref) ?? []) {
      const own = tags.get(to)!
      const before = own.size
      for (const tag of passedOn) own.add(tag)
      if (own.size > before) todo.push(to)
    }
  }
  return { ...graph, nodes: graph.nodes.map(node => ({ ...node, columns: node.columns?.map(column => ({ ...column, tags: [...tags.get(columnRef(node.key, column.name))!] })) })) }
}
