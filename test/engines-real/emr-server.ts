import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { AwsServer, textOf } from '../rig/aws-server.ts'

/** What a job is, as EMR Serverless would be asked for it. */
export interface AskedJob {
  readonly applicationId: string
  readonly clientToken: string
  readonly name?: string
  readonly executionTimeoutMinutes?: number
  readonly jobDriver: { readonly sparkSubmit: { readonly entryPoint: string; readonly entryPointArguments: readonly string[]; readonly sparkSubmitParameters?: string } }
  readonly configurationOverrides?: { readonly monitoringConfiguration?: { readonly s3MonitoringConfiguration?: { readonly logUri?: string } } }
}

/** How a job is carried out: the exit code of spark-submit, and what it printed. */
export type Submit = (job: AskedJob, signal: AbortSignal) => Promise<{ readonly code: number; readonly stderr?: string | undefined }>

interface Job {
  readonly id: string
  readonly asked: AskedJob
  readonly createdAt: number
  readonly ending: AbortController
  state: string
  details: string
  startedAt?: number
  endedAt?: number
  billed: boolean
}

export interface EmrServerOptions {
  readonly submit: Submit
  /** How long a job waits in the queue and for workers. */
  readonly queuedMs?: number
  /** Time-outs are in minutes over there; here so many milliseconds a minute. */
  readonly minuteMs?: number
}

/** Speaks the REST paths of EMR Serverless that jobs and applications need, with their states, tokens and bills. */
export class EmrServer extends AwsServer {
  readonly jobs = new Map<string, Job>()
  readonly applications = new Map<string, Record<string, unknown>>()
  readonly #options: EmrServerOptions

  private constructor(options: EmrServerOptions) {
    super()
    this.#options = options
  }

  static start(options: EmrServerOptions): Promise<EmrServer> {
    return new EmrServer(options).listen()
  }

  protected* endings(): Iterable<AbortController> {
    for (const { ending } of this.jobs.values()) yield ending
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request)
    const [, , application, jobruns, job, dashboard] = new URL(request.url!, 'http://x').pathname.split('/')
    const call = callOf(request.method!, { application, jobruns, job, dashboard })
    const fault = this.faultOf(call)
    if (fault === 'throttle') return this.refuse(response, 429, 'ThrottlingException', 'Rate exceeded')
    if (this.faulty(fault, response)) return
    const answer = this.#answer(call, { application: application!, job: job!, body: body === '' ? {} : (JSON.parse(body) as Record<string, unknown>) })
    if (fault === 'drop') return void request.socket.destroy()
    if ('missing' in answer) return this.refuse(response, 404, 'ResourceNotFoundException', String(answer['missing']))
    if ('conflict' in answer) return this.refuse(response, 409, 'ConflictException', String(answer['conflict']))
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  #answer(call: string, { application, job: id, body }: { readonly application: string; readonly job: string; readonly body: Record<string, unknown> }): Record<string, unknown> {
    switch (call) {
      case 'StartJobRun': return this.#start({ ...(body as unknown as AskedJob), applicationId: application })
      case 'GetJobRun': {
        const job = this.jobs.get(id)
        return job ? { jobRun: this.#told(job) } : { missing: `Job run ${id} does not exist` }
      }
      case 'CancelJobRun': {
        const job = this.jobs.get(id)
        if (!job) return { missing: `Job run ${id} does not exist` }
        if (job.endedAt === undefined) {
          job.state = 'CANCELLING'
          setTimeout(() => this.#end(job, 'CANCELLED', 'Cancelled by user'), 100)
        }
        return { applicationId: application, jobRunId: id }
      }
      case 'GetDashboardForJobRun': return { url: `https://dashboard.example/${id}` }
      case 'ListApplications': return { applications: [...this.applications.values()].map(each => ({ id: each['applicationId'], name: each['name'], state: each['state'] })) }
      case 'ListJobRuns': return { jobRuns: [...this.jobs.values()].filter(({ asked, endedAt }) => asked.applicationId === application && endedAt === undefined).map(job => ({ id: job.id, name: job.asked.name, state: job.state })) }
      case 'CreateApplication': {
        const known = [...this.applications.values()].find(({ clientToken }) => clientToken === body['clientToken'])
        if (known) return { applicationId: known['applicationId'], name: known['name'] }
        const made = `app-${this.applications.size + 1}`
        this.applications.set(made, { ...body, applicationId: made, state: 'CREATED' })
        return { applicationId: made, name: body['name'], arn: `arn:aws:emr-serverless:::/applications/${made}` }
      }
      case 'GetApplication': {
        const found = this.applications.get(application)
        return found ? { application: found } : { missing: `Application ${application} does not exist` }
      }
      case 'UpdateApplication': {
        const found = this.applications.get(application)
        if (!found) return { missing: `Application ${application} does not exist` }
        if (!/^(CREATED|STOPPED)$/.test(String(found['state']))) return { conflict: `Application ${application} must be stopped` }
        this.applications.set(application, { ...found, ...body })
        return { application: this.applications.get(application) }
      }
      case 'StopApplication': {
        const found = this.applications.get(application)
        if ([...this.jobs.values()].some(({ asked, endedAt }) => asked.applicationId === application && endedAt === undefined)) return { conflict: `Application ${application} has jobs` }
        // It takes a moment until it has.
        if (found) {
          found['state'] = 'STOPPING'
          setTimeout(() => (found['state'] = 'STOPPED'), 50)
        }
        return {}
      }
      default: return { missing: call }
    }
  }

  /** The same token gives the same job, whatever became of it. */
  #start(asked: AskedJob): Record<string, unknown> {
    const known = [...this.jobs.values()].find(job => job.asked.clientToken === asked.clientToken)
    if (known) return { applicationId: asked.applicationId, jobRunId: known.id, arn: '' }
    const job: Job = { id: `00${randomBytes(7).toString('hex')}`, asked, createdAt: Date.now(), ending: new AbortController(), state: 'SUBMITTED', details: '', billed: false }
    this.jobs.set(job.id, job)
    void this.#carryOut(job)
    return { applicationId: asked.applicationId, jobRunId: job.id, arn: '' }
  }

