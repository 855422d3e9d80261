import type { Connection } from '../duckdb/connection.ts'
import { writeParquet } from '../duckdb/copy-to-parquet.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import type { AddFile, PartitionValues } from './actions.ts'
import { adoptFiles, stagingFolder } from './adopt-files.ts'
import { fieldIds, withPhysicalNames } from './physical-names.ts'
import { writing } from './writing.ts'
import { fieldNamed, physicalName, type MappingMode, type StructType } from './schema-types.ts'

/** What a writer must know of a table: a snapshot has it, and so has a table that is about to be. */
export interface WriteTarget {
  readonly root: string
  readonly schema: StructType
  readonly partitionColumns: readonly string[]
  readonly mapping?: MappingMode | undefined
  readonly properties?: Readonly<Record<string, string>> | undefined
  /** Below the root. Default: the root itself. */
  readonly folder?: string | undefined
}

export interface WriteOptions {
  /** In bytes. Default: the table's `delta.targetFileSize`, else 128 MiB. */
  readonly targetFileSize?: number | undefined
  /** Rows a row group; a file has at least one. */
  readonly rowGroupSize?: number | undefined
  /** false where rows are only moved from other files of the table. */
  readonly dataChange?: boolean | undefined
  /** All rows are of this partition, by physical name: its files can then be sized. */
  readonly partition?: PartitionValues | undefined
  readonly signal?: AbortSignal | undefined
}

/** Writes a query's rows as data files of a table, cast to its schema, under the names that its files have. They are in their places, but in no version yet. */
export async function writeDataFiles(connection: Connection, query: string, target: WriteTarget, options: WriteOptions = {}): Promise<AddFile[]> {
  const { mapping = 'none', schema, properties = {} } = target
  const inPath = target.partitionColumns.map(name => physicalName(fieldNamed(schema, name)!, mapping))
  const fields = schema.fields.filter(field => field.type !== 'void' && !(options.partition && target.partitionColumns.includes(field.name)))
  const columns = fields.map(field => `${withPhysicalNames(`q.${quoteIdentifier(field.name)}`, field.type, mapping)} as ${quoteIdentifier(physicalName(field, mapping))}`)
  return writing(target.root, async () => {
    const written = await writeParquet(connection, `select ${columns.join(', ')} from (${query}) as q`, stagingFolder(target.root), {
      partitionBy: options.partition ? [] : inPath,
      targetFileSize: options.targetFileSize ?? byteCount(properties['delta.targetFileSize']),
      fieldIds: mapping === 'none' ? undefined : fieldIds(fields.filter(field => !target.partitionColumns.includes(field.name)), mapping),
      rowGroupSize: options.rowGroupSize,
      signal: options.signal,
    })
    return adoptFiles(target.root, written.files, schema, target.partitionColumns, { mapping, properties, dataChange: options.dataChange, folder: target.folder, partition: options.partition })
  })
}

/** As the property has it: `134217728`, `128mb` or `128 MiB`. */
export function byteCount(text: string | undefined): number | undefined {
  const parts = /^(\d+)\s*([kmgt]?)i?b?$/i.exec(text?.trim() ?? '')
  return parts ? Number(parts[1]) * 1024 ** ' kmgt'.indexOf(parts[2]!.toLowerCase() || ' ') : undefined
}
