import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml'
import type { Place } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { ConfigMistake } from './checked-file.ts'
import type { WrittenRule } from './rule-settings.ts'

/** Lines of the file, both included, counted from 1. */
export interface Lines {
  readonly from: number
  readonly to: number
}

/** A rule of the file, not yet understood. */
export interface ReadRule {
  /** As the file names it: `silver/orders`, or `silver.orders` in the other form. */
  readonly dataset: string
  readonly written: WrittenRule
  readonly place: Place
  readonly lines: Lines
}

/** Something in the file that is no rule of ours, and what to do instead. */
export interface MigrationNote {
  readonly place: Place
  readonly lines: Lines
  readonly note: string
}

export interface QualityFile {
  /** `original`: the form of the platform that this one replaces. What it says and we cannot do is noted; in our own form it is refused. */
  readonly form: 'own' | 'original'
  readonly rules: readonly ReadRule[]
  readonly notes: readonly MigrationNote[]
  /** The least shares of rows that keep each promise, each with its place. */
  readonly passRates: readonly WrittenRate[]
}

/** As it stands under `pass_rates`. */
export interface WrittenRate {
  readonly name: string
  readonly rate: unknown
  readonly place: Place
}

/** Reads a file of rules by dataset, in either form. @throws {ConfigMistake} where it is not well-formed */
export function readQualityFile(root: string, path: string): QualityFile {
  const file = relative(root, path)
  const counter = new LineCounter()
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: counter, prettyErrors: false, uniqueKeys: true })
  const reader = new Reader(file, counter)
  const [error] = document.errors
  if (error) throw new ConfigMistake(`${file} is not well-formed: ${error.message.replace(/\.?$/, '.')}`, reader.place(error.pos[0]), 'Mend the file at that place.')
  if (document.contents === null) return { form: 'own', rules: [], notes: [], passRates: [] }
  if (!isMap(document.contents)) throw new ConfigMistake(`${file} is no map.`, { file, line: 1 }, 'Write datasets: and below it a list of rules for each asset.')
  if (document.contents.has('datasets') || document.contents.has('pass_rates')) return reader.own(document.contents)
  reader.requireKnown(document.contents)
  return reader.original(document.contents)
}

class Reader {
  constructor(readonly file: string, readonly counter: LineCounter) {}

