import type { Clock } from '../vocabulary/clock.ts'

/** A clock that one can wait for. */
export interface Alarm extends Clock {
  /** Ends at the instant, in milliseconds since 1970, or as soon as the signal is aborted. */
  sleepUntil(instant: number, signal: AbortSignal): Promise<void>
}

/** A timer stands still while the machine sleeps, so that the clock is looked at again now and then. */
const LONGEST_NAP_MS = 10 * 60_000

export const systemAlarm: Alarm = {
  now: () => new Date(),
  async sleepUntil(instant, signal) {
    for (let left = instant - Date.now(); left > 0 && !signal.aborted; left = instant - Date.now()) await nap(Math.min(left, LONGEST_NAP_MS), signal)
  },
}

function nap(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const wake = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, millis)
    signal.addEventListener('abort', wake)
  })
}
