import type { DescribedColumn } from '../duckdb/connection.ts'
import { columnType, type ColumnType } from '../duckdb/column-type.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'

/** An input as a query in Athena reads it. */
export interface AthenaInput {
  readonly name: string
  /** Its table, as Athena calls it. */
  readonly table: string
  /** In DuckDB's words. */
  readonly columns: readonly DescribedColumn[]
  /** In Athena's words. */
  readonly where?: string | undefined
}

/** By these words a query is known that failed on purpose. */
const WRONG_COLUMNS = 'varve columns'
const TOO_FINE = 'varve microseconds'

/**
 * A query that leaves the rows of another as parquet files, with the columns that are promised: what loses nothing is cast, all else
 * fails it, and so does an instant that is finer than what Athena writes.
 */
export function unloadText({ sql, inputs, columns, to }: { readonly sql: string; readonly inputs: readonly AthenaInput[]; readonly columns: readonly DescribedColumn[]; readonly to: string }): string {
  const out = columns.map(({ name, type }) => `${written(quoteIdentifier(name), columnType(type))} AS ${quoteIdentifier(name)}`)
  return `UNLOAD (\n${withInputs(inputs, `SELECT ${out.join(', ')}\nFROM (\n${sql}\n) AS made\nWHERE ${promise(columns)}`)}\n)\nTO ${quoteLiteral(to)}\nWITH (format = 'PARQUET', compression = 'ZSTD')`
}

/** A query with its inputs in front of it, under the names by which it calls them. */
export const withInputs = (inputs: readonly AthenaInput[], sql: string): string => (inputs.length === 0 ? sql : `WITH ${inputs.map(inputText).join(',\n')}\n${sql}`)

/** What Athena says of a query that {@link unloadText} had fail; undefined where it failed otherwise. */
export function saidOnPurpose(reason: string): { readonly kind: 'columns' | 'microseconds'; readonly told: string } | undefined {
  const columns = new RegExp(`${WRONG_COLUMNS}: ([^;]*);`).exec(reason)
  if (columns) return { kind: 'columns', told: columns[1]! }
  const fine = new RegExp(`${TOO_FINE}: ([^;]*);`).exec(reason)
  return fine ? { kind: 'microseconds', told: fine[1]! } : undefined
}

/** What Athena keeps by the millisecond, whatever is in the files. */
export const instantsIn = (columns: readonly DescribedColumn[]): string[] => columns.filter(({ type }) => /TIMESTAMP/i.test(type)).map(({ name }) => name)

function inputText({ name, table, columns, where }: AthenaInput): string {
  const items = columns.map(column => `${read(quoteIdentifier(column.name), columnType(column.type))} AS ${quoteIdentifier(column.name)}`)
  // The condition is about the columns as the query knows them.
  const rows = `SELECT ${items.join(', ')} FROM ${table}`
  return `${quoteIdentifier(name)} AS (${where === undefined ? rows : `SELECT * FROM (${rows}) AS slice WHERE ${where}`})`
}

/** Instants come with or without a zone, as the table is Delta's or Hive's; the session's is UTC. */
const read = (column: string, type: ColumnType): string => (isInstant(type) || isTimestamp(type) ? `CAST(${column} AS ${trinoType(type)})` : column)

/** What Hive's formats know: no instants, but timestamps of milliseconds. */
function written(column: string, type: ColumnType): string {
  if (isInstant(type)) return `CAST(${column} AT TIME ZONE 'UTC' AS timestamp(3))`
  if (isTimestamp(type)) return `CAST(${column} AS timestamp(3))`
  return `CAST(${column} AS ${trinoType(type)})`
}

