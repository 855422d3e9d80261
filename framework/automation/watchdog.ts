import type { AssetGraph } from '../graph/asset-graph.ts'
import type { Freshness } from '../planning/freshness.ts'
import type { AutomationLog } from '../state/automation-log.ts'
import { subjectName, type Alert, type Incident } from '../vocabulary/alert.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { deadlineAlert, freshnessAlert } from './alerts.ts'
import { Bell } from './bell.ts'
import type { Job } from './daemon.ts'
import { incidentChanges, nextEscalation, type Finding } from './incidents.ts'
import { deadlineStatus, type DeadlineStatus } from './job-deadlines.ts'
import type { Schedule } from './schedules.ts'

export interface WatchdogOptions {
  readonly graph: Pick<AssetGraph, 'get' | 'has'>
  readonly schedules: readonly Schedule[]
  readonly log: AutomationLog
  /** The freshness of all assets that have a policy. */
  readonly freshness: () => Promise<readonly Freshness[]>
  /** When each asset was last made, or found to need nothing. */
  readonly newestEvents: (assets: readonly AssetKey[]) => Promise<ReadonlyMap<AssetKey, number>>
  readonly channels: readonly string[]
  readonly escalateAfterMs: readonly number[]
  readonly runbook: string | undefined
  /** Is called when there is something to deliver. */
  readonly posted: () => void
}

/** Looks how fresh assets are and whether schedules were done in time, and alerts. It makes nothing, and sleeps until something can have changed. */
export class Watchdog implements Job {
  readonly name = 'the watchdog'
  readonly bell = new Bell()
  readonly #options: WatchdogOptions

  constructor(options: WatchdogOptions) {
    this.#options = options
  }

  async look(now: Date): Promise<number> {
    const { log, posted, escalateAfterMs } = this.#options
    const found = new Map((await this.#options.freshness()).map(each => [subjectName({ kind: 'freshness', asset: each.asset }), each]))
    const deadlines = new Map((await this.#deadlines(now)).map(each => [subjectName({ kind: 'deadline', schedule: each.schedule.name }), each]))
    const findings: Finding[] = [...[...found.values()].map(freshnessFinding), ...[...deadlines.values()].map(deadlineFinding)]
    // An alert that waits in its box and the incident that it tells of are one truth.
    const alerts = log.transaction(() => {
      const changes = incidentChanges(log.openIncidents(), findings, now, escalateAfterMs, () => crypto.randomUUID())
      const told = changes.flatMap(({ incident, notice }) => {
        log.saveIncident(incident)
        return notice ? [this.#alert(incident, notice, found, deadlines, now)] : []
      })
      for (const alert of told) log.post(alert, this.#options.channels)
      return told
    })
    if (alerts.length > 0) posted()
    const untils = [...found.values(), ...deadlines.values()].map(({ until }) => until ?? Infinity)
    return Math.min(...untils, nextEscalation(log.openIncidents(), escalateAfterMs))
  }

  async #deadlines(now: Date): Promise<readonly DeadlineStatus[]> {
    const { schedules, newestEvents } = this.#options
    const held = schedules.filter((schedule): schedule is Schedule & { doneWithinMs: number } => schedule.doneWithinMs !== undefined)
    if (held.length === 0) return []
    const newest = await newestEvents([...new Set(held.flatMap(({ keys }) => keys))])
    return held.map(schedule => deadlineStatus({ ...schedule, keys: schedule.keys.filter(key => this.#options.graph.get(key).kind !== 'external') }, key => newest.get(key), this.#watchedSince(schedule, now), now.getTime()))
  }

  #watchedSince({ name }: Schedule, now: Date): number {
    const { log } = this.#options
    const cursor = `watching ${name}`
    const known = log.cursor(cursor)
    if (known === undefined) log.setCursor(cursor, now.toISOString())
    return known === undefined ? now.getTime() : Date.parse(known)
  }

  #alert(incident: Incident, kind: Alert['kind'], found: ReadonlyMap<string, Freshness>, deadlines: ReadonlyMap<string, DeadlineStatus>, now: Date): Alert {
    const { graph, runbook } = this.#options
    const subject = subjectName(incident.subject)
    const fresh = found.get(subject)
    if (fresh) return freshnessAlert(incident, kind, fresh, { owners: graph.get(fresh.asset).owners, runbook: fresh.rule?.runbook ?? runbook }, now)
    const status = deadlines.get(subject)!
    const owners = [...new Set((status.lacking.length > 0 ? status.lacking : status.schedule.keys).flatMap(key => graph.get(key).owners))]
    return deadlineAlert(incident, kind, status, { owners, runbook: status.schedule.runbook ?? runbook }, now)
  }
}

/** That something was never made is no incident: nobody has promised it yet. */
function freshnessFinding({ asset, state, probeFailed }: Freshness): Finding {
  const subject = { kind: 'freshness', asset } as const
  switch (state) {
    case 'pass':
    case 'none': return { subject, state: 'fine' }
    case 'unknown': return { subject, state: probeFailed ? 'unknown' : 'undisclosed' }
    case 'warn':
    case 'fail': return { subject, state }
  }
}

const deadlineFinding = ({ schedule, lacking }: DeadlineStatus): Finding => ({ subject: { kind: 'deadline', schedule: schedule.name }, state: lacking.length > 0 ? 'fail' : 'fine' })
