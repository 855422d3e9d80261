import type { AssetKey } from './asset-key.ts'
import { Secret } from './secret.ts'

/** Anything that stands for a table in a query: every asset does. */
export interface TableReference {
  readonly key: AssetKey
}

/** The name of a column, to be quoted as one. */
export interface ColumnName {
  readonly column: string
}

/** The name of a column's type, as in `decimal(18,2)`. Made by {@link sqlType} only, which checks it. */
export interface SqlTypeName {
  readonly sqlType: string
}

export type SqlLiteral = string | number | bigint | boolean | Date | null
export type SqlValue = SqlFragment | TableReference | ColumnName | SqlTypeName | Secret | SqlLiteral

/** A query with its holes kept apart from its text, so that each engine fills them in its own dialect. */
export interface SqlFragment {
  readonly strings: readonly string[]
  readonly values: readonly SqlValue[]
  /** The author's word that it is an expression which hides what goes into it. See {@link mask}. */
  readonly masks?: true | undefined
  /** What its rows were chosen from. See {@link choosing}. */
  readonly chosenFrom?: ChosenFrom | undefined
  /** The same in the words of other engines. See {@link inDialects}. */
  readonly own?: Readonly<Partial<Record<ForeignDialect, SqlFragment>>> | undefined
}

/** Rows of which one for each key is chosen. */
export interface ChosenFrom {
  readonly rows: SqlFragment
  readonly key: readonly string[]
}

/** The dialects other than DuckDB's, in which queries are written. */
export type ForeignDialect = 'spark' | 'trino'

/** Writes SQL. A hole takes an asset (its table), a fragment, a column, or a value (quoted, never spliced in). */
export function sql(strings: TemplateStringsArray, ...values: SqlValue[]): SqlFragment {
  return Object.freeze({ strings: [...strings], values })
}

/** Whether an author handed over what {@link sql} makes. */
export const isSql = (value: unknown): value is SqlFragment => typeof value === 'object' && value !== null && Array.isArray((value as SqlFragment).strings) && Array.isArray((value as SqlFragment).values)

/** A column by its name, whatever characters the name has. */
export const column = (name: string): ColumnName => ({ column: name })

/**
 * Declares the expression to be a mask: whoever sees its value does not learn the values that went into it. No engine sees a
 * difference; the column lineage does, and lets a masked column of personal data through to where an unmasked one is refused.
 */
export const mask = (expression: SqlFragment): SqlFragment => Object.freeze({ ...expression, masks: true })

/**
 * Declares that a query keeps of these rows one for each key, the rest being duplicates of it. No engine sees a difference; a run counts the rows
 * that were read, and those that gave way.
 */
export const choosing = (chosenFrom: ChosenFrom, query: SqlFragment): SqlFragment => Object.freeze({ ...query, chosenFrom })

/** The choices in a query, each once, those within others left out. */
export const choicesIn = (fragment: SqlFragment): ChosenFrom[] => (fragment.chosenFrom ? [fragment.chosenFrom] : [...new Set(fragment.values.flatMap(value => (isFragment(value) ? choicesIn(value) : [])))])

/**
 * An expression that other engines say in words of their own: `inDialects(sql`isodow(${day})`, { spark: sql`weekday(${day}) + 1` })`. An
 * engine whose dialect is not named gets a translation. Names are quoted as in DuckDB, and so are holes.
 */
export const inDialects = (duckdb: SqlFragment, own: Readonly<Partial<Record<ForeignDialect, SqlFragment>>>): SqlFragment => Object.freeze({ ...duckdb, own })

/** The fragments with a separator between them; an empty list is an empty fragment. */
export function join(parts: readonly SqlValue[], separator: ', ' | ' and ' | ' or ' | ' union all ' | ' ' = ', '): SqlFragment {
  if (parts.length === 0) return Object.freeze({ strings: [''], values: [] })
  return Object.freeze({ strings: ['', ...parts.slice(1).map(() => separator), ''], values: [...parts] })
}

