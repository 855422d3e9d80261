import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../../framework/duckdb/connection.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { storableTypeText } from '../../framework/duckdb/storable-type.ts'
import { foreignQuery } from '../../framework/engines/foreign-query.ts'
import { Translator } from '../../framework/engines/translator.ts'
import { CONSTRUCTS, TELLING } from './constructs.ts'
import { LocalTrino, relationOf } from './local-trino.ts'

const translator = new Translator()
let trino: LocalTrino
let database: Database

beforeAll(async () => {
  trino = new LocalTrino()
  database = await Database.open()
})

afterAll(() => {
  trino.close()
  translator.close()
  database.close()
})

describe('what the guard lets through to Trino', () => {
  it('gives the same rows there as in DuckDB', async () => {
    const differences: Record<string, unknown> = {}
    await database.use(async connection => {
      await connection.run(TELLING)
      for (const table of ['t', 'u']) await trino.load(connection, { table, query: `from ${table}` })
      for (const { name, sql } of CONSTRUCTS.filter(({ trino: verdict }) => verdict === 'translated')) differences[name] = await difference(connection, name, sql).catch(error => [(error as Error).message.split('\n')[0]])
    })
    expect(differences).toEqual(Object.fromEntries(Object.keys(differences).map(name => [name, []])))
  })
})

/** The rows that only one of the two has. */
async function difference(connection: Connection, name: string, sql: string): Promise<unknown> {
  const columns = (await connection.describe(sql)).map(column => ({ name: column.name, type: storableTypeText(column.type) }))
  const text = await foreignQuery({ strings: [sql], values: [] }, { subject: name, to: 'trino', guard: { json: asked => connection.json(asked) }, translator })
  const answer = await trino.run(text)
  const names = answer.columns.map(({ name: given }) => given.toLowerCase())
  if (names.join() !== columns.map(({ name: wanted }) => wanted.toLowerCase()).join()) return [`columns: ${names.join()}`]
  const cast = (of: string) => `(select ${columns.map(column => `"${column.name}"::${column.type} as "${column.name}"`).join(', ')} from (${of}))`
  const [here, there] = [cast(sql), cast(relationOf(answer))]
  return connection.json(`select 'only in DuckDB' as difference, * from (from ${here} except all from ${there}) union all select 'only in Trino', * from (from ${there} except all from ${here})`)
}
