import { CronCalendar } from './cron.ts'
import { TimeZone } from './time-zone.ts'

/** The times of a cron expression on the clocks of a zone, in milliseconds since 1970. */
export interface Ticks {
  /** The first one after, and not at, an instant. */
  next(after: number): number
  /** The last one at or before an instant. */
  last(upTo: number): number
  /** Those after `after` and up to `upTo`, the newest `most` of them, oldest first. */
  between(after: number, upTo: number, most?: number): readonly number[]
}

/** @throws {BadCron | CronNeverFires | UnknownTimeZone} */
export function ticksOf(cron: string, timezone = 'UTC'): Ticks {
  const name = `${timezone} ${cron}`
  let ticks = known.get(name)
  if (!ticks) known.set(name, (ticks = new CronTicks(new CronCalendar(TimeZone.named(timezone), cron, '1970-01-01'))))
  return ticks
}

class CronTicks implements Ticks {
  readonly #calendar: CronCalendar

  constructor(calendar: CronCalendar) {
    this.#calendar = calendar
  }

  next(after: number): number {
    return this.#calendar.ceil(Math.floor(after) + 1)
  }

  last(upTo: number): number {
    return this.#calendar.floor(upTo)
  }

  between(after: number, upTo: number, most = 1000): readonly number[] {
    const found: number[] = []
    for (let at = this.last(upTo); at > after && found.length < most; at = this.last(at - 1)) found.push(at)
    return found.toReversed()
  }
}

const known = new Map<string, Ticks>()
