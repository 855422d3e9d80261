import type { ContainerInstance } from 'typedi'
import type { CheckDefinition } from '../definition/check-definition.ts'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { ownTable } from '../definition/own-table.ts'
import { brokenRule } from '../definition/row-rules.ts'
import type { Question } from '../engines/engine.ts'
import { patternRefusal } from '../engines/translatable-pattern.ts'
import { CHANGED } from '../storage/table-there.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { column, inDialects, join, quoteIdentifier, sql, sqlText, type SqlFragment, type TableReference } from '../vocabulary/sql.ts'
import { invalidValues, missingValues } from './masked-values.ts'
import { rowsOf, violationsOf } from './violations.ts'

/** What the promises of an asset will ask of its rows, for an engine that must know before it makes them. */
export function questionsOf(definition: AssetDefinition, services: ContainerInstance, now: Date): readonly Question[] {
  const changed: TableReference = { key: CHANGED as AssetKey }
  const asked = definition.checks.filter(({ rejects }) => rejects === undefined)
  const size = asked.some(({ scope }) => scope === 'changed') ? [question('the number of changed rows', sql`select 1 from ${changed}`, [sql`select count(*) as n from ${changed}`])] : []
  return [...size, ...asked.flatMap(check => ofCheck(check, check.scope === 'changed' ? changed : definition, services, now))]
}

function ofCheck(check: CheckDefinition, table: TableReference, services: ContainerInstance, now: Date): Question[] {
  const { name, rule, where } = check
  const within = where ? [question(name, sql`select 1 from ${table} where ${where}`, [counting(table, where)])] : []
  switch (rule.kind) {
    case 'row-count': return within
    case 'schema': case 'contract': case 'anomaly': return []
    case 'method': {
      const violations = ownedBy(rule.violations(services), table)
      return [question(name, violations, [all(violations)])]
    }
    case 'unique':
      return [...within, question(name, violationsOf({ rule, where }, table, now), [repeated(rowsOf(table, where), rule.columns)])]
    case 'primary-key': {
      const present = join(rule.columns.map(each => sql`${column(each)} is not null`), ' and ')
      return [...within, question(name, violationsOf({ rule, where }, table, now), [repeated(rowsOf(table, where), rule.columns), counting(table, where ? sql`(${where}) and not (${present})` : sql`not (${present})`)])]
    }
    case 'relationship': case 'monotonic': case 'fresh': case 'sum-equals': {
      const violations = violationsOf({ rule, where }, table, now)
      return [...within, question(name, violations, [all(violations)])]
    }
    case 'not-null': case 'one-of': case 'between': case 'matches': case 'masked': case 'length': case 'expression': case 'recent': case 'castable': {
      const broken = (rule.kind === 'matches' || rule.kind === 'masked') && patternRefusal(rule.pattern) === undefined ? unlike(rule.column, rule.pattern) : brokenRule(rule, now)!
      const values = rule.kind === 'masked' ? [question(name, missingValues(table, rule.column), [counting(table, sql`${column(rule.column)} is null`)]), question(name, invalidValues(table, rule.column), [counting(table, wordless(rule.column))])] : []
      return [...within, question(name, violationsOf({ rule, where }, table, now), [counting(table, where ? sql`(${where}) and (${broken})` : broken)]), ...values]
    }
  }
}

function question(subject: string, text: SqlFragment, parts: readonly SqlFragment[]): Question {
  return { text: sqlText(text, quoteIdentifier), subject: `"${subject}"`, parts }
}

/** With its condition in the aggregate, so that one look at the rows answers all such questions. */
const counting = (table: TableReference, condition: SqlFragment): SqlFragment => sql`select count(*) filter (where ${condition}) as n from ${table}`
const all = (violations: SqlFragment): SqlFragment => sql`select count(*) as n from (${violations}) as q`

function repeated(rows: SqlFragment, names: readonly string[]): SqlFragment {
  const columns = join(names.map(column))
  return sql`select sum(g.c - 1) as n from (select count(*) as c from ${rows} as q where ${join(names.map(name => sql`${column(name)} is not null`), ' and ')} group by ${columns} having count(*) > 1) as g`
}

const unlike = (name: string, pattern: string): SqlFragment => sql`${column(name)} is not null and not ${inDialects(sql`regexp_full_match(${column(name)}, ${pattern})`, { spark: sql`(${column(name)} rlike ${`\\A(?:${pattern})\\z`})` })}`
const wordless = (name: string): SqlFragment => sql`${column(name)} is not null and not ${inDialects(sql`regexp_matches(${column(name)}, '[\\p{L}\\p{N}]')`, { spark: sql`(${column(name)} rlike ${'[\\p{L}\\p{N}]'})` })}`

/** A query with the asset's table where its author named it by itself. */
function ownedBy(fragment: SqlFragment, table: TableReference): SqlFragment {
  return Object.freeze({ ...fragment, values: fragment.values.map(value => (typeof value === 'object' && value !== null && 'key' in value && value.key === ownTable.key ? { key: table.key } : typeof value === 'object' && value !== null && 'strings' in value ? ownedBy(value, table) : value)) })
}
