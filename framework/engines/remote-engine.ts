import { basename, dirname, join } from 'node:path'
import type { DescribedColumn } from '../duckdb/connection.ts'
import type { Database } from '../duckdb/database.ts'
import { storableTypeText } from '../duckdb/storable-type.ts'
import { quoteIdentifier, quoteLiteral, sqlText, type ForeignDialect, type SqlFragment } from '../vocabulary/sql.ts'
import type { AuthoredWork, Engine, EngineInput, EngineSession, JobFacts, MadeTable, Question, TableJob, TableMaker, WriteJob, Written } from './engine.ts'
import { NotTranslated } from './engine-errors.ts'
import { foreignQuery } from './foreign-query.ts'
import { namedIn } from './query-over.ts'
import type { JobFinding, JobRunner, RemoteInput, RemoteJob, RemoteQuestion, RemoteTable } from './remote-job.ts'
import { describeFiles } from './staged-files.ts'
import type { Translator } from './translator.ts'

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

  async open(inputs: readonly EngineInput[], signal: AbortSignal, ran: (job: JobFacts) => void = () => {}): Promise<EngineSession> {
    return new RemoteSession(this, inputs, signal, ran)
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
  readonly #ran: (job: JobFacts) => void
  #here: Promise<EngineSession> | undefined
  /** What a job found, by the question's text. */
  readonly #found = new Map<string, JobFinding>()
  readonly #added: EngineInput[] = []
  readonly #asked = new Set<string>()
  readonly tables: TableMaker | undefined

  constructor(engine: RemoteEngine, inputs: readonly EngineInput[], signal: AbortSignal, ran: (job: JobFacts) => void) {
    this.#engine = engine
    this.dialect = engine.dialect
    this.#inputs = inputs
    this.#signal = signal
    this.#ran = ran
    const { hash } = engine.jobs
    this.tables = hash === undefined ? undefined : { hash, columnsOf: work => this.#promised(work), make: (work, job) => this.#makeTable(work, job) }
  }

  async writeAuthored(work: AuthoredWork, job: WriteJob): Promise<Written> {
    const subject = job.subject ?? 'a query'
    const columns = await this.#promised(work)
    const asked: RemoteJob['work'] = work.kind === 'script' ? work : { kind: 'query', sql: await this.#textFor(work, subject) }
    const inputs = await Promise.all(this.#inputs.map(input => this.#remote(input, job.folder)))
    this.#asked.add(subject)
    const { files, facts } = await this.#engine.jobs.run({ subject, work: asked, inputs, columns, folder: job.folder, say: message => job.say?.(message), ran: this.#ran }, this.#signal)
    const written = await describeFiles(this.#engine.database, files)
    const made: Written = { files: written, columns, rows: written.reduce((rows, file) => rows + file.rows, 0), job: facts }
    if (job.partitionBy.length === 0) return made
    // Laid out by columns here: what is read back is what was written a moment ago.
    const relation = files.length === 0 ? `select ${columns.map(({ name, type }) => `null::${type} as ${quoteIdentifier(name)}`).join(', ')} where false` : `select * from read_parquet([${files.map(path => quoteLiteral(path)).join(', ')}], hive_partitioning = false)`
    return { ...(await this.writeQuery(relation, { ...job, folder: `${job.folder}-parted`, place: undefined })), job: facts }
  }

  async add(...inputs: readonly EngineInput[]): Promise<void> {
    this.#added.push(...inputs)
    await (await this.#local()).add(...inputs)
  }

  async writeQuery(sql: string, job: WriteJob): Promise<Written> {
    return (await this.#local()).writeQuery(sql, job)
  }

  async writeRows(rows: Iterable<object> | AsyncIterable<object>, columns: Readonly<Record<string, string>>, job: WriteJob): Promise<Written> {
    return (await this.#local()).writeRows(rows, columns, job)
  }

  async columns(sql: string): Promise<readonly DescribedColumn[]> {
    const known = [...new Map([...this.#inputs, ...this.#added].map(input => [input.name, input])).values()]
    if (namedIn(known, sql).some(({ columns, table }) => !columns && !table)) return (await this.#local()).columns(sql)
    return this.#described(sql, namedIn(known, sql))
  }

  async rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.#local()).rows(sql)
  }

  async count(sql: string): Promise<number> {
    const known = this.#found.get(sql)
    return known ? (known.number ?? 0) : (await this.#local()).count(sql)
  }

  async metric(sql: string): Promise<number | undefined> {
    const known = this.#found.get(sql)
    return known ? (known.number ?? undefined) : (await this.#local()).metric(sql)
  }

  /** Rows of which a job told are not looked for here. */
  async few(sql: string, hidden: ReadonlySet<string>): Promise<readonly Readonly<Record<string, unknown>>[] | undefined> {
    const known = this.#found.get(sql)
    return known ? known.few : (await this.#local()).few(sql, hidden)
  }

  async close(): Promise<void> {
    for (const subject of this.#asked) await this.#engine.jobs.left(subject)
    await (await this.#here)?.close()
  }

  #local(): Promise<EngineSession> {
    return (this.#here ??= this.#engine.here.open(this.#inputs, this.#signal))
  }

  async #textFor({ query, own }: Extract<AuthoredWork, { kind: 'query' }>, subject: string): Promise<string> {
    if (own) return sqlText(own, key => this.#name(key))
    return this.#shadowed(json => this.#translated(query, subject, json))
  }

  #translated(query: SqlFragment, subject: string, json: Json): Promise<string> {
    return foreignQuery(query, { subject, to: this.dialect, guard: { json }, translator: this.#engine.translator })
  }

  #promised(work: AuthoredWork): Promise<readonly DescribedColumn[]> {
    return work.kind === 'script' ? Promise.resolve(Object.entries(work.script.columns).map(([name, type]) => ({ name, type: storableTypeText(type) }))) : this.#columnsOf(work.query)
  }

  async #makeTable(work: AuthoredWork, job: TableJob): Promise<MadeTable> {
    const { subject, say } = job
    const columns = await this.#promised(work)
    const asked: RemoteJob['work'] = work.kind === 'script' ? work : { kind: 'query', sql: await this.#textFor(work, subject) }
    const inputs = await Promise.all(this.#inputs.map(input => this.#remote(input, job.staging)))
    const { table, questions } = await this.#inWords(job, columns)
    this.#asked.add(subject)
    const { facts, made } = await this.#engine.jobs.run({ subject, work: asked, inputs, columns, folder: job.staging, say, ran: this.#ran, table }, this.#signal)
    if (!made) throw new Error(`${this.#engine.name} told nothing of what it made for ${subject}`)
    if (!made.merged?.refused) questions.forEach(({ text }, i) => this.#found.set(text, made.answers[i]!))
    return { ...made, job: facts }
  }

  /** The job in the engine's words. Questions that it would not understand alike are asked of the rows here, once they come up. */
  async #inWords({ folder, columns, partitionBy, indexed, key, where, merge, slices, rest, hashes, cuts, names, base, rejects, questions, subject, say }: TableJob, promised: readonly DescribedColumn[]): Promise<{ readonly table: RemoteTable; readonly questions: readonly Question[] }> {
    const conditions = (rules: readonly SqlFragment[], over: readonly DescribedColumn[]) => this.#shadowed(json => Promise.all(rules.map(async rule => conditionIn(await this.#translated({ strings: [`select 1 as one from ${quoteIdentifier(MADE)} where (`, ')'], values: [rule] }, subject, json)))), [{ name: MADE, columns: over }])
    const broken = await conditions(rejects, promised)
    const [chosen] = where ? await conditions([where], promised) : []
    const [within] = slices ? await conditions([slices.where], columns) : []
    const understood: { readonly question: Question; readonly asked: RemoteQuestion }[] = []
    await this.#shadowed(async json => {
      for (const question of questions) {
        try {
          const parts: string[] = []
          for (const part of question.parts) parts.push(await this.#translated(part, question.subject, json))
          understood.push({ question, asked: { parts, shown: await this.#shown(question, json) } })
        } catch (error) {
          if (!(error instanceof NotTranslated)) throw error
          say(`${question.subject} is held here, over rows that come for it: ${error.objections.map(({ construct, why }) => `${construct} (${why})`).join('; ')}`)
        }
      }
    }, [{ name: names.own, columns }, { name: names.changed, columns }])
    const table = { folder, columns, partitionBy, indexed, key, where: chosen, merge, slices: slices && { ...slices, where: within! }, rest, hashes, cuts, names, base: base && { location: base.location, version: base.version }, rejects: broken, questions: understood.map(({ asked }) => asked) }
    return { table, questions: understood.map(({ question }) => question) }
  }

  /** Rows that show what was counted are a help: where the engine has no words for them it is told without. */
  async #shown({ shown, subject }: Question, json: Json): Promise<RemoteQuestion['shown']> {
    try {
      return shown && { rows: await this.#translated(shown.rows, subject, json), hidden: [...shown.hidden] }
    } catch (error) {
      if (!(error instanceof NotTranslated)) throw error
      return undefined
    }
  }

  /** The columns of a query over tables of which the columns are known. */
  #described(sql: string, named: readonly EngineInput[]): Promise<readonly DescribedColumn[]> {
    return this.#shadowed(async json => (await json(`describe ${sql}`)).map(row => ({ name: String(row['column_name']), type: String(row['column_type']) })), named.map(({ name, columns, table }) => ({ name, columns: (columns ?? table?.columns)! })))
  }

  /** The columns that the query promises, as they will be stored. */
  async #columnsOf(query: SqlFragment): Promise<DescribedColumn[]> {
    const rows = await this.#shadowed(json => json(`describe ${sqlText(query, quoteIdentifier)}`))
    return rows.map(row => ({ name: String(row['column_name']), type: storableTypeText(String(row['column_type'])) }))
  }

  /** A database in which the inputs are empty tables: enough to know what a query means, without a look at a single row. */
  async #shadowed<T>(ask: (json: Json) => Promise<T>, more: readonly { readonly name: string; readonly columns: readonly DescribedColumn[] }[] = []): Promise<T> {
    return this.#engine.database.use(async connection => {
      const made: string[] = []
      try {
        for (const input of this.#inputs) {
          const { name, relation, columns = input.table?.columns } = input
          const shadow = columns?.map(column => `${quoteIdentifier(column.name)} ${column.type}`).join(', ')
          await connection.run(shadow ? `create or replace temp table ${quoteIdentifier(name)} (${shadow})` : `create or replace temp table ${quoteIdentifier(name)} as select * from (${typeof relation === 'string' ? relation : await relation()}) limit 0`)
          made.push(name)
        }
        for (const { name, columns } of more) {
          await connection.run(`create or replace temp table ${quoteIdentifier(name)} (${columns.map(column => `${quoteIdentifier(column.name)} ${column.type}`).join(', ')})`)
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
    return conditionIn(await this.#engine.translator.translate(`select 1 where ${where}`, this.dialect))
  }

  #name(key: string): string {
    return this.dialect === 'spark' ? `\`${key.replaceAll('`', '``')}\`` : quoteIdentifier(key)
  }
}

type Json = (sql: string) => Promise<Readonly<Record<string, unknown>>[]>

/** By this name conditions of rows that are taken out know them. */
const MADE = 'varve made'

/** What stands behind WHERE in a query that has nothing after it. */
const conditionIn = (text: string): string => text.slice(text.search(/ WHERE /) + ' WHERE '.length)
