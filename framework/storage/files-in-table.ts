import { adoptFiles } from '../delta/adopt-files.ts'
import type { AddFile } from '../delta/actions.ts'
import { deltaSchemaOf, duckdbType } from '../delta/schema.ts'
import { fieldNamed, type StructType } from '../delta/schema-types.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import { newSchema } from '../delta/stage.ts'
import { writeDataFiles } from '../delta/write-data-files.ts'
import type { Database } from '../duckdb/database.ts'
import type { Written } from '../engines/engine.ts'
import { filesAt } from '../objects/lake-files.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { relationOf } from './written.ts'

/** The table as it will be once its schema is another one. */
export const withSchema = (base: Snapshot, schema: StructType): Snapshot => base.with({ adds: [], removes: [], ...newSchema(base, schema), reads: { kind: 'nothing' }, metrics: {} })

/**
 * What an engine wrote, as files of a table. They join it as they are where their columns have the table's types and names; else their rows
 * are written anew: a narrower type in a file misleads filters, and readers that cannot widen.
 */
export async function filesInTable(database: Database, root: string, written: Written, base: Snapshot | undefined, schema: StructType, partitionColumns: readonly string[], signal: AbortSignal): Promise<AddFile[]> {
  const own = deltaSchemaOf(written.columns)
  const same = own.fields.every(field => JSON.stringify(fieldNamed(schema, field.name)?.type && duckdbType(fieldNamed(schema, field.name)!.type)) === JSON.stringify(duckdbType(field.type)) && fieldNamed(schema, field.name)!.name === field.name)
  if (written.files.length === 0 || (same && (base?.mapping ?? 'none') === 'none')) return adoptFiles(root, written.files, schema, partitionColumns)
  const target = base ? withSchema(base, schema) : { root, schema, partitionColumns }
  const columns = schema.fields.map(({ name, type }) => {
    const field = fieldNamed(own, name)
    return `${field ? quoteIdentifier(field.name) : 'null'}::${duckdbType(type)} as ${quoteIdentifier(name)}`
  })
  const files = await database.use(connection => writeDataFiles(connection, `select ${columns.join(', ')} from (${relationOf(written)})`, target, { signal }))
  await filesAt(root).remove(written.files.map(({ path }) => path))
  return files
}