const TYPE = /^[a-z][a-z0-9_ ]*(\(\d+(,\s*\d+)?\))?(\[\])*$/i

/** A type by its name. @throws where the text could be anything but a type. */
export function sqlType(name: string): SqlTypeName {
  if (!TYPE.test(name)) throw new Error(`"${name}" is not the name of a SQL type`)
  return { sqlType: name }
}

/** The tables that a query reads through its holes, in the order it names them, each once. */
export function tablesIn(fragment: SqlFragment): AssetKey[] {
  const keys = fragment.values.flatMap(value => (isFragment(value) ? tablesIn(value) : isTable(value) ? [value.key] : []))
  return [...new Set(keys)]
}

/** Whether a mask is anywhere in it. */
export const hasMask = (fragment: SqlFragment): boolean => fragment.masks === true || fragment.values.some(value => isFragment(value) && hasMask(value))

/** The secrets whose values the fragment needs, each once. */
export const secretsIn = (fragment: SqlFragment): Secret[] => [...new Set([...fragment.values, ...Object.values(fragment.own ?? {})].flatMap(value => (value instanceof Secret ? [value] : isFragment(value) ? secretsIn(value) : [])))]

/** The expressions of a query that another engine says in its own words, as text. */
export const ownWordsIn = (fragment: SqlFragment, dialect: ForeignDialect): string[] => fragment.values.flatMap(value => {
  if (!isFragment(value)) return []
  const own = value.own?.[dialect]
  return [...(own ? [sqlText(own, quoteIdentifier), ...ownWordsIn(own, dialect)] : ownWordsIn(value, dialect))]
})

/** The fragment as text in which secrets are only marked. `tableName` says what stands for an asset's table, `masked` what stands for a mask. */
export function sqlText(fragment: SqlFragment, tableName: (key: AssetKey) => string, masked: (expression: string) => string = expression => expression, secret: (secret: Secret) => string = value => value.mark()): string {
  const hole = (value: SqlValue): string => {
    if (value instanceof Secret) return quoteLiteral(secret(value))
    if (isFragment(value)) return value.masks ? masked(sqlText(value, tableName, masked, secret)) : sqlText(value, tableName, masked, secret)
    if (isTable(value)) return tableName(value.key)
    if (isColumn(value)) return quoteIdentifier(value.column)
    if (isType(value)) return value.sqlType
    return quoteLiteral(value)
  }
  return fragment.strings.reduce((text, part, i) => text + hole(fragment.values[i - 1]!) + part)
}

/** The fragment with the values of its secrets in it, as an engine must be given it. It must not be kept or shown. */
export function revealed(fragment: SqlFragment): SqlFragment {
  if (secretsIn(fragment).length === 0) return fragment
  const values = fragment.values.map(value => (value instanceof Secret ? value.reveal() : isFragment(value) ? revealed(value) : value))
  const own = fragment.own && Object.fromEntries(Object.entries(fragment.own).map(([dialect, text]) => [dialect, revealed(text)]))
  return Object.freeze({ ...fragment, values, ...(own && { own }) })
}

/** The one place where a name becomes SQL text. */
export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The one place where a value becomes SQL text. */
export function quoteLiteral(value: SqlLiteral): string {
  if (value === null) return 'null'
  // DuckDB's parser takes a zero for the end of the text.
  if (typeof value === 'string' && value.includes('\0')) return `(${value.split('\0').map(quoteLiteral).join(' || chr(0) || ')})`
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  if (value instanceof Date) return `timestamptz '${value.toISOString()}'`
  if (typeof value === 'number' && !Number.isFinite(value)) return `'${value}'::double`
  return String(value)
}

const has = (value: unknown, name: string) => typeof value === 'object' && value !== null && name in value
export const isFragment = (value: unknown): value is SqlFragment => has(value, 'strings') && has(value, 'values')
export const isTable = (value: unknown): value is TableReference => has(value, 'key')
export const isColumn = (value: unknown): value is ColumnName => has(value, 'column')
export const isType = (value: unknown): value is SqlTypeName => has(value, 'sqlType')
