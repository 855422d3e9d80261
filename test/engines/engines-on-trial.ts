import { join } from 'node:path'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import type { Database } from '../../framework/duckdb/database.ts'
import { AthenaJobs } from '../../framework/engines/athena-engine.ts'
import type { AthenaSettings } from '../../framework/engines/athena-settings.ts'
import { DuckDbEngine } from '../../framework/engines/duckdb-engine.ts'
import { EmrServerlessJobs } from '../../framework/engines/emr-serverless-engine.ts'
import type { EmrServerlessSettings } from '../../framework/engines/emr-settings.ts'
import type { Engine } from '../../framework/engines/engine.ts'
import { sharedFiles } from '../../framework/engines/job-files.ts'
import { JobRecords } from '../../framework/engines/job-record.ts'
import { JobWatch, type JobWatchOptions } from '../../framework/engines/job-watch.ts'
import { RemoteEngine } from '../../framework/engines/remote-engine.ts'
import type { JobRunner } from '../../framework/engines/remote-job.ts'
import { Translator } from '../../framework/engines/translator.ts'
import { systemClock } from '../../framework/vocabulary/clock.ts'
import { heldBy } from '../../framework/vocabulary/holder.ts'
import { EmrServer, type EmrServerOptions, type Submit } from '../engines-real/emr-server.ts'
import { AthenaServer, type AthenaServerOptions, type Execute } from '../rig/athena-server.ts'
import type { AwsServer } from '../rig/aws-server.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { Gate } from '../rig/gate.ts'

/** An engine, and what a suite must know of it to try it. */
export interface EngineOnTrial {
  readonly engine: Engine
  /** What its jobs can be held and watched by; absent of an engine that runs here. */
  readonly service?: ServiceOnTrial | undefined
  /** Of a Delta table, it reads the newest version only. */
  readonly newestOnly?: boolean
  readonly runsScripts?: boolean
  close(): Promise<void>
}

/** A service of AWS's that runs jobs, as a server of ours speaks for it. */
export interface ServiceOnTrial {
  readonly server: AwsServer
  readonly gate: Gate
  /** Of all that it was asked for, in order. */
  states(): string[]
  tokens(): string[]
  /** What its calls are named. */
  readonly calls: { readonly start: string; readonly look: string; readonly end: string }
  /** Has the service forget all that it was asked for, as it does after weeks. */
  forget(): void
  readonly succeeded: string
  /** Another process that runs jobs there, in the same lake: one that lives as long as the test, and says so often. */
  runner(watching?: Partial<JobWatchOptions>): JobRunner
}

export const duckDbOnTrial = (database: Database): EngineOnTrial => ({ engine: new DuckDbEngine(database), close: async () => undefined })

export async function emrService(folder: string, submit: Submit, options: Omit<EmrServerOptions, 'submit'> = {}, settings: Partial<EmrServerlessSettings> = {}): Promise<ServiceOnTrial> {
  credentials()
  const gate = new Gate()
  const server = await EmrServer.start({ ...options, submit: async (job, signal) => ((await gate.passed(signal)) ? submit(job, signal) : { code: 143 }) })
  const places = (watching?: Partial<JobWatchOptions>) => ({ programs: join(folder, 'programs'), files: sharedFiles, records: new JobRecords(join(folder, 'jobs'), sharedFiles), watch: watchOn(folder, watching), clock: systemClock })
  return {
    server, gate, calls: { start: 'StartJobRun', look: 'GetJobRun', end: 'CancelJobRun' }, succeeded: 'SUCCESS', forget: () => server.jobs.clear(),
    states: () => [...server.jobs.values()].map(({ state }) => state),
    tokens: () => [...server.jobs.values()].map(({ asked }) => asked.clientToken),
    runner: watching => new EmrServerlessJobs({ application: 'app', role: 'arn:aws:iam::1:role/varve', region: 'eu-central-1', endpoint: server.endpoint, timeoutMinutes: 5, price: { vCpuHour: 1, memoryGbHour: 0.1, storageGbHour: 0, currency: 'EUR' }, poll: { first: 10, most: 40 }, ...settings }, places(watching)),
  }
}

export async function athenaService(folder: string, database: Database, execute: (server: () => AthenaServer) => Execute, options: Omit<AthenaServerOptions, 'execute'> = {}, settings: Partial<AthenaSettings> = {}): Promise<ServiceOnTrial> {
  credentials()
  const gate = new Gate()
  let server: AthenaServer
  const answer = execute(() => server)
  server = await AthenaServer.start({ ...options, execute: async (sql, signal) => ((await gate.passed(signal)) ? answer(sql, signal) : {}) })
  const newestVersion = (root: string) => new DeltaTable(root, new LocalLogStore(root), database).head()
  return {
    server, gate, calls: { start: 'StartQueryExecution', look: 'GetQueryExecution', end: 'StopQueryExecution' }, succeeded: 'SUCCEEDED', forget: () => server.queries.clear(),
    states: () => [...server.queries.values()].map(({ state }) => state),
    tokens: () => [...server.queries.values()].map(({ asked }) => asked.ClientRequestToken!),
    runner: watching => new AthenaJobs({ workgroup: 'primary', database: 'lake', catalog: 'AwsDataCatalog', output: join(folder, 'results'), region: 'eu-central-1', endpoint: server.endpoint, glueEndpoint: server.endpoint, timeoutMinutes: 5, instants: 'refuse', price: { perTerabyte: 5, currency: 'USD' }, poll: { first: 10, most: 40 }, ...settings }, { files: sharedFiles, records: new JobRecords(join(folder, 'jobs'), sharedFiles), watch: watchOn(folder, watching), clock: systemClock, database, newestVersion }),
  }
}

/** The engine whose jobs a service runs. */
export function remoteOnTrial(service: ServiceOnTrial, database: Database, more: Pick<EngineOnTrial, 'newestOnly' | 'runsScripts'> = {}): EngineOnTrial {
  const engine = new RemoteEngine(service.runner(), new DuckDbEngine(database), database, new Translator())
  return { engine, service, ...more, close: async () => {
    engine.close()
    await service.server.stop()
  } }
}

let holders = 0
/** A place in the lake where one of those who wait for jobs says so. */
export const watchOn = (folder: string, watching: Partial<JobWatchOptions> = {}): JobWatch => new JobWatch(join(folder, 'jobs'), sharedFiles, { holder: heldBy(`orchestrator ${(holders += 1)}`), leaseMs: 300, ...watching })

const credentials = () => Object.assign(process.env, AWS_FOR_TESTS)
