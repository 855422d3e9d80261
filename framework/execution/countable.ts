import type { ContainerInstance } from 'typedi'
import type { CheckDefinition } from '../definition/check-definition.ts'
import { matchesWhole } from '../definition/portable.ts'
import { brokenRule } from '../definition/row-rules.ts'
import { patternRefusal } from '../engines/translatable-pattern.ts'
import { column, sql, type SqlFragment, type TableReference } from '../vocabulary/sql.ts'
import { allPresent, columns, rowsOf, violationsOf } from './violations.ts'

/**
 * What breaks a promise, for an engine that counts it over a whole table elsewhere: rows of the table itself, of which many promises are
 * counted in one look, or a query that answers one number, called `n`.
 */
export type Countable = { readonly how: 'rows'; readonly condition: SqlFragment } | { readonly how: 'query'; readonly query: SqlFragment }

/** Undefined of promises that are not about a number of rows. */
export function countableOf({ rule, where }: CheckDefinition, table: TableReference, services: ContainerInstance, now: Date): Countable | undefined {
  const rows = rowsOf(table, where)
  const repeated = (names: readonly string[]) => sql`select cast(coalesce(sum(again - 1), 0) as bigint) as n from (select count(*) as again from ${rows} as every_row where ${allPresent(names)} group by ${columns(names)} having count(*) > 1) as repeated`
  switch (rule.kind) {
    case 'expression':
      // Not every dialect knows `is not true`.
      return ofRows(sql`(${rule.expression}) is distinct from true`, where)
    case 'not-null': case 'one-of': case 'between': case 'length': case 'recent':
      return ofRows(brokenRule(rule, now)!, where)
    case 'matches': case 'masked': {
      if (patternRefusal(rule.pattern) !== undefined) return undefined
      return ofRows(sql`${column(rule.column)} is not null and not ${matchesWhole(column(rule.column), rule.pattern)}`, where)
    }
    case 'unique':
      return { how: 'query', query: repeated(rule.columns) }
    case 'primary-key':
      return { how: 'query', query: sql`select twice.n + absent.n as n from (${repeated(rule.columns)}) as twice cross join (select count(*) as n from ${rows} as every_row where not (${allPresent(rule.columns)})) as absent` }
    case 'relationship': case 'sum-equals': case 'monotonic': case 'fresh':
      return { how: 'query', query: sql`select count(*) as n from (${violationsOf({ rule, where }, table, now)}) as violations` }
    case 'method':
      return { how: 'query', query: sql`select count(*) as n from (${rule.violations(services)}) as violations` }
    case 'row-count': case 'schema': case 'contract': case 'anomaly': case 'castable':
      return undefined
  }
}

/** What breaks a promise, of the rows that it is about. */
export const brokenWithin = (broken: SqlFragment, where: SqlFragment | undefined): SqlFragment => (where ? sql`(${where}) and (${broken})` : broken)

const ofRows = (broken: SqlFragment, where: SqlFragment | undefined): Countable => ({ how: 'rows', condition: brokenWithin(broken, where) })
