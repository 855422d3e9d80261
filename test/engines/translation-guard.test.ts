import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { NotTranslated } from '../../framework/engines/engine-errors.ts'
import { foreignQuery } from '../../framework/engines/foreign-query.ts'
import { Translator } from '../../framework/engines/translator.ts'
import { inDialects, sql, type ForeignDialect, type SqlFragment } from '../../framework/vocabulary/sql.ts'
import { CONSTRUCTS, TELLING, type Verdict } from '../engines-real/constructs.ts'

let database: Database
const translator = new Translator()
const told = new WeakSet<object>()

beforeAll(async () => {
  database = await Database.open()
})

afterAll(() => {
  translator.close()
  database.close()
})

const text = (query: string): SqlFragment => ({ strings: [query], values: [] })

function translated(query: SqlFragment, to: ForeignDialect): Promise<string> {
  return database.use(async connection => {
    // Temporary tables are a connection's own.
    if (!told.has(connection)) await connection.run(TELLING)
    told.add(connection)
    return foreignQuery(query, { subject: 'silver/x', to, guard: { json: sql => connection.json(sql) }, translator })
  })
}

async function verdict(query: string, to: ForeignDialect): Promise<Verdict> {
  try {
    await translated(text(query), to)
    return 'translated'
  } catch (error) {
    if (!(error instanceof NotTranslated)) throw error
    expect(error.objections.every(({ construct, why }) => construct.length > 0 && why.length > 0)).toBe(true)
    expect(error.hint).toContain(`query({ dialect }) { if (dialect === '${to}')`)
    return 'refused'
  }
}

describe('the guard', () => {
  it('decides on each construct as the table says, for Spark and for Trino', async () => {
    const found: unknown[] = []
    for (const { name, sql } of CONSTRUCTS) found.push([name, await verdict(sql, 'spark'), await verdict(sql, 'trino')])
    expect(found).toEqual(CONSTRUCTS.map(({ name, spark, trino }) => [name, spark, trino]))
  }, 300_000)

  it('is told of on the page of engines, construct by construct', () => {
    const page = readFileSync('docs/concepts/engines.md', 'utf8')
    expect(CONSTRUCTS.filter(({ name, spark, trino }) => !page.includes(`| ${name} | ${spark} | ${trino} |`)).map(({ name }) => name)).toEqual([])
  })

  it('names the construct, why it is refused, and what to write instead', async () => {
    const error = await translated(text('select id, concat(s, \'x\') as c from t'), 'spark').catch(error => error as NotTranslated)
    expect({ ...(error as NotTranslated), message: (error as NotTranslated).message }).toMatchObject({
      code: 'engines/not-translated',
      message: 'The query of silver/x cannot be translated for Spark: concat() in line 1, column 12 (it leaves out NULL in DuckDB and is NULL elsewhere).',
      hint: 'Write a || b, or concat_ws(\'\', a, b). Or give it a body of its own: query({ dialect }) { if (dialect === \'spark\') return sql`…` }, or the expression: inDialects(sql`…`, { spark: sql`…` }).',
    })
  })

  it('leaves to the author what is said in the engine\'s own words, and translates what is handed in to it', async () => {
    const day = inDialects(sql`isodow(${sql`day`})`, { spark: sql`weekday(${sql`day`}) + 1` })
    expect(await translated(sql`select id, ${day} as d from t where s like 'a%'`, 'spark')).toBe('SELECT id, (weekday(day) + 1) AS d FROM t WHERE s LIKE \'a%\'')
    await expect(translated(sql`select id, ${day} as d from t`, 'trino')).rejects.toThrow('isodow()')
    await expect(translated(sql`select ${inDialects(sql`upper(${sql`trim(s)`})`, { spark: sql`upper(${sql`trim(s)`})` })} as u from t`, 'spark')).rejects.toThrow('trim()')
  })

  it('writes texts with backslashes and quotes as each engine reads them', async () => {
    const own = inDialects(sql`s`, { spark: sql`concat(s, ${'it\'s \\d'})`, trino: sql`concat(s, ${'it\'s \\d'})` })
    expect(await translated(sql`select ${own} as x from t`, 'spark')).toBe('SELECT (concat(s, \'it\\\'s \\\\d\')) AS x FROM t')
    expect(await translated(sql`select ${own} as x from t`, 'trino')).toBe('SELECT (concat(s, \'it\'\'s \\d\')) AS x FROM t')
  })

  it('divides as DuckDB does in words of Trino, and keeps instants as fine as they are', async () => {
    expect(await translated(text('select id, x / (x / cast(3 as double)) as q, x / cast(nullif(w, 0) as double) as n from t'), 'trino')).toBe('SELECT id, CAST(x AS DOUBLE) / ((CAST(x AS DOUBLE) / (CAST(3 AS DOUBLE)))) AS q, CAST(x AS DOUBLE) / (CAST(NULLIF(w, 0) AS DOUBLE)) AS n FROM t')
    expect(await translated(text('select cast(ts as timestamptz) as a, \'/ NULLIF(x, 0) TIMESTAMP)\' as b from t'), 'trino')).toBe('SELECT CAST(ts AS TIMESTAMP(6) WITH TIME ZONE) AS a, \'/ NULLIF(x, 0) TIMESTAMP)\' AS b FROM t')
  })

  it('ends a translation that takes too long', async () => {
    const hasty = new Translator({ timeOut: 1 })
    await expect(hasty.translate('select 1', 'spark')).rejects.toThrow('took longer than 0.001 s')
    hasty.close()
  })
})
