import type { Cron } from 'croner'
import { createRequire } from 'node:module'
import type { Calendar } from './calendar.ts'
import { clockTimeOf, minuteText } from './clock-text.ts'
import { BadCron, CronNeverFires } from './partition-errors.ts'
import type { TimeZone } from './time-zone.ts'

const DAY = 86_400_000

/** Windows from each time that a cron expression fires to the next. {@link CronCalendar.count} costs as much as the days on which it fires. */
export class CronCalendar implements Calendar {
  readonly #cron: Cron
  /** How often it fires on a day without a change of the clocks: always the same, if at all. */
  #perDay: number | undefined

  /** @throws {BadCron | CronNeverFires} */
  constructor(readonly zone: TimeZone, readonly expression: string, start: string) {
    this.#cron = parsed(expression, zone.name)
    const from = zone.firstAt(clockTimeOf(start) ?? 0)
    if (this.#cron.nextRun(new Date(from - 1000)) === null) throw new CronNeverFires(expression, start)
  }

  floor(instant: number): number {
    // croner leaves out what fires at the reference itself, and counts in whole seconds.
    return this.#previous(Math.floor(instant / 1000) * 1000 + 1000)
  }

  ceil(instant: number): number {
    const whole = Math.ceil(instant / 1000) * 1000
    return this.#next(whole - 1000)
  }

  add(boundary: number, windows: number): number {
    let at = boundary
    for (let left = windows; left > 0; left -= 1) at = this.#next(at)
    for (let left = windows; left < 0; left += 1) at = this.#previous(at)
    return at
  }

  count(from: number, to: number): number {
    if (to < from) return -this.count(to, from)
    let counted = 0
    let begun = false
    for (let at = from; at < to; begun = true) {
      let day = Math.floor(this.zone.clockTime(at) / DAY) * DAY
      // Clocks that were set back over midnight show a day that is over.
      while (this.zone.firstAt(day + DAY) <= at) day += DAY
      const [begin, end] = [this.zone.firstAt(day), this.zone.firstAt(day + DAY)]
      const evenClocks = this.zone.stretchAt(begin - DAY) === this.zone.stretchAt(end + DAY)
      if (evenClocks && end <= to && (begun || at === this.#next(begin - 1000))) {
        counted += this.#perDay ??= this.#walk(at, end)
        at = this.#next(end - 1000)
      } else {
        const until = Math.min(end, to)
        counted += this.#walk(at, until)
        at = until === to ? to : this.#next(end - 1000)
      }
    }
    return counted
  }

  keyOf(boundary: number): string {
    return minuteText(this.zone.clockTime(boundary)) + (this.zone.isRepeated(boundary) ? 'B' : '')
  }

  startOf(key: string): number | undefined {
    const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(B?)$/.exec(key)
    const clockTime = parts ? clockTimeOf(parts[1]!) : undefined
    if (clockTime === undefined) return undefined
    const first = this.zone.firstAt(clockTime)
    const { offset } = this.zone.stretchAt(first + 86_400_000)
    return [first, clockTime - offset].find(start => this.floor(start) === start && this.keyOf(start) === key)
  }

  /** How often it fires from here, where it does, until there. */
  #walk(from: number, to: number): number {
    let times = 0
    for (let at = from; at < to; at = this.#next(at)) times += 1
    return times
  }

  #next(instant: number): number {
    const next = this.#cron.nextRun(new Date(instant))
    if (next === null) throw new CronNeverFires(this.expression, new Date(instant).toISOString())
    return next.getTime()
  }

  #previous(instant: number): number {
    const previous = this.#cron.previousRuns(1, new Date(instant))[0]
    if (!previous) throw new CronNeverFires(this.expression, 'the beginning of time')
    return previous.getTime()
  }
}

function parsed(expression: string, timezone: string): Cron {
  croner ??= createRequire(import.meta.url)('croner') as { Cron: typeof Cron }
  try {
    return new croner.Cron(expression, { timezone, paused: true })
  } catch (error) {
    throw new BadCron(expression, (error as Error).message.replace(/^Cron\w+: /, ''))
  }
}

/** Loaded by the first cron expression (about 5 ms). */
let croner: { Cron: typeof Cron } | undefined
