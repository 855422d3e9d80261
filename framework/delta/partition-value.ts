import { isoTime } from '../duckdb/iso-time.ts'
import { quoteLiteral } from '../vocabulary/sql.ts'
import { duckdbType } from './schema.ts'
import type { AddFile } from './actions.ts'
import { physicalName, type DeltaType, type MappingMode, type StructField, type StructType } from './schema-types.ts'

/** What the log says of a partition column for a file: by its physical name, where a writer has no other letters for it; null for NULL. */
export function partitionValue({ partitionValues }: Pick<AddFile, 'partitionValues'>, field: StructField, mode: MappingMode): string | null {
  const name = physicalName(field, mode)
  if (!partitionValues || name in partitionValues) return partitionValues?.[name] || null
  const other = Object.keys(partitionValues).find(key => key.toLowerCase() === name.toLowerCase()) ?? Object.keys(partitionValues).find(key => key.toLowerCase() === field.name.toLowerCase())
  return (other !== undefined && partitionValues[other]) || null
}

type Values = Readonly<Record<string, string | null>>

/**
 * Tells whether a file lies in a partition, both by physical names. Writers have different texts for one value: Spark's `1.0E300` is our `1e+300`, its
 * `2024-02-29 12:00:00` our `2024-02-29T12:00:00.000000Z`.
 */
export function inPartition({ schema, mapping }: { readonly schema: StructType; readonly mapping: MappingMode }): (file: Pick<AddFile, 'partitionValues'>, partition: Values) => boolean {
  const types = new Map(schema.fields.map(field => [physicalName(field, mapping), field.type]))
  const isSame = (one: string | null | undefined, other: string | null | undefined, type: DeltaType | undefined) =>
    one === other || (one || null) === (other || null) || (!!one && !!other && type !== undefined && plainText(one, type) === plainText(other, type))
  return ({ partitionValues }, partition) => Object.entries(partition).every(([column, value]) => isSame(partitionValues[column], value, types.get(column)))
}

/** One text for all that writers have for a value. */
function plainText(value: string, type: DeltaType): string {
  if (typeof type !== 'string') return value
  if (/^(?:byte|short|integer|long|decimal\(.*)$/.test(type)) {
    const [, minus = '', whole = '', digits = ''] = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(value) ?? [undefined, '', value]
    return `${minus === '-' && whole + digits !== '' ? '-' : ''}${whole}.${digits}`
  }
  if (type === 'float' || type === 'double') {
    const number = /^[+-]?inf/i.test(value) ? (value.startsWith('-') ? -Infinity : Infinity) : Number(value)
    return String(type === 'float' ? Math.fround(number) : number)
  }
  if (/^(?:date|timestamp)/.test(type)) {
    const [day, time = ''] = value.replace(/^\+/, '').replace(/Z$/, '').split(/[T ]/)
    return `${day} ${time.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '').replace(/^00:00:00$/, '')}`
  }
  return type === 'boolean' ? value.toLowerCase() : value
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