  own(root: YAMLMap): QualityFile {
    const rules: ReadRule[] = []
    const passRates: WrittenRate[] = []
    for (const { key, value, start } of this.#entries(root)) {
      if (key === 'version') continue
      if (key === 'pass_rates' && isMap(value)) {
        passRates.push(...this.#rates(value))
        continue
      }
      if (key !== 'datasets' || !isMap(value)) throw new ConfigMistake(`${this.file} has the unknown key "${key}".`, this.place(start), 'Known here: version, pass_rates and datasets.')
      for (const dataset of this.#entries(value)) {
        if (!isSeq(dataset.value)) throw new ConfigMistake(`The rules of ${dataset.key} are no list.`, this.place(dataset.start), 'Begin each with "- rule: …".')
        for (const item of dataset.value.items as Node[]) {
          const written: unknown = item.toJSON()
          if (!isRule(written)) throw new ConfigMistake(`A rule of ${dataset.key} does not say which it is.`, this.place(item.range![0]), 'Begin it with "rule: not_null", or another.')
          rules.push({ dataset: dataset.key, written, place: this.place(item.range![0]), lines: this.#lines(item.range!) })
        }
      }
    }
    return { form: 'own', rules, notes: [], passRates }
  }

  /** A mistyped first word must not make all rules that stand below it vanish. */
  requireKnown(root: YAMLMap): void {
    const known = [...LAYERS, 'expectations', 'quality_gates', ...Object.keys(SECTIONS)]
    for (const { key, start } of this.#entries(root)) if (!known.includes(key)) throw new ConfigMistake(`${this.file} has the unknown key "${key}".`, this.place(start), didYouMean(key, ['datasets', 'version', 'pass_rates', ...known], 'Write datasets: and below it a list of rules for each asset.'))
  }

  original(root: YAMLMap): QualityFile {
    const rules: ReadRule[] = []
    const notes: MigrationNote[] = []
    const passRates: WrittenRate[] = []
    const note = (start: number, end: number, text: string) => notes.push({ place: this.place(start), lines: this.#lines([start, end]), note: text })
    for (const { key: section, value, start, end } of this.#entries(root)) {
      if (!LAYERS.has(section) || !isMap(value)) {
        if (section === 'expectations' && isMap(value)) this.#expectations(value, rules, note)
        else if (section === 'quality_gates' && isMap(value)) passRates.push(...this.#gates(value, note))
        else note(start, end, SECTIONS[section] ?? `"${section}" means nothing here.`)
        continue
      }
      for (const table of this.#entries(value)) {
        if (!isMap(table.value)) {
          note(table.start, table.end, 'No rules stand here.')
          continue
        }
        for (const { key, value: found, start: from, end: to } of this.#entries(table.value)) {
          if (key !== 'checks' || !isSeq(found)) note(from, to, TABLE_KEYS[key] ?? `"${key}" means nothing here.`)
          else for (const item of found.items as Node[]) this.#check(`${section}.${table.key}`, item, item.toJSON() as Readonly<Record<string, unknown>>, rules, note)
        }
      }
    }
    return { form: 'original', rules, notes, passRates }
  }

  place(offset: number): Place {
    const { line, col } = this.counter.linePos(offset)
    return { file: this.file, line, column: col }
  }

  #rates(map: YAMLMap): WrittenRate[] {
    return this.#entries(map).map(({ key, value, start }) => ({ name: key, rate: isScalar(value) ? value.value : undefined, place: this.place(start) }))
  }

  /** The gates of the other form: of all tables, and of single ones below `thresholds`. */
  #gates(gates: YAMLMap, note: Note): WrittenRate[] {
    return this.#entries(gates).flatMap(({ key, value, start, end }): WrittenRate[] => {
      if (key === 'min_pass_rate' && isScalar(value)) return [{ name: 'default', rate: value.value, place: this.place(start) }]
      if (key !== 'thresholds' || !isMap(value)) {
        note(start, end, GATES[key] ?? `"${key}" means nothing here.`)
        return []
      }
      return this.#entries(value).flatMap(table => {
        const found = isMap(table.value) ? this.#entries(table.value) : []
        for (const other of found) if (other.key !== 'min_pass_rate') note(other.start, other.end, GATES[other.key] ?? `"${other.key}" means nothing here.`)
        return found.filter(other => other.key === 'min_pass_rate').map(rate => ({ name: table.key, rate: isScalar(rate.value) ? rate.value.value : undefined, place: this.place(rate.start) }))
      })
    })
  }

  #expectations(layers: YAMLMap, rules: ReadRule[], note: Note): void {
    for (const layer of this.#entries(layers)) {
      if (!isMap(layer.value)) continue
      for (const table of this.#entries(layer.value)) {
        if (!isSeq(table.value)) continue
        for (const item of table.value.items as Node[]) {
          const { expectation_type: type, kwargs } = item.toJSON() as { expectation_type?: unknown; kwargs?: object }
          this.#check(`${layer.key}.${table.key}`, item, { type, ...kwargs }, rules, note)
        }
      }
    }
  }