function promise(columns: readonly DescribedColumn[]): string {
  const typed = columns.map(({ name, type }) => `regexp_like(typeof(${quoteIdentifier(name)}), ${quoteLiteral(acceptable(columnType(type)))})`)
  const told = columns.map(({ name }) => `${quoteLiteral(`${name.replaceAll(';', ',')} `)} || typeof(${quoteIdentifier(name)})`)
  const fine = columns.filter(({ type }) => isInstant(columnType(type)) || isTimestamp(columnType(type))).map(({ name }) => {
    const column = quoteIdentifier(name)
    return `CASE WHEN ${column} IS NULL OR date_trunc('millisecond', ${column}) = ${column} THEN true ELSE CAST(${quoteLiteral(`${TOO_FINE}: ${name};`)} AS boolean) END`
  })
  return [`CASE WHEN ${typed.join(' AND ')} THEN true ELSE CAST(${quoteLiteral(`${WRONG_COLUMNS}: `)} || ${told.join(' || \', \' || ')} || ';' AS boolean) END`, ...fine].join(' AND ')
}

/** The types from which a cast loses nothing, or fails the query, as a pattern. */
function acceptable(type: ColumnType): string {
  const whole = ['tinyint', 'smallint', 'integer', 'bigint']
  switch (type.kind) {
    case 'list': return '^array'
    case 'map': return '^map'
    case 'struct': return '^row'
    case 'scalar': {
      const name = type.name.toUpperCase()
      const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(name)
      if (decimal) return `^(${whole.join('|')}|decimal\\(\\d+,(${Array.from({ length: Number(decimal[2]) + 1 }, (_, scale) => scale).join('|')})\\))$`
      const at = whole.indexOf(trinoScalar(name))
      if (at >= 0) return `^(${whole.join('|')}|decimal\\(\\d+,0\\))$`
      switch (trinoScalar(name)) {
        case 'varchar': return '^varchar'
        case 'double': return '^(double|real|integer|smallint|tinyint)$'
        case 'real': return '^(real|smallint|tinyint)$'
        case 'timestamp(6) with time zone': return '^timestamp\\(\\d+\\) with time zone$'
        case 'timestamp(6)': return '^timestamp\\(\\d+\\)$'
        default: return `^${trinoScalar(name)}$`
      }
    }
  }
}

const isInstant = (type: ColumnType): boolean => type.kind === 'scalar' && trinoScalar(type.name.toUpperCase()) === 'timestamp(6) with time zone'
const isTimestamp = (type: ColumnType): boolean => type.kind === 'scalar' && trinoScalar(type.name.toUpperCase()) === 'timestamp(6)'

/** A type of DuckDB's as Trino calls it. */
export function trinoType(type: ColumnType): string {
  switch (type.kind) {
    case 'list': return `array(${trinoType(type.of)})`
    case 'map': return `map(${trinoType(type.key)}, ${trinoType(type.value)})`
    case 'struct': return `row(${type.fields.map(field => `${quoteIdentifier(field.name)} ${trinoType(field.type)}`).join(', ')})`
    case 'scalar': return trinoScalar(type.name.toUpperCase())
  }
}

function trinoScalar(name: string): string {
  const known = TRINO[name]
  return known ?? name.toLowerCase()
}

const TRINO: Readonly<Record<string, string>> = {
  FLOAT: 'real', BLOB: 'varbinary', TEXT: 'varchar', INT: 'integer',
  TIMESTAMP: 'timestamp(6)', TIMESTAMPTZ: 'timestamp(6) with time zone', 'TIMESTAMP WITH TIME ZONE': 'timestamp(6) with time zone',
}

/** A type of DuckDB's as Glue and Hive call it. */
export function glueType(type: ColumnType): string {
  switch (type.kind) {
    case 'list': return `array<${glueType(type.of)}>`
    case 'map': return `map<${glueType(type.key)},${glueType(type.value)}>`
    case 'struct': return `struct<${type.fields.map(field => `${field.name.toLowerCase()}:${glueType(field.type)}`).join(',')}>`
    case 'scalar': {
      const name = type.name.toUpperCase()
      return GLUE[name] ?? name.toLowerCase().replaceAll(' ', '')
    }
  }
}

const GLUE: Readonly<Record<string, string>> = {
  VARCHAR: 'string', TEXT: 'string', INTEGER: 'int', FLOAT: 'float', BLOB: 'binary', TIMESTAMP: 'timestamp', TIMESTAMPTZ: 'timestamp', 'TIMESTAMP WITH TIME ZONE': 'timestamp',
}
