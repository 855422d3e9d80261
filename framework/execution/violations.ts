import type { CheckRule } from '../definition/check-definition.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { column, join, sql, type SqlFragment, type TableReference } from '../vocabulary/sql.ts'

/** The rows that break a rule, as a query over the table. Rules that are no question about rows have none. */
export function violationsOf(rule: Exclude<CheckRule, { kind: 'row-count' | 'method' }>, table: TableReference): SqlFragment {
  switch (rule.kind) {
    case 'not-null':
      return sql`select * from ${table} where ${column(rule.column)} is null`
    case 'unique':
      return repeated(table, rule.columns, sql`where ${allPresent(rule.columns)}`)
    case 'primary-key':
      return sql`select * from (${repeated(table, rule.columns, sql``)}) union all by name select ${columns(rule.columns)}, 1 as rows from ${table} where not (${allPresent(rule.columns)})`
    case 'one-of':
      return sql`select * from ${table} where ${column(rule.column)} is not null and ${column(rule.column)} not in (${join(rule.values)})`
    case 'between':
      return sql`select * from ${table} where ${outside(rule.column, rule.min, rule.max)}`
    case 'matches':
      return sql`select * from ${table} where ${column(rule.column)} is not null and not regexp_full_match(${column(rule.column)}, ${rule.pattern})`
    case 'length':
      return sql`select * from ${table} where ${outsideOf(sql`length(${column(rule.column)})`, rule.min, rule.max)}`
    case 'relationship': {
      const other: TableReference = { key: rule.to() }
      return sql`select * from ${table} as child where child.${column(rule.column)} is not null and not exists (select 1 from ${other} as parent where parent.${column(rule.toColumn)} = child.${column(rule.column)})`
    }
    case 'expression':
      return sql`select * from ${table} where (${rule.expression}) is not true`
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

const outside = (name: string, min: number | string | undefined, max: number | string | undefined): SqlFragment => outsideOf(sql`${column(name)}`, min, max)

function outsideOf(value: SqlFragment, min: number | string | undefined, max: number | string | undefined): SqlFragment {
  const limits = [...(min === undefined ? [] : [sql`${value} < ${min}`]), ...(max === undefined ? [] : [sql`${value} > ${max}`])]
  return limits.length === 0 ? sql`false` : join(limits, ' or ')
}
