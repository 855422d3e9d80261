import type { AssetKey } from '../vocabulary/asset-key.ts'
import { Evaluation } from './selection-evaluation.ts'
import type { SelectableGraph, SelectionFacts } from './selection-graph.ts'
import { emptySelection } from './selection-hints.ts'
import { parseSelection } from './selection-parser.ts'
import type { Selection } from './selection-syntax.ts'

export type { SelectableFacts, SelectableGraph, SelectionFacts } from './selection-graph.ts'

/** The selected assets in the graph's order. @throws {EmptySelection} where there are none. */
export function select(graph: SelectableGraph, selection: Selection | string, facts: SelectionFacts = {}): AssetKey[] {
  const parsed = typeof selection === 'string' ? parseSelection(selection) : selection
  const keys = selectAny(graph, parsed, facts)
  if (keys.length === 0) throw emptySelection(graph, parsed)
  return keys
}

/** As {@link select}, where none is an answer too. */
export function selectAny(graph: SelectableGraph, selection: Selection | string, facts: SelectionFacts = {}): AssetKey[] {
  const chosen = new Evaluation(graph, facts).of(typeof selection === 'string' ? parseSelection(selection) : selection)
  return graph.keys.filter((_, i) => chosen[i])
}
