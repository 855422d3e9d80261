import type { FileFormat } from '../definition/file-asset.ts'
import { columnSample, type ColumnSample } from './column-kind.ts'
import type { NestedColumns } from './nested-columns.ts'
import { firstObjects } from './file-columns.ts'

const ROWS = 500

/** What the first rows of a file hold, by column. Parquet tells its own types. */
export function sampleColumns(location: string, format: FileFormat, head: string, { columns, nested = {} }: NestedColumns): Readonly<Record<string, ColumnSample>> {
  const rows = format === 'parquet' ? [] : format === 'csv' ? csvRows(head, columns) : (format === 'json-lines' ? objectsOf(head) : [...few(firstObjects(location, head))]) as Record<string, unknown>[]
  const within = Object.entries(nested).flatMap(([parent, children]) => children.map(child => [`${parent}.${child}`, columnSample(rows.map(row => (row[parent] as Record<string, unknown> | null | undefined)?.[child]))] as const))
  return Object.fromEntries([...columns.map(name => [name, columnSample(rows.map(row => row[name]))] as const), ...within])
}

/** The objects on the lines within the head. A line that the head ends in the middle of is left out; that none is broken was seen before. */
function objectsOf(head: string): object[] {
  return head.split('\n', ROWS).flatMap(line => {
    try {
      return line.trim() === '' ? [] : [JSON.parse(line.replace(/^\uFEFF/, '')) as object]
    } catch {
      return []
    }
  })
}

function* few(rows: Iterable<object>): Generator<object> {
  let count = 0
  for (const row of rows) {
    if (count >= ROWS) return
    count += 1
    yield row
  }
}

/** The records behind the header that lie wholly within the head. */
function csvRows(head: string, columns: readonly string[]): Record<string, string>[] {
  const records: string[][] = []
  let fields: string[] = []
  let field = ''
  let quoted = false
  for (let at = head.startsWith('\uFEFF') ? 1 : 0; at < head.length && records.length <= ROWS; at += 1) {
    const letter = head[at]!
    if (quoted) {
      if (letter !== '"') field += letter
      else if (head[at + 1] === '"') field += head[(at += 1)]
      else quoted = false
    } else if (letter === '"') quoted = true
    else if (letter === ',') {
      fields.push(field)
      field = ''
    }
    else if (letter === '\n') {
      if (fields.length > 0 || field.trim() !== '') records.push([...fields, field.replace(/\r$/, '')])
      ;[fields, field] = [[], '']
    } else field += letter
  }
  if (head.length < 262_144 && (fields.length > 0 || field !== '')) records.push([...fields, field.replace(/\r$/, '')])
  return records.slice(1).map(record => Object.fromEntries(columns.map((name, i) => [name, record[i] ?? ''])))
}
