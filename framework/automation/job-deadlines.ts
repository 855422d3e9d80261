import { ticksOf } from '../partitions/ticks.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Schedule } from './schedules.ts'

/** Whether a schedule's assets were all made in time. Instants in milliseconds since 1970. */
export interface DeadlineStatus {
  readonly schedule: Schedule
  /** The newest time whose deadline has passed; absent where there was none since it is watched. */
  readonly tick?: number | undefined
  /** What was not made since then. While there is any, the deadline is missed, even where a run is still at work. */
  readonly lacking: readonly AssetKey[]
  /** The next deadline. */
  readonly until: number
}

/**
 * A pure function of what was made when, by whichever run.
 * @param watchedSince deadlines before are nobody's
 */
export function deadlineStatus(schedule: Schedule & { readonly doneWithinMs: number }, newestOf: (asset: AssetKey) => number | undefined, watchedSince: number, now: number): DeadlineStatus {
  const { cron, timezone, doneWithinMs, keys } = schedule
  const ticks = ticksOf(cron, timezone)
  const until = ticks.next(now - doneWithinMs) + doneWithinMs
  const tick = ticks.last(now - doneWithinMs)
  if (tick < watchedSince) return { schedule, lacking: [], until }
  return { schedule, tick, lacking: keys.filter(key => (newestOf(key) ?? -Infinity) < tick), until }
}
