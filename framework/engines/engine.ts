import type { DescribedColumn } from '../duckdb/connection.ts'
import type { WrittenFile } from '../duckdb/copy-to-parquet.ts'
import type { SqlDialect } from './dialect.ts'

export type { WrittenFile }

/** A table that a query may read, under the name by which its text calls it. */
export interface EngineInput {
  readonly name: string
  /** A SELECT that gives its rows, for an engine that reads files by itself. */
  readonly relation: string
}

/** What a query's answer became. */
export interface Written {
  readonly files: readonly WrittenFile[]
  /** In DuckDB's words, whatever the engine. */
  readonly columns: readonly DescribedColumn[]
  readonly rows: number
}

export interface WriteJob {
  /** A new folder for the files; the engine makes it, and takes it away when it fails. */
  readonly folder: string
  /** Where the files may be put instead, under names that begin so: a folder that holds others, and shows none of them before they are named. An engine that can't choose names goes by `folder`. */
  readonly place?: { readonly folder: string; readonly prefix: string } | undefined
  readonly partitionBy: readonly string[]
  readonly onProgress?: ((progress: { readonly ratio?: number | undefined; readonly rows?: number | undefined }) => void) | undefined
}

/** A place where queries run. It knows files and SQL, and has never heard of assets; it makes files, and no table versions. */
export interface Engine {
  readonly name: string
  readonly dialect: SqlDialect
  /** Makes the inputs readable by name. The signal cancels whatever the session is at. */
  open(inputs: readonly EngineInput[], signal: AbortSignal): Promise<EngineSession>
}

/** A run of queries over the same inputs. */
export interface EngineSession {
  /** Makes more inputs readable. */
  add(...inputs: readonly EngineInput[]): Promise<void>
  /** Runs the query and leaves its rows as parquet files. */
  writeQuery(sql: string, job: WriteJob): Promise<Written>
  /** Leaves the rows as parquet files, a batch at a time. `columns` gives each column its type. */
  writeRows(rows: Iterable<object> | AsyncIterable<object>, columns: Readonly<Record<string, string>>, job: WriteJob): Promise<Written>
  /** The columns that the query would give, in DuckDB's words. */
  columns(sql: string): Promise<readonly DescribedColumn[]>
  /** How many rows the query answers. */
  count(sql: string): Promise<number>
  close(): Promise<void>
}
