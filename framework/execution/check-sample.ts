import type { CheckRule } from '../definition/check-definition.ts'
import type { EngineSession } from '../engines/engine.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'

/** How many broken rows are kept, and how much of a text. */
const ROWS = 5
const LETTERS = 120

/** Which columns must not be shown. */
export interface PersonalColumns {
  /** Of the table that is checked, in lower case; undefined where nobody knows. */
  readonly own: ReadonlySet<string> | undefined
  /** Whether none of the tables that a query of the asset may read holds any. */
  readonly nowhere: boolean
}

/**
 * A few of the rows that break a promise, without personal data. What an author's own query selects may be named as it likes, and so is
 * only shown where there are no such data at all.
 */
export async function sampleOf(violations: string, rule: CheckRule, personal: PersonalColumns, session: EngineSession): Promise<readonly Readonly<Record<string, unknown>>[] | undefined> {
  if (!personal.own || (rule.kind === 'method' && !personal.nowhere)) return undefined
  const shown = rule.kind === 'sum-equals' || rule.kind === 'fresh' ? (personal.own.has(rule.column.toLowerCase()) ? [] : undefined) : (await session.columns(violations)).map(({ name }) => name).filter(name => !personal.own!.has(name.toLowerCase()))
  if (shown?.length === 0) return undefined
  const rows = await session.rows(`select ${shown === undefined ? '*' : shown.map(quoteIdentifier).join(', ')} from (${violations}) limit ${ROWS}`)
  return rows.map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cut(value)])))
}

function cut(value: unknown): unknown {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= LETTERS ? value : `${text.slice(0, LETTERS - 1)}…`
}
