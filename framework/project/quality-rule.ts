import { between, expression, matches, maxLength, minLength, notNull, oneOf, primaryKey, recent, rowCount, unique } from '../definition/common-checks.ts'
import type { CheckDefinition } from '../definition/check-definition.ts'
import { promise } from '../definition/promise.ts'
import { anomaly, fresh, matchesContract, monotonic, noRows, schema, type MonotonicOptions, type TableCheckOptions } from '../definition/table-checks.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Duration } from '../vocabulary/duration.ts'
import { didYouMean, inWords } from '../vocabulary/near-names.ts'
import { column, sql } from '../vocabulary/sql.ts'
import { RuleRefused, Settings, type WrittenRule } from './rule-settings.ts'

/** What a rule becomes: promises, and the columns that they are about. */
export interface MadeRule {
  readonly checks: readonly CheckDefinition[]
  readonly columns: readonly string[]
}

/** Settings by rule. `?` ends those that may be left out; `column` may be `columns` where several are meant. */
export const RULES: Readonly<Record<string, readonly string[]>> = {
  not_null: ['columns'], unique: ['columns'], primary_key: ['columns'], columns_exist: ['columns'],
  one_of: ['column', 'values'], between: ['column', 'min?', 'max?'], matches: ['column', 'pattern'], length: ['column', 'min?', 'max?'], min_length: ['column', 'min'], max_length: ['column', 'max'],
  recent: ['column', 'days'], fresh: ['column', 'within'], monotonic: ['column', 'by', 'per?', 'strictly?', 'direction?'],
  relationship: ['column', 'dataset', 'to_column?'], sum_equals: ['column', 'dataset', 'to_column?', 'give_or_take?'],
  row_count: ['min?', 'max?', 'of_last?'], schema: ['has', 'closed?'], matches_contract: [], anomaly: ['name?', 'metric', 'sensitivity?', 'least?', 'window?'],
  expression: ['name?', 'sql'], no_rows: ['name?', 'sql'],
}
/** What other people call them. */
const ALIASES: Readonly<Record<string, string>> = { value_in_set: 'one_of', range: 'between', regex: 'matches', timestamp_recent: 'recent', foreign_key: 'relationship', sql: 'no_rows', custom_sql: 'no_rows', contract: 'matches_contract' }
const OPTIONS = ['on_fail', 'severity', 'blocking', 'where', 'scope', 'mostly', 'fail_if', 'warn_if']

