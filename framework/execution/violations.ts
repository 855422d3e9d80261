import type { CheckDefinition, CheckRule } from '../definition/check-definition.ts'
import { brokenRule } from '../definition/row-rules.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { column, join, sql, type SqlFragment, type TableReference } from '../vocabulary/sql.ts'

/** Rules whose broken rows a query selects. */
export type QueriedRule = Exclude<CheckRule, { kind: 'row-count' | 'method' | 'schema' | 'contract' | 'anomaly' }>

/** The rows that break a promise, as a query over the table: one for each row that is wrong. Of a promise about the table as a whole, one. */
export function violationsOf({ rule, where }: Pick<CheckDefinition, 'where'> & { readonly rule: QueriedRule }, table: TableReference, now: Date): SqlFragment {
  const rows = rowsOf(table, where)
  switch (rule.kind) {
    case 'unique':
      return repeated(rows, rule.columns)
    case 'primary-key':
      return sql`select * from (${repeated(rows, rule.columns)}) union all select ${columns(rule.columns)} from ${rows} where not (${allPresent(rule.columns)})`
    case 'relationship': {
      const other: TableReference = { key: rule.to() }
      return sql`select * from ${rows} as child where child.${column(rule.column)} is not null and not exists (select 1 from ${other} as parent where parent.${column(rule.toColumn)} = child.${column(rule.column)})`
    }
    case 'monotonic':
      return falling(rows, rule)
    case 'fresh':
      return sql`select newest from (select max(${column(rule.column)}) as newest from ${rows}) where newest is null or cast(newest as timestamptz) < ${now} - to_milliseconds(${rule.withinMs})`
    case 'sum-equals': {
      const other: TableReference = { key: rule.to() }
      return sql`
        select here, there from (select coalesce(sum(${column(rule.column)}), 0) as here from ${rows}), (select coalesce(sum(${column(rule.toColumn)}), 0) as there from ${other})
        where not (here = there or abs(here - there) <= ${rule.giveOrTake})`
    }
    case 'not-null': case 'one-of': case 'between': case 'matches': case 'masked': case 'length': case 'expression': case 'recent': case 'castable':
      return sql`select * from ${table} where ${where ? sql`(${where}) and ` : sql``}(${brokenRule(rule, now)!})`
  }
}

/** The other tables that a rule reads, besides the asset's own. */
export const readsOf = (rule: CheckRule): readonly AssetKey[] => (rule.kind === 'relationship' || rule.kind === 'sum-equals' ? [rule.to()] : [])

/** The rows that a promise is about. */
export const rowsOf = (table: TableReference, where: SqlFragment | undefined): SqlFragment => (where ? sql`(select * from ${table} where ${where})` : sql`${table}`)

export const columns = (names: readonly string[]): SqlFragment => join(names.map(column))
export const allPresent = (names: readonly string[]): SqlFragment => join(names.map(name => sql`${column(name)} is not null`), ' and ')

/** Of rows that share their values all but one are too many. Those with a NULL among them share nothing. */
export const repeated = (rows: SqlFragment, names: readonly string[]): SqlFragment =>
  sql`select ${columns(names)} from (select ${columns(names)}, unnest(range(count(*) - 1)) as again from ${rows} where ${allPresent(names)} group by ${columns(names)} having count(*) > 1)`

function falling(rows: SqlFragment, { column: name, by, per, strictly, direction }: Extract<CheckRule, { kind: 'monotonic' }>): SqlFragment {
  const value = column(name)
  const last = sql`lag(${value}) over (${per.length > 0 ? sql`partition by ${columns(per)} ` : sql``}order by ${column(by)}, ${value} ${direction === 'up' ? sql`asc` : sql`desc`})`
  const broken = direction === 'up' ? (strictly ? sql`${value} <= ${last}` : sql`${value} < ${last}`) : strictly ? sql`${value} >= ${last}` : sql`${value} > ${last}`
  return sql`select * from ${rows} where ${value} is not null and ${column(by)} is not null qualify ${broken}`
}
