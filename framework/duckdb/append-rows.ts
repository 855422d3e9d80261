import type { DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import type { Connection, DescribedColumn } from './connection.ts'
import { abortReason, ValueDoesNotFit } from './duckdb-errors.ts'
import { databaseValue } from './database-value.ts'

export interface AppendOptions {
  readonly signal?: AbortSignal | undefined
  /** Told how many rows there are so far, once per batch. */
  readonly onProgress?: ((rows: number) => void) | undefined
}

/**
 * Fills a temp table of the connection with rows from JavaScript, 2048 at a time, and returns how many there were. DuckDB keeps the
 * table compressed and spills it to its temp directory, so the rows are never all in memory. A key that a row does not have is NULL;
 * a key that is no column is a mistake. The table is the caller's to drop.
 */
export async function appendRows(
  connection: Connection,
  table: string,
  columns: readonly DescribedColumn[],
  rows: AsyncIterable<object> | Iterable<object>,
  options: AppendOptions = {},
): Promise<number> {
  const definitions = columns.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`)
  await connection.run(`create temp table ${quoteIdentifier(table)} (${definitions.join(', ')})`)
  const appender = await connection.gate.within(() => connection.native.createAppender(table, null, 'temp'))
  const batch = new Batch(columns, columns.map((_, i) => appender.columnType(i)), connection)
  try {
    for await (const row of rows) {
      // With each row: a slow source may take minutes to fill a batch.
      if (options.signal?.aborted) throw abortReason(options.signal)
      batch.add(row as Record<string, unknown>)
      if (batch.size < BATCH) continue
      appender.appendDataChunk(batch.chunk())
      options.onProgress?.(batch.total)
    }
    if (batch.size > 0) appender.appendDataChunk(batch.chunk())
    appender.flushSync()
    return batch.total
  } finally {
    appender.closeSync()
  }
}

const BATCH = 2048

/** Rows turned into columns, until they make a chunk. */
class Batch {
  total = 0
  readonly #known: ReadonlySet<string>
  #columns: DuckDBValue[][]

  constructor(readonly columns: readonly DescribedColumn[], readonly types: readonly DuckDBType[], readonly connection: Connection) {
    this.#known = new Set(columns.map(column => column.name))
    this.#columns = columns.map(() => [])
  }

  get size(): number {
    return this.#columns[0]?.length ?? 0
  }

  add(row: Record<string, unknown>): void {
    this.total += 1
    for (const key in row) if (!this.#known.has(key)) throw new ValueDoesNotFit(key, this.total, 'there is no such column')
    this.columns.forEach(({ name }, i) => {
      try {
        this.#columns[i]!.push(databaseValue(this.connection.api, row[name], this.types[i]!))
      } catch (error) {
        throw new ValueDoesNotFit(name, this.total, error instanceof Error ? error.message : String(error))
      }
    })
  }

  chunk() {
    const chunk = this.connection.api.DuckDBDataChunk.create(this.types, this.size)
    chunk.setColumns(this.#columns)
    this.#columns = this.columns.map(() => [])
    return chunk
  }
}
