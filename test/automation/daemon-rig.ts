import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AlertChannel } from '../../framework/automation/alerts.ts'
import { Daemon, type Job } from '../../framework/automation/daemon.ts'
import { DeliveryJob } from '../../framework/automation/delivery.ts'
import { RunQueue, type RunEnding } from '../../framework/automation/run-queue.ts'
import { ScheduleJob } from '../../framework/automation/schedule-job.ts'
import type { Schedule } from '../../framework/automation/schedules.ts'
import { Watchdog } from '../../framework/automation/watchdog.ts'
import { AssetGraph } from '../../framework/graph/asset-graph.ts'
import { freshness, type FreshnessEvidence } from '../../framework/planning/freshness.ts'
import { ruleOf, type FreshnessRule } from '../../framework/planning/freshness-rule.ts'
import type { QueuedRequest } from '../../framework/state/automation-log.ts'
import { SqliteAutomationLog } from '../../framework/state/sqlite-automation-log.ts'
import type { Alert } from '../../framework/vocabulary/alert.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { declared } from './condition-rig.ts'
import { SteppedAlarm } from './stepped-alarm.ts'

export const schedule = (name: string, cron: string, more: Partial<Schedule> = {}): Schedule => ({ name, cron, timezone: 'UTC', selection: ['bronze/a'], keys: ['bronze/a' as AssetKey], catchUp: 'latest', ...more })

/** Keeps the alerts that it is sent. */
export class KeptAlerts implements AlertChannel {
  readonly name = 'kept'
  readonly alerts: Alert[] = []
  async send(alert: Alert): Promise<void> {
    this.alerts.push(alert)
  }
}

/** A daemon over one state file: it may be stopped, killed and started again. What runs do is up to the test. */
export class DaemonRig {
  readonly folder = mkdtempSync(join(tmpdir(), 'varve-daemon-'))
  readonly said: string[] = []
  readonly begun: string[] = []
  readonly made = new Map<AssetKey, number>()
  readonly broken = new Set<AssetKey>()
  readonly kept = new KeptAlerts()
  looks = 0
  schedules: readonly Schedule[] = []
  rules: ReadonlyMap<AssetKey, FreshnessRule> = new Map()
  channels: readonly AlertChannel[] = [this.kept]
  escalateAfterMs: readonly number[] = []
  /** What a run does. */
  run: (request: QueuedRequest, signal: AbortSignal) => Promise<RunEnding> = async request => ({ run: `run of ${request.id}`, ok: true, cancelled: false })
  log = this.#open()
  #stop = new AbortController()
  #running: Promise<void> | undefined
  #watchdog: Watchdog | undefined
  readonly graph = new AssetGraph([{ ...declared('bronze/a'), owners: ['team:a'] }, { ...declared('silver/b', { reads: ['bronze/a'] }), owners: ['team:b'] }])

  constructor(readonly alarm: SteppedAlarm) {}

  start(onStop: 'cancel' | 'finish' = 'cancel'): void {
    this.#stop = new AbortController()
    const stop = this.#stop.signal
    const say = (message: string) => void this.said.push(message)
    const { log } = this
    const queue = new RunQueue({ log, clock: this.alarm, atOnce: 2, stop, cancel: onStop === 'cancel' ? stop : new AbortController().signal, say, ended: () => watchdog.bell.ring(), run: (request, signal) => {
      this.begun.push(`${this.alarm.now().toISOString()} ${request.name}`)
      return this.run(request, signal)
    } })
    const deliveries = this.channels.map(channel => new DeliveryJob(channel, log, this.alarm, stop, say))
    const watchdog = (this.#watchdog = new Watchdog({
      graph: this.graph, schedules: this.schedules, log, channels: this.channels.map(({ name }) => name), escalateAfterMs: this.escalateAfterMs, runbook: 'https://runbooks/{layer}/{name}{schedule}',
      posted: () => deliveries.forEach(({ bell }) => bell.ring()),
      newestEvents: async () => this.made,
      freshness: async () => {
        this.looks += 1
        const evidence = new Map<AssetKey, FreshnessEvidence>(this.graph.keys.map(key => [key, this.broken.has(key) ? { clock: 'failed', why: 'the disk is gone' } : { clock: 'event', newest: this.made.get(key) }]))
        return freshness([...this.rules.keys()], { upstreamKeysOf: key => this.graph.upstreamKeysOf(key), rules: this.rules, evidence, now: this.alarm.now().getTime() })
      },
    }))
    const jobs: Job[] = [...(this.schedules.length > 0 ? [new ScheduleJob(this.schedules, log, () => queue.bell.ring(), say)] : []), queue, watchdog, ...deliveries]
    this.#running = new Daemon(jobs, this.alarm, say).run(stop)
  }

  /** An asset is made now. */
  makes(...keys: string[]): void {
    for (const key of keys) this.made.set(key as AssetKey, this.alarm.now().getTime())
    this.#watchdog?.bell.ring()
  }

  holds(policies: Readonly<Record<string, Parameters<typeof ruleOf>[0]>>): void {
    this.rules = new Map(Object.entries(policies).map(([key, limits]) => [key as AssetKey, ruleOf(limits, 'asset')]))
  }

  /** As SIGTERM does. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  /** As SIGKILL does: whatever it was at, another one begins with what is on the disk. */
  async kill(): Promise<void> {
    const killed = this.log
    this.log = this.#open()
    for (const name of ['transaction', 'updateRequest', 'setCursor', 'request', 'updateDelivery', 'post'] as const) Object.assign(killed, { [name]: () => new Promise(() => {}) })
    Object.assign(killed, { openRequests: () => [], undelivered: () => [] })
    this.#stop.abort()
    this.#running = undefined
    await this.alarm.settle()
    killed.close()
  }

  remove(): void {
    this.log.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  #open(): SqliteAutomationLog {
    return new SqliteAutomationLog(join(this.folder, 'state.db'))
  }
}
