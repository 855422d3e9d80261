import type { TimeZone } from './time-zone.ts'

/** Cuts time into windows without a gap. Instants are milliseconds since 1970; a boundary is where one window ends and the next begins. */
export interface Calendar {
  readonly zone: TimeZone
  /** The last boundary at or before. */
  floor(instant: number): number
  /** The first boundary at or after. */
  ceil(instant: number): number
  /** The boundary so many windows later, or earlier. */
  add(boundary: number, windows: number): number
  /** How many windows lie between two boundaries. */
  count(from: number, to: number): number
  /** The name of the window that begins here. */
  keyOf(boundary: number): string
  /** Where the window of this name begins; undefined where there is none. */
  startOf(key: string): number | undefined
}

/** The calendar of an asset with its first and last boundary. `end` is infinite where it goes on. */
export interface BoundedCalendar extends Calendar {
  readonly start: number
  readonly end: number
}
