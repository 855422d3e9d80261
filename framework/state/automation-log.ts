import type { Alert, Incident } from '../vocabulary/alert.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { ConditionTrace } from '../vocabulary/condition-trace.ts'
import type { RunEvent } from '../vocabulary/run-event.ts'

/** What the daemon must not forget when it is stopped: what it asked for, how far it has looked, whom it has alerted. Instants are ISO 8601, UTC. */
export interface AutomationLog {
  /** Does all of it or nothing. */
  transaction<T>(work: () => T): T

  /** Notes that a run looked at these assets and found nothing new. */
  looked(assets: readonly AssetKey[], at: string): void
  /** When each asset was last found to need nothing. */
  looks(): ReadonlyMap<AssetKey, string>

  /** What someone wrote down under a name, to go on from there. */
  cursor(name: string): string | undefined
  setCursor(name: string, cursor: string): void

  /** What was told since a point in the log, oldest first, and the point it reaches up to. */
  eventsSince(point: number): { readonly events: readonly RunEvent[]; readonly point: number }
  /** The point that the log reaches up to now. */
  eventPoint(): number
  /** What is being written at this instant, by whichever process. */
  heldLeases(now: Date): readonly string[]

  /** Puts a request in the queue. False where one of its id ever was there: nothing is asked for twice. */
  request(request: RunRequest): boolean
  /** Newest first. */
  requests(limit?: number): readonly QueuedRequest[]
  /** Those that wait or run, oldest first. */
  openRequests(): readonly QueuedRequest[]
  updateRequest(id: string, change: Partial<Omit<QueuedRequest, keyof RunRequest>>): void

  recordTick(tick: ScheduleTick): void
  /** Newest first. */
  ticks(schedule?: string, limit?: number): readonly ScheduleTick[]

  /** Those that were missed, whether something made up for them or not. Newest first. */
  missedTicks(limit?: number): readonly ScheduleTick[]

  /** Keeps a trace where it is another than the asset's last. */
  trace(trace: RecordedTrace): boolean
  /** Newest first. */
  traces(asset: AssetKey, limit?: number): readonly RecordedTrace[]

  openIncidents(): readonly Incident[]
  /** Newest first. */
  incidents(limit?: number): readonly Incident[]
  saveIncident(incident: Incident): void

  /** Puts an alert in the box of each channel, to be taken from there until it is delivered. */
  post(alert: Alert, channels: readonly string[]): void
  /** What is still to be delivered, oldest first. */
  undelivered(): readonly Delivery[]
  updateDelivery(id: number, change: Pick<Delivery, 'attempts' | 'nextAt' | 'doneAt' | 'error'>): void

  /** Drops what is over and was before: requests, times of schedules, incidents, deliveries, and traces that are no asset's newest. */
  prune(before: Date): void
  close(): void
}

/** Someone who is not a person asks for assets to be made. */
export interface RunRequest {
  /** Names what it was for: `schedule nightly 2026-03-01T02:00:00.000Z`. */
  readonly id: string
  readonly by: 'schedule' | 'conditions'
  /** Of a schedule: its name. */
  readonly name: string
  readonly at: string
  readonly selection: readonly string[]
  /** Of the assets that have slices and are to be made only in part: the slices, as text. */
  readonly slices: Readonly<Record<AssetKey, string>>
}

export interface QueuedRequest extends RunRequest {
  /** `merged`: one before it, that still waited, does its work. */
  readonly status: 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'merged'
  readonly attempts: number
  readonly run?: string | undefined
  readonly startedAt?: string | undefined
  readonly endedAt?: string | undefined
  readonly error?: string | undefined
}

/** What became of one time of a schedule. `caught-up`: it was missed, and asked for afterwards. */
export interface ScheduleTick {
  readonly schedule: string
  readonly tick: string
  readonly status: 'fired' | 'missed' | 'caught-up' | 'merged'
  readonly at: string
}

export interface RecordedTrace {
  readonly asset: AssetKey
  readonly at: string
  /** The slices that were asked for, as text, `all` of an asset without; absent where none were. */
  readonly requested?: string | undefined
  readonly trace: ConditionTrace
}

export interface Delivery {
  readonly id: number
  readonly channel: string
  readonly alert: Alert
  readonly attempts: number
  readonly nextAt: string
  readonly doneAt?: string | undefined
  readonly error?: string | undefined
}
