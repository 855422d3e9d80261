import { adoptFiles } from '../delta/adopt-files.ts'
import type { AddFile } from '../delta/actions.ts'
import { evolve } from '../delta/evolve-schema.ts'
import { numbered } from '../delta/identity-column.ts'
import { completeRows, valuesGiven } from '../delta/own-values.ts'
import { mappingMode } from '../delta/protocol.ts'
import { deltaSchemaOf, duckdbType } from '../delta/schema.ts'
import { fieldNamed, type StructType } from '../delta/schema-types.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import { newSchema } from '../delta/stage.ts'
import { widensTypes } from '../delta/type-widening.ts'
import { writeDataFiles } from '../delta/write-data-files.ts'
import type { Database } from '../duckdb/database.ts'
import type { Written } from '../engines/engine.ts'
import { filesAt } from '../objects/lake-files.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { relationOf } from './written.ts'

/** The table as it will be once its schema is another one. */
export const withSchema = (base: Snapshot, schema: StructType): Snapshot => base.with({ adds: [], removes: [], ...newSchema(base, schema), reads: { kind: 'nothing' }, metrics: {} })

export interface SchemaWithRows {
  /** What the rows' files are written in: wider than the table's where they have more columns, and these with the names that they have in files. */
  readonly files: StructType
  /** What the table has afterwards: where it numbers rows, they are counted. */
  readonly table: StructType
}

/** A table's schema with rows that an engine wrote. Both are the table's own where nothing changes. @throws {SchemaMismatch} */
export function schemaWith(base: Snapshot, rows: StructType, count: number): SchemaWithRows {
  const evolved = evolve(base.schema, rows, 'add', widensTypes(base))
  const files = evolved === base.schema ? evolved : withSchema(base, evolved).schema
  return { files, table: numbered(files, valuesGiven(files, rows.fields.map(({ name }) => name)), count) }
}

/** The columns of a query that is put in place of a table's rows: what the table promised of one of them holds on. */
export function promisedBefore(base: Snapshot, rows: StructType): StructType {
  return { ...rows, fields: rows.fields.map(field => {
    const known = base.schema.fields.find(({ name }) => name === field.name)
    return known && JSON.stringify(known.type) === JSON.stringify(field.type) ? known : field
  }) }
}

/**
 * What an engine wrote, as files of a table. They join it as they are where their columns have the table's types and names and the table gives them no
 * others; else their rows are written anew: a narrower type in a file misleads filters, and readers that cannot widen.
 */
export async function filesInTable(database: Database, root: string, written: Written, base: Snapshot | undefined, schema: StructType, partitionColumns: readonly string[], signal: AbortSignal): Promise<AddFile[]> {
  const own = deltaSchemaOf(written.columns)
  const same = own.fields.every(field => JSON.stringify(fieldNamed(schema, field.name)?.type && duckdbType(fieldNamed(schema, field.name)!.type)) === JSON.stringify(duckdbType(field.type)) && fieldNamed(schema, field.name)!.name === field.name)
  const asParted = written.files.every(({ partitionValues }) => Object.keys(partitionValues).length === partitionColumns.length && partitionColumns.every(name => name in partitionValues))
  const given = valuesGiven(schema, own.fields.map(({ name }) => name))
  if (written.files.length === 0 || (same && asParted && given.length === 0 && (base?.mapping ?? 'none') === 'none')) return adoptFiles(root, written.files, schema, partitionColumns)
  const target = base ? { root, schema: withSchema(base, schema).schema, partitionColumns, mapping: mappingMode(base.properties), properties: base.properties } : { root, schema, partitionColumns }
  const files = await database.use(async connection => {
    const { query } = await completeRows(connection, root, schema, relationOf(written))
    const columns = schema.fields.map(({ name, type }) => `${quoteIdentifier(name)}::${duckdbType(type)} as ${quoteIdentifier(name)}`)
    return writeDataFiles(connection, `select ${columns.join(', ')} from (${query})`, target, { signal })
  })
  await filesAt(root).remove(written.files.map(({ path }) => path))
  return files
}
