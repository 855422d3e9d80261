import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type { Alarm } from '../automation/alarm.ts'
import { ConsoleChannel, FileChannel, WebhookChannel } from '../automation/alert-channels.ts'
import type { AlertChannel } from '../automation/alerts.ts'
import { ConditionsJob } from '../automation/conditions-job.ts'
import { Daemon, type Job } from '../automation/daemon.ts'
import { DeliveryJob } from '../automation/delivery.ts'
import { timesOf } from './maintenance-config.ts'
import { MaintenanceJob } from '../automation/maintenance-job.ts'
import { PackingJob, type ScatteredTable } from '../automation/packing-job.ts'
import { RunQueue, type RunEnding } from '../automation/run-queue.ts'
import { ScheduleJob } from '../automation/schedule-job.ts'
import { Watchdog } from '../automation/watchdog.ts'
import { holderOf, isGone } from '../vocabulary/holder.ts'
import type { Situation } from '../planning/situation.ts'
import type { AutomationLog, QueuedRequest } from '../state/automation-log.ts'
import type { EventLog } from '../state/event-log.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { toMillis } from '../vocabulary/duration.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { FreshnessReader } from './freshness-reader.ts'
import type { ProjectFrame } from './frame.ts'
import type { ChannelConfig } from './project-config.ts'

/** What the daemon can do. Each is independent of the others. */
export const AUTOMATION_JOBS = ['schedules', 'conditions', 'watchdog'] as const
export type AutomationJob = (typeof AUTOMATION_JOBS)[number]

export interface AutomationOptions {
  readonly alarm: Alarm
  /** Default: all. */
  readonly only?: readonly AutomationJob[] | undefined
  /** Ends the daemon. */
  readonly stop: AbortSignal
  /** What becomes of runs then. What is cancelled is begun again by the next daemon. */
  readonly onStop: 'cancel' | 'finish'
  /** What the daemon does, for whoever watches it. */
  readonly say: (message: string) => void
  /** Where alerts to the console go. */
  readonly tell: (line: string) => void
}

export interface AutomationParts {
  readonly frame: ProjectFrame
  readonly log: AutomationLog
  readonly events: EventLog
  readonly reader: FreshnessReader
  /** The lake as it is now, without a look at its sources. */
  readonly situation: () => Promise<Situation>
  readonly select: (selection: readonly string[]) => readonly AssetKey[]
  readonly run: (request: QueuedRequest, signal: AbortSignal) => Promise<RunEnding>
  /** Packs and cleans the tables, and tells what came of it. */
  readonly maintain: () => Promise<readonly string[]>
  readonly scattered: () => Promise<readonly ScatteredTable[]>
  readonly pack: (assets: readonly AssetKey[]) => Promise<readonly string[]>
}

/** Puts the daemon of a project together, and keeps other daemons from doing the same work. */
export class Automation {
  readonly #parts: AutomationParts
  readonly #options: AutomationOptions

  constructor(parts: AutomationParts, options: AutomationOptions) {
    this.#parts = parts
    this.#options = options
  }

