import type { CheckOptions } from '../definition/check.ts'
import type { CheckLimit } from '../definition/check-definition.ts'
import { inWords } from '../vocabulary/near-names.ts'

/** A rule as it stands in YAML, in our own words. */
export interface WrittenRule {
  readonly rule: string
  readonly on_fail?: unknown
  readonly [setting: string]: unknown
}

/** The settings of a rule, each as what it has to be. */
export class Settings {
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

  /** What every rule may say of itself. */
  options(): CheckOptions {
    const { on_fail: onFail, severity } = this.written as { on_fail?: unknown; severity?: unknown }
    if (onFail !== undefined && !ENDINGS.has(onFail)) throw new RuleRefused(`on_fail is ${JSON.stringify(onFail)}.`, 'Write fail, warn, quarantine or drop.')
    const said: Record<string, unknown> = onFail !== undefined ? { onFail } : severity === undefined ? { onFail: 'fail' } : { severity: this.choice('severity', ['error', 'warn']) }
    if (this.written['blocking'] !== undefined) said['blocking'] = this.flag('blocking')
    if (this.written['where'] !== undefined) said['where'] = { strings: [this.text('where')], values: [] }
    if (this.written['scope'] !== undefined) said['scope'] = this.choice('scope', ['full', 'changed'])
    if (this.written['mostly'] !== undefined) said['mostly'] = this.number('mostly')
    if (this.written['fail_if'] !== undefined) said['failIf'] = this.limit('fail_if')
    if (this.written['warn_if'] !== undefined) said['warnIf'] = this.limit('warn_if')
    return said
  }

  flag(name: string): boolean {
    const value = this.written[name] ?? false
    if (typeof value !== 'boolean') throw this.#refused(name, 'true or false')
    return value
  }

  choice<const T extends string>(name: string, choices: readonly [T, ...T[]]): T {
    const value = (this.written[name] ?? choices[0]) as T
    if (!choices.includes(value)) throw this.#refused(name, inWords(choices).replace(' and ', ' or '))
    return value
  }

  list(name: string): readonly string[] {
    const value = this.written[name]
    const list = Array.isArray(value) ? (value as unknown[]) : [value]
    if (list.length === 0 || !list.every(each => typeof each === 'string' && each !== '')) throw this.#refused(name, 'a list of columns')
    return list as string[]
  }

  types(name: string): Readonly<Record<string, string>> {
    const value = this.written[name]
    if (!isMap(value) || Object.keys(value).length === 0 || !Object.values(value).every(type => typeof type === 'string')) throw this.#refused(name, 'columns with their types')
    return value as Readonly<Record<string, string>>
  }

  shares(name: string): { readonly min?: number; readonly max?: number } {
    const value = this.written[name]
    if (!isMap(value) || Object.keys(value).length === 0 || !Object.entries(value).every(([key, share]) => ['min', 'max'].includes(key) && typeof share === 'number')) throw this.#refused(name, 'min, max or both as shares')
    return value
  }

  limit(name: string): CheckLimit {
    const value = this.written[name]
    if (!isMap(value) || !Object.entries(value).every(([key, limit]) => ['rows', 'ratio'].includes(key) && typeof limit === 'number')) throw this.#refused(name, 'rows, ratio or both')
    return value
  }

  nameOr(name: string): string {
    return this.written['name'] === undefined ? this.text(name) : this.text('name')
  }

  limits(besides?: string): { readonly min?: number | string; readonly max?: number | string } {
    const limits = Object.fromEntries(['min', 'max'].flatMap(name => (this.written[name] === undefined ? [] : [[name, this.written[name]]])))
    for (const [name, value] of Object.entries(limits)) if (typeof value !== 'number' && typeof value !== 'string') throw this.#refused(name, 'a number, or a date as text')
    if (Object.keys(limits).length === 0 && (besides === undefined || this.written[besides] === undefined)) throw this.#refused('min or max', 'a number')
    return limits as { min?: number | string; max?: number | string }
  }

  #refused(name: string, what: string): RuleRefused {
    return new RuleRefused(`The rule ${this.written.rule} needs ${name}, ${what}.`, `Write ${name}: …`)
  }
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Why a rule cannot be carried out. Its place is known to who read it. */
export class RuleRefused extends Error {
  constructor(message: string, readonly hint: string) {
    super(message)
  }
}

const ENDINGS: ReadonlySet<unknown> = new Set(['fail', 'warn', 'quarantine', 'drop'])
