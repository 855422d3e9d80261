import type { FileFormat } from '../definition/file-asset.ts'
import { exactPath } from '../duckdb/exact-path.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import { columnsInFile } from './drift.ts'
import { reachedColumns, type NestedColumns, type ReachedColumn } from './nested-columns.ts'

/** What must be known of a file to read it. */
export interface ReadableFile extends NestedColumns {
  readonly format: FileFormat
  /** Of the longest record, in bytes or signs. */
  readonly longest?: number | undefined
  /** The column that takes the text of lines which are no JSON; absent where there are none. */
  readonly linesInto?: string | undefined
}

/** What is selected of a file: its columns as text, named as the contract names them, and NULL for those that it lacks. */
export function rowsOf(file: ReadableFile, contractColumns: readonly string[]): string {
  if (file.format === 'parquet') return 'columns(*)::varchar'
  const columns = reachedColumns(file, contractColumns)
  const there = columnsInFile(contractColumns, columns.map(({ name }) => name))
  const names = new Map([...there].map(([name, inFile]) => [inFile, name]))
  return [
    ...columns.map(reached => selected(reached, names.get(reached.name) ?? reached.name, file.linesInto)),
    ...contractColumns.filter(name => !there.has(name)).map(name => `${name === file.linesInto ? lineValue([], true) : 'null::varchar'} as ${quoteIdentifier(name)}`),
  ].join(', ')
}

function selected({ name, within }: ReachedColumn, as: string, linesInto: string | undefined): string {
  if (linesInto !== undefined) return `${lineValue(within ? [within.parent, within.child] : [name], as === linesInto)} as ${quoteIdentifier(as)}`
  if (!within) return name === as ? quoteIdentifier(name) : `${quoteIdentifier(name)} as ${quoteIdentifier(as)}`
  return `json_extract_string(${quoteIdentifier(within.parent)}, ${quoteLiteral(`$."${within.child.replaceAll('"', '\\"')}"`)}) as ${quoteIdentifier(as)}`
}

const LINE = '"varve line"'
/** The line where it is a JSON object, else NULL. */
const OBJECT = '"varve object"'

/** A value within a line; where the line is no JSON object, its text or NULL. */
function lineValue(path: readonly string[], takesText: boolean): string {
  const value = path.length === 0 ? 'null::varchar' : `json_extract_string(${OBJECT}, ${quoteLiteral(`$${path.map(key => `."${key.replaceAll('"', '\\"')}"`).join('')}`)})`
  return takesText ? `case when ${OBJECT} is null then ${LINE} else ${value} end` : value
}

/** Beyond this a record needs more memory than readers set aside for one. */
const LONG_RECORD = 2_000_000

/** A table function that reads a file's rows, every value as text. */
export function fileReader(path: string, { format, columns, longest = 0, linesInto }: ReadableFile): string {
  const types = `{${columns.map(name => `${quoteLiteral(name)}: 'VARCHAR'`).join(', ')}}`
  const room = Math.ceil(longest * 1.1) + 1024
  // No separator of columns occurs in a text: the line is one column as it stands.
  if (linesInto !== undefined) return `(select ${LINE}, case when json_valid(${LINE}) and ltrim(${LINE}) like '{%' and len(json_keys(case when json_valid(${LINE}) then ${LINE} end)) = len(list_distinct(json_keys(case when json_valid(${LINE}) then ${LINE} end))) then ${LINE} end as ${OBJECT} from read_csv(${exactPath(path)}, auto_detect = false, header = false, delim = '\x01\x02\x03\x01', quote = '', escape = '', new_line = '\\n', strict_mode = false, hive_partitioning = false${longest > LONG_RECORD ? `, max_line_size = ${room}, buffer_size = ${room * 2}` : ''}, columns = {'varve line': 'VARCHAR'}) where trim(${LINE}) <> '')`
  switch (format) {
    case 'csv': return `read_csv(${exactPath(path)}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', nullstr = '', new_line = '\\n', strict_mode = false, hive_partitioning = false${longest > LONG_RECORD ? `, max_line_size = ${room}, buffer_size = ${room * 2}` : ''}, columns = ${types})`
    case 'json-lines': return `read_json(${exactPath(path)}, format = 'newline_delimited', hive_partitioning = false${longest > LONG_RECORD ? `, maximum_object_size = ${room * 4}` : ''}, columns = ${types})`
    case 'json-array': return `read_json(${exactPath(path)}, format = 'array', hive_partitioning = false${longest > LONG_RECORD ? `, maximum_object_size = ${room * 4}` : ''}, columns = ${types})`
    case 'parquet': return `read_parquet(${exactPath(path)}, hive_partitioning = false)`
  }
}
