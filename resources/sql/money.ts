import { CAST_FAILED, column, decimalOf, failedCasts, inDialects, join, sql, type SqlFragment } from '#framework'

/** A column of doubles as an amount of money; NULL where it is none: no number, infinite, or of more than 16 digits before the point. */
export const money = (name: string): SqlFragment => decimalOf(sql`${column(name)}`, 18, 2)

/** What of a row could not be read, in bronze or where {@link money} was made of these columns. */
export const failedMoney = (...names: readonly string[]): SqlFragment =>
  sql`coalesce(${join([column(CAST_FAILED), failedCasts(names.map(name => ({ name, text: text(name), value: money(name) })))])})`

const text = (name: string): SqlFragment => inDialects(sql`cast(${column(name)} as varchar)`, { spark: sql`cast(${column(name)} as string)`, trino: sql`cast(${column(name)} as varchar)` })