/** @param upstream tells an upstream of the rule's dataset by its name. @throws {RuleRefused} */
export function madeRule(given: WrittenRule, upstream: (name: string) => AssetKey, self: AssetKey): MadeRule {
  const written = inOurWords(given)
  const settings = RULES[written.rule]
  if (!settings) throw new RuleRefused(`There is no rule ${given.rule}.`, didYouMean(written.rule, [...Object.keys(RULES), ...Object.keys(ALIASES)], `There are ${inWords(Object.keys(RULES))}.`))
  const known = ['rule', ...OPTIONS, ...(settings.some(name => name.startsWith('column')) ? ['column'] : []), ...settings.map(name => name.replace('?', ''))]
  for (const name of Object.keys(written)) if (!known.includes(name)) throw new RuleRefused(`The rule ${given.rule} has no setting ${name}.`, didYouMean(name, known, `It has ${inWords(known)}.`))
  const need = new Settings({ ...written, rule: given.rule })
  const options = need.options()
  const other = (what: string) => upstream(need.text(what))
  const toColumn = () => (written['to_column'] === undefined ? need.text('column') : need.text('to_column'))
  switch (written.rule) {
    case 'not_null': return each(need.columns(), name => notNull(name, options))
    case 'unique': return { checks: [unique(need.columns(), options)], columns: need.columns() }
    case 'primary_key': return { checks: [primaryKey(need.columns(), options)], columns: need.columns() }
    case 'columns_exist': return each(need.columns(), name => expression(`${name} is a column`, sql`${column(name)} is null or true`, options))
    case 'one_of': return { checks: [oneOf(need.text('column'), need.values('values'), options)], columns: [need.text('column')] }
    case 'between': return { checks: [between(need.text('column'), need.limits(), options)], columns: [need.text('column')] }
    case 'matches': return { checks: [matches(need.text('column'), need.text('pattern'), options)], columns: [need.text('column')] }
    case 'min_length': return { checks: [minLength(need.text('column'), need.number('min'), options)], columns: [need.text('column')] }
    case 'max_length': return { checks: [maxLength(need.text('column'), need.number('max'), options)], columns: [need.text('column')] }
    case 'length': {
      const { min, max } = need.limits()
      return { checks: [...(min === undefined ? [] : [minLength(need.text('column'), Number(min), options)]), ...(max === undefined ? [] : [maxLength(need.text('column'), Number(max), options)])], columns: [need.text('column')] }
    }
    case 'recent': return { checks: [recent(need.text('column'), { days: need.number('days') }, options)], columns: [need.text('column')] }
    case 'fresh': return { checks: [fresh(need.text('column'), { within: need.text('within') as Duration }, options as TableCheckOptions)], columns: [need.text('column')] }
    case 'monotonic': {
      const per = written['per'] === undefined ? [] : need.list('per')
      const rule = { kind: 'monotonic', column: need.text('column'), by: need.text('by'), per, strictly: need.flag('strictly'), direction: need.choice('direction', ['up', 'down']) } as const
      return { checks: [monotonic(rule.column, { ...(options as MonotonicOptions), by: rule.by, per, strictly: rule.strictly, direction: rule.direction })], columns: [rule.column, rule.by, ...per] }
    }
    case 'relationship': {
      const [name, to] = [need.text('column'), other('dataset')]
      return { checks: [promise(`${name} is found in ${to}`, { kind: 'relationship', column: name, to: () => to, toColumn: toColumn() }, options)], columns: [name] }
    }
    case 'sum_equals': {
      const [name, to] = [need.text('column'), other('dataset')]
      return { checks: [promise(`the sum of ${name} is that of ${to}`, { kind: 'sum-equals', column: name, to: () => to, toColumn: toColumn(), giveOrTake: written['give_or_take'] === undefined ? 0 : need.number('give_or_take') }, options)], columns: [name] }
    }
    case 'row_count': return { checks: [rowCount({ ...(need.limits('of_last') as { min?: number; max?: number }), ...(written['of_last'] !== undefined && { ofLast: need.shares('of_last') }) }, options)], columns: [] }
    case 'schema': return { checks: [schema(need.types('has'), { ...(options as TableCheckOptions), closed: need.flag('closed') })], columns: [] }
    case 'matches_contract': return { checks: [matchesContract(options as TableCheckOptions)], columns: [] }
    case 'anomaly': {
      const more = Object.fromEntries(['sensitivity', 'least', 'window'].flatMap(name => (written[name] === undefined ? [] : [[name, need.number(name)]])))
      return { checks: [anomaly(need.nameOr('metric'), { strings: [need.text('metric')], values: [] }, { ...(options as TableCheckOptions), ...more })], columns: [] }
    }
    case 'expression': return { checks: [expression(need.nameOr('sql'), { strings: [need.text('sql')], values: [] }, options)], columns: [] }
    case 'no_rows': return { checks: [noRows(need.nameOr('sql'), () => sql`with this as (select * from ${{ key: self }}) select * from (${{ strings: [need.text('sql').trim().replace(/;$/, '')], values: [] }}) as violations`, options as Parameters<typeof noRows>[2])], columns: [] }
    default: throw new Error(`the rule ${written.rule} is listed, but not made`)
  }
}

/** `notNull` and `minLength` may be written as in TypeScript. */
function inOurWords(given: WrittenRule): WrittenRule {
  const snake = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
  const rule = snake(given.rule)
  return { ...Object.fromEntries(Object.entries(given).map(([name, value]) => [snake(name), value])), rule: ALIASES[rule] ?? rule }
}

const each = (columns: readonly string[], check: (name: string) => CheckDefinition): MadeRule => ({ checks: columns.map(check), columns })