  async #carryOut(job: Job): Promise<void> {
    const wait = this.#options.queuedMs ?? 20
    job.state = 'QUEUED'
    if (!(await this.queue.passed(job.ending.signal))) return
    for (const state of ['QUEUED', 'PENDING', 'SCHEDULED']) {
      await new Promise(resolve => setTimeout(resolve, wait / 3))
      if (job.endedAt !== undefined || job.state === 'CANCELLING') return
      job.state = state
    }
    job.state = 'RUNNING'
    job.startedAt = Date.now()
    const minutes = job.asked.executionTimeoutMinutes
    const timer = this.#options.minuteMs === undefined || minutes === undefined ? undefined : setTimeout(() => this.#end(job, 'CANCELLED', 'Job execution timed out'), minutes * this.#options.minuteMs)
    const { code, stderr } = await this.#options.submit(job.asked, job.ending.signal).catch(error => ({ code: 1, stderr: String(error) }))
    clearTimeout(timer)
    const logs = job.asked.configurationOverrides?.monitoringConfiguration?.s3MonitoringConfiguration?.logUri
    if (logs !== undefined) {
      const folder = join(logs, 'applications', job.asked.applicationId, 'jobs', job.id, 'SPARK_DRIVER')
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'stderr.gz'), gzipSync(stderr ?? ''))
    }
    if (job.state !== 'CANCELLING') this.#end(job, code === 0 ? 'SUCCESS' : 'FAILED', code === 0 ? '' : `Job failed, please check complete logs in configured logging destination. ExitCode: ${code}.`)
  }

  #end(job: Job, state: string, details: string): void {
    if (job.endedAt !== undefined) return
    Object.assign(job, { state, details, endedAt: Date.now() })
    job.ending.abort()
  }

  /** What it took is told with the second look at a job that has ended, as AWS takes its time. */
  #told(job: Job): Record<string, unknown> {
    const { id, asked, createdAt, startedAt, endedAt, state, details } = job
    const hours = startedAt === undefined || endedAt === undefined ? undefined : (endedAt - startedAt) / 3_600_000
    const shown = endedAt === undefined && this.strangeState !== undefined && state === 'RUNNING' ? this.strangeState : state
    const bill = hours !== undefined && job.billed ? { billedResourceUtilization: { vCPUHour: hours * 2, memoryGBHour: hours * 8, storageGBHour: 0 } } : {}
    if (endedAt !== undefined) job.billed = true
    return {
      applicationId: asked.applicationId, jobRunId: id, name: asked.name, state: shown, stateDetails: details, createdAt: createdAt / 1000,
      ...(startedAt !== undefined && { startedAt: startedAt / 1000, queuedDurationMilliseconds: this.#options.queuedMs ?? 20 }),
      ...(endedAt !== undefined && { endedAt: endedAt / 1000, totalExecutionDurationSeconds: Math.ceil((endedAt - (startedAt ?? endedAt)) / 1000) }), ...bill,
    }
  }

  protected refuse(response: ServerResponse, status: number, name: string, message: string): void {
    response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': name }).end(JSON.stringify({ message }))
  }
}

function callOf(method: string, { application, jobruns, job, dashboard }: { readonly application?: string | undefined; readonly jobruns?: string | undefined; readonly job?: string | undefined; readonly dashboard?: string | undefined }): string {
  if (dashboard) return 'GetDashboardForJobRun'
  if (job) return method === 'DELETE' ? 'CancelJobRun' : 'GetJobRun'
  if (jobruns === 'jobruns') return method === 'POST' ? 'StartJobRun' : 'ListJobRuns'
  if (jobruns === 'stop') return 'StopApplication'
  if (application) return method === 'GET' ? 'GetApplication' : 'UpdateApplication'
  return method === 'GET' ? 'ListApplications' : 'CreateApplication'
}
