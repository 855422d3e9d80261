import { clockTimeOf } from './clock-text.ts'
import { BadPartitions, InvertedRange } from './partition-errors.ts'
import type { Every, TimePartitions, Weekday } from './partitions.ts'

export interface TimeOptions {
  /** The column that says to which slice a row belongs: a date or a timestamp. */
  readonly column: string
  /** Where the first window begins, on the clocks of the time zone. */
  readonly start: string
  /** Where the last window ends; absent, it goes on. */
  readonly end?: string | undefined
  /** `UTC` where absent. */
  readonly timezone?: string | undefined
  /**
   * Slices exist before their windows have ended, and ahead of the clock: for facts that are told while their day lasts, or of a day to come. All of them
   * exist from the beginning, up to `end` or the year 9999; a row of none of them is kept in quarantine.
   */
  readonly open?: boolean | undefined
}

/** One slice per hour: `2026-03-01T05`. Where clocks are set back, the hour that comes again is `2026-10-25T02B`. */
export const hourly = (options: TimeOptions): TimePartitions => timePartitions({ unit: 'hour' }, options)

/** One slice per day: `2026-03-01`. */
export const daily = (options: TimeOptions): TimePartitions => timePartitions({ unit: 'day' }, options)

/** One slice per week, named by its first day: `2026-03-02`. Weeks begin on Monday, or as told. */
export const weekly = (options: TimeOptions & { readonly startsOn?: Weekday | undefined }): TimePartitions => timePartitions({ unit: 'week', startsOn: options.startsOn ?? 'monday' }, options)

/** One slice per month: `2026-03`. */
export const monthly = (options: TimeOptions): TimePartitions => timePartitions({ unit: 'month' }, options)

/** One slice from each time that the expression fires to the next, named by the first: `2026-03-01T06:30`. */
export const cronPartitions = (cron: string, options: TimeOptions): TimePartitions => timePartitions({ unit: 'cron', cron }, options)

function timePartitions(every: Every, { column, start, end, timezone = 'UTC', open = false }: TimeOptions): TimePartitions {
  const [from, to] = [start, end].map(text => (text === undefined ? Infinity : clockTimeOf(text)))
  if (from === undefined) throw new BadPartitions(`"${start}" is not a date to start at.`, 'Write 2024-01-01, 2024-01 or 2024-01-01T06:00.')
  if (to === undefined) throw new BadPartitions(`"${end}" is not a date to end at.`, 'Write 2024-01-01, 2024-01 or 2024-01-01T06:00.')
  if (end !== undefined && to <= from) throw new InvertedRange(start, end)
  if (column === '') throw new BadPartitions('Partitions need a column that says to which slice a row belongs.', 'Name it: column: \'order_date\'.')
  return Object.freeze({ kind: 'time', column, every: Object.freeze(every), start, ...(end === undefined ? {} : { end }), timezone, ...(open && { open }) })
}
