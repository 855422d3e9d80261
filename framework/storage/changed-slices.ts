import type { Connection } from '../duckdb/connection.ts'
import { rowHash } from '../delta/content-hash.ts'
import { columnsOf } from '../delta/schema.ts'
import type { StructType } from '../delta/schema-types.ts'
import type { Grain } from '../engines/engine.ts'
import { calendarOf } from '../partitions/calendar-of.ts'
import { clockTimeOf } from '../partitions/clock-text.ts'
import { intervalSet, type Interval } from '../partitions/interval-set.ts'
import { dimensionsOf, type SimplePartitions, type TimePartitions } from '../partitions/partitions.ts'
import { boxOf, intersect, isEmpty, keySlices, timeSlices, union, type SimpleSlices, type SliceSet } from '../partitions/slice-set.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import type { StepSlices } from './inputs.ts'

/** More places than this are not told apart: then all slices count as changed. */
export const MOST_PLACES = 10_000
const HOUR = 3_600_000

/**
 * Which of some slices hold other rows than before: where the sum of the rows' hashes, or their number, differs. May name more than did change, never less.
 * @param before a SELECT of the rows that the slices held, and `after` one of those that they hold now
 */
export async function changedSlices(connection: Connection, slices: StepSlices, before: string, after: string, schema: StructType, signal: AbortSignal): Promise<SliceSet> {
  const by = placesOf(slices, schema)
  const names = by.map((_, i) => `d${i}`)
  const sums = (relation: string) => `select ${by.map((place, i) => `${EXPRESSIONS[place.grain](`q.${quoteIdentifier(place.column)}`)} as d${i}`).join(', ')}, count(*) as n, sum(${rowHash(schema)}::hugeint) as s from (${relation}) as q group by ${names.join(', ')}`
  const same = names.map(name => `b.${name} is not distinct from a.${name}`).join(' and ')
  const rows = await connection.rows<Record<string, string | null>>(
    `select ${names.map(name => `coalesce(b.${name}, a.${name}) as ${name}`).join(', ')} from (${sums(before)}) as b full join (${sums(after)}) as a on ${same} where b.n is distinct from a.n or b.s is distinct from a.s limit ${MOST_PLACES + 1}`, { signal })
  return slicesAt(slices, by, rows.length > MOST_PLACES ? null : rows.map(row => names.map(name => row[name] ?? null)))
}

/** Of the slices those in which the places lie; all of them where it is not told of every place. */
export function slicesAt({ partitions, set }: StepSlices, by: readonly Place[], places: readonly (readonly (string | null)[])[] | null): SliceSet {
  const dimensions = dimensionsOf(partitions).map(({ partitions: each }, i): Dimension => values => slicesOf(each, by[i]!.grain, values))
  const found = places && boxesAt(dimensions, places.map(place => place.map(text => text ?? '')))
  const changed = found && intersect(found, set)
  return !changed || isEmpty(changed) ? set : changed
}

/** Undefined where a place lies nowhere that can be told. */
function boxesAt(dimensions: readonly Dimension[], places: readonly (readonly string[])[]): SliceSet | undefined {
  const [only, ...others] = dimensions
  if (others.length === 0) return only!(places.map(([value]) => value!))
  const boxes = places.map(place => dimensions.map((slices, i) => slices([place[i]!])))
  return boxes.some(box => box.includes(undefined)) ? undefined : boxes.map(box => boxOf(box as SimpleSlices[])).reduce<SliceSet | undefined>((all, box) => (all ? union(all, box) : box), undefined)
}

/** The slices of a dimension in which such texts lie; undefined where one of them lies nowhere that can be told. */
type Dimension = (values: readonly string[]) => SimpleSlices | undefined

/** What the rows of one dimension are told apart by. */
export interface Place {
  readonly column: string
  readonly grain: Grain
}

/** By dimension. Of instants hours are told: windows that begin within one are taken together. */
export function placesOf({ partitions }: StepSlices, schema: StructType): Place[] {
  const types = new Map(columnsOf(schema).map(({ name, type }) => [name, type.toUpperCase()]))
  return dimensionsOf(partitions).map(({ partitions: { kind, column } }) => {
    const type = types.get(column) ?? 'VARCHAR'
    if (kind !== 'time') return { column, grain: 'value' }
    return { column, grain: type.startsWith('TIMESTAMP WITH TIME ZONE') || type === 'TIMESTAMPTZ' ? 'hour' : type.startsWith('TIMESTAMP') ? 'hour of the clock' : 'day' }
  })
}

const EXPRESSIONS: Readonly<Record<Grain, (name: string) => string>> = {
  value: name => `${name}::varchar`,
  day: name => `left(${name}::varchar, 10)`,
  // `//` cuts towards 1970 from either side.
  hour: name => `floor(epoch_ms(${name}) / ${HOUR})::bigint::varchar`,
  'hour of the clock': name => `strftime(date_trunc('hour', ${name}), '%Y-%m-%dT%H:00')`,
}

function slicesOf(partitions: SimplePartitions, grain: Grain, values: readonly string[]): SimpleSlices | undefined {
  if (partitions.kind !== 'time') return keySlices(values)
  if (grain === 'hour') return within(partitions, values.map(value => ({ from: Number(value) * HOUR, to: (Number(value) + 1) * HOUR })))
  return within(partitions, values.map(value => onClocks(partitions, value, grain === 'day' ? 24 * HOUR : HOUR)))
}

/** So long from a time on, as the clocks of the place show it. */
function onClocks(partitions: TimePartitions, text: string, length: number): Interval | undefined {
  const { zone } = calendarOf(partitions)
  const clockTime = clockTimeOf(text)
  return clockTime === undefined ? undefined : { from: zone.firstAt(clockTime), to: zone.firstAt(clockTime + length) }
}

/** Whole windows, of those that there are. */
function within(partitions: TimePartitions, ranges: readonly (Interval | undefined)[]): SimpleSlices | undefined {
  if (ranges.includes(undefined)) return undefined
  const calendar = calendarOf(partitions)
  const { start, end } = calendar
  const inside = (ranges as Interval[]).filter(({ from, to }) => Number.isFinite(from) && to > start && from < end)
  return timeSlices(intervalSet(inside.map(({ from, to }) => ({ from: calendar.floor(Math.max(from, start)), to: Math.min(calendar.ceil(to), end) }))))
}
