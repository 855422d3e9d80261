import type { Selection } from './selection-syntax.ts'

/** Whether the lineage of columns is needed to answer it. */
export function asksColumns(selection: Selection): boolean {
  switch (selection.type) {
    case 'column': return true
    case 'stale':
    case 'changed':
    case 'fresh':
    case 'check':
    case 'key':
    case 'attribute': return false
    case 'and':
    case 'or': return selection.of.some(asksColumns)
    case 'reach':
    case 'around':
    case 'sinks':
    case 'roots':
    case 'not': return asksColumns(selection.of)
  }
}
