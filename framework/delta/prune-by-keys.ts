import type { Connection } from '../duckdb/connection.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import type { AddFile } from './actions.ts'
import { partitionLiteral } from './partition-value.ts'
import { duckdbType } from './schema.ts'
import { fieldNamed, physicalName, type StructField } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import { statsOf, type FileStats } from './summaries.ts'

/**
 * The files that may hold a row with one of the keys in a relation, by partition values and statistics. For each file the least key that
 * is not below its minimum is found (an ASOF join); the file may match where that is not above its maximum.
 */
export async function filesWithKeys(connection: Connection, snapshot: Snapshot, keys: string, on: readonly string[]): Promise<AddFile[]> {
  let files = [...snapshot.files]
  for (const name of on) {
    const field = fieldNamed(snapshot.schema, name)!
    if (files.length === 0 || typeof field.type !== 'string' || !ORDERED.test(field.type)) continue
    const column = quoteIdentifier(field.name)
    const rows = files.map((file, i) => `(${i}, ${range(snapshot, file, field).join(', ')})`)
    const bounds = `select i, lo::${duckdbType(field.type)} as lo, hi::${duckdbType(field.type)} as hi from (values ${rows.join(', ')}) as v(i, lo, hi)`
    const found = await connection.rows<{ i: number }>(`
      with f as (${bounds}), k as (select distinct ${column} as k from ${keys})
      select i from f where lo is null or hi is null
      union
      select f.i from f asof join k on f.lo <= k.k where k.k <= f.hi`)
    const indexes = new Set(found.map(({ i }) => Number(i)))
    files = files.filter((_, i) => indexes.has(i))
  }
  return files
}

const ORDERED = /^(?:string|long|integer|short|byte|decimal.*|double|float|date|timestamp|timestamp_ntz)$/

/** Lower and upper bound of a column in a file as SQL; null where there is none. An instant's upper bound was cut to the millisecond. */
function range(snapshot: Snapshot, file: AddFile, field: StructField): readonly [lower: string, upper: string] {
  const physical = physicalName(field, snapshot.mapping)
  if (snapshot.partitionColumns.includes(field.name)) {
    const value = partitionLiteral(file.partitionValues[physical], field.type)
    return [value, value]
  }
  const stats: FileStats = statsOf(file)
  const lower = stats.minValues?.[physical]
  const upper = stats.maxValues?.[physical]
  if ((typeof lower !== 'number' && typeof lower !== 'string') || (typeof upper !== 'number' && typeof upper !== 'string')) return ['null', 'null']
  const type = duckdbType(field.type)
  const later = field.type === 'timestamp' || field.type === 'timestamp_ntz' ? " + interval '1 millisecond'" : ''
  return [`${quoteLiteral(String(lower))}::${type}`, `${quoteLiteral(String(upper))}::${type}${later}`]
}
