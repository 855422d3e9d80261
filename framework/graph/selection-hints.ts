import { didYouMean, nearNames } from '../vocabulary/near-names.ts'
import { EmptySelection } from './selection-errors.ts'
import { globPattern, isGlob } from './selection-glob.ts'
import type { SelectableGraph } from './selection-graph.ts'
import { asksState, printSelection, type Selection } from './selection-syntax.ts'

/** The error for a selection that no asset satisfies, with the likeliest reason. */
export function emptySelection(graph: SelectableGraph, selection: Selection): EmptySelection {
  const text = printSelection(selection)
  if (graph.keys.length === 0) return new EmptySelection(text, false, 'The project has no asset yet: put a file under assets/.')
  const ofState = asksState(selection)
  return new EmptySelection(text, ofState, hintForGlobs(graph, selection) ?? (ofState ? 'Nothing is in that state now: there may be nothing to do.' : 'Its parts have no asset in common: select less strictly.'))
}

const layersOf = (graph: SelectableGraph): string[] => [...new Set(graph.keys.map(key => graph.facts(key).layer))]

/** What a glob that matches nothing may have meant: the same name in another layer, another name in the same layer. */
function hintForGlobs(graph: SelectableGraph, selection: Selection): string | undefined {
  for (const { type, pattern } of keysIn(selection)) {
    const glob = globPattern(pattern)
    if (type !== 'key' || !isGlob(pattern) || graph.keys.some(key => glob.test(key))) continue
    const [layer, ...rest] = pattern.split('/')
    const layers = nearNames(layer!, layersOf(graph)).map(near => [near, ...rest].join('/'))
    const other = layers.filter(near => graph.keys.some(key => globPattern(near).test(key)))
    if (other.length > 0) return `Nothing is named ${pattern}. Did you mean ${other[0]}?`
    return `Nothing is named ${pattern}. ${didYouMean(pattern.replaceAll(/[*?]/g, ''), graph.keys, 'List the assets with `varve list`.')}`
  }
  return undefined
}

function keysIn(selection: Selection): (Selection & { readonly type: 'key' })[] {
  switch (selection.type) {
    case 'key': return [selection]
    case 'and':
    case 'or': return selection.of.flatMap(keysIn)
    case 'reach':
    case 'around':
    case 'sinks':
    case 'roots':
    case 'not': return keysIn(selection.of)
    case 'attribute':
    case 'stale':
    case 'changed':
    case 'fresh':
    case 'check':
    case 'column': return []
  }
}
