import type { DuckDBType, DuckDBValue, DuckDBValueConverter } from '@duckdb/node-api'
import { isoTime } from './iso-time.ts'

type NodeApi = typeof import('@duckdb/node-api')

/** One row as JavaScript values, by column name. */
export type Row = Record<string, unknown>

/**
 * DuckDB values as JavaScript ones. BIGINT and HUGEINT are `bigint`, DECIMAL is its exact text, dates and timestamps are `Date`
 * (in UTC, cut to the millisecond: cast to VARCHAR in the query where the microseconds matter), BLOB is bytes,
 * LIST an array, STRUCT an object, MAP an array of `{ key, value }`.
 */
export function javaScriptValues(api: NodeApi): DuckDBValueConverter<unknown> {
  const convert: DuckDBValueConverter<unknown> = (value, type) => {
    if (value !== null && type.typeId === api.DuckDBTypeId.DECIMAL) return String(value)
    return api.JSDuckDBValueConverter(value, type, convert as never)
  }
  return convert
}

/**
 * DuckDB values as JSON holds them: integers as numbers while they are exact there, else as text; DECIMAL as text;
 * dates and timestamps as ISO 8601, with microseconds where there are any and six digits of a year before our era; MAP an array of `{ key, value }`; NaN and infinities as text.
 */
export function jsonValues(api: NodeApi): DuckDBValueConverter<unknown> {
  const ids = api.DuckDBTypeId
  const convert: DuckDBValueConverter<unknown> = (value: DuckDBValue, type: DuckDBType) => {
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    if (value !== null && type.typeId === ids.TIMESTAMP_TZ) return isoText(String(value), 'Z')
    if (value !== null && (type.typeId === ids.TIMESTAMP || type.typeId === ids.TIMESTAMP_MS || type.typeId === ids.TIMESTAMP_S)) return isoText(String(value), '')
    if (value !== null && type.typeId === ids.DATE) return isoTime(String(value))
    return api.JsonDuckDBValueConverter(value, type, convert as never)
  }
  return convert
}

const isoText = (text: string, zone: string) => (/^\d/.test(text) ? `${isoTime(text).replace(/[+-]\d\d(:\d\d)?$/, '')}${zone}` : text)
