import type { JobRun } from '@aws-sdk/client-emr-serverless'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { Clock } from '../vocabulary/clock.ts'
import { fingerprint } from '../vocabulary/version.ts'
import { factsOf, factsText } from './emr-cost.ts'
import { EmrJobs, standingOf } from './emr-jobs.ts'
import type { EmrServerlessSettings } from './emr-settings.ts'
import { JobFailed, JobOfAnotherRun, WrongColumns } from './engine-errors.ts'
import { sparkType } from './foreign-query.ts'
import type { JobFiles } from './job-files.ts'
import { identityOf } from './job-identity.ts'
import { newAttempt, type JobRecord, type JobRecords } from './job-record.ts'
import type { JobWatch } from './job-watch.ts'
import type { JobFacts, MadeMerge, RowSum, WrittenFile } from './engine.ts'
import type { JobAnswer, JobRunner, RemoteInput, RemoteJob, RemoteTable } from './remote-job.ts'

const RUNNER = fileURLToPath(new URL('../engines/spark-runner/varve_runner.py', import.meta.url))

export interface EmrServerlessPlaces {
  /** Where the runner is put, once for each text that it ever had. */
  readonly programs: string
  readonly files: JobFiles
  readonly records: JobRecords
  readonly watch: JobWatch
  readonly clock: Clock
}

type ToldFile = { readonly path: string; readonly bytes: number } & Partial<WrittenFile>

/** What the runner tells of an attempt. */
type RunnerResult = { readonly attempt?: string } & (
  | ({ readonly ok: true; readonly files: readonly ToldFile[]; readonly milliseconds: number; readonly spark: string } & Partial<TableResult>)
  | { readonly ok: false; readonly code: string; readonly error: string })

/** Runs jobs on EMR Serverless: one job a step, found again after a crash, never started twice. */
export class EmrServerlessJobs implements JobRunner {
  readonly name = 'emr-serverless'
  readonly dialect = 'spark'
  /** Spark's xxhash64 of a row, in the runner's first way of telling one. */
  readonly hash: string | undefined
  readonly #jobs: EmrJobs
  #runner: Promise<string> | undefined

  constructor(readonly settings: EmrServerlessSettings, readonly places: EmrServerlessPlaces, jobs?: EmrJobs) {
    this.#jobs = jobs ?? new EmrJobs(settings)
    this.hash = settings.rowsStay ? 'sx1' : undefined
  }

