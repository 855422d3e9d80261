import type { BoundedCalendar, Calendar } from './calendar.ts'
import { clockTimeOf } from './clock-text.ts'
import { CivilCalendar } from './civil-calendar.ts'
import { CronCalendar } from './cron.ts'
import { HourCalendar } from './hour-calendar.ts'
import { BadPartitions, InvertedRange, NotABoundary } from './partition-errors.ts'
import type { TimePartitions } from './partitions.ts'
import { TimeZone } from './time-zone.ts'

/** The calendar that partitions mean. @throws an explained error for a zone, a cron expression or a boundary that does not exist. */
export function calendarOf(partitions: TimePartitions): BoundedCalendar {
  let calendar = known.get(partitions)
  if (!calendar) known.set(partitions, (calendar = bounded(partitions)))
  return calendar
}

function bounded(partitions: TimePartitions): BoundedCalendar {
  const calendar = unbounded(partitions)
  const start = boundary(calendar, partitions, partitions.start)
  const end = partitions.end !== undefined ? boundary(calendar, partitions, partitions.end) : partitions.open ? calendar.floor(LAST) : Infinity
  if (end <= start) throw new InvertedRange(partitions.start, partitions.end!)
  return Object.assign(calendar, { start, end })
}

function unbounded({ every, timezone, start }: TimePartitions): Calendar {
  const zone = TimeZone.named(timezone)
  switch (every.unit) {
    case 'hour': return new HourCalendar(zone)
    case 'day': return new CivilCalendar(zone, 'day')
    case 'week': return new CivilCalendar(zone, 'week', every.startsOn)
    case 'month': return new CivilCalendar(zone, 'month')
    case 'cron': return new CronCalendar(zone, every.cron, start)
  }
}

/** A beginning has to be one; a cron's is the first time it fires from there. */
function boundary(calendar: Calendar, { every }: TimePartitions, text: string): number {
  const clockTime = clockTimeOf(text)
  if (clockTime === undefined) throw new BadPartitions(`"${text}" is not a date.`, 'Write 2024-01-01, 2024-01 or 2024-01-01T06:00.')
  const instant = calendar.zone.firstAt(clockTime)
  const next = calendar.ceil(instant)
  if (next !== instant && every.unit !== 'cron') throw new NotABoundary(text, every.unit, `Write ${calendar.keyOf(calendar.floor(instant))} or ${calendar.keyOf(next)}.`)
  return next
}

/** Where days end that four digits can name. */
const LAST = Date.UTC(9999, 11, 31)

const known = new WeakMap<TimePartitions, BoundedCalendar>()
