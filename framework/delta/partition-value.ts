import { quoteLiteral } from '../vocabulary/sql.ts'
import { duckdbType } from './schema.ts'
import type { DeltaType } from './schema-types.ts'

/** A partition value of the log as SQL of the column's type; null and the empty text are NULL. */
export function partitionLiteral(value: string | null | undefined, type: DeltaType): string {
  const sqlType = duckdbType(type)
  if (value === null || value === undefined || value === '') return `null::${sqlType}`
  if (type === 'binary') return `${quoteLiteral([...Buffer.from(value, 'utf8')].map(byte => `\\x${byte.toString(16).padStart(2, '0').toUpperCase()}`).join(''))}::BLOB`
  return `${quoteLiteral(value)}::${sqlType}`
}

/** What DuckDB wrote for a partition's value, as the log wants it: instants in UTC as ISO 8601, the rest as it is. */
export function partitionText(value: string | null, type: DeltaType): string | null {
  if (value === null || value === '') return null
  if (type === 'timestamp') return `${value.replace(' ', 'T').replace(/[+-]\d\d(:\d\d)?$/, '').replace(/^(.{19})$/, '$1.000000').replace(/(\.\d+)$/, found => found.padEnd(7, '0'))}Z`
  return value
}
