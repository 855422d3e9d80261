import type { Connection } from '../duckdb/connection.ts'
import { writeParquet } from '../duckdb/copy-to-parquet.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import type { AddFile } from './actions.ts'
import { adoptFiles, stagingFolder } from './adopt-files.ts'
import { duckdbType } from './schema.ts'
import type { MappingMode, StructType } from './schema-types.ts'

/** What a writer must know of a table: a snapshot has it, and so has a table that is about to be. */
export interface WriteTarget {
  readonly root: string
  readonly schema: StructType
  readonly partitionColumns: readonly string[]
  readonly mapping?: MappingMode | undefined
  readonly properties?: Readonly<Record<string, string>> | undefined
}

export interface WriteOptions {
  /** In bytes. Default: the table's `delta.targetFileSize`, else 128 MiB. */
  readonly targetFileSize?: number | undefined
  /** false where rows are only moved from other files of the table. */
  readonly dataChange?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** Writes a query's rows as data files of a table, cast to its schema. They are in their places, but in no version yet. */
export async function writeDataFiles(connection: Connection, query: string, target: WriteTarget, options: WriteOptions = {}): Promise<AddFile[]> {
  const columns = target.schema.fields.filter(field => field.type !== 'void').map(({ name, type }) => `q.${quoteIdentifier(name)}::${duckdbType(type)} as ${quoteIdentifier(name)}`)
  const written = await writeParquet(connection, `select ${columns.join(', ')} from (${query}) as q`, stagingFolder(target.root), {
    partitionBy: target.partitionColumns,
    targetFileSize: options.targetFileSize ?? byteCount(target.properties?.['delta.targetFileSize']),
    signal: options.signal,
  })
  return adoptFiles(target.root, written.files, target.schema, target.partitionColumns, { mapping: target.mapping, properties: target.properties, dataChange: options.dataChange })
}

/** As the property has it: `134217728`, `128mb` or `128 MiB`. */
export function byteCount(text: string | undefined): number | undefined {
  const parts = /^(\d+)\s*([kmgt]?)i?b?$/i.exec(text?.trim() ?? '')
  return parts ? Number(parts[1]) * 1024 ** ' kmgt'.indexOf(parts[2]!.toLowerCase() || ' ') : undefined
}
