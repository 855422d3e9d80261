import { isoTime } from '../duckdb/iso-time.ts'
import { quoteLiteral } from '../vocabulary/sql.ts'
import { duckdbType } from './schema.ts'
import type { AddFile } from './actions.ts'
import { physicalName, type DeltaType, type MappingMode, type StructField } from './schema-types.ts'

/** What the log says of a partition column for a file: by its physical name, where a writer has no other letters for it; null for NULL. */
export function partitionValue({ partitionValues }: Pick<AddFile, 'partitionValues'>, field: StructField, mode: MappingMode): string | null {
  const name = physicalName(field, mode)
  if (!partitionValues || name in partitionValues) return partitionValues?.[name] || null
  const other = Object.keys(partitionValues).find(key => key.toLowerCase() === name.toLowerCase()) ?? Object.keys(partitionValues).find(key => key.toLowerCase() === field.name.toLowerCase())
  return (other !== undefined && partitionValues[other]) || null
}

/** A partition value of the log as SQL of the column's type; null and the empty text are NULL. Java tells years of more than four digits with a sign. */
export function partitionLiteral(value: string | null | undefined, type: DeltaType): string {
  const sqlType = duckdbType(type)
  if (value === null || value === undefined || value === '') return `null::${sqlType}`
  if (type === 'binary') return `${quoteLiteral([...Buffer.from(value, 'utf8')].map(byte => `\\x${byte.toString(16).padStart(2, '0').toUpperCase()}`).join(''))}::BLOB`
  return `${quoteLiteral(/^(?:DATE|TIMESTAMP)/.test(sqlType) ? value.replace(/^\+/, '') : value)}::${sqlType}`
}

/** What DuckDB wrote for a partition's value, as the log wants it: instants in UTC as ISO 8601, years before our era with a sign, bytes as the text that they are in UTF-8, the rest as it is. */
export function partitionText(value: string | null, type: DeltaType): string | null {
  if (value === null || value === '') return null
  const before = /\(BC\)/.test(value) && typeof type === 'string' && /^(?:date|timestamp)/.test(type)
  if (before) return partitionText(isoTime(value).replace(/^-0+(?=\d{4})/, '-').replace('T', ' '), type)
  if (type === 'timestamp') return `${value.replace(' ', 'T').replace(/[+-]\d\d(:\d\d)?$/, '').replace(/:\d\d$/, '$&.000000').replace(/(\.\d+)$/, found => found.padEnd(7, '0'))}Z`
  if (type === 'binary') return bytesOf(value).toString('utf8')
  return value
}

/** DuckDB shows what is no plain letter as two digits: `\xC3\xA4`, and a backslash itself too. It refuses to partition by what is no text. */
const bytesOf = (shown: string): Buffer => Buffer.from(shown.replace(/\\x([0-9A-F]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))), 'latin1')
