import type { ContainerInstance } from 'typedi'
import type { CheckDefinition } from '../definition/check-definition.ts'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { withOwnTable } from '../definition/own-table.ts'
import { brokenRule } from '../definition/row-rules.ts'
import type { Question } from '../engines/engine.ts'
import { CHANGED } from '../storage/table-there.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { column, inDialects, quoteIdentifier, sql, sqlText, type SqlFragment, type TableReference } from '../vocabulary/sql.ts'
import { brokenWithin, countableOf } from './countable.ts'
import { invalidValues, missingValues } from './masked-values.ts'
import { violationsOf } from './violations.ts'

/** What the promises of an asset will ask of its rows, for an engine that must know before it makes them. */
export function questionsOf(definition: AssetDefinition, services: ContainerInstance, now: Date): readonly Question[] {
  const changed: TableReference = { key: CHANGED as AssetKey }
  const asked = definition.checks.filter(({ rejects }) => rejects === undefined)
  const size = asked.some(({ scope }) => scope === 'changed') ? [question('the number of changed rows', sql`select 1 from ${changed}`, sql`select count(*) as n from ${changed}`)] : []
  return [...size, ...asked.flatMap(check => ofCheck(check, check.scope === 'changed' ? changed : definition, services, now))]
}

function ofCheck(check: CheckDefinition, table: TableReference, services: ContainerInstance, now: Date): Question[] {
  const { name, rule, where } = check
  const within = where ? [question(name, sql`select 1 from ${table} where ${where}`, counting(table, where))] : []
  if (rule.kind === 'row-count') return within
  if (rule.kind === 'schema' || rule.kind === 'contract' || rule.kind === 'anomaly') return []
  const countable = countableOf(check, table, services, now)
  if (rule.kind === 'method') return countable?.how === 'query' ? [question(name, withOwnTable(rule.violations(services), table), withOwnTable(countable.query, table))] : []
  const violations = violationsOf({ rule, where }, table, now)
  if (countable?.how === 'query') return [...within, question(name, violations, countable.query)]
  const values = rule.kind === 'masked' ? [question(name, missingValues(table, rule.column), counting(table, sql`${column(rule.column)} is null`)), question(name, invalidValues(table, rule.column), counting(table, wordless(rule.column)))] : []
  return [question(name, violations, counting(table, countable?.condition ?? brokenWithin(brokenRule(rule, now)!, where))), ...values]
}

function question(subject: string, text: SqlFragment, answer: SqlFragment): Question {
  return { text: sqlText(text, quoteIdentifier), subject: `"${subject}"`, parts: [answer] }
}

/** With its condition in the aggregate, so that one look at the rows answers all such questions. */
const counting = (table: TableReference, condition: SqlFragment): SqlFragment => sql`select count(*) filter (where ${condition}) as n from ${table}`
const wordless = (name: string): SqlFragment => sql`${column(name)} is not null and not ${inDialects(sql`regexp_matches(${column(name)}, '[\\p{L}\\p{N}]')`, { spark: sql`(${column(name)} rlike ${'[\\p{L}\\p{N}]'})` })}`
