import { choosing, column, join, sql, type Contract, type SqlFragment } from '#framework'

/**
 * One row per key of the contract: the newest by its stamp; of equal stamps one that the rows themselves decide, column by column, so that
 * the order in which they stood in the file never shows. A run counts the others as duplicates.
 */
export function newestPerKey(rows: SqlFragment, { primaryKey, columns }: Contract, stamp?: string): SqlFragment {
  const newest = stamp === undefined ? [] : [sql`${column(stamp)} desc nulls last`]
  const others = columns.map(({ name, as }) => as ?? name).filter(name => !primaryKey.includes(name) && name !== stamp)
  return choosing({ rows, key: primaryKey }, sql`
    select *
    from (
      select *, row_number() over (partition by ${join(primaryKey.map(column))} order by ${join([...newest, ...others.map(column)])}) as _place
      from (${rows}) as delivered
    ) as placed
    where _place = 1`)
}
