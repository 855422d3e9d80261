import type { Calendar } from './calendar.ts'
import { clockTimeOf, dateText, monthText } from './clock-text.ts'
import { WEEKDAYS, type Weekday } from './partitions.ts'
import type { TimeZone } from './time-zone.ts'

const DAY = 86_400_000

/** Days, weeks or months as the clocks of a zone tell them: a day is a day, whether it has 23, 24 or 25 hours. */
export class CivilCalendar implements Calendar {
  /** The unit's number of a clock time, and the clock time at which a number begins. */
  readonly #numberOf: (clockTime: number) => number
  readonly #clockTimeOf: (number: number) => number

  constructor(readonly zone: TimeZone, readonly unit: 'day' | 'week' | 'month', startsOn: Weekday = 'monday') {
    // 1970 began on a Thursday.
    const shift = unit === 'week' ? (WEEKDAYS.indexOf(startsOn) + 3) % 7 : 0
    const days = unit === 'week' ? 7 : 1
    this.#numberOf = unit === 'month' ? monthNumber : time => Math.floor((Math.floor(time / DAY) - shift) / days)
    this.#clockTimeOf = unit === 'month' ? number => Date.UTC(1970, number) : number => (number * days + shift) * DAY
  }

  floor(instant: number): number {
    return this.#startOfNumber(this.#numberAt(instant))
  }

  ceil(instant: number): number {
    const number = this.#numberAt(instant)
    const start = this.#startOfNumber(number)
    return start === instant ? instant : this.add(start, 1)
  }

  add(boundary: number, windows: number): number {
    const number = this.#numberAt(boundary)
    let to = number + windows
    if (this.unit !== 'day' || windows === 0) return this.#startOfNumber(to)
    // Each day that was leapt over on the way is no window: go one further, which may leap over another.
    for (let leapt = -1; ;) {
      const now = this.#leapt(number, to)
      if (now === leapt) return this.#startOfNumber(to)
      leapt = now
      to = number + windows + Math.sign(windows) * leapt
    }
  }

  count(from: number, to: number): number {
    const first = this.#numberAt(from)
    const last = this.#numberAt(to)
    return last - first - (this.unit === 'day' ? Math.sign(last - first) * this.#leapt(first, last) : 0)
  }

  keyOf(boundary: number): string {
    const clockTime = this.#clockTimeOf(this.#numberAt(boundary))
    return this.unit === 'month' ? monthText(clockTime) : dateText(clockTime)
  }

  startOf(key: string): number | undefined {
    const clockTime = key.length === (this.unit === 'month' ? 7 : 10) ? clockTimeOf(key) : undefined
    if (clockTime === undefined) return undefined
    const start = this.#startOfNumber(this.#numberOf(clockTime))
    return this.keyOf(start) === key ? start : undefined
  }

  #startOfNumber(number: number): number {
    return this.zone.firstAt(this.#clockTimeOf(number))
  }

  /** Clocks that were set back over midnight show yesterday again: the window that has begun stays. */
  #numberAt(instant: number): number {
    let number = this.#numberOf(this.zone.clockTime(instant))
    while (this.#startOfNumber(number + 1) <= instant) number += 1
    return number
  }

  /** How many of the days from one to the other, without the later, no clock has ever shown. */
  #leapt(from: number, to: number): number {
    const low = Math.min(from, to)
    const high = Math.max(from, to)
    return this.zone.leaptDays(low * DAY, high * DAY).filter(day => day >= low && day < high).length
  }
}

function monthNumber(clockTime: number): number {
  const date = new Date(clockTime)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}
