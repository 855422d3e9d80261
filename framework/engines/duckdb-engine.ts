import { appendRows } from '../duckdb/append-rows.ts'
import type { Connection, DescribedColumn } from '../duckdb/connection.ts'
import { writeParquet } from '../duckdb/copy-to-parquet.ts'
import type { Database } from '../duckdb/database.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import type { Engine, EngineInput, EngineSession, WriteJob, Written } from './engine.ts'

/** Runs queries in this process. */
export class DuckDbEngine implements Engine {
  readonly name = 'duckdb'
  readonly dialect = 'duckdb'
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async open(inputs: readonly EngineInput[], signal: AbortSignal): Promise<EngineSession> {
    const session = new DuckDbSession(await this.#database.connection(), signal)
    await session.add(...inputs)
    return session
  }
}

/** Inputs are temp views of one connection, so that queries name them as their authors do. */
class DuckDbSession implements EngineSession {
  readonly #connection: Connection
  readonly #signal: AbortSignal
  readonly #views = new Set<string>()

  constructor(connection: Connection, signal: AbortSignal) {
    this.#connection = connection
    this.#signal = signal
  }

  async add(...inputs: readonly EngineInput[]): Promise<void> {
    if (inputs.length === 0) return
    // One call for all: a call costs more than a view does.
    await this.#connection.run(inputs.map(({ name, relation }) => `create or replace temp view ${quoteIdentifier(name)} as ${relation}`).join('; '))
    for (const { name } of inputs) this.#views.add(name)
  }

  async writeQuery(sql: string, job: WriteJob): Promise<Written> {
    return this.#watched(job, () => writeParquet(this.#connection, sql, job.folder, { partitionBy: job.partitionBy, signal: this.#signal }))
  }

  async writeRows(rows: Iterable<object> | AsyncIterable<object>, columns: Readonly<Record<string, string>>, job: WriteJob): Promise<Written> {
    const table = 'varve rows'
    try {
      await appendRows(this.#connection, table, Object.entries(columns).map(([name, type]) => ({ name, type })), rows, {
        signal: this.#signal,
        onProgress: count => job.onProgress?.({ rows: count }),
      })
      return await this.writeQuery(`select * from ${quoteIdentifier(table)}`, job)
    } finally {
      await this.#connection.run(`drop table if exists temp.${quoteIdentifier(table)}`)
    }
  }

  columns(sql: string): Promise<readonly DescribedColumn[]> {
    return this.#connection.describe(sql)
  }

  async count(sql: string): Promise<number> {
    const [row] = await this.#connection.rows<{ rows: bigint }>(`select count(*) as rows from (${sql})`, { signal: this.#signal })
    return Number(row!.rows)
  }

  async close(): Promise<void> {
    if (this.#views.size > 0) await this.#connection.run([...this.#views].map(view => `drop view if exists temp.${quoteIdentifier(view)}`).join('; '))
    this.#connection.release()
  }

  async #watched<T>({ onProgress }: WriteJob, work: () => Promise<T>): Promise<T> {
    const watch = onProgress && setInterval(() => {
      const { percentage, rowsProcessed } = this.#connection.progress()
      if (percentage !== undefined) onProgress({ ratio: percentage / 100, rows: rowsProcessed })
    }, 250)
    try {
      return await work()
    } finally {
      clearInterval(watch)
    }
  }
}
