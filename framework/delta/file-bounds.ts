import { quoteLiteral } from '../vocabulary/sql.ts'
import type { AddFile } from './actions.ts'
import { partitionLiteral } from './partition-value.ts'
import { duckdbType } from './schema.ts'
import { physicalName, type StructField } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import type { FileStats } from './summaries.ts'

/** Whether the order of the log's statistics is DuckDB's order of the type's values. */
export const isOrdered = ({ type }: StructField): boolean =>
  typeof type === 'string' && /^(?:string|long|integer|short|byte|decimal.*|double|float|date|timestamp|timestamp_ntz)$/.test(type)

/** Lower and upper bound of a column in a file as SQL; null where there is none. An instant's upper bound was cut to the millisecond, so it gets one more. */
export function boundsSql(snapshot: Snapshot, file: AddFile, stats: FileStats, field: StructField): readonly [lower: string, upper: string] {
  const physical = physicalName(field, snapshot.mapping)
  if (snapshot.partitionColumns.includes(field.name)) {
    const value = partitionLiteral(file.partitionValues[physical], field.type)
    return [value, value]
  }
  const lower = stats.minValues?.[physical]
  const upper = stats.maxValues?.[physical]
  if ((typeof lower !== 'number' && typeof lower !== 'string') || (typeof upper !== 'number' && typeof upper !== 'string')) return ['null', 'null']
  const type = duckdbType(field.type)
  const later = field.type === 'timestamp' || field.type === 'timestamp_ntz' ? " + interval '1 millisecond'" : ''
  return [`${quoteLiteral(String(lower))}::${type}`, `${quoteLiteral(String(upper))}::${type}${later}`]
}
