import { quoteLiteral } from '../vocabulary/sql.ts'
import type { AddFile } from './actions.ts'
import { partitionLiteral, partitionValue } from './partition-value.ts'
import { duckdbType } from './schema.ts'
import { physicalName, type DeltaType, type StructField } from './schema-types.ts'
import type { FileStats } from './summaries.ts'
import type { TableView } from './table-view.ts'
import { isChar } from './text-lengths.ts'

/** Whether the order of the log's statistics is DuckDB's order of the column's values. Of texts that are filled up with blanks they may tell what they were before. */
export const isOrdered = (field: StructField): boolean => !isChar(field) && isOrderedType(field.type)

const isOrderedType = (type: DeltaType): boolean =>
  typeof type === 'string' && /^(?:string|long|integer|short|byte|decimal.*|double|float|date|timestamp|timestamp_ntz)$/.test(type)

/** Lower and upper bound of a column in a file as SQL; null where there is none. An instant's upper bound was cut to the millisecond, so it gets one more. */
export function boundsSql(snapshot: TableView, file: AddFile, stats: FileStats, field: StructField): readonly [lower: string, upper: string] {
  const physical = physicalName(field, snapshot.mapping)
  if (snapshot.partitionColumns.includes(field.name)) {
    const value = partitionLiteral(partitionValue(file, field, snapshot.mapping), field.type)
    return [value, value]
  }
  const lower = stats.minValues?.[physical]
  const upper = stats.maxValues?.[physical]
  if ((typeof lower !== 'number' && typeof lower !== 'string') || (typeof upper !== 'number' && typeof upper !== 'string')) return ['null', 'null']
  const type = duckdbType(field.type)
  if (field.type === 'double') return doubleBounds(lower, upper)
  const later = field.type === 'timestamp' || field.type === 'timestamp_ntz' ? " + interval '1 millisecond'" : ''
  return [`try_cast(${quoteLiteral(String(lower))} as ${type})`, `try_cast(${quoteLiteral(String(upper))} as ${type})${later}`]
}

/** Where the column was of floats once, 1.1 stands for the float next to it, which as a double is another number. */
function doubleBounds(lower: number | string, upper: number | string): readonly [lower: string, upper: string] {
  const [least, most] = [lower, upper].map(bound => quoteLiteral(String(bound)))
  return [`least(try_cast(${least} as double), try_cast(${least} as float)::double)`, `greatest(try_cast(${most} as double), try_cast(${most} as float)::double)`]
}
