import type { DuckDBConnection, DuckDBMaterializedResult, DuckDBResult, DuckDBValueConverter } from '@duckdb/node-api'
import { abortReason, QueryFailed } from './duckdb-errors.ts'
import type { Semaphore } from './semaphore.ts'
import { javaScriptValues, jsonValues, type Row } from './values.ts'

type NodeApi = typeof import('@duckdb/node-api')

export interface QueryOptions {
  /** Cancels the query: it is interrupted and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** How far a query is. `percentage` is undefined while DuckDB cannot tell. */
export interface QueryProgress {
  readonly percentage?: number | undefined
  readonly rowsProcessed: number
  readonly totalRows: number
}

/** A column as DuckDB describes it; `type` is DuckDB's own text, as in `DECIMAL(18,2)` or `STRUCT(a INTEGER)[]`. */
export interface DescribedColumn {
  readonly name: string
  readonly type: string
}

/** One connection to the database: one statement at a time, its own temp tables. Give it back with {@link release}. */
export class Connection {
  readonly #javaScript: DuckDBValueConverter<unknown>
  readonly #json: DuckDBValueConverter<unknown>
  #countsProgress = false

  /** `native` is DuckDB's own connection, for what this class does not carry. */
  constructor(readonly api: NodeApi, readonly native: DuckDBConnection, readonly gate: Semaphore, readonly giveBack: (connection: Connection) => void) {
    this.#javaScript = javaScriptValues(api)
    this.#json = jsonValues(api)
  }

  /** Runs a statement for its effect. @returns how many rows it changed */
  async run(sql: string, options?: QueryOptions): Promise<number> {
    return (await this.#execute(sql, options, () => this.native.run(sql))).rowsChanged
  }

  /** All rows of a query, as JavaScript values; see {@link javaScriptValues}. */
  async rows<T = Row>(sql: string, options?: QueryOptions): Promise<T[]> {
    return rowObjects(await this.#execute(sql, options, () => this.native.run(sql)), this.#javaScript) as T[]
  }

  /** All rows of a query, as values that JSON can hold; see {@link jsonValues}. */
  async json<T = Row>(sql: string, options?: QueryOptions): Promise<T[]> {
    return rowObjects(await this.#execute(sql, options, () => this.native.run(sql)), this.#json) as T[]
  }

  /** The query's rows in batches of up to 2048, computed as they are asked for. */
  async *stream<T = Row>(sql: string, options?: QueryOptions): AsyncGenerator<T[]> {
    const names: string[] = []
    for await (const columns of this.columns(sql, options, names)) {
      const rows = Array.from({ length: columns[0]?.length ?? 0 }, (_, row) => Object.fromEntries(names.map((name, column) => [name, columns[column]![row]])))
      yield rows as T[]
    }
  }

  /** Like {@link stream}, column by column, which costs less where there are many rows. `names` is filled with the columns' names. */
  async *columns(sql: string, options?: QueryOptions, names: string[] = []): AsyncGenerator<unknown[][]> {
    const result = await this.#execute<DuckDBResult>(sql, options, () => this.native.stream(sql))
    names.push(...result.deduplicatedColumnNames())
    for (;;) {
      const chunk = await this.#execute(sql, options, () => result.fetchChunk())
      if (!chunk || chunk.rowCount === 0) return
      yield names.map((_, column) => chunk.convertColumnValues(column, this.#javaScript))
    }
  }

  /** The columns that a query would give, without running it. */
  async describe(sql: string): Promise<DescribedColumn[]> {
    const rows = await this.rows<{ column_name: string; column_type: string }>(`describe ${sql}`)
    return rows.map(row => ({ name: row.column_name, type: row.column_type }))
  }

  /** Stops the statement that runs now, if any; it rejects. */
  interrupt(): void {
    this.native.interrupt()
  }

  /** From here on statements count how far they are, which costs small ones an eighth of their time. */
  async countProgress(): Promise<void> {
    if (this.#countsProgress) return
    await this.run('set enable_progress_bar = true; set enable_progress_bar_print = false')
    this.#countsProgress = true
  }

  /** How far the statement is that runs now. Needs {@link countProgress}. */
  progress(): QueryProgress {
    const { percentage, rows_processed: rowsProcessed, total_rows_to_process: totalRows } = this.native.progress
    return { percentage: percentage < 0 ? undefined : percentage, rowsProcessed: Number(rowsProcessed), totalRows: Number(totalRows) }
  }

  /** Back into the pool. Temp tables must be dropped before: the next user of the connection would see them. */
  release(): void {
    this.giveBack(this)
  }

  /** Each call into DuckDB holds a thread of libuv's pool, so all go through the gate; an interrupt is repeated because one that comes before the start is lost. */
  async #execute<T>(sql: string, options: QueryOptions | undefined, call: () => Promise<T>): Promise<T> {
    const signal = options?.signal
    return this.gate.within(async () => {
      if (signal?.aborted) throw abortReason(signal)
      let again: ReturnType<typeof setInterval> | undefined
      const stop = () => {
        this.native.interrupt()
        again = setInterval(() => this.native.interrupt(), 20)
      }
      signal?.addEventListener('abort', stop, { once: true })
      try {
        return await call()
      } catch (error) {
        if (signal?.aborted) throw abortReason(signal)
        throw new QueryFailed(error instanceof Error ? error.message : String(error), sql)
      } finally {
        clearInterval(again)
        signal?.removeEventListener('abort', stop)
      }
    })
  }
}

/** The rows of an answer that is all there: asking for its chunks one by one would go through libuv's pool for each. */
function rowObjects(result: DuckDBMaterializedResult, converter: DuckDBValueConverter<unknown>): Record<string, unknown>[] {
  const names = result.deduplicatedColumnNames()
  return Array.from({ length: result.chunkCount }, (_, i) => {
    const chunk = result.getChunk(i)
    const columns = names.map((__, column) => chunk.convertColumnValues(column, converter))
    return Array.from({ length: chunk.rowCount }, (__, row) => Object.fromEntries(names.map((name, column) => [name, columns[column]![row]])))
  }).flat()
}
