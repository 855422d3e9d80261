import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { parseQueries } from '../../framework/graph/parsed-query.ts'

let database: Database
beforeAll(async () => {
  database = await Database.open()
})
afterAll(() => database.close())

const guarantees = async (sql: string) => {
  const [query] = await database.use(connection => parseQueries({ json: text => connection.json(text) }, [sql]))
  return query!.ok ? [query!.guarantees.unique, query!.guarantees.notNull] : query!.problem
}

describe('what the form of a query proves', () => {
  it.each([
    ['select a, b as x, count(*) as n, sum(c) from t group by a, b', [], []],
    ['select a, b as x, count(*) as n, sum(c) as s from t group by a, b', [['a', 'x']], ['n']],
    ['select A, coalesce(b, 0) as b from t group by 1, 2', [['a', 'b']], ['b']],
    ['select a, sum(b) as s from t group by all', [['a']], []],
    ['select upper(a) as a, sum(b) as s from t group by upper(a) having sum(b) > 1 order by 2 limit 3', [['a']], []],
    ['select sum(b) as s from t group by a', [], []],
    ['select a, b, sum(c) as s from t group by grouping sets ((a), (b))', [], []],
    ['select a, b, sum(c) as s from t group by rollup (a, b)', [], []],
    ['select a, unnest(list(b)) as b from t group by a', [], []],
    ['select distinct a, b from t', [['a', 'b']], []],
    ['select distinct on (a) a, b from t', [['a']], []],
    ['select * from (select distinct a from t)', [['a']], []],
    ['with q as (select a, count(*) as n from t group by a) select * from q where n > 1', [['a']], ['n']],
    ['with q(b) as (select a from t group by a) select * from q', [], []],
    ['select * exclude (a) from (select a, b from t group by a, b)', [], []],
    ['select * from t', [], []],
    ['select a, count(*) as n from t group by a union all select a, 1 as n from t', [], []],
    ['select 1 as one, null as nothing, cast(0 as varchar) as text, try_cast(0 as date) as day from t', [], ['one', 'text']],
    ['select coalesce(a, b) as a, coalesce(a, 0) as b, coalesce(a, null) as c, ifnull(a, 0) as d from t', [], ['b', 'd']],
  ] as const)('%s', async (sql, unique, notNull) => {
    expect(await guarantees(sql)).toEqual([unique, notNull])
  })
})
