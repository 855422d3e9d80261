import { describe, expect, it } from 'vitest'
import type { Connection } from '../../framework/duckdb/connection.ts'
import { storableTypeText } from '../../framework/duckdb/storable-type.ts'
import { foreignQuery } from '../../framework/engines/foreign-query.ts'
import { CONSTRUCTS, TELLING } from './constructs.ts'
import { onSpark } from './on-spark.ts'

const on = onSpark()

describe('what the guard lets through to Spark', () => {
  it('gives the same rows there as in DuckDB', async () => {
    const differences: Record<string, unknown> = {}
    await on.database.use(async connection => {
      await connection.run(TELLING)
      await on.load(connection, ['t', 'u'])
      for (const { name, sql } of CONSTRUCTS.filter(({ spark }) => spark === 'translated')) differences[name] = await difference(connection, name, sql)
    })
    expect(differences).toEqual(Object.fromEntries(Object.keys(differences).map(name => [name, []])))
  }, 1_500_000)
})

/** The rows that only one of the two has; or what Spark says against it. */
async function difference(connection: Connection, name: string, sql: string): Promise<unknown> {
  const columns = (await connection.describe(sql)).map(column => ({ name: column.name, type: storableTypeText(column.type) }))
  const text = await foreignQuery({ strings: [sql], values: [] }, { subject: name, to: 'spark', guard: { json: asked => connection.json(asked) }, translator: on.translator })
  const here = `(select ${columns.map(column => `"${column.name}"::${column.type} as "${column.name}"`).join(', ')} from (${sql}))`
  return on.answer(text, columns).then(
    there => connection.json(`select 'only in DuckDB' as difference, * from (from ${here} except all (${there})) union all select 'only in Spark', * from ((${there}) except all from ${here})`),
    error => [(error as Error).message])
}
