import type { Snapshot } from '../delta/snapshot.ts'
import type { ColumnFacts } from './candidate.ts'

/** What the statistics of a table's files prove of a column. Bounds are told of whole numbers and decimals only: NaN is in no statistics, and texts may be cut. */
export function columnFacts(table: Snapshot, column: string): ColumnFacts | undefined {
  const nulls = table.nullCount(column)
  const type = table.schema.fields.find(({ name }) => name.toLowerCase() === column.toLowerCase())?.type
  const bounds = typeof type === 'string' && /^(byte|short|integer|long|decimal)/.test(type) ? table.bounds(column) : undefined
  return nulls === undefined && bounds === undefined ? undefined : { nulls, ...bounds }
}
