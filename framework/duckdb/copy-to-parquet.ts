import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import { QueryFailed } from './duckdb-errors.ts'
import { exactPath } from './exact-path.ts'
import type { Connection, DescribedColumn } from './connection.ts'
import { storableTypeText } from './storable-type.ts'

/** A parquet file that was just written. Statistics are what DuckDB gathered while writing, so they cost no second look. */
export interface WrittenFile {
  /** Absolute. */
  readonly path: string
  readonly bytes: number
  readonly rows: number
  /** By column name, as text; null where the column is NULL. Empty when not partitioned. */
  readonly partitionValues: Readonly<Record<string, string | null>>
  /** By quoted path, as in `"s"."a"`: `min`, `max`, `null_count`, `has_nan` ..., all as text. Texts longer than 256 bytes come cut. */
  readonly columnStats: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export interface WrittenParquet {
  readonly files: readonly WrittenFile[]
  readonly rows: number
  readonly bytes: number
  /** The columns as they were stored, partition columns included. */
  readonly columns: readonly DescribedColumn[]
}

export interface CopyOptions {
  /** The names of the files begin so, and the folder may be there already with other files in it. Not with `partitionBy`. */
  readonly prefix?: string | undefined
  readonly partitionBy?: readonly string[] | undefined
  /** In bytes; a file is closed once it is this large. Default 128 MiB. */
  readonly targetFileSize?: number | undefined
  /** Rows a row group, of which a file has at least one. Default: DuckDB's own, 122,880. */
  readonly rowGroupSize?: number | undefined
  readonly compression?: 'zstd' | 'snappy' | 'uncompressed' | undefined
  /** Parquet field ids by column name. */
  readonly fieldIds?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes a query's rows as parquet files into a folder that it makes (and empties on failure). Columns that other engines could not
 * read are cast first, see {@link storableTypeText}. No rows make no files.
 */
export async function writeParquet(connection: Connection, sql: string, folder: string, options: CopyOptions = {}): Promise<WrittenParquet> {
  const described = await connection.describe(sql)
  const columns = described.map(({ name, type }) => ({ name, type: storableTypeText(type) }))
  const casts = columns.some((column, i) => column.type !== described[i]!.type)
  const query = casts ? `select ${columns.map(({ name, type }, i) => castTo(name, type, described[i]!.type)).join(', ')} from (${sql})` : sql
  makeFolder(dirname(folder))
  try {
    const copying = connection.rows<CopiedFile>(`copy (${query}) to ${quoteLiteral(folder)} (${copySettings(options).join(', ')})`, { signal: options.signal })
    crashpoint('files-begun')
    const rows = await copying
    crashpoint('files-written')
    const files = rows.map(writtenFile)
    for (const file of files) if (file.rows === 0) rmSync(file.path, { force: true })
    const written: WrittenFile[] = []
    for (const file of files) if (file.rows > 0) written.push(...await inSize(connection, file, options))
    return { files: written, columns, rows: sum(written, 'rows'), bytes: sum(written, 'bytes') }
  } catch (error) {
    takeAway(folder, options.prefix)
    throw error
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new QueryFailed(`IO Error: ${error instanceof Error ? error.message : String(error)}`, `mkdir ${folder}`)
  }
}

/** Whatever was written so far. */
function takeAway(folder: string, prefix: string | undefined): void {
  if (prefix === undefined) rmSync(folder, { recursive: true, force: true })
  else for (const name of readdirSync(folder)) if (name.startsWith(prefix)) rmSync(join(folder, name), { force: true })
}

/** DuckDB cannot yet size the files of a partitioned write, so a partition that came out much too large is written once more, by itself. */
async function inSize(connection: Connection, file: WrittenFile, options: CopyOptions): Promise<WrittenFile[]> {
  const { partitionBy = [], targetFileSize = DEFAULT_FILE_SIZE } = options
  if (partitionBy.length === 0 || file.bytes < targetFileSize * 1.5) return [file]
  const folder = `${file.path}.split`
  const settings = copySettings({ ...options, partitionBy: [] }).join(', ')
  const rows = await connection.rows<CopiedFile>(`copy (select * from read_parquet(${exactPath(file.path)}, hive_partitioning=false)) to ${quoteLiteral(folder)} (${settings})`, { signal: options.signal })
  rmSync(file.path)
  return rows.map(writtenFile).map(part => withPartition(part, file.partitionValues))
}

const withPartition = (file: WrittenFile, partitionValues: WrittenFile['partitionValues']): WrittenFile => ({ ...file, partitionValues })
const DEFAULT_FILE_SIZE = 128 * 1024 * 1024

interface CopiedFile {
  readonly filename: string
  readonly count: bigint
  readonly file_size_bytes: bigint
  readonly column_statistics: readonly Entry<readonly Entry<string>[]>[]
  readonly partition_keys: readonly Entry<string | null>[] | null
}

interface Entry<T> {
  readonly key: string
  readonly value: T
}

function copySettings({ partitionBy = [], targetFileSize = DEFAULT_FILE_SIZE, compression = 'zstd', fieldIds, rowGroupSize, prefix }: CopyOptions): string[] {
  const settings = ['format parquet', `compression ${compression}`, 'return_stats', `filename_pattern ${quoteLiteral(prefix === undefined ? 'part-{uuid}' : `${prefix}{i}-c000.zstd`)}`]
  if (prefix !== undefined) settings.push('overwrite_or_ignore')
  if (rowGroupSize !== undefined) settings.push(`row_group_size ${rowGroupSize}`)
  if (fieldIds !== undefined) settings.push(`field_ids ${fieldIds}`)
  if (partitionBy.length > 0) settings.push(`partition_by (${partitionBy.map(quoteIdentifier).join(', ')})`, 'write_partition_columns false')
  else settings.push(`file_size_bytes ${targetFileSize}`, 'write_empty_file false')
  return settings
}

function writtenFile(file: CopiedFile): WrittenFile {
  return {
    path: file.filename,
    bytes: Number(file.file_size_bytes),
    rows: Number(file.count),
    partitionValues: record(file.partition_keys ?? []),
    columnStats: record(file.column_statistics.map(({ key, value }) => ({ key, value: record(value) }))),
  }
}

const castTo = (name: string, type: string, was: string) => (type === was ? quoteIdentifier(name) : `${quoteIdentifier(name)}::${type} as ${quoteIdentifier(name)}`)
const record = <T>(entries: readonly Entry<T>[]): Record<string, T> => Object.fromEntries(entries.map(({ key, value }) => [key, value]))
const sum = (files: readonly WrittenFile[], what: 'rows' | 'bytes') => files.reduce((total, file) => total + file[what], 0)
