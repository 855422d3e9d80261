import type { Connection } from '../../framework/duckdb/connection.ts'
import { storableTypeText } from '../../framework/duckdb/storable-type.ts'
import { NotTranslated } from '../../framework/engines/engine-errors.ts'
import { foreignQuery } from '../../framework/engines/foreign-query.ts'
import type { Translator } from '../../framework/engines/translator.ts'
import type { ForeignDialect } from '../../framework/vocabulary/sql.ts'

export interface OddFindings {
  readonly accepted: number
  readonly refused: number
  /** What was let through and came out otherwise, or not at all. */
  readonly otherwise: readonly unknown[]
}

interface AnotherEngine {
  readonly to: ForeignDialect
  readonly translator: Translator
  /** Runs a query in the engine's words. @returns its rows as a query in DuckDB */
  answer(text: string, columns: readonly { readonly name: string; readonly type: string }[]): Promise<string>
}

/** Asks the guard of each expression and query by itself, and the engine of what it let through: expressions side by side, since a query takes an engine longer than many columns. */
export async function oddFindings(connection: Connection, { expressions, queries }: { readonly expressions: readonly string[]; readonly queries: readonly string[] }, engine: AnotherEngine): Promise<OddFindings> {
  const look = new Look(connection, engine)
  const [columns, wholes] = [[] as string[], [] as string[]]
  for (const expression of expressions) if (await look.isLetThrough(`select id, ${expression} as a from r`)) columns.push(expression)
  for (const query of queries) if (await look.isLetThrough(query)) wholes.push(query)
  for (let i = 0; i < columns.length; i += 40) await look.atColumns(columns.slice(i, i + 40))
  for (const query of wholes) await look.atQuery(query)
  return { accepted: columns.length + wholes.length, refused: look.refused, otherwise: look.otherwise }
}

class Look {
  refused = 0
  readonly otherwise: unknown[] = []

  constructor(readonly connection: Connection, readonly engine: AnotherEngine) {}

  /** Also that DuckDB itself has an answer: a text that is an error there promises nothing. */
  async isLetThrough(sql: string): Promise<boolean> {
    try {
      await this.connection.json(`select count(columns(*)::varchar) from (${sql})`)
    } catch {
      return false
    }
    try {
      await this.#translated(sql)
      return true
    } catch (error) {
      if (!(error instanceof NotTranslated)) throw error
      this.refused += 1
      return false
    }
  }

  async atColumns(expressions: readonly string[]): Promise<void> {
    const sql = `select id, ${expressions.map((expression, i) => `${expression} as c${i}`).join(', ')} from r`
    const found = await this.#difference(sql).catch(error => [(error as Error).message.split('\n')[0]])
    if (found.length === 0) return
    if (expressions.length === 1) this.otherwise.push([expressions[0], ...found])
    else for (const half of [expressions.slice(0, expressions.length >> 1), expressions.slice(expressions.length >> 1)]) await this.atColumns(half)
  }

  async atQuery(sql: string): Promise<void> {
    const found = await this.#difference(sql).catch(error => [(error as Error).message.split('\n')[0]])
    if (found.length > 0) this.otherwise.push([sql, ...found])
  }

  async #difference(sql: string): Promise<readonly unknown[]> {
    const columns = (await this.connection.describe(sql)).map(({ name, type }) => ({ name, type: storableTypeText(type) }))
    const there = await this.engine.answer(await this.#translated(sql), columns)
    const cast = (of: string) => `(select ${columns.map(({ type }, i) => `#${i + 1}::${type} as c${i}`).join(', ')} from (${of}))`
    return this.connection.json(`select 'only in DuckDB' as difference, * from (from ${cast(sql)} except all from ${cast(there)}) union all select 'only there', * from (from ${cast(there)} except all from ${cast(sql)}) limit 4`)
  }

  #translated(sql: string): Promise<string> {
    return foreignQuery({ strings: [sql], values: [] }, { subject: 'odd', to: this.engine.to, guard: { json: text => this.connection.json(text) }, translator: this.engine.translator })
  }
}
