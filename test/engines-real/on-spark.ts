import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Connection } from '../../framework/duckdb/connection.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { storableTypeText } from '../../framework/duckdb/storable-type.ts'
import { sparkType } from '../../framework/engines/foreign-query.ts'
import { Translator } from '../../framework/engines/translator.ts'
import { WarmSpark } from './warm-spark.ts'

interface Column {
  readonly name: string
  readonly type: string
}

/** What the tests of a file compare Spark's answers with DuckDB's by; started before them and closed after them. */
export class OnSpark {
  readonly #folder = mkdtempSync(join(tmpdir(), 'varve-on-spark-'))
  readonly translator = new Translator()
  database!: Database
  #spark!: WarmSpark
  #inputs: readonly unknown[] = []
  #asked = 0

  async start(): Promise<void> {
    this.#spark = new WarmSpark()
    this.database = await Database.open()
  }

  /** Hands over tables of the connection, under their names, in place of those before. */
  async load(connection: Connection, tables: readonly string[]): Promise<void> {
    this.#inputs = await Promise.all(tables.map(async name => {
      const path = join(this.#folder, `${name}.parquet`)
      await connection.run(`copy ${name} to '${path}' (format parquet)`)
      return { name, parquet: [path], columns: (await connection.describe(`from ${name}`)).map(column => ({ name: column.name, type: sparkType(storableTypeText(column.type)) })) }
    }))
  }

  /** Has the real runner carry out a query in Spark's words. @returns its rows as a query in DuckDB. @throws what Spark says against it */
  async answer(sql: string, columns: readonly Column[]): Promise<string> {
    const at = join(this.#folder, String((this.#asked += 1)))
    writeFileSync(`${at}.json`, JSON.stringify({ name: 'asked', inputs: this.#inputs, sql, columns: columns.map(({ name, type }) => ({ name, type: sparkType(type) })), staging: at, result: `${at}.result.json`, coalesce: 1 }))
    await this.#spark.run(`${at}.json`)
    const result = JSON.parse(readFileSync(`${at}.result.json`, 'utf8')) as { readonly ok: boolean; readonly error?: unknown }
    if (!result.ok) throw new Error(JSON.stringify(result.error).slice(0, 300))
    return `select * from read_parquet('${at}/*.parquet')`
  }

  close(): void {
    this.#spark.close()
    this.translator.close()
    this.database.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export function onSpark(): OnSpark {
  const on = new OnSpark()
  beforeAll(() => on.start())
  afterAll(() => on.close())
  return on
}
