import type { DescribedColumn } from '../duckdb/connection.ts'
import type { WrittenFile } from '../duckdb/copy-to-parquet.ts'
import type { SqlFragment } from '../vocabulary/sql.ts'
import type { SqlDialect } from './dialect.ts'

export type { WrittenFile }

/** A table that a query may read, under the name by which its text calls it. */
export interface EngineInput {
  readonly name: string
  /** A SELECT that gives its rows, for an engine that reads files by itself. Is asked for once a query names it: then its files are on this machine. */
  readonly relation: string | (() => Promise<string>)
  /** Of what is no Delta table, the columns in DuckDB's words, where they are known without a look at its files. */
  readonly columns?: readonly DescribedColumn[] | undefined
  /** Tells its rows from any others that go by its name, so that who asks for the same again is known. Absent where nobody can tell. */
  readonly content?: string | undefined
  /** Where it lies and since which version it is as it is read, for an engine that reads Delta tables. Absent of what is no such table. */
  readonly table?: PinnedTable | undefined
}

/** A Delta table at one version: what a query reads does not change while it runs. */
export interface PinnedTable {
  readonly location: string
  readonly version: number
  /** In DuckDB's words. */
  readonly columns: readonly DescribedColumn[]
  /** A condition in DuckDB's words that holds for the rows which are read. */
  readonly where?: string | undefined
}

/** What a query's answer became. */
export interface Written {
  readonly files: readonly WrittenFile[]
  /** In DuckDB's words, whatever the engine. */
  readonly columns: readonly DescribedColumn[]
  readonly rows: number
  /** Of an engine on other machines. */
  readonly job?: JobFacts | undefined
}

/** How a job on other machines went, and what it cost. */
export interface JobFacts {
  readonly engine: string
  readonly id: string
  readonly queuedMs?: number | undefined
  readonly startMs?: number | undefined
  readonly ranMs?: number | undefined
  /** Of an engine that is paid by them. */
  readonly bytesScanned?: number | undefined
  readonly cost: JobCost
}

/** `pending`: the bill is not made yet; `unpriced`: the configuration has no price table. */
export type JobCost = { readonly status: 'billed'; readonly amount: number; readonly currency: string } | { readonly status: 'pending' } | { readonly status: 'unpriced' }

/** What is asked of an engine, as its author wrote it. */
export type AuthoredWork =
  | { readonly kind: 'query'; readonly query: SqlFragment; readonly own?: SqlFragment | undefined }
  | { readonly kind: 'script'; readonly script: Script }

/** The author's own program for an engine that runs such: it has a function `rows(spark, job)`. */
export interface Script {
  readonly name: string
  readonly text: string
  /** By the names that the program knows them by, the inputs. */
  readonly inputs: Readonly<Record<string, string>>
  readonly parameters: Readonly<Record<string, string | number | boolean>>
  /** The columns that it promises, with DuckDB's types. */
  readonly columns: Readonly<Record<string, string>>
  readonly partition?: string | undefined
}

export interface WriteJob {
  /** A new folder for the files; the engine makes it, and takes it away when it fails. */
  readonly folder: string
  /** Where the files may be put instead, under names that begin so: a folder that holds others, and shows none of them before they are named. An engine that can't choose names goes by `folder`. */
  readonly place?: { readonly folder: string; readonly prefix: string } | undefined
  readonly partitionBy: readonly string[]
  /** What the rows are of, for messages and to find a job again. */
  readonly subject?: string | undefined
  /** Told what happens on other machines. */
  readonly say?: ((message: string) => void) | undefined
  readonly onProgress?: ((progress: { readonly ratio?: number | undefined; readonly rows?: number | undefined }) => void) | undefined
}

/** A place where queries run. It knows files and SQL, and has never heard of assets; it makes files, and no table versions. */
export interface Engine {
  readonly name: string
  readonly dialect: SqlDialect
  /** Makes the inputs readable by name. The signal cancels whatever the session is at. */
  open(inputs: readonly EngineInput[], signal: AbortSignal): Promise<EngineSession>
  /** Gives back what it holds between sessions. */
  close?(): void
}

/** A run of queries over the same inputs. */
export interface EngineSession {
  readonly dialect: SqlDialect
  /** Makes more inputs readable. */
  add(...inputs: readonly EngineInput[]): Promise<void>
  /** Runs what an author wrote, in the engine's own words, and leaves its rows as parquet files. @throws {NotTranslated} {NoScripts} */
  writeAuthored(work: AuthoredWork, job: WriteJob): Promise<Written>
  /** Runs a query in DuckDB's words, over inputs or over files that were written just now, and leaves its rows as parquet files. */
  writeQuery(sql: string, job: WriteJob): Promise<Written>
  /** Leaves the rows as parquet files, a batch at a time. `columns` gives each column its type. */
  writeRows(rows: Iterable<object> | AsyncIterable<object>, columns: Readonly<Record<string, string>>, job: WriteJob): Promise<Written>
  /** The columns that the query would give, in DuckDB's words. */
  columns(sql: string): Promise<readonly DescribedColumn[]>
  /** The rows of a query that answers few, as values that JSON can hold. */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** How many rows the query answers. */
  count(sql: string): Promise<number>
  close(): Promise<void>
}
