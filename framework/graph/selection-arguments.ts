import { parseSelection } from './selection-parser.ts'
import { everything, type Selection } from './selection-syntax.ts'

/**
 * The selection that a command line means: its arguments or-ed, without what `--exclude` names; no argument is every asset.
 * A bare `and`, `or` or `not` among the arguments makes them one text, so that quotes are needed for parentheses only.
 */
export function selectionOfArguments(selected: readonly string[], excluded: readonly string[] = []): Selection {
  const chosen = selected.length === 0 ? everything : anyOf(selected)
  return excluded.length === 0 ? chosen : { type: 'and', of: [chosen, { type: 'not', of: anyOf(excluded) }] }
}

function anyOf(texts: readonly string[]): Selection {
  const oneText = texts.some(text => /^(and|or|not)$/i.test(text.trim()))
  const parts = oneText ? [parseSelection(texts.join(' '))] : texts.map(text => parseSelection(text))
  return parts.length === 1 ? parts[0]! : { type: 'or', of: parts }
}
