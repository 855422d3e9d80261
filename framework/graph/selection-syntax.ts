/** Which assets are meant, as plain data. `printSelection` and `parseSelection` carry it to text and back. */
export type Selection =
  /** An asset by its key, or several by a glob in which `*` stands for any characters and `?` for one: `gold/*`. */
  | { readonly type: 'key'; readonly pattern: string }
  | { readonly type: 'attribute'; readonly attribute: SelectionAttribute; readonly pattern: string }
  | { readonly type: 'stale' }
  | { readonly type: 'changed' }
  | { readonly type: 'fresh'; readonly state: FreshnessState }
  | { readonly type: 'check'; readonly state: 'failed' }
  /** The assets through which a column flows. */
  | { readonly type: 'column'; readonly asset: string; readonly column: string }
  /** What is selected and so many steps up and down from there; 0 is none. */
  | { readonly type: 'reach'; readonly up: Steps; readonly down: Steps; readonly of: Selection }
  /** What is selected, everything downstream of it, and everything that these need. */
  | { readonly type: 'around'; readonly of: Selection }
  /** Those that feed no other of the selected. */
  | { readonly type: 'sinks'; readonly of: Selection }
  /** Those that read no other of the selected. */
  | { readonly type: 'roots'; readonly of: Selection }
  | { readonly type: 'not'; readonly of: Selection }
  | { readonly type: 'and'; readonly of: readonly Selection[] }
  | { readonly type: 'or'; readonly of: readonly Selection[] }

export const SELECTION_ATTRIBUTES = ['tag', 'group', 'owner', 'kind', 'layer'] as const
export type SelectionAttribute = (typeof SELECTION_ATTRIBUTES)[number]

export const FRESHNESS_STATES = ['pass', 'warn', 'fail', 'unknown', 'none'] as const
export type FreshnessState = (typeof FRESHNESS_STATES)[number]

export type Steps = number | 'all'

export const everything: Selection = Object.freeze({ type: 'key', pattern: '*' })

/** The text that parses to this selection. */
export function printSelection(selection: Selection): string {
  switch (selection.type) {
    case 'key': return selection.pattern
    case 'attribute': return `${selection.attribute}:${printValue(selection.pattern)}`
    case 'stale': return 'stale'
    case 'changed': return 'changed'
    case 'fresh': return `fresh:${selection.state}`
    case 'check': return `check:${selection.state}`
    case 'column': return `column:${printValue(`${selection.asset}.${selection.column}`)}`
    case 'reach': return `${printSteps(selection.up, count => `${count}+`)}${printTerm(selection.of)}${printSteps(selection.down, count => `+${count}`)}`
    case 'around': return `@${printTerm(selection.of)}`
    case 'sinks': return `sinks(${printSelection(selection.of)})`
    case 'roots': return `roots(${printSelection(selection.of)})`
    case 'not': return `not ${bindsTighter(selection.of, 'not') ? printSelection(selection.of) : `(${printSelection(selection.of)})`}`
    case 'and':
    case 'or': return selection.of.map(part => (bindsTighter(part, selection.type) ? printSelection(part) : `(${printSelection(part)})`)).join(` ${selection.type} `)
  }
}

/** What of a selection is told by the lake and not by the code. */
export const SELECTION_FACTS = ['stale', 'changed', 'fresh', 'check'] as const
export type SelectionFact = (typeof SELECTION_FACTS)[number]

/** Whether what it matches changes with the lake and not only with the code: by any of these facts. */
export function asksState(selection: Selection, facts: readonly SelectionFact[] = SELECTION_FACTS): boolean {
  switch (selection.type) {
    case 'stale':
    case 'changed':
    case 'fresh':
    case 'check': return facts.includes(selection.type)
    case 'key':
    case 'attribute':
    case 'column': return false
    case 'and':
    case 'or': return selection.of.some(part => asksState(part, facts))
    case 'reach':
    case 'around':
    case 'sinks':
    case 'roots':
    case 'not': return asksState(selection.of, facts)
  }
}

const BINDING = { or: 0, and: 1, not: 2 } as const
const bindingOf = ({ type }: Selection) => (type === 'or' || type === 'and' || type === 'not' ? BINDING[type] : 3)
const bindsTighter = (part: Selection, than: 'or' | 'and' | 'not') => bindingOf(part) > BINDING[than] || (part.type === 'not' && than === 'not')

function printTerm(selection: Selection): string {
  const text = printSelection(selection)
  return bindingOf(selection) < 3 || selection.type === 'reach' || selection.type === 'around' ? `(${text})` : text
}

function printSteps(steps: Steps, withCount: (count: string) => string): string {
  if (steps === 0) return ''
  return withCount(steps === 'all' ? '' : String(steps))
}

const printValue = (value: string) => (/^[^\s()"+\\]+$/.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`)
