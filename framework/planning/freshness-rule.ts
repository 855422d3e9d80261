import type { FreshnessLimits } from '../definition/freshness-policy.ts'
import { ticksOf } from '../partitions/ticks.ts'
import { toMillis } from '../vocabulary/duration.ts'

/** A policy as it is kept: spans in milliseconds, and where it comes from. */
export interface FreshnessRule {
  readonly from: 'asset' | 'layer'
  readonly warnMs?: number | undefined
  readonly failMs?: number | undefined
  readonly deadlines: readonly Deadline[]
  readonly column?: string | undefined
  readonly runbook?: string | undefined
}

/** From each tick plus the grace on, what is there must be no older than the tick less the lower bound. */
export interface Deadline {
  readonly cron: string
  readonly timezone: string
  readonly graceMs: number
  /** Absent: the tick before. */
  readonly lowerBoundMs?: number | undefined
}

/** When an asset is made by plan. */
export interface Cadence {
  readonly cron: string
  readonly timezone: string
}

/** Which limit, and when it is crossed if nothing newer comes. */
export interface Crossing {
  readonly at: number
  readonly limit: { readonly kind: 'age'; readonly ms: number } | { readonly kind: 'deadline'; readonly at: number; readonly cron: string; readonly timezone: string }
}

export function ruleOf({ warnAfter, failAfter, column, by, lowerBound, timezone = 'UTC', runbook }: FreshnessLimits, from: FreshnessRule['from']): FreshnessRule {
  const deadlines = by === undefined ? [] : [{ cron: by, timezone, graceMs: 0, lowerBoundMs: lowerBound && toMillis(lowerBound) }]
  return { from, warnMs: warnAfter && toMillis(warnAfter), failMs: failAfter && toMillis(failAfter), deadlines, column, runbook }
}

/**
 * A layer's rule for an asset that is made at set times: its age counts from when it was due. Made daily with a limit of an hour, it has
 * an hour from each of those times on, and rests until the next.
 */
export function atCadence(rule: FreshnessRule, cadences: readonly Cadence[]): FreshnessRule {
  const { failMs } = rule
  if (cadences.length === 0 || failMs === undefined) return rule
  return { ...rule, warnMs: undefined, failMs: undefined, deadlines: [...rule.deadlines, ...cadences.map(cadence => ({ ...cadence, graceMs: failMs, lowerBoundMs: 0 }))] }
}

/** When data of this instant begins to be too old for a warning. */
export const warns = ({ warnMs }: FreshnessRule, newest: number): Crossing | undefined => (warnMs === undefined ? undefined : { at: newest + warnMs, limit: { kind: 'age', ms: warnMs } })

/** When it fails: at its age, or at the first deadline that it does not meet. */
export function fails({ failMs, deadlines }: FreshnessRule, newest: number): Crossing | undefined {
  const crossings: Crossing[] = deadlines.map(deadline => missed(deadline, newest))
  if (failMs !== undefined) crossings.push({ at: newest + failMs, limit: { kind: 'age', ms: failMs } })
  return crossings.sort((a, b) => a.at - b.at)[0]
}

function missed({ cron, timezone, graceMs, lowerBoundMs }: Deadline, newest: number): Crossing {
  const ticks = ticksOf(cron, timezone)
  const tick = ticks.next(lowerBoundMs === undefined ? ticks.next(newest) : newest + lowerBoundMs)
  return { at: tick + graceMs, limit: { kind: 'deadline', at: tick + graceMs, cron, timezone } }
}
