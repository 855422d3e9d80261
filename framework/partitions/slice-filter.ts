import { calendarOfTime } from './slices.ts'
import { minuteText } from './clock-text.ts'
import { dimensionsOf, type Partitions, type SimplePartitions } from './partitions.ts'
import { boxesOf, type SimpleSlices, type SliceSet } from './slice-set.ts'

/** Which rows belong to some slices, as plain data for whoever writes queries. A row without a value in the column belongs to none. */
export type SliceFilter =
  | TimeFilter
  | { readonly type: 'in'; readonly column: string; readonly values: readonly string[] }
  | { readonly type: 'and'; readonly of: readonly SliceFilter[] }
  | { readonly type: 'or'; readonly of: readonly SliceFilter[] }
  | { readonly type: 'none' }

/** Column values from `from` up to, and without, `to`. */
export interface TimeFilter {
  readonly type: 'range'
  readonly column: string
  /** Instants, ISO 8601 in UTC: for columns with a time zone. */
  readonly from: string
  readonly to: string
  /**
   * What the clocks of the time zone show then, `2026-03-01T00:00`: for dates, and for timestamps that mean the place's clocks.
   * Such timestamps cannot tell a repeated hour from the first; of hourly slices only the instants can.
   */
  readonly fromClock: string
  readonly toClock: string
  readonly timezone: string
}

/** The filter for exactly these slices. Costs as much as their ranges. */
export function sliceFilter(partitions: Partitions, set: SliceSet): SliceFilter {
  const dimensions = dimensionsOf(partitions)
  return anyOf(boxesOf(set).map(box => allOf(box.map((simple, i) => simpleFilter(dimensions[i]!.partitions, simple)))))
}

function simpleFilter(partitions: SimplePartitions, set: SimpleSlices): SliceFilter {
  const { column } = partitions
  if (set.kind === 'keys' || partitions.kind !== 'time') return { type: 'in', column, values: set.kind === 'keys' ? set.keys : [] }
  const { zone } = calendarOfTime(partitions)
  return anyOf(set.intervals.map(({ from, to }) => ({
    type: 'range',
    column,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    fromClock: minuteText(zone.clockTime(from)),
    toClock: minuteText(zone.clockTime(to)),
    timezone: partitions.timezone,
  })))
}

const anyOf = (of: readonly SliceFilter[]): SliceFilter => (of.length === 0 ? { type: 'none' } : of.length === 1 ? of[0]! : { type: 'or', of })
const allOf = (of: readonly SliceFilter[]): SliceFilter => (of.length === 1 ? of[0]! : { type: 'and', of })
