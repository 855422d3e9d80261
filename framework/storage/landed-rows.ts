import type { FileFormat } from '../definition/file-asset.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import { columnsInFile } from './drift.ts'
import { reachedColumns, type NestedColumns, type ReachedColumn } from './nested-columns.ts'

/** What must be known of a file to read it. */
export interface ReadableFile extends NestedColumns {
  readonly format: FileFormat
  /** Of the longest record, in bytes or signs. */
  readonly longest?: number | undefined
}

/** What is selected of a file: its columns as text, named as the contract names them, and NULL for those that it lacks. */
export function rowsOf(file: ReadableFile, contractColumns: readonly string[]): string {
  if (file.format === 'parquet') return 'columns(*)::varchar'
  const columns = reachedColumns(file, contractColumns)
  const there = columnsInFile(contractColumns, columns.map(({ name }) => name))
  const names = new Map([...there].map(([name, inFile]) => [inFile, name]))
  return [
    ...columns.map(reached => selected(reached, names.get(reached.name) ?? reached.name)),
    ...contractColumns.filter(name => !there.has(name)).map(name => `null::varchar as ${quoteIdentifier(name)}`),
  ].join(', ')
}

function selected({ name, within }: ReachedColumn, as: string): string {
  if (!within) return name === as ? quoteIdentifier(name) : `${quoteIdentifier(name)} as ${quoteIdentifier(as)}`
  return `json_extract_string(${quoteIdentifier(within.parent)}, ${quoteLiteral(`$."${within.child.replaceAll('"', '\\"')}"`)}) as ${quoteIdentifier(as)}`
}

/** Beyond this a record needs more memory than readers set aside for one. */
const LONG_RECORD = 2_000_000

/** A table function that reads a file's rows, every value as text. */
export function fileReader(path: string, { format, columns, longest = 0 }: ReadableFile): string {
  const types = `{${columns.map(name => `${quoteLiteral(name)}: 'VARCHAR'`).join(', ')}}`
  const room = Math.ceil(longest * 1.1) + 1024
  switch (format) {
    case 'csv': return `read_csv(${quoteLiteral(path)}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', nullstr = '', new_line = '\\n', strict_mode = false, hive_partitioning = false${longest > LONG_RECORD ? `, max_line_size = ${room}, buffer_size = ${room * 2}` : ''}, columns = ${types})`
    case 'json-lines': return `read_json(${quoteLiteral(path)}, format = 'newline_delimited', hive_partitioning = false${longest > LONG_RECORD ? `, maximum_object_size = ${room * 4}` : ''}, columns = ${types})`
    case 'json-array': return `read_json(${quoteLiteral(path)}, format = 'array', hive_partitioning = false${longest > LONG_RECORD ? `, maximum_object_size = ${room * 4}` : ''}, columns = ${types})`
    case 'parquet': return `read_parquet(${quoteLiteral(path)}, hive_partitioning = false)`
  }
}
