import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { parseQueries, type ParsedQuery } from '../../framework/graph/parsed-query.ts'

let database: Database
beforeAll(async () => {
  database = await Database.open()
})
afterAll(() => database.close())

const parse = async (...texts: string[]): Promise<ParsedQuery[]> => database.use(connection => parseQueries(connection, texts))
const canonical = async (text: string) => {
  const [parsed] = await parse(text)
  if (!parsed!.ok) throw new Error(parsed!.problem)
  return parsed!.canonical
}

describe('a parsed query', () => {
  it('is the same whatever its layout, comments and capitals', async () => {
    const plain = await canonical('select a, sum(b) as b from "silver/orders" where a > 1 group by a')
    expect(await canonical('SELECT a,\n\n sum(b) AS b -- the sum\nFROM "silver/orders" /* all */ WHERE a > 1 GROUP BY a')).toBe(plain)
    expect(await canonical('select 1')).toBe(await canonical('select   1 -- one'))
  })

  it('is another where a column, a value or a table is', async () => {
    const all = await Promise.all(['select 1', 'select 2', "select '1'", 'select 1 as x', 'select a from t', 'select b from t', 'select a from u', 'select a from t where true'].map(canonical))
    expect(new Set(all).size).toBe(all.length)
  })

  it('tells text that looks like a place in the text from one', async () => {
    expect(await canonical(`select '"query_location":5' as x`)).not.toBe(await canonical(`select '"query_location":6' as x`))
  })

  it('names the tables that it reads, and not its own common table expressions', async () => {
    const [parsed] = await parse('with own as (select * from "silver/a"), other as (select * from own) select * from other join gold.b using (x) where x in (select y from c)')
    expect(parsed).toMatchObject({ ok: true, tables: ['c', 'gold.b', 'silver/a'], outside: [] })
  })

  it('is looked through once, however deep its calls are', async () => {
    const deep = (calls: number) => `select ${'coalesce('.repeat(calls)}a${', 1)'.repeat(calls)} as a from "silver/orders"`
    // What looks at each list twice looks two to the power of the depth.
    expect(await parse(deep(200))).toMatchObject([{ ok: true, tables: ['silver/orders'] }])
  })

  it('names the calls that read files', async () => {
    const [parsed, replaced] = await parse("select * from read_csv('a.csv'), range(3)", "select * from 'b.parquet'")
    expect(parsed).toMatchObject({ ok: true, tables: [], outside: ['read_csv'] })
    expect(replaced).toMatchObject({ ok: true, tables: ['b.parquet'] })
  })

  it('says what is wrong with what is no query', async () => {
    expect(await parse('selec 1', 'drop table x', 'select 1; select 2', '')).toEqual([
      { ok: false, problem: 'syntax error at or near "selec"', position: 0 },
      { ok: false, problem: 'Only SELECT statements can be serialized to json!' },
      { ok: false, problem: 'it has 2 statements' },
      { ok: false, problem: 'it has 0 statements' },
    ])
  })
})
