import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { CheckDefinition } from '../definition/check-definition.ts'
import { isRowFunctionText } from '../graph/row-functions.ts'
import type { Step } from '../planning/plan.ts'
import type { Situation } from '../planning/situation.ts'
import type { Candidate } from '../storage/candidate.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { quoteIdentifier, sql, sqlText, type SqlFragment, type TableReference } from '../vocabulary/sql.ts'
import type { CheckKnowledge } from './check-knowledge.ts'
import { allPresent, columns, repeated } from './violations.ts'

/** By this name promises find the rows that the published version does not have. */
export const NEW_ROWS: TableReference = { key: 'varve new rows' as AssetKey }

/** More than this share of a table is not worth a look of its own. */
const WORTH_IT = 0.5

/**
 * The rows of a candidate that are in no file of the published version, where they are few. All others stood in that version: a promise about
 * single rows, or about a key, that none of its rows broke can only be broken by these. Undefined where it is not known to be so.
 */
export function newRowsOf({ added, rows }: Candidate): Candidate['added'] {
  return added && added.rows <= rows * WORTH_IT ? added : undefined
}

/** Whether a row that kept the promise keeps it for as long as it is there, whatever the time and other rows. */
export function staysKept({ rule, where }: CheckDefinition): boolean {
  switch (rule.kind) {
    case 'not-null': case 'one-of': case 'between': case 'matches': case 'masked': case 'length': case 'castable': case 'unique': case 'primary-key': return asksTheRowAlone(where)
    case 'expression': return asksTheRowAlone(where) && asksTheRowAlone(rule.expression)
    case 'recent': case 'relationship': case 'row-count': case 'fresh': case 'monotonic': case 'sum-equals': case 'schema': case 'contract': case 'anomaly': case 'method': return false
  }
}

function asksTheRowAlone(condition: SqlFragment | undefined): boolean {
  if (condition === undefined) return true
  const text = sqlText(condition, quoteIdentifier)
  return isRowFunctionText(text) && !/\b(select|from|over)\b/i.test(text)
}

/** What breaks a promise about a key, of a table of which only new rows can: a key that they share with each other or with a row that stayed, and one that they lack. */
export function brokenKeys({ rule, where }: CheckDefinition, table: TableReference): SqlFragment | undefined {
  if (rule.kind !== 'unique' && rule.kind !== 'primary-key') return undefined
  const names = columns(rule.columns)
  const within = (rows: TableReference) => (where ? sql`(select * from ${rows} where ${where})` : sql`${rows}`)
  const shared = repeated(sql`(select * from ${within(table)} as every_row where (${names}) in (select (${names}) from ${NEW_ROWS}))`, rule.columns)
  if (rule.kind === 'unique') return shared
  return sql`select * from (${shared}) union all select ${names} from ${within(NEW_ROWS)} as new_rows where not (${allPresent(rule.columns)})`
}

/** What of an asset's promises is known to have been kept, if they are those of the last time. Who forces a step wants all rows looked at. */
export const keptAt = ({ causes, rebuild }: Step, { key }: AssetDefinition, { state, checkVersions }: Situation, knowledge: CheckKnowledge) => (version: number): ReadonlySet<string> => {
  const asBefore = !rebuild && causes.every(({ code }) => code !== 'forced' && code !== 'tampered') && (state.last(key)?.checks ?? '') === (checkVersions?.get(key) ?? '')
  return asBefore ? knowledge.keptAt(key, version) : new Set()
}
