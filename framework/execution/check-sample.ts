import type { CheckRule } from '../definition/check-definition.ts'
import type { EngineSession } from '../engines/engine.ts'

/** How much of a text is kept. */
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
  const hidden = hiddenFrom(rule, personal)
  const rows = hidden && (await session.few(violations, hidden))
  return rows?.map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cut(value)])))
}

/** The columns, in lower case, that nobody may see of the rows that break a promise; undefined where that is all of them. */
export function hiddenFrom(rule: CheckRule, { own, nowhere }: PersonalColumns): ReadonlySet<string> | undefined {
  if (!own || (rule.kind === 'method' && !nowhere)) return undefined
  // These show values of one column, by other names.
  if (rule.kind === 'sum-equals' || rule.kind === 'fresh') return own.has(rule.column.toLowerCase()) ? undefined : new Set()
  return own
}

function cut(value: unknown): unknown {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length <= LETTERS ? value : `${text.slice(0, LETTERS - 1)}…`
}
