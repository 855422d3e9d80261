import type { QueryExecution } from '@aws-sdk/client-athena'
import { dirname } from 'node:path'
import type { Database } from '../duckdb/database.ts'
import type { Clock } from '../vocabulary/clock.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { fingerprint } from '../vocabulary/version.ts'
import { endedBadly, FinerThanMilliseconds, InstantsByMillisecond, NestedInstants, QueryFailed, reasonOf, VersionMoved } from './athena-errors.ts'
import { factsOf } from './athena-cost.ts'
import { AthenaQueries, standingOf } from './athena-queries.ts'
import { glueNameOf, type AthenaSettings, type GlueName } from './athena-settings.ts'
import { instantsIn, saidOnPurpose, unloadText, type AthenaInput } from './athena-text.ts'
import { factsText } from './emr-cost.ts'
import { JobOfAnotherRun, NoScripts, WrongColumns } from './engine-errors.ts'
import { GlueCatalog } from './glue-catalog.ts'
import type { JobFiles } from './job-files.ts'
import { identityOf } from './job-identity.ts'
import { newAttempt, type JobRecord, type JobRecords } from './job-record.ts'
import type { JobWatch } from './job-watch.ts'
import type { JobAnswer, JobRunner, RemoteInput, RemoteJob } from './remote-job.ts'
import { asPromised } from './promised-types.ts'

export interface AthenaPlaces {
  readonly files: JobFiles
  readonly records: JobRecords
  readonly watch: JobWatch
  readonly clock: Clock
  readonly database: Database
  /** The newest version of the Delta table in a folder. */
  readonly newestVersion: (location: string) => Promise<number>
}

type DeltaInput = Exclude<RemoteInput, { readonly put: unknown }>

/** Has Athena leave the rows of queries as parquet files: one query a step, found again after a crash, never started twice. */
export class AthenaJobs implements JobRunner {
  readonly name = 'athena'
  readonly dialect = 'trino'
  readonly #queries: AthenaQueries
  readonly #catalog: GlueCatalog

  constructor(readonly settings: AthenaSettings, readonly places: AthenaPlaces, parts: { readonly queries?: AthenaQueries; readonly catalog?: GlueCatalog } = {}) {
    this.#queries = parts.queries ?? new AthenaQueries(settings)
    this.#catalog = parts.catalog ?? new GlueCatalog(settings)
  }

  async run(job: RemoteJob, signal: AbortSignal): Promise<JobAnswer> {
    if (job.work.kind === 'script') throw new NoScripts(job.subject, this.name)
    this.#refuseInstants(job)
    const { records, files, clock, watch } = this.places
    const identity = identityOf(job, files)
    const before = await records.of(job.subject)
    if (before?.engine === this.name) await this.#unlessWatched(before, identity, job)
    const known = before?.identity === identity && before.engine === this.name ? await this.#resumed(before, job, signal) : undefined
    if (known) return known
    if (before?.job && before.engine === this.name) await this.#abandoned(before, job)
    for (const input of job.inputs) if ('put' in input) await files.handOver(await input.put())
    await this.#atPinnedVersions(job)
    const record = await records.keep(newAttempt(before, { subject: job.subject, identity, folder: job.folder, engine: this.name, holder: watch.holder, now: clock.now() }))
    return this.#watched(record, job, signal)
  }

  left(subject: string): Promise<void> {
    return this.places.watch.end(subject)
  }

  close(): void {
    this.places.watch.close()
    this.#queries.close()
    this.#catalog.close()
  }

