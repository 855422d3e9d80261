import { ExplainedError } from '../vocabulary/errors.ts'
import { didYouMean, inWords } from '../vocabulary/near-names.ts'
import type { SelectionAttribute } from './selection-syntax.ts'

/** A selection that cannot be read. The message shows the text with a caret below the place. */
export class SelectionSyntaxError extends ExplainedError {
  readonly code = 'graph/selection-syntax'
  /** `at` counts characters from 0. */
  constructor(readonly what: string, readonly text: string, readonly at: number, readonly hint: string) {
    const before = text.slice(0, at)
    const line = before.lastIndexOf('\n') + 1
    const shown = text.slice(line).split('\n', 1)[0]!
    super(`${what}\n  ${shown.replaceAll(/[\t\r]/g, ' ')}\n  ${' '.repeat(at - line)}^`)
  }
}

/** A key that no asset has. */
export class UnknownAsset extends ExplainedError {
  readonly code = 'graph/unknown-asset'
  readonly hint: string
  constructor(readonly asset: string, known: readonly string[], layers: readonly string[] = []) {
    super(`There is no asset ${asset}.`)
    this.hint = layers.includes(asset)
      ? `For the whole layer write ${asset}/* or layer:${asset}.`
      : didYouMean(asset, known, 'List them with `varve list`.')
  }
}

/** A tag, group, owner, kind or layer that no asset has. */
export class UnknownAttribute extends ExplainedError {
  readonly code: `graph/unknown-${SelectionAttribute}`
  readonly hint: string
  constructor(readonly attribute: SelectionAttribute, readonly value: string, known: readonly string[]) {
    super(`There is no asset with ${attribute}:${value}.`)
    this.code = `graph/unknown-${attribute}`
    const some = inWords(known.slice(0, 8), 'or')
    this.hint = didYouMean(value, known, known.length === 0 ? `No asset has any ${attribute}.` : `It is one of ${some}${known.length > 8 ? `, and ${known.length - 8} more` : ''}.`)
  }
}

/** A well-formed selection of existing names that no asset satisfies. */
export class EmptySelection extends ExplainedError {
  readonly code = 'graph/empty-selection'
  /** `ofState`: what it matches changes with the lake (`stale`, `fresh:fail`), so that matching nothing can be good news. */
  constructor(readonly selection: string, readonly ofState: boolean, readonly hint: string) {
    super(`The selection ${selection} matches no asset.`)
  }
}

/** A selection that asks what the command at hand cannot know. */
export class FactNotAtHand extends ExplainedError {
  readonly code = 'graph/fact-not-at-hand'
  readonly hint: string
  constructor(readonly selection: string, source: { readonly what: string; readonly hint: string }) {
    super(`"${selection}" needs ${source.what}, which this command does not look at.`)
    this.hint = source.hint
  }
}
