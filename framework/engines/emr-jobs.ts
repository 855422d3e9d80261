import type { EMRServerlessClient, JobRun } from '@aws-sdk/client-emr-serverless'
import { setTimeout as sleep } from 'node:timers/promises'
import { isUnknown, patiently, unlessRefused, withCredentials } from './aws-calls.ts'
import { encryptingWith, type EmrServerlessSettings } from './emr-settings.ts'

/** How a job stands, in EMR's own words, and what they mean for who waits. */
export type Standing = 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled'

/** The states of EMR Serverless. One that is not known yet counts as running: it may end well. */
export function standingOf(state: string | undefined): { readonly standing: Standing; readonly known: boolean } {
  switch (state) {
    case 'SUBMITTED': case 'PENDING': case 'SCHEDULED': case 'QUEUED': return { standing: 'waiting', known: true }
    case 'RUNNING': case 'CANCELLING': return { standing: 'running', known: true }
    case 'SUCCESS': return { standing: 'succeeded', known: true }
    case 'FAILED': return { standing: 'failed', known: true }
    case 'CANCELLED': return { standing: 'cancelled', known: true }
    default: return { standing: 'running', known: false }
  }
}

export interface Watch {
  /** Told each new state. */
  readonly seen: (state: string, known: boolean) => void
  /** Asked at each look whether the job is to be stopped. */
  readonly isEnough: (standing: Standing) => boolean
}

/** The calls of EMR Serverless that jobs need. */
export class EmrJobs {
  #client: Promise<{ readonly client: EMRServerlessClient; readonly sdk: typeof import('@aws-sdk/client-emr-serverless') }> | undefined

  constructor(readonly settings: EmrServerlessSettings) {}

  /** Starts a job, or finds the one that the token has started already. @returns its id */
  async start(request: { readonly token: string; readonly name: string; readonly runner: string; readonly argument: string }): Promise<string> {
    const { application, role, timeoutMinutes, kmsKey, logs, tags } = this.settings
    const sparkSubmit = [this.settings.sparkSubmit ?? [], kmsKey === undefined ? [] : encryptingWith(kmsKey)].flat().join(' ')
    // The token makes asking again harmless.
    const { jobRunId } = await unlessRefused('EMR Serverless', () => patiently(() => this.#send(sdk => new sdk.StartJobRunCommand({
      applicationId: application,
      clientToken: request.token,
      executionRoleArn: role,
      name: request.name.slice(0, 256),
      executionTimeoutMinutes: timeoutMinutes,
      jobDriver: { sparkSubmit: { entryPoint: request.runner, entryPointArguments: [request.argument], ...(sparkSubmit !== '' && { sparkSubmitParameters: sparkSubmit }) } },
      ...(logs && { configurationOverrides: { monitoringConfiguration: { s3MonitoringConfiguration: { logUri: logs, ...(kmsKey?.startsWith('arn:') && { encryptionKeyArn: kmsKey }) } } } }),
      tags: { ...tags, 'varve:asset': request.name.slice(0, 256) },
    })), this.settings.poll.first))
    return jobRunId!
  }

  async look(job: string, wait = this.settings.poll.first, signal?: AbortSignal): Promise<JobRun> {
    const { jobRun } = await patiently(() => this.#send(sdk => new sdk.GetJobRunCommand({ applicationId: this.settings.application, jobRunId: job })), wait, signal)
    return jobRun!
  }

  /** As {@link look}; undefined where EMR Serverless does not know the job, or not any more. */
  async find(job: string): Promise<JobRun | undefined> {
    try {
      return await this.look(job)
    } catch (error) {
      if (isUnknown(error)) return undefined
      throw error
    }
  }

  async cancel(job: string): Promise<void> {
    try {
      await patiently(() => this.#send(sdk => new sdk.CancelJobRunCommand({ applicationId: this.settings.application, jobRunId: job })), this.settings.poll.first)
    } catch (error) {
      // It ended in the meantime.
      if (!/^(ValidationException|ResourceNotFoundException)$/.test((error as Error).name)) throw error
    }
  }

  /** Where people see the job while it runs; undefined where AWS gives no address. */
  async dashboard(job: string): Promise<string | undefined> {
    try {
      const { url } = await this.#send(sdk => new sdk.GetDashboardForJobRunCommand({ applicationId: this.settings.application, jobRunId: job }))
      return url
    } catch {
      return undefined
    }
  }

  /** Looks at a job until it has ended, less and less often. Refusals for haste and lost connections are looked over. A job that is to be stopped is told so until it heeds it. */
  async ended(job: string, { seen, isEnough }: Watch): Promise<JobRun> {
    const { first, most } = this.settings.poll
    let last: string | undefined
    for (let wait = first; ; wait = Math.min(wait * 1.5, most)) {
      const run = await this.look(job, wait)
      const { standing, known } = standingOf(run.state)
      if (run.state !== last) {
        last = run.state
        seen(String(run.state), known)
        wait = Math.min(wait, first * 4)
      }
      if (standing !== 'waiting' && standing !== 'running') return run
      if (run.state !== 'CANCELLING' && isEnough(standing)) await this.cancel(job)
      await sleep(wait)
    }
  }

  async #send<T>(command: (sdk: typeof import('@aws-sdk/client-emr-serverless')) => { readonly input: unknown }): Promise<T extends unknown ? Answer : never> {
    const { client, sdk } = await this.#opened()
    return withCredentials(() => client.send(command(sdk) as never) as never)
  }

  #opened() {
    return (this.#client ??= (async () => {
      process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
      const sdk = await import('@aws-sdk/client-emr-serverless')
      const { region, endpoint } = this.settings
      return { sdk, client: new sdk.EMRServerlessClient({ ...(region && { region }), ...(endpoint && { endpoint }), maxAttempts: 1 }) }
    })())
  }
}

interface Answer {
  readonly jobRunId?: string
  readonly jobRun?: JobRun
  readonly url?: string
}
