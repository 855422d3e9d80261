import type { DescribedColumn } from '../duckdb/connection.ts'
import type { WrittenFile } from '../duckdb/copy-to-parquet.ts'
import type { JobCost, JobFacts } from '../vocabulary/job-facts.ts'
import type { SqlFragment } from '../vocabulary/sql.ts'
import type { SqlDialect } from './dialect.ts'

export type { JobCost, JobFacts, WrittenFile }

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
  /** Where the rows were chosen among others: how many those were, and how many of them share a key with another. */
  readonly chosen?: { readonly read: number; readonly duplicates: number } | undefined
  /** Of a part of the answer: the keys that the rows in its place had before. All other rows are as they were. */
  readonly before?: Written | undefined
  /** Of an engine on other machines. */
  readonly job?: JobFacts | undefined
}

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

/** A number that is told of rows: the sum of what these queries answer, each of which gives one row with one number. */
export interface Question {
  /** As {@link EngineSession.count} or {@link EngineSession.metric} will be asked it of the rows, in DuckDB's words. */
  readonly text: string
  /** What it is asked for, for messages. */
  readonly subject: string
  readonly parts: readonly SqlFragment[]
  /** The rows that were counted, of which {@link EngineSession.few} will be asked for some; by lower-case names the columns that nobody may see. */
  readonly shown?: { readonly rows: SqlFragment; readonly hidden: ReadonlySet<string> } | undefined
}

/** Rows as a value: how many, and the sum, modulo 2^128, of 64 bits for each. */
export interface RowSum {
  readonly rows: number
  readonly sum: bigint
}

/** An engine whose rows stay where it made them. It tells of them what the log and the promises of their table need, so that nobody looks at them here. */
export interface TableMaker {
  /** Names the function that gives a row its 64 bits: sums of different ones can't be compared. */
  readonly hash: string
  /** The columns that the work promises, as they will be stored, in DuckDB's words. */
  columnsOf(work: AuthoredWork): Promise<readonly DescribedColumn[]>
  /** Makes the files. Its answers to questions are given by the session from then on. */
  make(work: AuthoredWork, job: TableJob): Promise<MadeTable>
}

/** What is asked of a {@link TableMaker}. */
export interface TableJob {
  readonly subject: string
  /** A new folder of the table, in which the files stay. */
  readonly folder: string
  /** A new folder that no reader sees, for what is passed to and fro. */
  readonly staging: string
  /** All that the table is to have, in DuckDB's words. What the work does not give is NULL. */
  readonly columns: readonly DescribedColumn[]
  readonly partitionBy: readonly string[]
  /** How many columns get statistics, in Delta's way of counting. */
  readonly indexed: number
  /** Rows for which one of these holds are kept apart. */
  readonly rejects: readonly SqlFragment[]
  /** Of rows with a key that is there already, or comes twice, one stays. */
  readonly key?: readonly string[] | undefined
  /** Of the rows that the work gives, those for which this holds. */
  readonly where?: SqlFragment | undefined
  /** How the rows meet those that are published, where they are not all that becomes of the table. */
  readonly merge?: MergeJob | undefined
  /** The rows take the place of those that some slices have now. */
  readonly slices?: SlicesJob | undefined
  /** The table as it is published. */
  readonly base?: PinnedTable | undefined
  /** Which published rows will be there beside those that are made, where these are neither merged nor slices. */
  readonly rest: 'none' | 'all' | 'other partitions'
  /** Of which published rows the sum is wanted: all of them, or those that others take the place of. */
  readonly hashes: readonly ('base' | 'gone')[]
  /** Lists of columns, to which the table is cut down for further sums. */
  readonly cuts: readonly (readonly string[])[]
  /** The names by which questions know the table as it would stand, and the rows that were made. */
  readonly names: { readonly own: string; readonly changed: string }
  readonly questions: readonly Question[]
  readonly say: (message: string) => void
}

