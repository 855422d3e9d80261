import type { DuckDBDecimalType, DuckDBListType, DuckDBMapType, DuckDBStructType, DuckDBType, DuckDBValue } from '@duckdb/node-api'

type NodeApi = typeof import('@duckdb/node-api')

/**
 * A JavaScript value as one of a DuckDB type. Generous where nothing is lost: text for dates, timestamps, decimals and integers,
 * numbers for decimals and BIGINT, objects for JSON and VARCHAR. @throws an Error that says what was found instead.
 */
export function databaseValue(api: NodeApi, value: unknown, type: DuckDBType): DuckDBValue {
  if (value === null || value === undefined) return null
  const ids = api.DuckDBTypeId
  switch (type.typeId) {
    case ids.BOOLEAN:
      if (typeof value === 'boolean') return value
      throw misfit(value, 'BOOLEAN')
    case ids.TINYINT: return Number(integer(value, -128n, 127n, 'TINYINT'))
    case ids.SMALLINT: return Number(integer(value, -32768n, 32767n, 'SMALLINT'))
    case ids.INTEGER: return Number(integer(value, -2147483648n, 2147483647n, 'INTEGER'))
    case ids.BIGINT: return integer(value, -(2n ** 63n), 2n ** 63n - 1n, 'BIGINT')
    case ids.HUGEINT: return integer(value, -(2n ** 127n), 2n ** 127n - 1n, 'HUGEINT')
    case ids.UTINYINT: return Number(integer(value, 0n, 255n, 'UTINYINT'))
    case ids.USMALLINT: return Number(integer(value, 0n, 65535n, 'USMALLINT'))
    case ids.UINTEGER: return Number(integer(value, 0n, 2n ** 32n - 1n, 'UINTEGER'))
    case ids.UBIGINT: return integer(value, 0n, 2n ** 64n - 1n, 'UBIGINT')
    case ids.FLOAT:
    case ids.DOUBLE: return float(value)
    case ids.DECIMAL: return decimal(api, value, type as DuckDBDecimalType)
    case ids.VARCHAR: return text(value)
    case ids.BLOB:
      if (value instanceof Uint8Array) return new api.DuckDBBlobValue(value)
      throw misfit(value, 'BLOB')
    case ids.DATE: return new api.DuckDBDateValue(Number(micros(value, 'DATE') / 86_400_000_000n))
    case ids.TIMESTAMP: return new api.DuckDBTimestampValue(micros(value, 'TIMESTAMP'))
    case ids.TIMESTAMP_TZ: return new api.DuckDBTimestampTZValue(micros(value, 'TIMESTAMPTZ'))
    case ids.LIST: return list(api, value, type as DuckDBListType)
    case ids.STRUCT: return struct(api, value, type as DuckDBStructType)
    case ids.MAP: return map(api, value, type as DuckDBMapType)
    default: return api.JSToDuckDBValueConverter(value as never, type, api.JSToDuckDBValueConverter as never)
  }
}

function integer(value: unknown, least: bigint, most: bigint, name: string): bigint {
  const exact = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value)) || (typeof value === 'string' && /^[+-]?\d+$/.test(value.trim()))
  if (!exact) throw misfit(value, name)
  const whole = BigInt(value as string)
  if (whole < least || whole > most) throw new Error(`${whole} is out of the range of ${name}`)
  return whole
}

function float(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'bigint') return Number(number)
  if (typeof number !== 'number' || (Number.isNaN(number) && typeof value === 'string' && !/^nan$/i.test(value))) throw misfit(value, 'DOUBLE')
  return number
}

function decimal(api: NodeApi, value: unknown, { width, scale }: DuckDBDecimalType): DuckDBValue {
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(typeof value === 'object' ? '' : String(value).trim())
  if (!parts || (parts[2] === '' && !parts[3])) throw misfit(value, `DECIMAL(${width},${scale})`)
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  const shift = scale + Number(exponent) - fraction.length
  const digits = BigInt(whole + fraction)
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : roundedQuotient(digits, 10n ** BigInt(-shift))
  if (scaled >= 10n ** BigInt(width)) throw new Error(`${String(value)} has more digits than DECIMAL(${width},${scale}) holds`)
  return new api.DuckDBDecimalValue(sign === '-' ? -scaled : scaled, width, scale)
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)) : String(value)
}

/** Microseconds since 1970. A text without a zone counts as UTC; more than six decimals are cut. */
function micros(value: unknown, name: string): bigint {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new Error(`an invalid Date is no ${name}`)
    const millis = BigInt(value.getTime())
    return name === 'DATE' ? floorTo(millis * 1000n, 86_400_000_000n) : millis * 1000n
  }
  const parts = typeof value === 'string' ? /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i.exec(value.trim()) : null
  if (!parts) throw misfit(value, name)
  const [, day, minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = parts
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_, hours: string, more = '00') => `${hours}:${more}`)
  const millis = Date.parse(`${day}T${minutes}:${seconds}${name === 'DATE' ? 'Z' : offset}`)
  if (Number.isNaN(millis)) throw misfit(value, name)
  const total = BigInt(millis) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6))
  return name === 'DATE' ? floorTo(total, 86_400_000_000n) : total
}

function list(api: NodeApi, value: unknown, type: DuckDBListType): DuckDBValue {
  if (!Array.isArray(value)) throw misfit(value, 'a list')
  return new api.DuckDBListValue(value.map(item => databaseValue(api, item, type.valueType)))
}

function struct(api: NodeApi, value: unknown, type: DuckDBStructType): DuckDBValue {
  if (typeof value !== 'object' || Array.isArray(value)) throw misfit(value, 'a struct')
  const object = value as Record<string, unknown>
  return new api.DuckDBStructValue(Object.fromEntries(type.entryNames.map((name, i) => [name, databaseValue(api, object[name], type.entryTypes[i]!)])))
}

/** From a `Map`, an array of `{ key, value }`, or a plain object. */
function map(api: NodeApi, value: unknown, type: DuckDBMapType): DuckDBValue {
  if (typeof value !== 'object' || value === null) throw misfit(value, 'a map')
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Array.isArray(value) ? value.map(entry => [entry.key, entry.value]) : Object.entries(value)
  return new api.DuckDBMapValue(entries.map(([key, item]) => ({ key: databaseValue(api, key, type.keyType), value: databaseValue(api, item, type.valueType) })))
}

const floorTo = (value: bigint, unit: bigint) => value - (((value % unit) + unit) % unit)
const roundedQuotient = (value: bigint, by: bigint) => (value + by / 2n) / by
const misfit = (value: unknown, name: string) => new Error(`${shown(value)} is no ${name.replace(/^a /, '')}`)
const shown = (value: unknown) => (typeof value === 'string' ? `"${value.slice(0, 40)}"` : typeof value === 'object' ? 'an object' : String(value))