  async run(job: RemoteJob, signal: AbortSignal): Promise<JobAnswer> {
    const identity = identityOf(job, this.places.files)
    const { records, watch } = this.places
    const before = await records.of(job.subject)
    if (before?.engine === this.name) await this.#unlessWatched(before, identity, job)
    const known = before?.identity === identity && before.engine === this.name ? await this.#resumed(before, job, signal) : undefined
    if (known) return known
    if (before?.job && before.engine === this.name) await this.#abandoned(before, job)
    const attempt = newAttempt(before, { subject: job.subject, identity, folder: job.folder, engine: this.name, holder: watch.holder, now: this.places.clock.now() })
    const inputs = await Promise.all(job.inputs.map(input => this.#addressed(input)))
    await this.places.files.replace(specOf(attempt.folder), JSON.stringify(specification(job, inputs, attempt, this.places.files)))
    return this.#watched(await records.keep(attempt), job, signal)
  }

  left(subject: string): Promise<void> {
    return this.places.watch.end(subject)
  }

  close(): void {
    this.places.watch.close()
  }

  /** @throws {JobOfAnotherRun} where an orchestrator that lives waits for the job, or has yet to publish what it made and what is asked for here too */
  async #unlessWatched(record: JobRecord, identity: string, { subject }: RemoteJob): Promise<void> {
    const asksTheSame = record.identity === identity
    const other = await this.places.watch.other(record, async () => {
      if (!record.job) return true
      const { standing } = standingOf((await this.#jobs.find(record.job))?.state)
      return standing === 'waiting' || standing === 'running' || (asksTheSame && standing === 'succeeded' && (await this.#isThere(record)))
    })
    if (other !== undefined) throw new JobOfAnotherRun(subject, this.name, record.job, other, asksTheSame)
  }

  /** Takes up a job that an earlier process asked for; undefined where it did not end well, or what it made is gone. */
  async #resumed(record: JobRecord, job: RemoteJob, signal: AbortSignal): Promise<JobAnswer | undefined> {
    if (!record.job && (await this.places.files.read(specOf(record.folder))) === undefined) return undefined
    // A token without a job: the answer was lost with the process that asked. It may have ended since, too.
    const known = record.job ? record : await this.#asked(record, job)
    const run = await this.#jobs.find(known.job!)
    const { standing } = standingOf(run?.state)
    if (!run || standing === 'failed' || standing === 'cancelled') return undefined
    if (standing === 'succeeded' && !(await this.#isThere(known))) return undefined
    job.say(`taking up ${this.name} job ${known.job!}, which an earlier run had asked for`)
    return this.#watched(await this.places.records.keep({ ...known, holder: this.places.watch.holder }), job, signal)
  }

  async #isThere(record: JobRecord): Promise<boolean> {
    const result = await this.#result(record)
    if (!result || !('ok' in result) || !result.ok) return false
    const { files } = this.places
    return files.areThere([...result.files, ...(result.slices?.kept ?? [])].map(({ path }) => files.pathOf(path)))
  }

  /** A job that nobody waits for any more, since something else is asked for now. */
  async #abandoned({ job }: JobRecord, { say }: RemoteJob): Promise<void> {
    const run = await this.#jobs.find(job!)
    const { standing } = standingOf(run?.state)
    if (!run || (standing !== 'waiting' && standing !== 'running')) return
    say(`cancelling ${this.name} job ${job!} of an earlier run, which was asked for something else`)
    await this.#jobs.cancel(job!)
  }

  /** The record with the job's id, which is written down before anything else is done about the job. */
  async #asked(record: JobRecord, job: RemoteJob): Promise<JobRecord> {
    const id = await this.#jobs.start({ token: record.token, name: job.subject, runner: await this.#uploaded(), argument: this.places.files.address(specOf(record.folder)) })
    return this.places.records.keep({ ...record, job: id })
  }

  /** Waits for the end. A job that is cancelled is waited for: nothing may be written once nobody looks any more. */
  #watched(record: JobRecord, job: RemoteJob, signal: AbortSignal): Promise<JobAnswer> {
    return this.places.watch.over(record, this.places.records, () => this.#ended(record, job, signal))
  }

  async #ended(record: JobRecord, job: RemoteJob, signal: AbortSignal): Promise<JobAnswer> {
    const known = record.job ? record : await this.#asked(record, job)
    const id = known.job!
    const { queueMinutes } = this.settings
    const began = performance.now()
    let queuedTooLong = false
    const cancel = () => void this.#jobs.cancel(id).catch(() => undefined)
    if (signal.aborted) cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const run = await this.#jobs.ended(id, {
        seen: (state, known) => job.say(`${this.name} job ${id} is ${state}${known ? '' : ', a state that is not known; it counts as running'}`),
        isEnough: standing => signal.aborted || (queuedTooLong ||= standing === 'waiting' && queueMinutes !== undefined && performance.now() - began > queueMinutes * 60_000),
      })
      const facts = factsOf(run, this.settings.price)
      job.ran?.(facts)
      if (standingOf(run.state).standing === 'cancelled') signal.throwIfAborted()
      if (queuedTooLong && standingOf(run.state).standing === 'cancelled') throw new JobFailed(this.name, id, String(run.state), `no workers came within ${queueMinutes} minutes`, 'Look what else runs in the application (maximumCapacity) and at the account\'s quotas, or raise emrServerless.queueMinutes.', true)
      return await this.#answer(run, facts, known, job)
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  async #answer(run: JobRun, facts: JobFacts, record: JobRecord, job: RemoteJob): Promise<JobAnswer> {
    const { files } = this.places
    const result = await this.#result(record)
    if (standingOf(run.state).standing !== 'succeeded') await this.#failed(run, result && 'ok' in result ? result : undefined, job)
    if (!result || 'unreadable' in result) throw new JobFailed(this.name, String(run.jobRunId), String(run.state), result?.unreadable ?? 'it left no result', 'Look whether another program writes to the lake\'s _staging folders, then run it again: another job will be asked for.', true)
    if (!result.ok) throw new Error(`Job ${run.jobRunId} succeeded, but its result tells of a failure: ${result.error}`)
    const paths = result.files.map(({ path }) => files.pathOf(path))
    if (!job.table) await files.bring(paths)
    job.say(`${factsText(facts)}`)
    return { files: paths, facts, made: job.table && madeOf(result, files) }
  }

