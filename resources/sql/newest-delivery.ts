import { sql, type SqlFragment, type SqlValue } from '#framework'

/** The rows of the newest delivery of a table that comes as a whole each time, and lies by `_proc_date`. */
export const newestDelivery = (table: SqlValue): SqlFragment => sql`
  select *
  from ${table}
  where _proc_date = (select max(_proc_date) from ${table})`
