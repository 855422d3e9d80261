import type { Calendar } from './calendar.ts'
import { clockTimeOf, hourText } from './clock-text.ts'
import type { TimeZone } from './time-zone.ts'

const HOUR = 3_600_000

/**
 * Hours as the clocks of a zone strike them. Where clocks are set back, the hour that comes again has a key of its own, `2026-10-25T02B`,
 * as railway timetables name it. Where they are changed by half an hour, the hour is cut there.
 */
export class HourCalendar implements Calendar {
  constructor(readonly zone: TimeZone) {}

  floor(instant: number): number {
    return this.zone.startOfHour(this.zone.hourAt(instant))
  }

  ceil(instant: number): number {
    const start = this.floor(instant)
    return start === instant ? instant : this.add(start, 1)
  }

  add(boundary: number, windows: number): number {
    return this.zone.startOfHour(this.zone.hourAt(boundary) + windows)
  }

  count(from: number, to: number): number {
    return this.zone.hourAt(to) - this.zone.hourAt(from)
  }

  keyOf(boundary: number): string {
    return hourText(this.zone.clockTime(boundary)) + (this.zone.isRepeated(boundary) ? 'B' : '')
  }

  startOf(key: string): number | undefined {
    const parts = /^(\d{4}-\d\d-\d\dT\d\d)B?$/.exec(key)
    const clockTime = parts ? clockTimeOf(parts[1]!) : undefined
    if (clockTime === undefined) return undefined
    const first = this.zone.firstAt(clockTime)
    // Looked for beyond the next: two more windows may begin within an hour in which clocks were set back.
    const candidates = [this.floor(first), ...[1, 2, 3, 4].map(windows => this.add(this.floor(first), windows))]
    const offsets = new Set([this.zone.stretchAt(clockTime - 24 * HOUR).offset, this.zone.stretchAt(clockTime + 24 * HOUR).offset])
    for (const offset of offsets) candidates.push(this.floor(clockTime - offset), this.floor(clockTime - offset + HOUR - 1))
    return candidates.find(start => this.keyOf(start) === key)
  }
}
