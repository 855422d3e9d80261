import { between, expression, matches, maxLength, minLength, notNull, oneOf, primaryKey, rowCount, unique } from '../definition/common-checks.ts'
import type { CheckDefinition, OnFail } from '../definition/check-definition.ts'
import { fateOf } from '../definition/row-rules.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { didYouMean, inWords } from '../vocabulary/near-names.ts'
import { column, sql } from '../vocabulary/sql.ts'

/** A rule as it stands in YAML, in our own words. */
export interface WrittenRule {
  readonly rule: string
  readonly on_fail?: unknown
  readonly [setting: string]: unknown
}

/** What a rule becomes: promises, and the columns that they are about. */
export interface MadeRule {
  readonly checks: readonly CheckDefinition[]
  readonly columns: readonly string[]
}

/** Settings by rule. `?` ends those that may be left out; `column` may be `columns` where several are meant. */
export const RULES: Readonly<Record<string, readonly string[]>> = {
  not_null: ['columns'], unique: ['columns'], primary_key: ['columns'], columns_exist: ['columns'],
  value_in_set: ['column', 'values'], range: ['column', 'min?', 'max?'], length: ['column', 'min?', 'max?'], regex: ['column', 'pattern'],
  timestamp_recent: ['column', 'days'], foreign_key: ['column', 'dataset', 'to_column?'], row_count: ['min?', 'max?'], expression: ['name?', 'sql'],
}
const ENDINGS: ReadonlySet<unknown> = new Set(['fail', 'warn', 'quarantine', 'drop'])

/** @param upstream tells an upstream of the rule's dataset by its name. @throws {RuleRefused} */
export function madeRule(written: WrittenRule, upstream: (name: string) => AssetKey): MadeRule {
  const settings = RULES[written.rule]
  if (!settings) throw new RuleRefused(`There is no rule ${written.rule}.`, didYouMean(written.rule, Object.keys(RULES), `There are ${inWords(Object.keys(RULES))}.`))
  const known = ['rule', 'on_fail', 'column', ...settings.map(name => name.replace('?', ''))]
  for (const name of Object.keys(written)) if (!known.includes(name)) throw new RuleRefused(`The rule ${written.rule} has no setting ${name}.`, didYouMean(name, known, `It has ${inWords(known)}.`))
  const onFail = written.on_fail ?? 'fail'
  if (!ENDINGS.has(onFail)) throw new RuleRefused(`on_fail is ${JSON.stringify(onFail)}.`, 'Write fail, warn, quarantine or drop.')
  const options = { onFail: onFail as OnFail }
  const need = new Settings(written)
  switch (written.rule) {
    case 'not_null': return each(need.columns(), name => notNull(name, options))
    case 'unique': return { checks: [unique(need.columns(), options)], columns: need.columns() }
    case 'primary_key': return { checks: [primaryKey(need.columns(), options)], columns: need.columns() }
    case 'columns_exist': return each(need.columns(), name => expression(`${name} is a column`, sql`${column(name)} is null or true`, options))
    case 'value_in_set': return { checks: [oneOf(need.text('column'), need.values('values'), options)], columns: [need.text('column')] }
    case 'range': return { checks: [between(need.text('column'), need.limits(), options)], columns: [need.text('column')] }
    case 'regex': return { checks: [matches(need.text('column'), need.text('pattern'), options)], columns: [need.text('column')] }
    case 'length': {
      const { min, max } = need.limits()
      return { checks: [...(min === undefined ? [] : [minLength(need.text('column'), Number(min), options)]), ...(max === undefined ? [] : [maxLength(need.text('column'), Number(max), options)])], columns: [need.text('column')] }
    }
    case 'timestamp_recent': {
      const [name, days] = [need.text('column'), need.number('days')]
      const rule = { kind: 'recent', column: name, days } as const
      return { checks: [{ name: `${name} is at most ${days} days old`, ...fateOf(name, rule, options.onFail, undefined), rule }], columns: [name] }
    }
    case 'foreign_key': {
      const [name, to] = [need.text('column'), upstream(need.text('dataset'))]
      const rule = { kind: 'relationship', column: name, to: () => to, toColumn: written['to_column'] === undefined ? name : need.text('to_column') } as const
      return { checks: [{ name: `${name} is found in ${to}`, ...fateOf(name, rule, options.onFail, undefined), rule }], columns: [name] }
    }
    case 'row_count': return { checks: [rowCount(need.limits() as { min?: number; max?: number }, options)], columns: [] }
    case 'expression': return { checks: [expression(written['name'] === undefined ? need.text('sql') : need.text('name'), { strings: [need.text('sql')], values: [] }, options)], columns: [] }
    default: throw new Error(`the rule ${written.rule} is listed, but not made`)
  }
}

const each = (columns: readonly string[], check: (name: string) => CheckDefinition): MadeRule => ({ checks: columns.map(check), columns })

/** The settings of a rule, each as what it has to be. */
class Settings {
  constructor(readonly written: WrittenRule) {}

  text(name: string): string {
    const value = this.written[name]
    if (typeof value !== 'string' || value === '') throw this.#refused(name, 'a text')
    return value
  }

  number(name: string): number {
    const value = this.written[name]
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.#refused(name, 'a number')
    return value
  }

  columns(): readonly string[] {
    const { columns = this.written['column'] } = this.written as { columns?: unknown }
    const list = Array.isArray(columns) ? (columns as unknown[]) : [columns]
    if (list.length === 0 || !list.every(name => typeof name === 'string' && name !== '')) throw this.#refused('columns', 'a list of columns')
    return list as string[]
  }

  values(name: string): readonly (string | number | boolean)[] {
    const list = this.written[name]
    if (!Array.isArray(list) || list.length === 0 || !list.every(value => ['string', 'number', 'boolean'].includes(typeof value))) throw this.#refused(name, 'a list of values')
    return list as (string | number | boolean)[]
  }

  limits(): { readonly min?: number | string; readonly max?: number | string } {
    const limits = Object.fromEntries(['min', 'max'].flatMap(name => (this.written[name] === undefined ? [] : [[name, this.written[name]]])))
    for (const [name, value] of Object.entries(limits)) if (typeof value !== 'number' && typeof value !== 'string') throw this.#refused(name, 'a number, or a date as text')
    if (Object.keys(limits).length === 0) throw this.#refused('min or max', 'a number')
    return limits as { min?: number | string; max?: number | string }
  }

  #refused(name: string, what: string): RuleRefused {
    return new RuleRefused(`The rule ${this.written.rule} needs ${name}, ${what}.`, `Write ${name}: …`)
  }
}

/** Why a rule cannot be carried out. Its place is known to who read it. */
export class RuleRefused extends Error {
  constructor(message: string, readonly hint: string) {
    super(message)
  }
}
