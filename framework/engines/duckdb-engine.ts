import { appendRows } from '../duckdb/append-rows.ts'
import type { Connection, DescribedColumn } from '../duckdb/connection.ts'
import { writeParquet } from '../duckdb/copy-to-parquet.ts'
import type { Database } from '../duckdb/database.ts'
import { quoteIdentifier, sqlText } from '../vocabulary/sql.ts'
import { NoScripts } from './engine-errors.ts'
import type { AuthoredWork, Engine, EngineInput, EngineSession, WriteJob, Written } from './engine.ts'
import { queryOver, readableIn } from './query-over.ts'

/** Runs queries in this process. */
export class DuckDbEngine implements Engine {
  readonly name = 'duckdb'
  readonly dialect = 'duckdb'
  readonly #database: () => Promise<Database>

  /** @param database is asked for once a session has something to ask: a sink that sends no rows needs none */
  constructor(database: Database | (() => Promise<Database>)) {
    this.#database = typeof database === 'function' ? database : () => Promise.resolve(database)
  }

  async open(inputs: readonly EngineInput[], signal: AbortSignal): Promise<EngineSession> {
    const session = new DuckDbSession(async () => (await this.#database()).connection(), signal)
    await session.add(...inputs)
    return session
  }
}

/** So many rows show what is wrong. */
const A_FEW = 5

/** Inputs stand in front of each query that names them, or are temp views of the connection where a query takes nothing in front of it. */
class DuckDbSession implements EngineSession {
  readonly dialect = 'duckdb'
  readonly #connect: () => Promise<Connection>
  #connected: Promise<Connection> | undefined
  readonly #signal: AbortSignal
  readonly #inputs = new Map<string, EngineInput>()
  readonly #relations = new Map<EngineInput, Promise<string>>()
  readonly #views = new Set<string>()

  constructor(connect: () => Promise<Connection>, signal: AbortSignal) {
    this.#connect = connect
    this.#signal = signal
  }

  async add(...inputs: readonly EngineInput[]): Promise<void> {
    for (const input of inputs) this.#inputs.set(input.name, input)
    await this.#dropViews()
  }

  async writeAuthored(work: AuthoredWork, job: WriteJob): Promise<Written> {
    if (work.kind === 'script') throw new NoScripts(job.subject ?? work.script.name, 'duckdb')
    return this.writeQuery(sqlText(work.query, quoteIdentifier), job)
  }

  async writeQuery(sql: string, job: WriteJob): Promise<Written> {
    const query = await this.#readable(sql)
    const connection = await this.#connection()
    return this.#watched(job, connection, () => writeParquet(connection, query, job.place?.folder ?? job.folder, { partitionBy: job.partitionBy, prefix: job.place?.prefix, signal: this.#signal }))
  }

  async writeRows(rows: Iterable<object> | AsyncIterable<object>, columns: Readonly<Record<string, string>>, job: WriteJob): Promise<Written> {
    const table = 'varve rows'
    const connection = await this.#connection()
    try {
      await appendRows(connection, table, Object.entries(columns).map(([name, type]) => ({ name, type })), rows, {
        signal: this.#signal,
        onProgress: count => job.onProgress?.({ rows: count }),
      })
      return await this.writeQuery(`select * from ${quoteIdentifier(table)}`, job)
    } finally {
      await connection.run(`drop table if exists temp.${quoteIdentifier(table)}`)
    }
  }

  async columns(sql: string): Promise<readonly DescribedColumn[]> {
    return (await this.#connection()).describe(await this.#readable(sql))
  }

  async rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.#connection()).json(await this.#readable(sql), { signal: this.#signal })
  }

  async count(sql: string): Promise<number> {
    const [row] = await (await this.#connection()).rows<{ rows: bigint }>(await this.#readable(`select count(*) as rows from (${sql})`), { signal: this.#signal })
    return Number(row!.rows)
  }

  async metric(sql: string): Promise<number | undefined> {
    const [row] = await this.rows(sql)
    const [value] = Object.values(row ?? {})
    return typeof value === 'number' ? value : undefined
  }

  async few(sql: string, hidden: ReadonlySet<string>): Promise<readonly Readonly<Record<string, unknown>>[] | undefined> {
    const shown = hidden.size === 0 ? ['*'] : (await this.columns(sql)).filter(({ name }) => !hidden.has(name.toLowerCase())).map(({ name }) => quoteIdentifier(name))
    return shown.length === 0 ? undefined : this.rows(`select ${shown.join(', ')} from (${sql}) limit ${A_FEW}`)
  }

  async close(): Promise<void> {
    await this.#dropViews()
    await this.#connected?.then(connection => connection.release(), () => undefined)
  }

  /** The query in a form in which it finds its inputs. */
  async #readable(sql: string): Promise<string> {
    const named = await readableIn(this.#inputs.values(), sql, this.#relations)
    const query = queryOver(named, sql)
    if (query !== undefined) return query
    const missing = named.filter(({ name }) => !this.#views.has(name))
    if (missing.length > 0) await (await this.#connection()).run(missing.map(({ name, relation }) => `create or replace temp view ${quoteIdentifier(name)} as ${relation}`).join('; '))
    for (const { name } of missing) this.#views.add(name)
    return sql
  }

  async #dropViews(): Promise<void> {
    if (this.#views.size === 0) return
    await (await this.#connection()).run([...this.#views].map(view => `drop view if exists temp.${quoteIdentifier(view)}`).join('; '))
    this.#views.clear()
  }

  #connection(): Promise<Connection> {
    return (this.#connected ??= this.#connect())
  }

  async #watched<T>({ onProgress }: WriteJob, connection: Connection, work: () => Promise<T>): Promise<T> {
    if (!onProgress) return work()
    await connection.countProgress()
    const watch = setInterval(() => {
      const { percentage, rowsProcessed } = connection.progress()
      if (percentage !== undefined) onProgress({ ratio: percentage / 100, rows: rowsProcessed })
    }, 250)
    try {
      return await work()
    } finally {
      clearInterval(watch)
    }
  }
}