/** A batch meets the published rows by a key: known ones are replaced, others come in, equal ones stay. */
export interface MergeJob {
  /** The columns that name a row. */
  readonly on: readonly string[]
  /** The column that tells which of two rows with one key is newer. Without it one batch may have a key but once. */
  readonly newerBy?: string | undefined
  /** Columns that alone make no difference. */
  readonly ignoring: readonly string[]
  /** The rows are first told as versions of their keys; `on` then names a version. */
  readonly history?: {
    readonly on: readonly string[]
    readonly changedBy?: string | undefined
    readonly compare?: 'all' | readonly string[] | undefined
    readonly deletes: 'ignore' | 'close'
    /** As in `2026-11-28 05:30:00.000`, in UTC. */
    readonly now: string
  } | undefined
  /** The files of the table, how many rows each has, and whether some of them are marked as deleted. */
  readonly files: readonly { readonly path: string; readonly rows: number; readonly marked: boolean }[]
  /** Below this part of the rows of the files concerned, and where one of these has marks already, old rows are told by their places and the files stay. 0 where the table allows no marks: then none of its files has any. */
  readonly marking: number
  /** Whether files without marks can be read as they are, with the table's own types. */
  readonly direct: boolean
  /** Whether a reader of the table tells a row's place in its file. If not, no file has marks, and all can be read as they are. */
  readonly numbered: boolean
}

/** Rows of some slices in place of those that were there, and of no other. */
export interface SlicesJob {
  /** Holds for the rows of these slices. */
  readonly where: SqlFragment
  /** Files of the table that hold rows of other slices too, which are written anew without these. */
  readonly mixed: readonly { readonly path: string; readonly rows: number; readonly marked: boolean }[]
  /** As in {@link MergeJob.direct}. */
  readonly direct: boolean
  /** A new folder of the table, for what is written anew. */
  readonly folder: string
  /** What rows are told apart by, to see which slices changed: a column's value, or the day or hour that it lies in. */
  readonly by: readonly { readonly column: string; readonly grain: Grain }[]
  /** More places than this are not told apart. */
  readonly most: number
}

/** An hour of an instant goes by its number since 1970, one of a clock as `2026-03-01T05:00`. */
export type Grain = 'value' | 'day' | 'hour' | 'hour of the clock'

/** What became of slices. */
export interface MadeSlices {
  /** What was written anew. */
  readonly kept: readonly WrittenFile[]
  /** The places that hold other rows than before, each as texts in the order of {@link SlicesJob.by}; null where there are too many. */
  readonly changed: readonly (readonly (string | null)[])[] | null
}

/** What became of a batch. */
export interface MadeMerge {
  /** Keys that may not be: then nothing was made. */
  readonly refused?: { readonly why: 'null-key' | 'duplicate-keys'; readonly keys: readonly string[]; readonly count: number; readonly examples: readonly string[] } | undefined
  readonly came: RowSum
  readonly went: RowSum
  /** Rows of the batch that gave way to another one of the same key. */
  readonly repeated: number
  readonly updated: number
  /** Of {@link MergeJob.files} those with rows that went, by their numbers. */
  readonly touched: readonly number[]
  /** Parquet files of `__varve_file`, which is such a number, and `__varve_row`: the places of the rows that went. Absent where the files were written anew. */
  readonly places?: readonly string[] | undefined
}

/** What a {@link TableMaker} tells. Paths are as on this machine, where the files need not be. */
export interface MadeTable {
  readonly files: readonly WrittenFile[]
  readonly content: RowSum
  readonly base?: RowSum | undefined
  readonly gone?: RowSum | undefined
  readonly cuts: readonly RowSum[]
  /** Rows before any of the key were left out. */
  readonly read: number
  /** Of a job with {@link TableJob.merge}. */
  readonly merged?: MadeMerge | undefined
  /** Of a job with {@link TableJob.slices}. */
  readonly slices?: MadeSlices | undefined
  /** What is kept apart: files with the columns that the work gave, how many rows are in them, of how many, and how many broke which rule. */
  readonly rejected: { readonly files: readonly string[]; readonly rows: number; readonly of: number; readonly rules: readonly number[] }
  readonly job: JobFacts
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
  /** Makes the inputs readable by name. The signal cancels whatever the session is at. `ran` hears of each job on other machines once it has ended, well or not. */
  open(inputs: readonly EngineInput[], signal: AbortSignal, ran?: (job: JobFacts) => void): Promise<EngineSession>
  /** Gives back what it holds between sessions. */
  close?(): void
}

/** A run of queries over the same inputs. */
export interface EngineSession {
  readonly dialect: SqlDialect
  /** Of an engine whose rows stay where it made them. */
  readonly tables?: TableMaker | undefined
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
  /** The one number that the query answers; undefined where that is none. */
  metric(sql: string): Promise<number | undefined>
  /** A few rows of the query's answer, without columns that nobody may see; undefined where that leaves nothing to look at. @param hidden names in lower case */
  few(sql: string, hidden: ReadonlySet<string>): Promise<readonly Readonly<Record<string, unknown>>[] | undefined>
  close(): Promise<void>
}
