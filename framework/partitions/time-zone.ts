import { createRequire } from 'node:module'
import type { Temporal as TemporalTypes } from 'temporal-polyfill'
import { UnknownTimeZone } from './partition-errors.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Beyond, clocks are taken to stay as they are then: what zones will do is nobody's knowledge, and each change costs a millisecond to look up. */
const HORIZON = Date.UTC(2100, 0)

/** A stretch of time through which the clocks of a zone stand at one offset. All in milliseconds. */
export interface Stretch {
  readonly from: number
  /** The clock's time is the instant plus this. */
  readonly offset: number
  /** Counts the clock's hours through all stretches: the hour of `t` has the number `floor((t + offset) / HOUR) + hourShift`. */
  readonly hourShift: number
}

/** The clocks of a place. "Clock time" is what they show, counted in milliseconds as if they stood in UTC. */
export class TimeZone {
  static readonly #known = new Map<string, TimeZone>()
  readonly #stretches: Stretch[]
  /** Outside of these no change of the clocks has been looked up yet. */
  #knownFrom: number
  #knownTo: number

  /** @throws {UnknownTimeZone} */
  static named(name: string): TimeZone {
    let zone = TimeZone.#known.get(name)
    if (!zone) TimeZone.#known.set(name, (zone = new TimeZone(name)))
    return zone
  }

  private constructor(readonly name: string) {
    const fixed = name === 'UTC'
    const anchor = Date.UTC(2020, 0)
    this.#knownFrom = fixed ? -Infinity : anchor
    this.#knownTo = fixed ? Infinity : anchor
    this.#stretches = [{ from: -Infinity, offset: fixed ? 0 : offsetAt(knownZone(name, anchor)), hourShift: 0 }]
  }

  clockTime(instant: number): number {
    return instant + this.stretchAt(instant).offset
  }

  /** The first instant at which the clocks show this time or a later one: where a day without midnight begins. */
  firstAt(clockTime: number): number {
    this.#lookUp(clockTime - 2 * DAY, clockTime + 2 * DAY)
    for (let i = this.#indexAt(clockTime - DAY - 2 * HOUR); ; i += 1) {
      const stretch = this.#stretches[i]!
      const at = Math.max(stretch.from, clockTime - stretch.offset)
      if (at < (this.#stretches[i + 1]?.from ?? Infinity)) return at
    }
  }

  /** Whether the clocks show what they have shown before: the second of a repeated hour. */
  isRepeated(instant: number): boolean {
    this.#lookUp(instant - DAY, instant)
    const i = this.#indexAt(instant)
    const before = this.#stretches[i - 1]
    return before !== undefined && instant - this.#stretches[i]!.from < before.offset - this.#stretches[i]!.offset
  }

  /** The days between two instants, as days since 1970, that the clocks leapt over, as Samoa's did in 2011. */
  leaptDays(from: number, to: number): number[] {
    this.#lookUp(from - 2 * DAY, to + 2 * DAY)
    return this.#stretches.flatMap((stretch, i) => {
      const before = this.#stretches[i - 1]
      if (!before || stretch.from < from - 2 * DAY || stretch.from > to + 2 * DAY || stretch.offset - before.offset < DAY) return []
      const first = Math.ceil((stretch.from + before.offset) / DAY)
      const after = Math.floor((stretch.from + stretch.offset) / DAY)
      return Array.from({ length: Math.max(0, after - first) }, (_, n) => first + n)
    })
  }

  stretchAt(instant: number): Stretch {
    this.#lookUp(instant, instant)
    return this.#stretches[this.#indexAt(instant)]!
  }

  hourAt(instant: number): number {
    const { offset, hourShift } = this.stretchAt(instant)
    return Math.floor((instant + offset) / HOUR) + hourShift
  }

  /** The instant at which the hour of this number begins: on the clock's full hour, or where the clocks were changed within one. */
  startOfHour(hour: number): number {
    // Changes of the clocks displace the count by some days at the very most.
    this.#lookUp(hour * HOUR - 10 * DAY, hour * HOUR + 10 * DAY)
    const i = this.#lastIndex(({ from, offset, hourShift }) => Math.floor((from + offset) / HOUR) + hourShift <= hour)
    const { from, offset, hourShift } = this.#stretches[i]!
    return Math.max(from, (hour - hourShift) * HOUR - offset)
  }

  #indexAt(instant: number): number {
    return this.#lastIndex(({ from }) => from <= instant)
  }

  #lastIndex(holds: (stretch: Stretch) => boolean): number {
    let low = 0
    let high = this.#stretches.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (holds(this.#stretches[middle]!)) low = middle
      else high = middle
    }
    return low
  }

  #lookUp(from: number, to: number): void {
    // A year more each time, so that neighbours need no further look.
    if (to >= this.#knownTo) this.#lookForward(to + 366 * DAY)
    if (from < this.#knownFrom) this.#lookBack(from - 366 * DAY)
  }

  #lookForward(to: number): void {
    for (let change = zoned(this.name, this.#knownTo).getTimeZoneTransition('next'); change !== null; change = change.getTimeZoneTransition('next')) {
      const before = this.#stretches.at(-1)!
      const from = change.epochMilliseconds
      const offset = offsetAt(change)
      this.#stretches.push({ from, offset, hourShift: Math.ceil((from + before.offset) / HOUR) + before.hourShift - Math.floor((from + offset) / HOUR) })
      this.#knownTo = from
      if (from > to) return
      if (from > HORIZON) break
    }
    this.#knownTo = Infinity
  }

  #lookBack(to: number): void {
    for (let change = zoned(this.name, this.#knownFrom).getTimeZoneTransition('previous'); change !== null; change = change.getTimeZoneTransition('previous')) {
      const after = this.#stretches[0]!
      const from = change.epochMilliseconds
      const offset = offsetAt(zoned(this.name, from - 1))
      const hourShift = after.hourShift + Math.floor((from + after.offset) / HOUR) - Math.ceil((from + offset) / HOUR)
      this.#stretches.splice(0, 1, { from: -Infinity, offset, hourShift }, { ...after, from })
      this.#knownFrom = from
      if (from < to) return
    }
    this.#knownFrom = -Infinity
  }
}

const offsetAt = (moment: TemporalTypes.ZonedDateTime): number => moment.offsetNanoseconds / 1_000_000

function knownZone(name: string, instant: number): TemporalTypes.ZonedDateTime {
  try {
    return zoned(name, instant)
  } catch (error) {
    if (error instanceof RangeError) throw new UnknownTimeZone(name)
    throw error
  }
}

/** Loaded when the first zone other than UTC asks for it (about 20 ms), and not where the runtime has its own. */
function zoned(name: string, instant: number): TemporalTypes.ZonedDateTime {
  temporal ??= (globalThis as { Temporal?: typeof TemporalTypes }).Temporal ?? (createRequire(import.meta.url)('temporal-polyfill') as { Temporal: typeof TemporalTypes }).Temporal
  return temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(name)
}

let temporal: typeof TemporalTypes | undefined
