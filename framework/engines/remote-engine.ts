import { basename, dirname, join } from 'node:path'
import type { DescribedColumn } from '../duckdb/connection.ts'
import type { Database } from '../duckdb/database.ts'
import { storableTypeText } from '../duckdb/storable-type.ts'
import { quoteIdentifier, quoteLiteral, sqlText, type ForeignDialect, type SqlFragment } from '../vocabulary/sql.ts'
import type { AuthoredWork, Engine, EngineInput, EngineSession, JobFacts, WriteJob, Written } from './engine.ts'
import { foreignQuery } from './foreign-query.ts'
import { describeFiles } from './staged-files.ts'
import type { Translator } from './translator.ts'

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
}

export interface JobAnswer {
  /** Paths of parquet files as this machine reads them. */
  readonly files: readonly string[]
  readonly facts: JobFacts
}

/** A place that runs jobs on other machines. */
export interface JobRunner {
  readonly name: string
  readonly dialect: ForeignDialect
  /** @throws {JobFailed} The signal cancels the job, and is answered once it has ended. */
  run(job: RemoteJob, signal: AbortSignal): Promise<JobAnswer>
  close?(): void
}

/**
 * Has other machines make the rows that authors ask for. What the framework itself asks, of the rows that came of it, is answered by the
 * engine here.
 */
export class RemoteEngine implements Engine {
  readonly name: string
  readonly dialect: ForeignDialect

  constructor(readonly jobs: JobRunner, readonly here: Engine, readonly database: Database, readonly translator: Translator) {
    this.name = jobs.name
    this.dialect = jobs.dialect
  }

  async open(inputs: readonly EngineInput[], signal: AbortSignal): Promise<EngineSession> {
    return new RemoteSession(this, inputs, signal)
  }

  close(): void {
    this.jobs.close?.()
    this.translator.close()
  }
}

class RemoteSession implements EngineSession {
  readonly dialect: ForeignDialect
  readonly #engine: RemoteEngine
  readonly #inputs: readonly EngineInput[]
  readonly #signal: AbortSignal
  #here: Promise<EngineSession> | undefined

  constructor(engine: RemoteEngine, inputs: readonly EngineInput[], signal: AbortSignal) {
    this.#engine = engine
    this.dialect = engine.dialect
    this.#inputs = inputs
    this.#signal = signal
  }

  async writeAuthored(work: AuthoredWork, job: WriteJob): Promise<Written> {
    const subject = job.subject ?? 'a query'
    const columns = work.kind === 'script' ? Object.entries(work.script.columns).map(([name, type]) => ({ name, type: storableTypeText(type) })) : await this.#columnsOf(work.query)
    const asked: RemoteJob['work'] = work.kind === 'script' ? work : { kind: 'query', sql: await this.#textFor(work, subject) }
    const inputs = await Promise.all(this.#inputs.map(input => this.#remote(input, job.folder)))
    const { files, facts } = await this.#engine.jobs.run({ subject, work: asked, inputs, columns, folder: job.folder, say: message => job.say?.(message) }, this.#signal)
    const written = await describeFiles(this.#engine.database, files)
    const made: Written = { files: written, columns, rows: written.reduce((rows, file) => rows + file.rows, 0), job: facts }
    if (job.partitionBy.length === 0) return made
    // Laid out by columns here: what is read back is what was written a moment ago.
    const relation = files.length === 0 ? `select ${columns.map(({ name, type }) => `null::${type} as ${quoteIdentifier(name)}`).join(', ')} where false` : `select * from read_parquet([${files.map(path => quoteLiteral(path)).join(', ')}], hive_partitioning = false)`
    return { ...(await this.writeQuery(relation, { ...job, folder: `${job.folder}-parted`, place: undefined })), job: facts }
  }

  async add(...inputs: readonly EngineInput[]): Promise<void> {
    await (await this.#local()).add(...inputs)
  }

  async writeQuery(sql: string, job: WriteJob): Promise<Written> {
    return (await this.#local()).writeQuery(sql, job)
  }

  async writeRows(rows: Iterable<object> | AsyncIterable<object>, columns: Readonly<Record<string, string>>, job: WriteJob): Promise<Written> {
    return (await this.#local()).writeRows(rows, columns, job)
  }

  async columns(sql: string): Promise<readonly DescribedColumn[]> {
    return (await this.#local()).columns(sql)
  }

  async rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.#local()).rows(sql)
  }

  async count(sql: string): Promise<number> {
    return (await this.#local()).count(sql)
  }

  async close(): Promise<void> {
    await (await this.#here)?.close()
  }

  #local(): Promise<EngineSession> {
    return (this.#here ??= this.#engine.here.open(this.#inputs, this.#signal))
  }

  async #textFor({ query, own }: Extract<AuthoredWork, { kind: 'query' }>, subject: string): Promise<string> {
    if (own) return sqlText(own, key => this.#name(key))
    return this.#shadowed(json => foreignQuery(query, { subject, to: this.dialect, guard: { json }, translator: this.#engine.translator }))
  }

  /** The columns that the query promises, as they will be stored. */
  async #columnsOf(query: SqlFragment): Promise<DescribedColumn[]> {
    const rows = await this.#shadowed(json => json(`describe ${sqlText(query, quoteIdentifier)}`))
    return rows.map(row => ({ name: String(row['column_name']), type: storableTypeText(String(row['column_type'])) }))
  }

  /** A database in which the inputs are empty tables: enough to know what a query means, without a look at a single row. */
  async #shadowed<T>(ask: (json: (sql: string) => Promise<Readonly<Record<string, unknown>>[]>) => Promise<T>): Promise<T> {
    return this.#engine.database.use(async connection => {
      const made: string[] = []
      try {
        for (const input of this.#inputs) {
          const { name, relation, columns = input.table?.columns } = input
          const shadow = columns?.map(column => `${quoteIdentifier(column.name)} ${column.type}`).join(', ')
          await connection.run(shadow ? `create or replace temp table ${quoteIdentifier(name)} (${shadow})` : `create or replace temp table ${quoteIdentifier(name)} as select * from (${typeof relation === 'string' ? relation : await relation()}) limit 0`)
          made.push(name)
        }
        return await ask(sql => connection.json(sql))
      } finally {
        for (const name of made) await connection.run(`drop table if exists temp.${quoteIdentifier(name)}`)
      }
    })
  }

  async #remote(input: EngineInput, folder: string): Promise<RemoteInput> {
    if (input.table) {
      const { location, version, columns, where } = input.table
      return { name: input.name, location, version, columns, where: where === undefined ? undefined : await this.#condition(where) }
    }
    const { name, content } = input
    const here = await this.#local()
    const all = `select * from ${quoteIdentifier(name)}`
    let made: Promise<readonly string[]> | undefined
    const put = () => (made ??= here.writeQuery(all, { folder: join(dirname(folder), `${basename(folder)}-inputs`, name.replaceAll('/', '_')), partitionBy: [] }).then(({ files }) => files.map(({ path }) => path)))
    return { name, content, columns: (input.columns ?? await here.columns(all)).map(column => ({ name: column.name, type: storableTypeText(column.type) })), put }
  }

  async #condition(where: string): Promise<string> {
    const text = await this.#engine.translator.translate(`select 1 where ${where}`, this.dialect)
    return text.slice(text.search(/ WHERE /) + ' WHERE '.length)
  }

  #name(key: string): string {
    return this.dialect === 'spark' ? `\`${key.replaceAll('`', '``')}\`` : quoteIdentifier(key)
  }
}
