import { describe, expect, it } from 'vitest'
import type { Connection } from '../../framework/duckdb/connection.ts'
import { storableTypeText } from '../../framework/duckdb/storable-type.ts'
import { foreignQuery } from '../../framework/engines/foreign-query.ts'
import { CONSTRUCTS, TELLING } from './constructs.ts'
import { relationOf } from './local-trino.ts'
import { onTrino } from './on-trino.ts'

const on = onTrino()

describe('what the guard lets through to Trino', () => {
  it('gives the same rows there as in DuckDB', async () => {
    const differences: Record<string, unknown> = {}
    await on.database.use(async connection => {
      await connection.run(TELLING)
      for (const table of ['t', 'u']) await on.trino.load(connection, { table, query: `from ${table}` })
      for (const { name, sql } of CONSTRUCTS.filter(({ trino: verdict }) => verdict === 'translated')) differences[name] = await difference(connection, name, sql).catch(error => [(error as Error).message.split('\n')[0]])
    })
    expect(differences).toEqual(Object.fromEntries(Object.keys(differences).map(name => [name, []])))
  })

  it('does so in whatever else is let through', async () => {
    const differences = await on.database.use(async connection => {
      await connection.run(TELLING)
      const found: unknown[] = []
      for (const sql of MORE) found.push([sql, await difference(connection, sql, sql).catch(error => [(error as Error).message.split('\n')[0]])])
      return found
    })
    expect(differences).toEqual(MORE.map(sql => [sql, []]))
  })
})

/** More that is let through to Trino, each as one would write it without a thought of another engine. */
const MORE = [
  'select id, x / cast(w as double) as q, cast(1 as double) / cast(w as double) as o, w / w as n, w / 2 as h, x / (x / cast(3 as double)) as r from t',
  `select id, substr(s, 2, 0) as p, substr(s, 4) as q, replace(s, 'a', '') as r, length(s || '') as n, length('😀é') as m from t`,
  `select id, s > 'a' as g, s < 'Z' as l, s >= '' as f from t`,
  'select id from t except all select id from u', 'select id from u intersect all select id from t',
  'select id, sum(w) over (order by id rows between 1 preceding and 1 following) as r, count(*) over (order by w) as c from t where w < 100',
  'select id, w > all (select id from u where id is not null) as r, w = any (select id from u) as e, (select max(u.id) from u where u.id < t.id) as m from t',
  'select id, cast(b as integer) as i, cast(b as varchar) as v, cast(day as varchar) as dv, not b as n, b and null as a, b or null as o from t',
  'select id, d * d as a, d + 1 as c, d - 0.5 as e, -d as f, case when b then 1 else 2.5 end as g, coalesce(w, d) as h from t where d < 1000',
  `select id, concat_ws(null, s, 'x') as j, concat_ws('-', null, null) as k, concat_ws('', s, id) as l from t`,
  `select id, day > date '2024-01-01' as g, ts > timestamptz '2024-02-29 11:59:59.999999+00' as i, ts = timestamptz '2024-12-31 23:59:59.999999+00' as j, cast(day as timestamptz) = ts as f from t`,
  `select id, date_trunc('quarter', day)::date as q, date_trunc('year', day)::date as y, year(ts) as z, quarter(ts) as r from t`,
  `select id, regexp_matches(s, '[a-z]\\d?') as r, regexp_matches(s, 'A|B') as q from t`,
  'select id, case w when null then 1 when 2 then 2 end as c, w in (2, null) as i, w not in (2, null) as j, w between null and 3 as k from t',
]

/** The rows that only one of the two has. */
async function difference(connection: Connection, name: string, sql: string): Promise<unknown> {
  const columns = (await connection.describe(sql)).map(column => ({ name: column.name, type: storableTypeText(column.type) }))
  const text = await foreignQuery({ strings: [sql], values: [] }, { subject: name, to: 'trino', guard: { json: asked => connection.json(asked) }, translator: on.translator })
  const answer = await on.trino.run(text)
  const names = answer.columns.map(({ name: given }) => given.toLowerCase())
  if (names.join() !== columns.map(({ name: wanted }) => wanted.toLowerCase()).join()) return [`columns: ${names.join()}`]
  const cast = (of: string) => `(select ${columns.map(column => `"${column.name}"::${column.type} as "${column.name}"`).join(', ')} from (${of}))`
  const [here, there] = [cast(sql), cast(relationOf(answer))]
  return connection.json(`select 'only in DuckDB' as difference, * from (from ${here} except all from ${there}) union all select 'only in Trino', * from (from ${there} except all from ${here})`)
}
