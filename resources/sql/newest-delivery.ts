import { POSITION, column, join, sql, type Contract, type SqlFragment, type SqlValue } from '#framework'

/**
 * The rows of the newest delivery of a table that comes as a whole each time, and lies by `_proc_date`: the columns of its contract, and what
 * could not be cast and where it stood. The day is not among them: a row that is delivered again as it was is no other row.
 */
export const newestDelivery = (table: SqlValue, { columns }: Contract): SqlFragment => sql`
  select ${join([...columns.map(({ name, as }) => column(as ?? name)), sql`_cast_failed`, POSITION])}
  from ${table}
  where _proc_date = (select max(_proc_date) from ${table})`
