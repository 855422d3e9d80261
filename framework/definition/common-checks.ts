import { inWords } from '../vocabulary/near-names.ts'
import type { SqlFragment } from '../vocabulary/sql.ts'
import { definitionOf } from './asset.ts'
import type { AssetClass } from './asset-definition.ts'
import type { CheckDefinition } from './check-definition.ts'
import type { CheckOptions } from './check.ts'
import { promise } from './promise.ts'

/** Every row has a value in this column. */
export const notNull = (column: string, options?: CheckOptions): CheckDefinition => promise(`${column} is never null`, { kind: 'not-null', column }, options)

/** No two rows share their values in these columns. Rows with a NULL among them are left out, as in SQL. */
export const unique = (columns: string | readonly string[], options?: CheckOptions): CheckDefinition =>
  promise(`${inWords(list(columns))} ${list(columns).length > 1 ? 'together are' : 'is'} unique`, { kind: 'unique', columns: list(columns) }, options)

/** No two rows share their values in these columns, and none of the values is NULL. */
export const primaryKey = (columns: string | readonly string[], options?: CheckOptions): CheckDefinition =>
  promise(`${inWords(list(columns))} identify a row`.replace(/^(\S+) identify/, '$1 identifies'), { kind: 'primary-key', columns: list(columns) }, options)

/** The column holds one of these values, or NULL. */
export const oneOf = (column: string, values: readonly (string | number | boolean)[], options?: CheckOptions): CheckDefinition =>
  promise(`${column} is one of ${values.join(', ')}`, { kind: 'one-of', column, values }, options)

/** The column lies between these, both included, or is NULL. NaN lies between no two numbers. Dates and instants are given as ISO text. */
export const between = (column: string, { min, max }: { readonly min?: number | string; readonly max?: number | string }, options?: CheckOptions): CheckDefinition =>
  promise(`${column} is ${limits(min, max)}`, { kind: 'between', column, min, max }, options)

/** The whole text matches the pattern (RE2's syntax), or is NULL. */
export const matches = (column: string, pattern: RegExp | string, options?: CheckOptions): CheckDefinition =>
  promise(`${column} matches ${typeof pattern === 'string' ? pattern : pattern.source}`, { kind: 'matches', column, pattern: typeof pattern === 'string' ? pattern : pattern.source }, options)

/** The column of a mask's output shows no more than the mask's form (RE2's syntax). Each run counts its values in the audit of personal data. */
export const masked = (column: string, form: RegExp, options?: CheckOptions): CheckDefinition => promise(`${column} is masked`, { kind: 'masked', column, pattern: form.source }, options)

/** The text has at least so many characters, or is NULL. */
export const minLength = (column: string, min: number, options?: CheckOptions): CheckDefinition => promise(`${column} has at least ${min} characters`, { kind: 'length', column, min }, options)

/** The text has at most so many characters, or is NULL. */
export const maxLength = (column: string, max: number, options?: CheckOptions): CheckDefinition => promise(`${column} has at most ${max} characters`, { kind: 'length', column, max }, options)

/** Each value is found in a column of another asset, or is NULL: a foreign key. The other asset must be an upstream. */
export const relationship = (column: string, to: () => AssetClass, toColumn: string = column, options?: CheckOptions): CheckDefinition =>
  promise(`${column} is found in its other table`, { kind: 'relationship', column, to: () => definitionOf(to()).key, toColumn }, options)

/** The table has so many rows. `ofLast` bounds them by shares of what the version before has: an extract that was cut off is not taken for a whole one. */
export const rowCount = ({ min, max, ofLast }: RowCountLimits, options?: CheckOptions): CheckDefinition =>
  promise(`the number of rows is ${[...(min === undefined && max === undefined ? [] : [limits(min, max)]), ...(ofLast ? [`${limits(percent(ofLast.min), percent(ofLast.max))} of the last version's`] : [])].join(' and ')}`, { kind: 'row-count', min, max, ofLast }, options)

export interface RowCountLimits {
  readonly min?: number
  readonly max?: number
  /** Shares, as in `{ min: 0.5 }`: at least half as many as before. Holds where there is no version before. */
  readonly ofLast?: { readonly min?: number; readonly max?: number }
}

const percent = (share: number | undefined): string | undefined => (share === undefined ? undefined : `${Math.round(share * 100)} %`)

/** The condition is true of every row. NULL counts as broken. */
export const expression = (name: string, condition: SqlFragment, options?: CheckOptions): CheckDefinition => promise(name, { kind: 'expression', expression: condition }, options)

/** The day or instant is at most so many days before the run, or NULL. */
export const recent = (column: string, { days }: { readonly days: number }, options?: CheckOptions): CheckDefinition => promise(`${column} is at most ${days} days old`, { kind: 'recent', column, days }, options)

/** No value was lost to a cast. The query hands on what bronze kept of it in `_cast_failed`; the rule of a row's column is `cast_failed:<column>`. */
export const castable = (options: CastableOptions = { onFail: 'quarantine' }): CheckDefinition => promise('every value could be read as its type', { kind: 'castable' }, options)

export interface CastableOptions extends CheckOptions {
  readonly onFail: 'quarantine' | 'drop'
}

const list = (columns: string | readonly string[]): readonly string[] => (typeof columns === 'string' ? [columns] : columns)

function limits(min: number | string | undefined, max: number | string | undefined): string {
  if (min === undefined) return `at most ${max}`
  return max === undefined ? `at least ${min}` : `between ${min} and ${max}`
}