  #check(dataset: string, item: Node, { type, ...settings }: Readonly<Record<string, unknown>>, rules: ReadRule[], note: Note): void {
    const [start, end] = item.range!
    const translated = ORIGINAL[String(type)]
    if (!translated) return note(start, end, CHECKS[String(type)] ?? `There is no rule ${String(type)}.`)
    const { action, ...rest } = settings
    rules.push({ dataset, written: { ...translated(rest), on_fail: ACTIONS[String(action ?? 'fail')] ?? action }, place: this.place(start), lines: this.#lines([start, end]) })
  }

  #entries(map: YAMLMap): { readonly key: string; readonly value: unknown; readonly start: number; readonly end: number }[] {
    return (map.items as Pair[]).map(pair => {
      const key = pair.key as Node
      const value = pair.value as Node | null
      return { key: isScalar(key) ? String(key.value) : String(key), value, start: key.range![0], end: value?.range?.[1] ?? key.range![1] }
    })
  }

  #lines([start, end]: readonly number[]): Lines {
    const from = this.counter.linePos(start!).line
    const last = this.counter.linePos(Math.max(start!, end! - 1))
    return { from, to: Math.max(from, last.line) }
  }
}

type Note = (start: number, end: number, text: string) => void
type Settings = Readonly<Record<string, unknown>>

const isRule = (written: unknown): written is WrittenRule => typeof written === 'object' && written !== null && typeof (written as WrittenRule).rule === 'string'

const LAYERS: ReadonlySet<string> = new Set(['bronze', 'silver', 'gold'])

/** What the checks of the other form are called here, and what their settings are. */
const ORIGINAL: Readonly<Record<string, (settings: Settings) => WrittenRule>> = {
  columns_exist: settings => ({ rule: 'columns_exist', ...settings }),
  expect_column_to_exist: settings => ({ rule: 'columns_exist', ...settings }),
  min_row_count: ({ value, ...rest }) => ({ rule: 'row_count', min: value, ...rest }),
  value_in_set: ({ allowed, ...rest }) => ({ rule: 'value_in_set', values: allowed, ...rest }),
  expect_column_values_to_be_in_set: ({ value_set: values, ...rest }) => ({ rule: 'value_in_set', values, ...rest }),
  timestamp_recent: settings => ({ rule: 'timestamp_recent', ...settings }),
  regex_pattern: settings => ({ rule: 'regex', ...settings }),
  not_null: settings => ({ rule: 'not_null', ...settings }),
  expect_column_values_to_not_be_null: settings => ({ rule: 'not_null', ...settings }),
  pk_unique: settings => ({ rule: 'primary_key', ...settings }),
  fk_exists: ({ reference_table: dataset, reference_column: toColumn, ...rest }) => ({ rule: 'foreign_key', dataset, to_column: toColumn, ...rest }),
  business_rule: ({ rule, ...rest }) => ({ rule: 'expression', sql: rule, ...rest }),
}
const ACTIONS: Readonly<Record<string, string>> = { fail_fast: 'fail', fail: 'fail', alert: 'warn', warn: 'warn', quarantine: 'quarantine', drop: 'drop' }

const CHECKS: Readonly<Record<string, string>> = {
  file_present: 'Landing an asset fails by itself where its source has no file, unless the asset is optional: take the line out.',
  expect_column_values_to_be_of_type: 'Types are held by the contract in config/schema_definitions/, and by the casts of the query: take the line out.',
}
const TABLE_KEYS: Readonly<Record<string, string>> = {
  level: 'The layer is the first word of the dataset: take the line out.',
  quarantine_path: 'Rejected rows are kept at _quarantine/<asset> in the lake, and listed by varve quarantine list: take the line out.',
}
const GATES: Readonly<Record<string, string>> = { critical_checks: 'A rule with on_fail: fail keeps a table from being published: take the line out.' }
const SECTIONS: Readonly<Record<string, string>> = {
  dq: 'Every rule says for itself what happens with on_fail; all of them are always carried out: take the section out.',
  validation_rules: 'Rules are named where they are used, each with its own on_fail: take the section out.',
  alerts: 'Alerts stand in config/<profile>.yaml, under alerts: move them there.',
  reporting: 'Each run keeps what its checks found: varve runs, and --json. Take the section out.',
}
