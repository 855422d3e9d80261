import type { EngineSession } from '../engines/engine.ts'
import type { MaskedValues } from '../vocabulary/check-result.ts'
import { column, quoteIdentifier, sql, sqlText, type SqlFragment, type TableReference } from '../vocabulary/sql.ts'

/** Counts what became of the values of a masked column in a table of so many rows. */
export async function maskedValues(table: TableReference, name: string, rows: number, session: EngineSession): Promise<MaskedValues> {
  const nulls = await session.count(text(missingValues(table, name)))
  const invalid = await session.count(text(invalidValues(table, name)))
  return { masked: rows - nulls - invalid, nulls, invalid }
}

export const missingValues = (table: TableReference, name: string): SqlFragment => sql`select 1 from ${table} where ${isMissing(name)}`
export const invalidValues = (table: TableReference, name: string): SqlFragment => sql`select 1 from ${table} where ${isInvalid(name)}`

export const isMissing = (name: string): SqlFragment => sql`${column(name)} is null`
export const isInvalid = (name: string): SqlFragment => sql`${column(name)} is not null and not regexp_matches(${column(name)}, '[\\p{L}\\p{N}]')`

const text = (fragment: SqlFragment): string => sqlText(fragment, quoteIdentifier)