  /** Goes on until it is stopped, and then until what was begun has ended. */
  async run(): Promise<void> {
    const { stop } = this.#options
    await this.#alone(async () => {
      const { daemon, wake } = this.#daemon()
      const unwatch = this.#watchEvents(wake)
      try {
        await daemon.run(stop)
      } finally {
        unwatch()
      }
    })
  }

  /** Does what is due at this instant, and ends. */
  async once(): Promise<void> {
    await this.#alone(() => this.#daemon().daemon.once())
  }

  #daemon(): { readonly daemon: Daemon; readonly wake: () => void } {
    const { frame, log, events, reader, situation, select, run, maintain, scattered, pack } = this.#parts
    const { alarm, stop, onStop, say, tell, only = AUTOMATION_JOBS } = this.#options
    const { config, graph, automation } = frame
    const deliveries = Object.entries(config.alerts.channels).map(([name, channel]) => new DeliveryJob(channelOf(name, channel, frame.root, tell), log, alarm, stop, say))
    const watchdog = new Watchdog({
      graph, schedules: automation.schedules, log, channels: Object.keys(config.alerts.channels), runbook: config.alerts.runbook,
      freshness: () => reader.read([...automation.freshness.keys()]), newestEvents: assets => reader.newestEvents(assets),
      escalateAfterMs: config.alerts.escalateAfter.map(toMillis).sort((a, b) => a - b), posted: () => deliveries.forEach(({ bell }) => bell.ring()),
    })
    const queue = new RunQueue({ log, clock: alarm, atOnce: config.automation.runs, run, stop, cancel: onStop === 'cancel' ? stop : new AbortController().signal, say, ended: () => wake() })
    const conditions = new ConditionsJob({
      log, events, situation, everyMs: toMillis(config.automation.every), catchUp: config.automation.catchUp, requested: () => queue.bell.ring(), say,
      assetsOf: ({ selection, by }) => (by === 'conditions' ? (selection as readonly AssetKey[]) : select(selection)),
    })
    const jobs: Job[] = []
    if (only.includes('schedules') && automation.schedules.length > 0) jobs.push(new ScheduleJob(automation.schedules, log, () => queue.bell.ring(), say))
    if (only.includes('schedules') && config.maintenance) jobs.push(new MaintenanceJob(timesOf(config.maintenance), log, maintain, say))
    if (only.includes('conditions') && graph.keys.some(key => graph.get(key).automation)) jobs.push(conditions)
    if (only.includes('schedules') || only.includes('conditions')) jobs.push(queue)
    const packing = config.maintenance?.onSmallFiles ? new PackingJob(scattered, pack, say) : undefined
    if (packing && only.includes('schedules')) jobs.push(packing)
    if (only.includes('watchdog')) jobs.push(watchdog, ...deliveries)
    const wake = () => {
      conditions.bell.ring()
      watchdog.bell.ring()
      packing?.bell.ring()
    }
    return { daemon: new Daemon(jobs, alarm, say), wake }
  }

  /** Rings when a run told something, of whichever process: the file of the log is written to then. */
  #watchEvents(ring: () => void): () => void {
    const { frame, log } = this.#parts
    const file = basename(frame.stateFile)
    let point = log.eventPoint()
    let waiting: NodeJS.Timeout | undefined
    const look = () => {
      waiting = undefined
      const now = log.eventPoint()
      if (now === point) return
      point = now
      ring()
    }
    const heard = () => void (waiting ??= setTimeout(look, SETTLE_MS))
    // Some disks tell nobody that they are written to: then the log is asked now and then.
    let instead: NodeJS.Timeout | undefined
    const deaf = () => void (instead ??= setInterval(heard, EVERY_MS))
    const watcher = watched(dirname(frame.stateFile), name => {
      if (name === null || name.startsWith(file)) heard()
    }, deaf)
    return () => {
      clearTimeout(waiting)
      clearInterval(instead)
      watcher?.close()
    }
  }

  /** One daemon for each kind of work: two would ask for the same things. @throws {DaemonRunning} */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const { leases } = this.#parts.events
    const holder = holderOf('daemon')
    const held = (this.#options.only ?? AUTOMATION_JOBS).map(job => {
      const lease = leases.acquire(`daemon:${job}`, holder, LEASE_MS, new Date(), isGone)
      if (!lease.ok) throw new DaemonRunning(job, lease.heldBy)
      return lease.token
    })
    const heartbeat = setInterval(() => held.forEach(token => leases.renew(token, LEASE_MS, new Date())), LEASE_MS / 3)
    try {
      return await work()
    } finally {
      clearInterval(heartbeat)
      for (const token of held) leases.release(token)
    }
  }
}

const LEASE_MS = 30_000
const SETTLE_MS = 2_000
const EVERY_MS = 30_000

function watched(folder: string, heard: (name: string | null) => void, deaf: () => void): FSWatcher | undefined {
  try {
    return watch(folder, (_, name) => heard(name)).on('error', deaf)
  } catch {
    deaf()
    return undefined
  }
}

function channelOf(name: string, channel: ChannelConfig, root: string, tell: (line: string) => void): AlertChannel {
  switch (channel.type) {
    case 'console': return new ConsoleChannel(name, tell)
    case 'file': return new FileChannel(name, resolve(root, channel.path))
    case 'webhook': return new WebhookChannel(name, channel.url.replaceAll(/\$\{([A-Z][A-Z0-9_]*)\}/g, (_, variable: string) => fromEnvironment(name, variable)), channel.timeout && toMillis(channel.timeout))
  }
}

function fromEnvironment(channel: string, variable: string): string {
  const value = process.env[variable]
  if (!value) throw new ChannelWithoutAddress(channel, variable)
  return value
}

export class ChannelWithoutAddress extends ExplainedError {
  readonly code = 'project/channel-without-address'
  readonly hint: string
  constructor(readonly channel: string, variable: string) {
    super(`The alert channel ${channel} takes its address from ${variable}, which is not set.`)
    this.hint = `Set ${variable} in the daemon's environment, or take the channel out of the profile.`
  }
}

export class DaemonRunning extends ExplainedError {
  readonly code = 'project/daemon-running'
  readonly hint = 'Stop it first. If it ran on another machine and was killed, wait half a minute: then its claim runs out.'
  constructor(job: AutomationJob, holder: string) {
    super(`A daemon for ${job} is at work on this lake already: ${holder}.`)
  }
}