  async #failed(run: JobRun, result: RunnerResult | undefined, job: RemoteJob): Promise<never> {
    const id = String(run.jobRunId)
    const state = String(run.state)
    if (result && !result.ok && result.code === 'wrong-columns') throw new WrongColumns(job.subject, 'Spark', job.columns.map(({ name, type }) => `${name} ${sparkType(type)}`), [result.error])
    const timedOut = /time(d)?[ -]?out/i.test(run.stateDetails ?? '')
    const said = result && !result.ok ? result.error : ((await this.#lastWords(id)) ?? run.stateDetails ?? 'nothing is known of why')
    const link = await this.#jobs.dashboard(id)
    const more = link === undefined ? '' : ` Its dashboard: ${link}`
    const hint = timedOut ? `It was ended after ${this.settings.timeoutMinutes} minutes: raise emrServerless.timeoutMinutes, or give it more (sparkSubmit).${more}` : state === 'CANCELLED' ? `Someone cancelled it, or it took longer than emrServerless.timeoutMinutes (${this.settings.timeoutMinutes}).${more}` : `Mend what it says, and run the asset again; nothing of it was published.${more}`
    // A driver that could not tell what hurt it may be luckier on other machines.
    throw new JobFailed(this.name, id, state, said, hint, state === 'FAILED' && !timedOut && !result)
  }

  /** The end of the driver's log, where the configuration names a place for logs. */
  async #lastWords(job: string): Promise<string | undefined> {
    const { logs, application } = this.settings
    if (!logs) return undefined
    for (const name of ['stderr.gz', 'stderr']) {
      const path = join(this.places.files.pathOf(logs), 'applications', application, 'jobs', job, 'SPARK_DRIVER', name)
      try {
        await this.places.files.bring([path])
        const bytes = readFileSync(path)
        const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
        return `the driver's last words:\n${text.trimEnd().split('\n').slice(-20).join('\n')}`
      } catch {
        continue
      }
    }
    return undefined
  }

  /** What the attempt told; of a text that is none of its own, why it says nothing. */
  async #result({ folder, token }: JobRecord): Promise<RunnerResult | { readonly unreadable: string } | undefined> {
    const text = await this.places.files.read(resultOf(folder))
    if (text === undefined) return undefined
    const told = parsed(text)
    if (typeof told?.ok !== 'boolean' || (told.ok && !Array.isArray(told.files))) return { unreadable: 'its result is not whole' }
    return told.attempt === undefined || told.attempt === token ? told : { unreadable: `its result is that of another attempt (${told.attempt})` }
  }

  /** An input as the runner is told of it; what lies on this machine only is handed over first. */
  async #addressed(input: RemoteInput): Promise<object> {
    const { files } = this.places
    if (!('put' in input)) return { name: input.name, location: files.address(input.location), version: input.version, where: input.where }
    const paths = await input.put()
    await files.handOver(paths)
    return { name: input.name, parquet: paths.map(path => files.address(path)), columns: input.columns.map(({ name, type }) => ({ name, type: sparkType(type) })) }
  }

  /** The runner's address, where it is put the first time that this text of it is needed. */
  #uploaded(): Promise<string> {
    return (this.#runner ??= (async () => {
      const { files, programs } = this.places
      const text = readFileSync(RUNNER, 'utf8')
      const path = join(programs, `varve_runner-${fingerprint(text).slice(0, 16)}.py`)
      if ((await files.read(path)) !== text) await files.replace(path, text)
      return files.address(path)
    })())
  }
}

