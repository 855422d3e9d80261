import type { Application, EMRServerlessClient } from '@aws-sdk/client-emr-serverless'
import { setTimeout as sleep } from 'node:timers/promises'
import { ExplainedError } from '../vocabulary/errors.ts'
import { fingerprint } from '../vocabulary/version.ts'
import { patiently, withCredentials } from './aws-calls.ts'

/** `emrServerless.provision`: the application as it should be. */
export interface WantedApplication {
  readonly name: string
  /** As in `emr-7.9.0`. */
  readonly release: string
  readonly architecture: 'ARM64' | 'X86_64'
  /** What all its jobs together may take at once. */
  readonly maximumCapacity: { readonly cpu: number; readonly memoryGb: number; readonly diskGb?: number | undefined }
  /** It stops after so many minutes without a job; with the next it starts by itself. */
  readonly autoStopMinutes: number
  readonly network?: { readonly subnets: readonly string[]; readonly securityGroups: readonly string[] } | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** A setting that is other than it should be, both as text. */
export interface ApplicationDifference {
  readonly setting: string
  readonly is: string
  readonly wanted: string
}

export interface SettledApplication {
  /** Absent as long as there is none. */
  readonly application?: string | undefined
  readonly name: string
  readonly state?: string | undefined
  readonly differences: readonly ApplicationDifference[]
  /** What was done, or has to be. */
  readonly deed: 'none' | 'create' | 'update'
  readonly applied: boolean
}

type Sdk = typeof import('@aws-sdk/client-emr-serverless')

/** The place of an application among AWS's, as its id or, where that is not known yet, by its name. */
export class EmrApplications {
  constructor(readonly client: EMRServerlessClient, readonly sdk: Sdk, readonly poll: { readonly first: number; readonly most: number } = { first: 1000, most: 5000 }) {}

  /**
   * Holds the application against what is wanted, and with `apply` makes it so. AWS changes only what is stopped: an idle one is stopped for
   * it, one with jobs is left as it is. @throws {ApplicationBusy}
   */
  async settle(wanted: WantedApplication, id: string | undefined, apply: boolean): Promise<SettledApplication> {
    const found = id === undefined ? await this.#named(wanted.name) : await this.#application(id)
    if (!found) {
      const made = apply ? await this.#create(wanted) : undefined
      return { application: made, name: wanted.name, differences: [], deed: 'create', applied: apply }
    }
    const { applicationId, state } = found
    const differences = differencesOf(wanted, found)
    const told = { application: applicationId, name: wanted.name, state, differences, deed: differences.length > 0 ? 'update' : 'none' } as const
    if (!apply || differences.length === 0) return { ...told, applied: false }
    await this.#stopped(found)
    await this.#call(() => this.client.send(new this.sdk.UpdateApplicationCommand({ applicationId, clientToken: tokenOf('update', applicationId!, found.updatedAt?.toISOString() ?? '', wanted), ...requestOf(wanted) })))
    return { ...told, state: (await this.#application(applicationId!)).state, applied: true }
  }

  /** The token hangs on what is wanted: an answer that was lost makes no second application. */
  async #create(wanted: WantedApplication): Promise<string> {
    const { applicationId } = await this.#call(() => this.client.send(new this.sdk.CreateApplicationCommand({ name: wanted.name, type: 'SPARK', clientToken: tokenOf('create', wanted.name, '', wanted), ...requestOf(wanted), ...(wanted.tags && { tags: { ...wanted.tags } }) })))
    return applicationId!
  }

  async #stopped({ applicationId, state }: Application): Promise<void> {
    if (isStill(state)) return
    const { jobRuns = [] } = await this.#call(() => this.client.send(new this.sdk.ListJobRunsCommand({ applicationId, states: ['SUBMITTED', 'PENDING', 'SCHEDULED', 'QUEUED', 'RUNNING', 'CANCELLING'] })))
    if (jobRuns.length > 0) throw new ApplicationBusy(applicationId!, jobRuns.map(({ name, id }) => name ?? id!))
    await this.#call(() => this.client.send(new this.sdk.StopApplicationCommand({ applicationId })))
    for (let wait = this.poll.first; ; wait = Math.min(wait * 1.5, this.poll.most)) {
      const { state: now } = await this.#application(applicationId!)
      if (isStill(now)) return
      if (now === 'TERMINATED') throw new ApplicationGone(applicationId!)
      await sleep(wait)
    }
  }

