import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EmrServerlessJobs } from '../../framework/engines/emr-serverless-engine.ts'
import type { EmrServerlessSettings } from '../../framework/engines/emr-settings.ts'
import { JobFailed } from '../../framework/engines/engine-errors.ts'
import { sharedFiles } from '../../framework/engines/job-files.ts'
import { JobRecords, newAttempt } from '../../framework/engines/job-record.ts'
import type { RemoteJob } from '../../framework/engines/remote-engine.ts'
import { systemClock } from '../../framework/vocabulary/clock.ts'
import { EmrServer, type AskedJob, type EmrServerOptions } from '../engines-real/emr-server.ts'

let folder: string
let server: EmrServer
let said: string[]

beforeEach(() => {
  Object.assign(process.env, { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' })
  folder = mkdtempSync(join(tmpdir(), 'varve-emr-'))
  said = []
})

afterEach(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Spec {
  readonly staging: string
  readonly result: string
}

const specOf = ({ jobDriver }: AskedJob): Spec => JSON.parse(readFileSync(jobDriver.sparkSubmit.entryPointArguments[0]!, 'utf8')) as Spec

/** A job that leaves one file, which is all that the protocol asks of it. */
async function leaves(job: AskedJob): Promise<{ readonly code: number }> {
  const { staging, result } = specOf(job)
  mkdirSync(staging, { recursive: true })
  writeFileSync(join(staging, 'part-0.parquet'), 'x')
  writeFileSync(result, JSON.stringify({ version: 1, ok: true, files: [{ path: `file:${staging}/part-0.parquet`, bytes: 1 }], milliseconds: 1, spark: '4.0.1' }))
  return { code: 0 }
}

/** A job that goes on until it is let go, or ended. */
function held(): { readonly submit: EmrServerOptions['submit']; readonly letGo: () => void } {
  let letGo = () => {}
  const gate = new Promise<void>(resolve => (letGo = resolve))
  return { letGo: () => letGo(), submit: async (job, signal) => {
    await Promise.race([gate, new Promise(resolve => signal.addEventListener('abort', resolve))])
    return signal.aborted ? { code: 143 } : leaves(job)
  } }
}

const settings = (more: Partial<EmrServerlessSettings> = {}): EmrServerlessSettings => ({ application: 'app', role: 'arn:aws:iam::1:role/varve', region: 'eu-central-1', endpoint: server.endpoint, timeoutMinutes: 5, poll: { first: 10, most: 40 }, ...more })
const records = () => new JobRecords(join(folder, 'jobs'), sharedFiles)
const engine = (more?: Partial<EmrServerlessSettings>) => new EmrServerlessJobs(settings(more), { programs: join(folder, 'programs'), files: sharedFiles, records: records(), clock: systemClock })
const job = (name = 'a', sql = 'select 1 as id'): RemoteJob => ({ subject: 'silver/x', work: { kind: 'query', sql }, inputs: [{ name: 'bronze/x', location: '/lake/bronze/x', version: 3, columns: [{ name: 'id', type: 'INTEGER' }] }], columns: [{ name: 'id', type: 'INTEGER' }], folder: join(folder, 'table/_staging', name), say: message => void said.push(message) })
const never = () => new AbortController().signal
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}
const states = () => [...server.jobs.values()].map(({ state }) => state)

describe('a job on EMR Serverless', () => {
  it('is asked for with the runner, its specification and a token, and answers with its files, times and cost', async () => {
    server = await EmrServer.start({ submit: leaves })
    const answer = await engine({ price: { vCpuHour: 1, memoryGbHour: 0.1, storageGbHour: 0, currency: 'EUR' } }).run(job(), never())
    const { asked } = [...server.jobs.values()][0]!
    expect(answer.files).toEqual([join(folder, 'table/_staging/a/part-0.parquet')])
    expect(answer.facts).toMatchObject({ engine: 'emr-serverless', cost: { status: 'pending' } })
    expect(asked).toMatchObject({ name: 'silver/x', executionTimeoutMinutes: 5, clientToken: expect.stringMatching(/^varve-[0-9a-f]{48}$/) })
    expect(readFileSync(asked.jobDriver.sparkSubmit.entryPoint, 'utf8')).toBe(readFileSync('framework/engines/spark-runner/varve_runner.py', 'utf8'))
    expect(JSON.parse(readFileSync(asked.jobDriver.sparkSubmit.entryPointArguments[0]!, 'utf8'))).toMatchObject({ name: 'silver/x', sql: 'select 1 as id', inputs: [{ name: 'bronze/x', location: '/lake/bronze/x', version: 3 }], columns: [{ name: 'id', type: 'int' }] })
  })

  it('is started once, though the answer to its start is lost', async () => {
    server = await EmrServer.start({ submit: leaves })
    server.faults.push({ call: 'StartJobRun', how: 'drop', times: 2 })
    await engine().run(job(), never())
    expect([server.count('StartJobRun'), server.jobs.size]).toEqual([3, 1])
  })

  it('is found again by who comes after a crash, and not started a second time', async () => {
    const { submit, letGo } = held()
    server = await EmrServer.start({ submit })
    void engine().run(job('a'), never()).catch(() => undefined)
    await until(() => states()[0] === 'RUNNING' && existsSync(join(folder, 'jobs/silver/x.json')) && readFileSync(join(folder, 'jobs/silver/x.json'), 'utf8').includes('"job"'))
    const after = engine().run(job('b'), never())
    await until(() => said.some(message => message.includes('taking up')))
    letGo()
    expect((await after).files).toEqual([join(folder, 'table/_staging/a/part-0.parquet')])
    expect(server.jobs.size).toBe(1)
  })

  it('is found again where it read rows that were put there for it, which are not put there twice', async () => {
    const { submit, letGo } = held()
    server = await EmrServer.start({ submit })
    let puts = 0
    const landed = (content: string, name: string): RemoteJob => ({ ...job(name), inputs: [{ name: 'landing/x', content, columns: [{ name: 'id', type: 'INTEGER' }], put: async () => [join(folder, `put-${puts += 1}.parquet`)] }] })
    void engine().run(landed('1:dh1', 'a'), never()).catch(() => undefined)
    await until(() => states()[0] === 'RUNNING' && existsSync(join(folder, 'jobs/silver/x.json')) && readFileSync(join(folder, 'jobs/silver/x.json'), 'utf8').includes('"job"'))
    const after = engine().run(landed('1:dh1', 'b'), never())
    await until(() => said.some(message => message.includes('taking up')))
    letGo()
    await after
    expect([server.jobs.size, puts]).toEqual([1, 1])
    await engine().run(landed('2:dh1', 'c'), never())
    expect([server.jobs.size, puts]).toEqual([2, 2])
  })

  it('is found by its token where the crash came before the answer', async () => {
    server = await EmrServer.start({ submit: leaves })
    const first = engine()
    await first.run(job('a'), never())
    const record = (await records().of('silver/x'))!
    await records().keep({ ...record, job: undefined })
    await engine().run(job('b'), never())
    expect([server.count('StartJobRun'), server.jobs.size]).toEqual([2, 1])
  })

  it('is cancelled where something else is asked for meanwhile', async () => {
    const { submit } = held()
    server = await EmrServer.start({ submit: (asked, signal) => (server.jobs.size === 1 ? submit(asked, signal) : leaves(asked)) })
    const first = engine().run(job('a'), never()).catch(error => error as JobFailed)
    await until(() => states()[0] === 'RUNNING')
    await engine().run(job('b', 'select 2 as id'), never())
    expect(((await first) as JobFailed).state).toBe('CANCELLED')
    expect(states().sort()).toEqual(['CANCELLED', 'SUCCESS'])
  })

  it('tells the driver\'s last words when it fails, and is another job when it is tried again', async () => {
    server = await EmrServer.start({ submit: async asked => (server.jobs.size === 1 ? { code: 1, stderr: `${'noise\n'.repeat(50)}java.lang.OutOfMemoryError: Java heap space\n` } : leaves(asked)) })
    const failing = await engine({ logs: join(folder, 'logs') }).run(job('a'), never()).catch(error => error as JobFailed)
    expect(failing).toBeInstanceOf(JobFailed)
    expect((failing as JobFailed).message).toMatch(/^emr-serverless job 00\w+ ended as FAILED: the driver's last words:\n(noise\n){19}java\.lang\.OutOfMemoryError: Java heap space$/)
    await engine().run(job('b'), never())
    const tokens = [...server.jobs.values()].map(({ asked }) => asked.clientToken)
    expect([new Set(tokens).size, states().sort()]).toEqual([2, ['FAILED', 'SUCCESS']])
  })

  it('is ended after its time, and says which setting that was', async () => {
    const { submit } = held()
    server = await EmrServer.start({ submit, minuteMs: 10 })
    const error = (await engine().run(job(), never()).catch(failed => failed as JobFailed)) as JobFailed
    expect([error.state, error.hint]).toEqual(['CANCELLED', expect.stringContaining('raise emrServerless.timeoutMinutes')])
  })

  it('is cancelled with the run that waits for it, which goes on when the job has ended', async () => {
    const { submit } = held()
    server = await EmrServer.start({ submit })
    const controller = new AbortController()
    const running = engine().run(job(), controller.signal).catch(error => error as Error)
    await until(() => states()[0] === 'RUNNING')
    controller.abort(new Error('stopped by a person'))
    expect(((await running) as Error).message).toBe('stopped by a person')
    expect(states()).toEqual(['CANCELLED'])
  })

  it('is waited for through the queue, refusals for haste, and a state that is not known', async () => {
    const { submit, letGo } = held()
    server = await EmrServer.start({ submit, queuedMs: 600 })
    server.faults.push({ call: 'GetJobRun', how: 'throttle', times: 4 })
    server.strangeState = 'HIBERNATING'
    const running = engine().run(job(), never())
    await until(() => said.some(message => message.includes('HIBERNATING')))
    letGo()
    await running
    expect(said.find(message => message.includes('HIBERNATING'))).toMatch(/is HIBERNATING, a state that is not known; it counts as running$/)
    expect(said.some(message => message.includes('is QUEUED') || message.includes('is PENDING') || message.includes('is SCHEDULED'))).toBe(true)
    expect(server.count('StartJobRun')).toBe(1)
  })

  it('outlives credentials that expire, and is taken up with new ones', async () => {
    const { submit, letGo } = held()
    server = await EmrServer.start({ submit })
    server.faults.push({ call: 'GetJobRun', how: 'expired', times: 1 })
    await expect(engine().run(job('a'), never())).rejects.toMatchObject({ code: 'engines/credentials-expired' })
    letGo()
    await engine().run(job('b'), never())
    expect(server.jobs.size).toBe(1)
  })

  it('has a token that equals no other attempt\'s, and is equal for one', () => {
    const asked = { subject: 'a/b', identity: 'i', folder: '/f', engine: 'e', now: new Date(0) }
    const first = newAttempt(undefined, asked)
    expect(newAttempt(undefined, asked)).toEqual(first)
    expect(newAttempt(first, { ...asked, folder: '/g' })).toMatchObject({ attempt: 2, token: expect.not.stringContaining(first.token) })
  })
})
