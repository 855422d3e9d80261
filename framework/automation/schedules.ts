import { ticksOf } from '../partitions/ticks.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'

/** Assets that are made at set times. */
export interface Schedule {
  readonly name: string
  readonly cron: string
  readonly timezone: string
  readonly selection: readonly string[]
  /** What the selection names. */
  readonly keys: readonly AssetKey[]
  /** How long after its time all of them have to be made. */
  readonly doneWithinMs?: number | undefined
  readonly catchUp: 'latest' | 'skip'
  readonly runbook?: string | undefined
}

/** What the times of a schedule since the last look ask for. Instants in milliseconds since 1970. */
export interface DueTicks {
  /** The one to ask a run for. */
  readonly fire?: { readonly tick: number; readonly late: boolean } | undefined
  /** Those that nobody answered. */
  readonly missed: readonly number[]
  readonly next: number
}

/** A time that was noticed so much later counts as missed. */
export const GRACE_MS = 5 * 60_000

/**
 * A pure function of the clock.
 * @param lookedAt up to when the schedule's times have been dealt with; a schedule that was never looked at starts now
 */
export function dueTicks({ cron, timezone, catchUp }: Pick<Schedule, 'cron' | 'timezone' | 'catchUp'>, lookedAt: number | undefined, now: number): DueTicks {
  const ticks = ticksOf(cron, timezone)
  const next = ticks.next(now)
  const passed = lookedAt === undefined ? [] : ticks.between(lookedAt, now)
  const newest = passed.at(-1)
  if (newest === undefined) return { missed: [], next }
  const late = now - newest > GRACE_MS
  if (late && catchUp === 'skip') return { missed: passed, next }
  return { fire: { tick: newest, late }, missed: passed.slice(0, -1), next }
}
