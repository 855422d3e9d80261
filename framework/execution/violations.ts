import type { CheckRule } from '../definition/check-definition.ts'
import { brokenBy } from '../definition/row-rules.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { column, join, sql, type SqlFragment, type TableReference } from '../vocabulary/sql.ts'

/** The rows that break a rule, as a query over the table. Rules that are no question about rows have none. */
export function violationsOf(rule: Exclude<CheckRule, { kind: 'row-count' | 'method' }>, table: TableReference, now: Date): SqlFragment {
  switch (rule.kind) {
    case 'unique':
      return repeated(table, rule.columns, sql`where ${allPresent(rule.columns)}`)
    case 'primary-key':
      return sql`select * from (${repeated(table, rule.columns, sql``)}) union all by name select ${columns(rule.columns)}, 1 as rows from ${table} where not (${allPresent(rule.columns)})`
    case 'relationship': {
      const other: TableReference = { key: rule.to() }
      return sql`select * from ${table} as child where child.${column(rule.column)} is not null and not exists (select 1 from ${other} as parent where parent.${column(rule.toColumn)} = child.${column(rule.column)})`
    }
    case 'not-null': case 'one-of': case 'between': case 'matches': case 'length': case 'expression': case 'recent': case 'castable':
      return sql`select * from ${table} where ${brokenBy(rule, now)!}`
  }
}

/** The other tables that a rule reads, besides the asset's own. */
export const readsOf = (rule: CheckRule): readonly AssetKey[] => (rule.kind === 'relationship' ? [rule.to()] : [])

const columns = (names: readonly string[]): SqlFragment => join(names.map(column))
const allPresent = (names: readonly string[]): SqlFragment => join(names.map(name => sql`${column(name)} is not null`), ' and ')

/** One row for each row too many, so that the count is that of the rows which break the promise. */
function repeated(table: TableReference, names: readonly string[], where: SqlFragment): SqlFragment {
  return sql`select ${columns(names)}, count(*) as rows from ${table} ${where} group by ${columns(names)} having count(*) > 1`
}
