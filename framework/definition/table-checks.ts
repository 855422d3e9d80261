import { toMillis, type Duration } from '../vocabulary/duration.ts'
import type { SqlFragment, TableReference } from '../vocabulary/sql.ts'
import { definitionOf } from './asset.ts'
import type { AssetClass } from './asset-definition.ts'
import type { CheckDefinition } from './check-definition.ts'
import type { CheckOptions } from './check.ts'
import { BadPromise, promise } from './promise.ts'
import { ownTable } from './own-table.ts'

/** Of a promise about the table as a whole: it cannot take out rows, nor tolerate some. */
export type TableCheckOptions = Omit<CheckOptions, 'onFail' | 'mostly' | 'failIf' | 'warnIf' | 'scope'> & { readonly onFail?: 'fail' | 'warn' }

/** The newest value of a column of days or instants is at most so old when the run begins. A table without a value is not fresh. */
export const fresh = (column: string, { within }: { readonly within: Duration }, options?: TableCheckOptions): CheckDefinition =>
  promise(`the newest ${column} is at most ${within} old`, { kind: 'fresh', column, within, withinMs: toMillis(within) }, options)

export interface MonotonicOptions extends Omit<CheckOptions, 'onFail' | 'scope'> {
  /** The column that says what comes after what. Default: the column that may not fall, which only makes sense with `strictly`. */
  readonly by: string
  /** Rows of equal values in these columns are a sequence of their own. */
  readonly per?: string | readonly string[]
  /** Equal neighbours break it too. */
  readonly strictly?: boolean
  readonly direction?: 'up' | 'down'
  readonly onFail?: 'fail' | 'warn'
}

/** In the order of another column, the values never fall. NULLs are left out; a row that is lower than the one before it breaks the promise. */
export function monotonic(column: string, { by, per = [], strictly = false, direction = 'up', ...options }: MonotonicOptions): CheckDefinition {
  const sequence = typeof per === 'string' ? [per] : per
  const never = strictly ? `always ${direction === 'up' ? 'rises' : 'falls'}` : `never ${direction === 'up' ? 'falls' : 'rises'}`
  return promise(`${column} ${never} with ${by}${sequence.length > 0 ? ` per ${sequence.join(', ')}` : ''}`, { kind: 'monotonic', column, by, per: sequence, strictly, direction }, options)
}

/** The sum of a column is that of a column of another asset, which must be an upstream. The sum of nothing is 0. */
export const sumEquals = (column: string, to: () => AssetClass, toColumn: string = column, { giveOrTake = 0, ...options }: TableCheckOptions & { readonly giveOrTake?: number } = {}): CheckDefinition =>
  promise(`the sum of ${column} is that of its other table`, { kind: 'sum-equals', column, to: () => definitionOf(to()).key, toColumn, giveOrTake }, options)

/** The table has these columns, of these types; with `closed`, no others. Types are compared as DuckDB names them. */
export const schema = (columns: Readonly<Record<string, string>>, { closed = false, ...options }: TableCheckOptions & { readonly closed?: boolean } = {}): CheckDefinition =>
  promise(`the table has ${Object.keys(columns).join(', ')}${closed ? ' and nothing else' : ''}`, { kind: 'schema', columns, closed }, options)

/** The table has the columns of the asset's contract, of their types. More are allowed. */
export const matchesContract = (options?: TableCheckOptions): CheckDefinition => promise('the table is as its contract says', { kind: 'contract' }, options)

export interface AnomalyOptions extends TableCheckOptions {
  /** How many times further from the middle than the past values usually are. Default: 4. */
  readonly sensitivity?: number
  /** With fewer past versions than this, any value is as expected. Default: 5. */
  readonly least?: number
  /** How many past versions are looked at. Default: 30. */
  readonly window?: number
}

/**
 * A number that is measured of each version (sql`count(*)`, sql`avg(amount)`) lies where the published versions before it let one expect
 * it: no further from their median than `sensitivity` times their usual distance from it (the median absolute deviation, scaled as of a
 * normal distribution; at least 1 % of the median). The value under test is not among those that it is held against.
 */
export function anomaly(name: string, metric: SqlFragment, { sensitivity = 4, least = 5, window = 30, ...options }: AnomalyOptions = {}): CheckDefinition {
  if (!(sensitivity > 0)) throw new BadPromise(name, `its sensitivity is ${sensitivity}`, 'Write a number above 0.')
  if (!(Number.isInteger(least) && least >= 2 && Number.isInteger(window) && window >= least)) throw new BadPromise(name, `it wants to learn from ${least} to ${window} versions`, 'Write whole numbers: least from 2 up, and window no less than that.')
  return promise(name, { kind: 'anomaly', metric, sensitivity, least, window }, options)
}

/** A query of the author's selects the rows which break the promise: noRows('every refund has an order', table => sql`select * from ${table} where …`). */
export const noRows = (name: string, violations: (table: TableReference) => SqlFragment, options?: Omit<CheckOptions, 'where' | 'scope' | 'onFail'> & { readonly onFail?: 'fail' | 'warn' }): CheckDefinition =>
  promise(name, { kind: 'method', violations: () => violations(ownTable) }, options)
