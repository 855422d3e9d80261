import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { parseQueries } from '../../framework/graph/parsed-query.ts'
import { comesThrough } from '../../framework/graph/row-by-row.ts'
import { rowFunctions } from '../../framework/graph/row-functions.ts'

let database: Database
beforeAll(async () => {
  database = await Database.open()
})
afterAll(() => database.close())

const COLUMNS = ['a', 'b', 'c']
/** The table, and which of its columns come through. */
const told = async (sql: string) => {
  const [query] = await database.use(connection => parseQueries(connection, [sql]))
  if (!query!.ok) throw new Error(query!.problem)
  return query!.rowByRow && [query!.rowByRow.table, COLUMNS.filter(column => comesThrough(query!.rowByRow!, column)).join('')]
}

describe('a query whose rows come of single rows', () => {
  it.each([
    ['select * from "silver/t"', 'silver/t', 'abc'],
    ['select a, upper(b) as b, c as d from t', 't', 'a'],
    ['select a as b, b as a, c from t', 't', 'c'],
    ['select A, t.b, c + 1 as c from t where a > 3 and b like \'x%\' or c is null', 't', 'ab'],
    ['select *, trim(b) as b from t', 't', 'ac'],
    ['select a, b from (select *, a as b from t)', 't', 'a'],
    ['with u as (select a, b from t where a in (1, 2)), v as (select * from u) select *, case when a is null then 1 else 2 end as k from v', 't', 'ab'],
    ['with t as (select * from t) select a from t', 't', 'a'],
    ['select * exclude (a) from t', 't', ''],
    ['select a, a from t', 't', ''],
    ['select a, list_transform([b], x -> x + 1) as l, cast(c as date) as c, try_cast(b as int) as b from t', 't', 'a'],
  ])('%s', async (sql, table, through) => {
    expect(await told(sql)).toEqual([table, through])
  })

  it.each([
    'select sum(a) as a from t', 'select a, sum(b) from t group by a', 'select distinct a from t', 'select a from t limit 3', 'select a from t order by a', 'select a from t using sample 10%',
    'select a, row_number() over () as n from t', 'select a from t qualify row_number() over (partition by a order by b) = 1', 'select a from t join u using (a)', 'select a from t, u',
    'select a from t where a in (select a from u)', 'select (select max(b) from u) as m from t', 'select a from t union all select a from t', 'select unnest(b) as b from t', 'select a from read_csv(\'x\')',
    'select a, random() as r from t', 'select a, now() as r from t', 'select a from t where b < current_timestamp', 'select current_date as d from t', 'select a, my_macro(b) from t', 'select a, age(b) as y from t',
    'select getvariable(\'x\') as v, a from t', 'select 1 as a', 'with u(z) as (select a from t) select z from u', 'select x from t as q(x)', 'with recursive u as (select a from t union all select a from u) select a from u',
    'select list(a order by b) from t', 'select count(*) filter (where a > 1) from t', 'select a from t at (version => 3)', 'from t select a having true', 'pivot t on a using sum(b)', 'select nextval(\'s\') from t',
  ])('is not %s', async sql => {
    const [query] = await database.use(connection => parseQueries(connection, [sql]))
    expect(query!.ok ? query!.rowByRow : undefined).toBeUndefined()
  })

  it('calls functions only that the database takes for such', async () => {
    const listed = rowFunctions().map(name => `('${name.replaceAll('\'', '\'\'')}')`).join(', ')
    const rows = await database.use(connection => connection.json<{ name: string }>(`
      select name from (values ${listed}) as l(name)
      left join (select function_name, bool_and(function_type in ('scalar', 'table') and coalesce(stability, 'CONSISTENT') = 'CONSISTENT') as fine from duckdb_functions() group by 1) as f on f.function_name = l.name
      where fine is not true order by name`))
    // The last two are words of the grammar; nullif and split_part are written in SQL, of functions that are on the list.
    expect(rows.map(({ name }) => name)).toEqual(['!~~~', '->', 'coalesce', 'ifnull', 'nullif', 'split_part'])
  })
})