  async #named(name: string): Promise<Application | undefined> {
    let token: string | undefined
    do {
      const page = await this.#call(() => this.client.send(new this.sdk.ListApplicationsCommand({ ...(token !== undefined && { nextToken: token }) })))
      const found = page.applications?.find(each => each.name === name && each.state !== 'TERMINATED')
      if (found) return this.#application(found.id!)
      token = page.nextToken
    } while (token !== undefined)
    return undefined
  }

  async #application(id: string): Promise<Application> {
    try {
      const { application } = await this.#call(() => this.client.send(new this.sdk.GetApplicationCommand({ applicationId: id })))
      if (application?.state === 'TERMINATED') throw new ApplicationGone(id)
      return application!
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') throw new ApplicationGone(id)
      throw error
    }
  }

  #call<T>(call: () => Promise<T>): Promise<T> {
    return patiently(() => withCredentials(call), this.poll.first)
  }
}

/** What is other than it should be. What nothing is said of may be as it likes, but for machines that are kept warm: those are paid for idle. */
export function differencesOf(wanted: WantedApplication, found: Application): readonly ApplicationDifference[] {
  const { maximumCapacity: most, network } = wanted
  const stop = found.autoStopConfiguration
  const warm = Object.entries(found.initialCapacity ?? {}).map(([worker, { workerCount }]) => `${workerCount ?? 0} ${worker}`)
  const compared: readonly (readonly [setting: string, is: string, wanted: string])[] = [
    ['release', found.releaseLabel ?? '', wanted.release],
    ['architecture', found.architecture ?? 'X86_64', wanted.architecture],
    ['maximumCapacity.cpu', amount(found.maximumCapacity?.cpu), String(most.cpu)],
    ['maximumCapacity.memoryGb', amount(found.maximumCapacity?.memory), String(most.memoryGb)],
    ...(most.diskGb === undefined ? [] : [['maximumCapacity.diskGb', amount(found.maximumCapacity?.disk), String(most.diskGb)] as const]),
    ['autoStart', found.autoStartConfiguration?.enabled === false ? 'off' : 'on', 'on'],
    ['autoStopMinutes', stop?.enabled === false ? 'never' : String(stop?.idleTimeoutMinutes ?? 15), String(wanted.autoStopMinutes)],
    ['initialCapacity', warm.sort().join(', ') || 'none', 'none'],
    ...(network ? [['network.subnets', listed(found.networkConfiguration?.subnetIds), listed(network.subnets)] as const, ['network.securityGroups', listed(found.networkConfiguration?.securityGroupIds), listed(network.securityGroups)] as const] : []),
  ]
  return compared.filter(([, is, should]) => is !== should).map(([setting, is, should]) => ({ setting, is, wanted: should }))
}

function requestOf({ release, architecture, maximumCapacity: { cpu, memoryGb, diskGb }, autoStopMinutes, network }: WantedApplication) {
  return {
    releaseLabel: release, architecture, initialCapacity: {},
    maximumCapacity: { cpu: `${cpu} vCPU`, memory: `${memoryGb} GB`, ...(diskGb !== undefined && { disk: `${diskGb} GB` }) },
    autoStartConfiguration: { enabled: true },
    autoStopConfiguration: { enabled: true, idleTimeoutMinutes: autoStopMinutes },
    ...(network && { networkConfiguration: { subnetIds: [...network.subnets], securityGroupIds: [...network.securityGroups] } }),
  }
}

const isStill = (state: string | undefined): boolean => state === 'CREATED' || state === 'STOPPED'
const amount = (text: string | undefined): string => (text === undefined ? 'no limit' : String(Number.parseFloat(text)))
const listed = (values: readonly string[] | undefined): string => [...(values ?? [])].sort().join(', ') || 'none'
const tokenOf = (deed: string, of: string, at: string, wanted: WantedApplication): string => `varve-${fingerprint(deed, of, at, JSON.stringify(wanted)).slice(0, 48)}`

export class ApplicationBusy extends ExplainedError {
  readonly code = 'engines/application-busy'
  readonly hint = 'Wait until they have ended, or cancel them: AWS changes only an application that is stopped, and none is stopped under its jobs.'
  constructor(application: string, readonly jobs: readonly string[]) {
    super(`The application ${application} can't be changed while ${jobs.length === 1 ? 'a job of it runs' : `${jobs.length} jobs of it run`}: ${jobs.join(', ')}.`)
  }
}

export class ApplicationGone extends ExplainedError {
  readonly code = 'engines/application-gone'
  readonly hint = 'Take emrServerless.application out (or empty what it reads) to have one found by its name, or made.'
  constructor(application: string) {
    super(`There is no EMR Serverless application ${application}, or no longer.`)
  }
}
