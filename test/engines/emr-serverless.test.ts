import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EmrServerlessJobs } from '../../framework/engines/emr-serverless-engine.ts'
import type { EmrServerlessSettings } from '../../framework/engines/emr-settings.ts'
import { JobFailed } from '../../framework/engines/engine-errors.ts'
import { sharedFiles } from '../../framework/engines/job-files.ts'
import { JobRecords, newAttempt } from '../../framework/engines/job-record.ts'
import type { RemoteJob } from '../../framework/engines/remote-job.ts'
import { systemClock } from '../../framework/vocabulary/clock.ts'
import { EmrServer, type AskedJob } from '../engines-real/emr-server.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { Gate } from '../rig/gate.ts'
import { watchOn } from './engines-on-trial.ts'

let folder: string
let server: EmrServer
let said: string[]

beforeEach(() => {
  Object.assign(process.env, AWS_FOR_TESTS)
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

const settings = (more: Partial<EmrServerlessSettings> = {}): EmrServerlessSettings => ({ application: 'app', role: 'arn:aws:iam::1:role/varve', region: 'eu-central-1', endpoint: server.endpoint, timeoutMinutes: 5, poll: { first: 10, most: 40 }, ...more })
const records = () => new JobRecords(join(folder, 'jobs'), sharedFiles)
const engine = (more?: Partial<EmrServerlessSettings>) => new EmrServerlessJobs(settings(more), { programs: join(folder, 'programs'), files: sharedFiles, records: records(), watch: watchOn(folder), clock: systemClock })
const job = (name = 'a', sql = 'select 1 as id'): RemoteJob => ({ subject: 'silver/x', work: { kind: 'query', sql }, inputs: [{ name: 'bronze/x', location: '/lake/bronze/x', version: 3, columns: [{ name: 'id', type: 'INTEGER' }] }], columns: [{ name: 'id', type: 'INTEGER' }], folder: join(folder, 'table/_staging', name), say: message => void said.push(message) })
const never = () => new AbortController().signal
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

  it('[GOV-KMS-2] has Spark encrypt with the lake\'s key what it writes there, and AWS its logs', async () => {
    server = await EmrServer.start({ submit: leaves })
    const key = 'arn:aws:kms:eu-central-1:123456789012:key/k'
    await engine({ kmsKey: key, sparkSubmit: '--conf spark.jars=delta.jar', logs: join(folder, 'logs') }).run(job(), never())
    const { jobDriver, configurationOverrides } = [...server.jobs.values()][0]!.asked
    expect(jobDriver.sparkSubmit.sparkSubmitParameters).toBe(`--conf spark.jars=delta.jar --conf spark.hadoop.fs.s3.enableServerSideEncryption=true --conf spark.hadoop.fs.s3.serverSideEncryption.kms.keyId=${key} --conf spark.hadoop.fs.s3a.encryption.algorithm=SSE-KMS --conf spark.hadoop.fs.s3a.encryption.key=${key}`)
    expect(configurationOverrides?.monitoringConfiguration?.s3MonitoringConfiguration).toEqual({ logUri: join(folder, 'logs'), encryptionKeyArn: key })
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

  it('is another job where its result is missing, is not whole or is that of another attempt: each may go well another time', async () => {
    const results: (string | undefined)[] = [undefined, '{"version": 1, "ok": tr', '{"version": 1, "ok": true}', '{"version": 1, "ok": true, "attempt": "varve-another", "files": []}']
    const said = ['it left no result', 'its result is not whole', 'its result is not whole', 'its result is that of another attempt (varve-another)']
    server = await EmrServer.start({ submit: async asked => {
      if (server.jobs.size > results.length) return leaves(asked)
      const text = results[server.jobs.size - 1]
      if (text !== undefined) writeFileSync(specOf(asked).result, text)
      return { code: 0 }
    } })
    for (const [i, reason] of said.entries()) await expect(engine().run(job(`a${i}`), never())).rejects.toMatchObject({ code: 'engines/job-failed', transient: true, message: expect.stringContaining(reason) })
    expect((await engine().run(job('b'), never())).files).toEqual([join(folder, 'table/_staging/b/part-0.parquet')])
    expect(states()).toEqual(Array<string>(5).fill('SUCCESS'))
  })

  it('may go well another time where the driver died and told nothing, and not where the query is wrong', async () => {
    server = await EmrServer.start({ submit: async asked => {
      if (server.jobs.size > 1) writeFileSync(specOf(asked).result, JSON.stringify({ version: 1, ok: false, code: 'failed', error: 'AnalysisException: no such column' }))
      return { code: 137 }
    } })
    await expect(engine().run(job('a'), never())).rejects.toMatchObject({ code: 'engines/job-failed', transient: true })
    await expect(engine().run(job('b'), never())).rejects.toMatchObject({ code: 'engines/job-failed', transient: false, message: expect.stringContaining('no such column') })
  })

  it('is asked for anew where the answer was lost with the process that asked, and it failed since', async () => {
    server = await EmrServer.start({ submit: async asked => (server.jobs.size === 1 ? { code: 1 } : leaves(asked)) })
    await expect(engine().run(job('a'), never())).rejects.toMatchObject({ state: 'FAILED' })
    await records().keep({ ...(await records().of('silver/x'))!, job: undefined })
    expect((await engine().run(job('b'), never())).files).toEqual([join(folder, 'table/_staging/b/part-0.parquet')])
    expect(states()).toEqual(['FAILED', 'SUCCESS'])
  })

  it('is cancelled where no workers come in the time that it may wait, and says which setting that is', async () => {
    server = await EmrServer.start({ submit: leaves })
    server.queue.hold()
    const failing = await engine({ queueMinutes: 0.001 }).run(job(), never()).catch(error => error as JobFailed)
    expect([(failing as JobFailed).message, (failing as JobFailed).hint]).toEqual([expect.stringMatching(/ended as CANCELLED: no workers came within 0\.001 minutes$/), expect.stringContaining('emrServerless.queueMinutes')])
    expect(states()).toEqual(['CANCELLED'])
  })

  it('is ended after its time, and says which setting that was', async () => {
    const gate = new Gate()
    gate.hold()
    server = await EmrServer.start({ submit: async (_, signal) => ({ code: (await gate.passed(signal)) ? 0 : 143 }), minuteMs: 10 })
    const error = (await engine().run(job(), never()).catch(failed => failed as JobFailed)) as JobFailed
    expect([error.state, error.hint]).toEqual(['CANCELLED', expect.stringContaining('raise emrServerless.timeoutMinutes')])
  })

  it('has a token that equals no other attempt\'s, and is equal for one', () => {
    const asked = { subject: 'a/b', identity: 'i', folder: '/f', engine: 'e', now: new Date(0) }
    const first = newAttempt(undefined, asked)
    expect(newAttempt(undefined, asked)).toEqual(first)
    expect(newAttempt(first, { ...asked, folder: '/g' })).toMatchObject({ attempt: 2, token: expect.not.stringContaining(first.token) })
  })
})
