import { inDialects, sql, sqlType, type SqlFragment, type SqlValue } from '../vocabulary/sql.ts'

/*
 * Expressions that engines see in different lights, said so that all give the same. DuckDB's meaning is the one that holds.
 */

/** The text without spaces around it: every space that Unicode knows, and no other white space. */
export function trimmed(text: SqlFragment): SqlFragment {
  const foreign = sql`regexp_replace(${text}, ${'\\A\\p{Zs}+|\\p{Zs}+\\z'}, '')`
  return inDialects(sql`trim(${text})`, { spark: foreign, trino: foreign })
}

/** Whether the whole text matches the pattern, of which all engines understand the same. */
export function matchesWhole(text: SqlValue, pattern: string): SqlFragment {
  const whole = `\\A(?:${pattern})\\z`
  return inDialects(sql`regexp_full_match(${text}, ${pattern})`, { spark: sql`(${text} rlike ${whole})`, trino: sql`regexp_like(${text}, ${whole})` })
}

/** A double as a decimal of 18 digits at most, halves away from zero; NULL where it has more of them, or is no number or infinite. */
export function decimalOf(double: SqlFragment, precision: number, scale: number): SqlFragment {
  if (precision > 18 || scale > precision) throw new Error(`decimal(${precision},${scale}) does not hold a double: at most 18 digits do`)
  const type = sqlType(`decimal(${precision},${scale})`)
  const unit = scale === 0 ? '1' : `0.${'0'.repeat(scale - 1)}1`
  return inDialects(sql`try_cast(${double} as ${type})`, {
    trino: { strings: ['case when abs(round((', `) * 1e${scale})) < 1e${precision} then cast(cast(round((`, `) * 1e${scale}) as bigint) * decimal '${unit}' as `, ') end'], values: [double, double, type] },
    spark: { strings: ['case when abs(round((', `) * 1e${scale}D)) < 1e${precision}D then cast(cast(round((`, `) * 1e${scale}D) as bigint) * ${unit} as `, ') end'], values: [double, double, type] },
  })
}

/** A text as a whole number, a decimal, a double, a truth value, a date or an instant, as DuckDB reads it; NULL where it can't be read. */
export function read(text: SqlFragment, type: string): SqlFragment {
  const target = sqlType(type)
  const duckdb = sql`try_cast(${text} as ${target})`
  const matching = (pattern: string, value: SqlFragment) => sql`case when ${text} rlike ${pattern} then ${value} end`
  switch (type.toLowerCase().replace(/\(.*/s, '')) {
    case 'tinyint': case 'smallint': case 'integer': case 'int': case 'bigint':
      return inDialects(duckdb, { spark: sql`case when ${text} rlike ${'\\A[+-]?[0-9]+\\z'} then try_cast(${text} as ${target}) when ${text} rlike ${NUMBER} then try_cast(round(try_cast(${text} as decimal(38,10))) as ${target}) end` })
    case 'decimal':
      return inDialects(duckdb, { spark: matching(NUMBER, sql`try_cast(${text} as ${target})`) })
    case 'double':
      return inDialects(duckdb, { spark: matching(`${NUMBER}|\\A[+-]?(?i:inf|infinity)\\z|\\A(?i:nan)\\z`, sql`try_cast(${text} as double)`) })
    case 'boolean':
      return inDialects(duckdb, { spark: sql`case when lower(${text}) in ('true', 't', '1', 'yes', 'y') then true when lower(${text}) in ('false', 'f', '0', 'no', 'n') then false end` })
    case 'date':
      return inDialects(duckdb, { spark: sql`try_cast(replace(nullif(regexp_extract(${text}, ${'\\A([0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2})(?![0-9])'}, 1), ''), '/', '-') as date)` })
    case 'timestamptz': case 'timestamp with time zone':
      return inDialects(duckdb, { spark: matching(INSTANT, sql`try_cast(${text} as timestamp)`) })
    default:
      return duckdb
  }
}

/** A text that gives a day, and perhaps a time of it, the American way. `as` is `date` or `timestamptz`. */
export function readAmerican(text: SqlFragment, as: 'date' | 'timestamptz'): SqlFragment {
  const [type, foreign] = as === 'date' ? [sqlType('date'), sqlType('date')] : [sqlType('timestamptz'), sqlType('timestamptz')]
  const patterns = as === 'date' ? sql`['%m/%d/%Y', '%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S']` : sql`['%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%m/%d/%Y']`
  return inDialects(sql`try_strptime(${text}, ${patterns})::${type}`, {
    spark: sql`cast(coalesce(try_to_timestamp(${text}, 'M/d/yyyy'), try_to_timestamp(${text}, 'M/d/yyyy H:m'), try_to_timestamp(${text}, 'M/d/yyyy H:m:s')) as ${foreign})`,
  })
}

const NUMBER = '\\A[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?\\z'
const INSTANT = '\\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)? ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?|[A-Za-z_]+/[A-Za-z_]+)?)?\\z'
