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
import { hiddenFrom, type PersonalColumns } from './check-sample.ts'
import { metricOf } from './held-promise.ts'
import { invalidValues, missingValues } from './masked-values.ts'
import { allPresent, columns, rowsOf, violationsOf } from './violations.ts'

/** What the promises of an asset will ask of its rows, for an engine that must know before it makes them. */
export function questionsOf(definition: AssetDefinition, services: ContainerInstance, now: Date, personal: PersonalColumns): readonly Question[] {
  const changed: TableReference = { key: CHANGED as AssetKey }
  const asked = definition.checks.filter(({ rejects }) => rejects === undefined)
  const size = asked.some(({ scope }) => scope === 'changed') ? [question('the number of changed rows', sql`select 1 from ${changed}`, sql`select count(*) as n from ${changed}`)] : []
  return [...size, ...asked.flatMap(check => ofCheck(check, check.scope === 'changed' ? changed : definition, { services, now, personal }))]
}

function ofCheck(check: CheckDefinition, table: TableReference, { services, now, personal }: { readonly services: ContainerInstance; readonly now: Date; readonly personal: PersonalColumns }): Question[] {
  const { name, rule, where } = check
  const within = where ? [question(name, sql`select 1 from ${table} where ${where}`, counting(table, where))] : []
  if (rule.kind === 'row-count') return within
  if (rule.kind === 'schema' || rule.kind === 'contract') return []
  if (rule.kind === 'anomaly') return [...within, question(name, metricOf(rule.metric, table, where), metricOf(rule.metric, table, where))]
  const countable = countableOf(check, table, services, now)
  const hidden = hiddenFrom(rule, personal)
  const shown = (rows: SqlFragment) => hidden && { rows, hidden }
  if (rule.kind === 'method') {
    const violations = withOwnTable(rule.violations(services), table)
    return countable?.how === 'query' ? [...within, question(name, violations, withOwnTable(countable.query, table), shown(violations))] : []
  }
  const violations = violationsOf({ rule, where }, table, now)
  if (countable?.how === 'query') return [...within, question(name, violations, countable.query, shown(rule.kind === 'unique' || rule.kind === 'primary-key' ? wrongKeys(rule.columns, table, where) : violations))]
  const values = rule.kind === 'masked' ? [question(name, missingValues(table, rule.column), counting(table, sql`${column(rule.column)} is null`)), question(name, invalidValues(table, rule.column), counting(table, wordless(rule.column)))] : []
  const condition = countable?.condition ?? brokenWithin(brokenRule(rule, now)!, where)
  return [...within, question(name, violations, counting(table, condition), shown(sql`select * from ${table} where ${condition}`)), ...values]
}

/** Keys that come more than once, or lack a part. */
function wrongKeys(names: readonly string[], table: TableReference, where: SqlFragment | undefined): SqlFragment {
  return sql`select ${columns(names)} from ${rowsOf(table, where)} as every_row group by ${columns(names)} having count(*) > 1 or not (${allPresent(names)})`
}

function question(subject: string, text: SqlFragment, answer: SqlFragment, shown?: Question['shown']): Question {
  return { text: sqlText(text, quoteIdentifier), subject: `"${subject}"`, parts: [answer], shown }
}

/** With its condition in the aggregate, so that one look at the rows answers all such questions. */
const counting = (table: TableReference, condition: SqlFragment): SqlFragment => sql`select count(*) filter (where ${condition}) as n from ${table}`
const wordless = (name: string): SqlFragment => sql`${column(name)} is not null and not ${inDialects(sql`regexp_matches(${column(name)}, '[\\p{L}\\p{N}]')`, { spark: sql`(${column(name)} rlike ${'[\\p{L}\\p{N}]'})` })}`