function parsed(text: string): RunnerResult | undefined {
  try {
    return JSON.parse(text) as RunnerResult
  } catch {
    return undefined
  }
}

const specOf = (folder: string): string => `${dirname(folder)}/jobs/${folder.slice(dirname(folder).length + 1)}.json`
const resultOf = (folder: string): string => specOf(folder).replace(/\.json$/, '.result.json')

function specification(job: RemoteJob, inputs: readonly object[], { folder, token }: JobRecord, files: JobFiles): Readonly<Record<string, unknown>> {
  const columns = job.columns.map(({ name, type }) => ({ name, type: sparkType(type) }))
  const work = job.work.kind === 'query' ? { sql: job.work.sql } : { script: job.work.script }
  return { version: 1, name: job.subject, attempt: token, ...work, inputs, columns, table: job.table && tableOf(job.table, folder, files), staging: files.address(folder), result: files.address(resultOf(folder)) }
}

function tableOf({ names, questions, folder: place, columns, base, merge, slices, ...table }: RemoteTable, folder: string, files: JobFiles): Readonly<Record<string, unknown>> {
  const addressed = <File extends { readonly path: string }>(all: readonly File[]) => all.map(file => ({ ...file, path: files.address(file.path) }))
  return { ...table, ...names, asks: questions, folder: files.address(place), apart: files.address(`${folder}-apart`), places: files.address(`${folder}-places`), merge: merge && { ...merge, files: addressed(merge.files) }, slices: slices && { ...slices, folder: files.address(slices.folder), mixed: addressed(slices.mixed) }, columns: columns.map(({ name, type }) => ({ name, type: sparkType(type) })), base: base && { ...base, location: files.address(base.location) } }
}

/** What a job tells that makes a table's files. Sums have more digits than JSON's numbers hold. */
interface TableResult {
  readonly content: ToldSum
  readonly base: ToldSum
  readonly gone: ToldSum
  readonly cuts: readonly ToldSum[]
  readonly read: number
  readonly rejected: { readonly files: readonly { readonly path: string }[]; readonly rows: number; readonly of: number; readonly rules: readonly number[] }
  readonly answers: readonly { readonly number: number | null; readonly few: readonly string[] | null }[]
  readonly slices?: { readonly kept: readonly ToldFile[]; readonly changed: readonly (readonly (string | null)[])[] | null }
  readonly merged?: Omit<MadeMerge, 'came' | 'went' | 'places'> & { readonly came: ToldSum; readonly went: ToldSum; readonly places: readonly { readonly path: string }[] | null }
}

interface ToldSum {
  readonly rows: number
  readonly sum: string
}

function madeOf({ files: told, content, base, gone, cuts, read, rejected, answers, merged, slices }: Extract<RunnerResult, { ok: true }>, files: JobFiles): NonNullable<JobAnswer['made']> {
  const sum = (each: ToldSum): RowSum => ({ rows: each.rows, sum: BigInt.asUintN(128, BigInt(each.sum)) })
  const written = ({ path, bytes, rows, partitionValues, columnStats }: ToldFile): WrittenFile => ({ path: files.pathOf(path), bytes, rows: rows!, partitionValues: partitionValues!, columnStats: columnStats! })
  return {
    files: told.map(written),
    content: sum(content!), base: base && sum(base), gone: gone && sum(gone), cuts: cuts!.map(sum), read: read!,
    answers: answers!.map(({ number, few }) => ({ number, few: few?.map(row => JSON.parse(row) as Readonly<Record<string, unknown>>) })),
    rejected: { ...rejected!, files: rejected!.files.map(({ path }) => files.pathOf(path)) },
    slices: slices && { ...slices, kept: slices.kept.map(written) },
    merged: merged && { ...merged, came: sum(merged.came ?? NOTHING), went: sum(merged.went ?? NOTHING), places: merged.places?.map(({ path }) => files.pathOf(path)) },
  }
}

const NOTHING: ToldSum = { rows: 0, sum: '0' }