  #refuseInstants({ subject, inputs, columns }: RemoteJob): void {
    const all = [...inputs.flatMap(input => input.columns.map(column => ({ ...column, of: input.name }))), ...columns.map(column => ({ ...column, of: '' }))].filter(column => instantsIn([column]).length > 0)
    if (all.length > 0 && this.settings.instants === 'refuse') throw new InstantsByMillisecond(subject, [...new Set(all.map(({ of, name }) => (of === '' ? name : `${name} of ${of}`)))])
    const nested = columns.filter(({ type }) => /TIMESTAMP/i.test(type) && !/^TIMESTAMP[A-Z_ ]*$/i.test(type))
    if (nested.length > 0) throw new NestedInstants(subject, nested.map(({ name }) => name))
  }

  /** @throws {JobOfAnotherRun} where an orchestrator that lives waits for the query, or has yet to publish what it made and what is asked for here too */
  async #unlessWatched(record: JobRecord, identity: string, { subject }: RemoteJob): Promise<void> {
    const asksTheSame = record.identity === identity
    const other = await this.places.watch.other(record, async () => {
      if (!record.job) return true
      const query = await this.#queries.find(record.job)
      const { standing } = standingOf(query?.Status?.State)
      return standing === 'waiting' || standing === 'running' || (asksTheSame && standing === 'succeeded' && (await this.#isThere(query!)))
    })
    if (other !== undefined) throw new JobOfAnotherRun(subject, this.name, record.job, other, asksTheSame)
  }

  /** Takes up a query that an earlier process asked for; undefined where it did not end well, or what it made is gone. */
  async #resumed(record: JobRecord, job: RemoteJob, signal: AbortSignal): Promise<JobAnswer | undefined> {
    if (record.job) {
      const query = await this.#queries.find(record.job)
      const { standing } = standingOf(query?.Status?.State)
      if (!query || standing === 'failed' || standing === 'cancelled') return undefined
      if (standing === 'succeeded' && !(await this.#isThere(query))) return undefined
    // What it was asked named files that were put there for it.
    } else if (job.inputs.some(input => 'put' in input)) return undefined
    job.say(`taking up ${this.name} query ${record.job ?? record.token}, which an earlier run had asked for`)
    return this.#watched(await this.places.records.keep({ ...record, holder: this.places.watch.holder }), job, signal)
  }

  async #isThere(query: QueryExecution): Promise<boolean> {
    const paths = await this.#made(query).catch(error => {
      if (error instanceof QueryFailed) return undefined
      throw error
    })
    return paths !== undefined && this.places.files.areThere(paths)
  }

  /** A query that nobody waits for any more, since something else is asked for now. */
  async #abandoned({ job }: JobRecord, { say }: RemoteJob): Promise<void> {
    const query = await this.#queries.find(job!)
    const { standing } = standingOf(query?.Status?.State)
    if (!query || (standing !== 'waiting' && standing !== 'running')) return
    say(`cancelling ${this.name} query ${job!} of an earlier run, which was asked for something else`)
    await this.#queries.cancel(job!)
  }

  #watched(record: JobRecord, job: RemoteJob, signal: AbortSignal): Promise<JobAnswer> {
    return this.places.watch.over(record, this.places.records, () => this.#asked(record, job, signal))
  }

  async #asked(record: JobRecord, job: RemoteJob, signal: AbortSignal): Promise<JobAnswer> {
    const { files, records } = this.places
    const lent = job.inputs.flatMap(input => ('put' in input ? [this.#lentName(job, input.name, record.folder)] : []))
    try {
      const text = async () => unloadText({ sql: (job.work as { readonly sql: string }).sql, inputs: await this.#inputs(job, record.folder), columns: job.columns, to: `${files.address(record.folder)}/` })
      const id = record.job ?? (await this.#queries.start(await text(), { token: record.token, database: this.#catalog.nameOf(job.subject).database }))
      if (!record.job) await records.keep({ ...record, job: id })
      const query = await this.#ended(id, job, signal)
      if (standingOf(query.Status?.State).standing !== 'succeeded') this.#failed(query, job)
      await this.#atPinnedVersions(job)
      return await this.#answer(query, record, job)
    } finally {
      for (const name of lent) await this.#catalog.forget(name)
    }
  }

  /** Waits for the end, and stops what a person stopped, what takes too long and what scans too much. A query that is stopped is waited for: nothing may be written once nobody looks any more. */
  async #ended(id: string, job: RemoteJob, signal: AbortSignal): Promise<QueryExecution> {
    const { maxBytes, timeoutMinutes } = this.settings
    const began = Date.now()
    const cancel = () => void this.#queries.cancel(id).catch(() => undefined)
    if (signal.aborted) cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const query = await this.#queries.ended(id, {
        seen: (state, known) => job.say(`${this.name} query ${id} is ${state}${known ? '' : ', a state that is not known; it counts as running'}`),
        isEnough: ({ Statistics: told }) => signal.aborted || (maxBytes !== undefined && (told?.DataScannedInBytes ?? 0) > maxBytes) || Math.max(Date.now() - began, told?.TotalExecutionTimeInMillis ?? 0) > timeoutMinutes * 60_000,
      })
      job.ran?.(factsOf(query, this.settings.price))
      if (standingOf(query.Status?.State).standing === 'cancelled') signal.throwIfAborted()
      return query
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  async #answer(query: QueryExecution, record: JobRecord, job: RemoteJob): Promise<JobAnswer> {
    const facts = factsOf(query, this.settings.price)
    const paths = await this.#made(query)
    await this.places.files.bring(paths)
    const files = await asPromised(this.places.database, paths, job.columns, `${record.folder}-typed`)
    job.say(`${factsText(facts)}${files === paths ? '' : '; its files were laid out anew here, as their types are not those of Delta'}`)
    return { files, facts }
  }

  /** The files that the query wrote, as its manifest lists them. */
  async #made(query: QueryExecution): Promise<string[]> {
    const { files } = this.places
    const manifest = query.Statistics?.DataManifestLocation
    if (!manifest) throw new QueryFailed(String(query.QueryExecutionId), 'SUCCEEDED', 'it names no manifest of the files that it wrote', 'Look whether the workgroup\'s output location can be written.', false)
    const text = await files.read(files.pathOf(manifest))
    if (text === undefined) throw new QueryFailed(String(query.QueryExecutionId), 'SUCCEEDED', `its manifest ${manifest} is gone`, 'Look whether a lifecycle rule takes away what lies at the output location too soon.', false)
    return text.split('\n').map(line => line.trim().replace(/^"(.*)"$/, '$1')).filter(line => line !== '').map(address => files.pathOf(address))
  }

  #failed(query: QueryExecution, job: RemoteJob): never {
    const told = reasonOf(query)
    const onPurpose = saidOnPurpose(told)
    if (onPurpose?.kind === 'columns') throw new WrongColumns(job.subject, 'Athena', job.columns.map(({ name, type }) => `${name} ${type}`), [onPurpose.told])
    if (onPurpose?.kind === 'microseconds') throw new FinerThanMilliseconds(job.subject, onPurpose.told)
    throw endedBadly(query, this.settings, { most: 'athena.maxBytes is', raise: 'athena.maxBytes', mend: 'Mend what it says, and run the asset again; nothing of it was published.' })
  }

  /** Makes each input a table that Athena knows. */
  async #inputs(job: RemoteJob, folder: string): Promise<AthenaInput[]> {
    const inputs: AthenaInput[] = []
    for (const input of job.inputs) {
      if ('put' in input) {
        const name = this.#lentName(job, input.name, folder)
        const [first] = await input.put()
        await this.#catalog.lend(name, this.places.files.address(first === undefined ? `${folder}-nothing` : dirname(first)), input.columns)
        inputs.push({ name: input.name, table: this.#tableText(name), columns: input.columns })
      } else {
        await this.#catalog.register({ asset: input.name, location: this.places.files.address(input.location), columns: input.columns })
        inputs.push({ name: input.name, table: this.#tableText(glueNameOf(input.name, this.settings.database)), columns: input.columns, where: input.where })
      }
    }
    return inputs
  }

  /** What rows that were put there for a query are called while it runs. */
  #lentName(job: RemoteJob, input: string, folder: string): GlueName {
    return { database: this.#catalog.nameOf(job.subject).database, table: `varve_${fingerprint(folder, input).slice(0, 24)}` }
  }

  #tableText({ database, table }: GlueName): string {
    return [this.settings.catalog, database, table].map(quoteIdentifier).join('.')
  }

  /** Versions only grow: what is the newest before and after was read. @throws {VersionMoved} */
  async #atPinnedVersions({ subject, inputs }: RemoteJob): Promise<void> {
    await Promise.all(inputs.filter((input): input is DeltaInput => !('put' in input)).map(async ({ name, location, version }) => {
      const newest = await this.places.newestVersion(location)
      if (newest !== version) throw new VersionMoved(subject, name, version, newest)
    }))
  }
}
