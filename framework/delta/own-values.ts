import type { Connection } from '../duckdb/connection.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { CannotWrite } from './delta-errors.ts'
import { identityOf, nextNumbers, numbered, START } from './identity-column.ts'
import { duckdbType } from './schema.ts'
import type { StructField, StructType } from './schema-types.ts'
import { duckdbExpression } from './spark-expression.ts'

export const DEFAULT = 'CURRENT_DEFAULT'
export const GENERATED = 'delta.generationExpression'

/** Whether rows may lack a column since the table gives it a value of its own: the next number, a default, or what is computed from other columns. */
export const hasOwnValue = ({ metadata = {} }: StructField): boolean => START in metadata || DEFAULT in metadata || GENERATED in metadata

/** The columns that a table gives values to rows that have only some. */
export function valuesGiven({ fields }: StructType, rows: readonly string[]): string[] {
  const has = new Set(rows.map(name => name.toLowerCase()))
  return fields.filter(field => hasOwnValue(field) && !has.has(field.name.toLowerCase())).map(({ name }) => name)
}

export interface CompletedRows {
  /** All columns of the table, in the table's types. To be evaluated once: each time it numbers rows anew. */
  readonly query: string
  /** The columns that the rows lacked and the table gave. */
  readonly given: readonly string[]
  /** The table's schema after so many of the rows were written. */
  schemaAfter(rows: number): StructType
}

/**
 * Rows with what a table gives to columns that they lack. A column without a value of its own becomes NULL there.
 * @throws {CannotWrite} where rows bring numbers for a column that is generated always, or a value is said in words of Spark that are not sure to mean the same here
 */
export async function completeRows(connection: Connection, root: string, schema: StructType, query: string): Promise<CompletedRows> {
  const own = (await connection.describe(query)).map(({ name }) => name)
  const has = new Set(own.map(name => name.toLowerCase()))
  const lacks = (field: StructField) => !has.has(field.name.toLowerCase())
  for (const field of schema.fields) {
    if (!lacks(field) && identityOf(field)?.byDefault === false) throw new CannotWrite(`Column ${field.name} of ${root} is numbered by the table itself (generated always), but the rows bring numbers of their own.`, `Leave ${field.name} out of the rows.`)
  }
  const columns: string[] = []
  for (const { name, type, metadata = {} } of schema.fields.filter(field => lacks(field) && !(GENERATED in (field.metadata ?? {})))) {
    const identity = identityOf({ name, type, metadata, nullable: true })
    const text = metadata[DEFAULT]
    const value = identity ? nextNumbers(identity) : typeof text === 'string' ? await said(connection, root, `default of column ${name}`, text) : 'null'
    columns.push(`${value}::${duckdbType(type)} as ${quoteIdentifier(name)}`)
  }
  const stored = `select ${['*', ...columns].join(', ')} from (${query})`
  const late = schema.fields.filter(field => lacks(field) && GENERATED in (field.metadata ?? {}))
  const computed: string[] = []
  for (const { name, type, metadata } of late) {
    computed.push(`${await said(connection, root, `generated column ${name}`, String(metadata[GENERATED]), schema)}::${duckdbType(type)} as ${quoteIdentifier(name)}`)
  }
  const given = valuesGiven(schema, own)
  return {
    query: computed.length === 0 ? stored : `select *, ${computed.join(', ')} from (${typed(stored, schema.fields.filter(field => !late.includes(field)))})`,
    given,
    schemaAfter: rows => numbered(schema, given, rows),
  }
}

/** Expressions are about the table's types, not about those that the rows came in. */
const typed = (query: string, fields: readonly StructField[]): string =>
  `select ${fields.map(({ name, type }) => `${quoteIdentifier(name)}::${duckdbType(type)} as ${quoteIdentifier(name)}`).join(', ')} from (${query})`

async function said(connection: Connection, root: string, what: string, spark: string, schema?: StructType): Promise<string> {
  const sql = await duckdbExpression(connection, spark, schema)
  if (sql === undefined) throw new CannotWrite(`${root} has a ${what} that cannot be computed here: ${spark}.`, 'Give the column in the rows, or write them with Spark.')
  return sql
}
