import type { DescribedColumn } from '../duckdb/connection.ts'
import type { ForeignDialect } from '../vocabulary/sql.ts'
import type { AuthoredWork, JobFacts, MadeTable, SlicesJob, TableJob } from './engine.ts'

/** An input as a job on other machines reads it: a pinned table, or rows that only this machine can read and puts there as parquet files. */
export type RemoteInput =
  | { readonly name: string; readonly location: string; readonly version: number; readonly columns: readonly DescribedColumn[]; readonly where?: string | undefined }
  /** Puts them there once, however often it is asked to. */
  | { readonly name: string; readonly content?: string | undefined; readonly columns: readonly DescribedColumn[]; readonly put: () => Promise<readonly string[]> }

/** What a job on other machines is asked for. */
export interface RemoteJob {
  readonly subject: string
  readonly work: { readonly kind: 'query'; readonly sql: string } | Extract<AuthoredWork, { kind: 'script' }>
  readonly inputs: readonly RemoteInput[]
  /** As the rows must come, in DuckDB's types. */
  readonly columns: readonly DescribedColumn[]
  /** A folder that is not there yet: the job's own. */
  readonly folder: string
  readonly say: (message: string) => void
  /** Told once, when the job has ended, however that was. */
  readonly ran?: ((job: JobFacts) => void) | undefined
  /** Of a job that makes a table's files where they stay. */
  readonly table?: RemoteTable | undefined
}

/** A {@link TableJob} in the words of the other machines. */
export interface RemoteTable extends Pick<TableJob, 'folder' | 'columns' | 'partitionBy' | 'indexed' | 'key' | 'merge' | 'rest' | 'hashes' | 'cuts' | 'names'> {
  readonly where?: string | undefined
  readonly slices?: (Omit<SlicesJob, 'where'> & { readonly where: string }) | undefined
  readonly base?: { readonly location: string; readonly version: number } | undefined
  readonly rejects: readonly string[]
  readonly questions: readonly RemoteQuestion[]
}

/** What is summed up, and the query for rows that show it. */
export interface RemoteQuestion {
  readonly parts: readonly string[]
  readonly shown?: { readonly rows: string; readonly hidden: readonly string[] } | undefined
}

export interface JobAnswer {
  /** Paths of parquet files as this machine reads them. */
  readonly files: readonly string[]
  readonly facts: JobFacts
  /** Of a job that makes a table's files: what it tells of them, and the answers to its questions in their order. */
  readonly made?: (Omit<MadeTable, 'job'> & { readonly answers: readonly JobFinding[] }) | undefined
}

/** What a job found of a question: null where the answer is no number. */
export interface JobFinding {
  readonly number: number | null
  readonly few?: readonly Readonly<Record<string, unknown>>[] | undefined
}

/** A place that runs jobs on other machines. */
export interface JobRunner {
  readonly name: string
  readonly dialect: ForeignDialect
  /** Of one that can make a table's files where they stay: see {@link TableMaker.hash}. */
  readonly hash?: string | undefined
  /** @throws {JobFailed} The signal cancels the job, and is answered once it has ended. */
  run(job: RemoteJob, signal: AbortSignal): Promise<JobAnswer>
  /** What the subject's job made has been dealt with. */
  left(subject: string): Promise<void>
  close?(): void
}
