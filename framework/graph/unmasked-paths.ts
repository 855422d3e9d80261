import { columnRef, type LineageGraph } from './lineage-graph.ts'

/** A way on which the values of a tagged column come, unmasked, to where they must not be. */
export interface UnmaskedPath {
  /** `asset.column`, from the tagged column to the guarded one. */
  readonly columns: readonly string[]
  readonly tag: string
}

/**
 * For each guarded column that unmasked values of a column with the tag can reach, one shortest way there. A column that `waived`
 * names stops them, and so does a mask. Who only decides on rows passes no value on.
 */
export function unmaskedPaths(graph: LineageGraph, tag: string, isGuarded: (key: string) => boolean, waived: (column: string) => boolean = () => false): UnmaskedPath[] {
  const next = new Map<string, string[]>()
  for (const { from, to, relation, masked } of graph.columnEdges ?? []) {
    if (relation === 'value' && !masked && !waived(to)) next.set(from, [...(next.get(from) ?? []), to])
  }
  const refs = graph.nodes.flatMap(({ key, columns = [] }) => columns.map(({ name, tags }) => ({ key, ref: columnRef(key, name), tagged: tags.includes(tag) })))
  const cameFrom = new Map<string, string | undefined>(refs.filter(({ ref, tagged }) => tagged && !waived(ref)).map(({ ref }) => [ref, undefined]))
  for (const ref of cameFrom.keys()) for (const to of next.get(ref) ?? []) if (!cameFrom.has(to)) cameFrom.set(to, ref)

  const wayTo = (ref: string): string[] => {
    const before = cameFrom.get(ref)
    return before === undefined ? [ref] : [...wayTo(before), ref]
  }
  return refs.filter(({ key, ref }) => isGuarded(key) && cameFrom.has(ref)).map(({ ref }) => ({ columns: wayTo(ref), tag }))
}
