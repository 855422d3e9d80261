import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../../framework/duckdb/connection.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { storableTypeText } from '../../framework/duckdb/storable-type.ts'
import { foreignQuery, sparkType } from '../../framework/engines/foreign-query.ts'
import { Translator } from '../../framework/engines/translator.ts'
import { CONSTRUCTS, TELLING } from './constructs.ts'
import { WarmSpark } from './warm-spark.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-guard-'))
const translator = new Translator()
let spark: WarmSpark
let database: Database

beforeAll(async () => {
  spark = new WarmSpark()
  database = await Database.open()
})

afterAll(() => {
  spark.close()
  translator.close()
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('what the guard lets through to Spark', () => {
  it('gives the same rows there as in DuckDB', async () => {
    const differences: Record<string, unknown> = {}
    await database.use(async connection => {
      await connection.run(TELLING)
      const inputs = await Promise.all(['t', 'u'].map(table => asInput(connection, table)))
      for (const [i, { name, sql }] of CONSTRUCTS.filter(({ spark }) => spark === 'translated').entries()) differences[name] = await difference(connection, { name, sql, at: join(folder, String(i)), inputs })
    })
    expect(differences).toEqual(Object.fromEntries(Object.keys(differences).map(name => [name, []])))
  }, 1_500_000)
})

async function asInput(connection: Connection, name: string) {
  const path = join(folder, `${name}.parquet`)
  await connection.run(`copy ${name} to '${path}' (format parquet)`)
  return { name, parquet: [path], columns: (await connection.describe(`from ${name}`)).map(column => ({ name: column.name, type: sparkType(storableTypeText(column.type)) })) }
}

/** The rows that only one of the two has; or what Spark says against it. */
async function difference(connection: Connection, { name, sql, at, inputs }: { readonly name: string; readonly sql: string; readonly at: string; readonly inputs: readonly unknown[] }): Promise<unknown> {
  const columns = (await connection.describe(sql)).map(column => ({ name: column.name, type: storableTypeText(column.type) }))
  const text = await foreignQuery({ strings: [sql], values: [] }, { subject: name, to: 'spark', guard: { json: asked => connection.json(asked) }, translator })
  writeFileSync(`${at}.json`, JSON.stringify({ name, inputs, sql: text, columns: columns.map(column => ({ name: column.name, type: sparkType(column.type) })), staging: at, result: `${at}.result.json` }))
  await spark.run(`${at}.json`)
  const result = JSON.parse(readFileSync(`${at}.result.json`, 'utf8')) as { readonly ok: boolean; readonly error?: string }
  if (!result.ok) return [result.error]
  const here = `(select ${columns.map(column => `"${column.name}"::${column.type} as "${column.name}"`).join(', ')} from (${sql}))`
  const there = `(select * from read_parquet('${at}/*.parquet'))`
  return connection.json(`select 'only in DuckDB' as difference, * from (from ${here} except all from ${there}) union all select 'only in Spark', * from (from ${there} except all from ${here})`)
}
