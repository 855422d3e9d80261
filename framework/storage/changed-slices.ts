import type { Connection } from '../duckdb/connection.ts'
import { rowHash } from '../delta/content-hash.ts'
import { columnsOf } from '../delta/schema.ts'
import type { StructType } from '../delta/schema-types.ts'
import { calendarOf } from '../partitions/calendar-of.ts'
import { clockTimeOf } from '../partitions/clock-text.ts'
import { intervalSet, type Interval } from '../partitions/interval-set.ts'
import { dimensionsOf, type SimplePartitions, type TimePartitions } from '../partitions/partitions.ts'
import { boxOf, intersect, isEmpty, keySlices, timeSlices, union, type SimpleSlices, type SliceSet } from '../partitions/slice-set.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import type { StepSlices } from './inputs.ts'

/** More places than this are not told apart: then all slices count as changed. */
const MOST_PLACES = 10_000
const HOUR = 3_600_000

/**
 * Which of some slices hold other rows than before: where the sum of the rows' hashes, or their number, differs. May name more than did change, never less.
 * @param before a SELECT of the rows that the slices held, and `after` one of those that they hold now
 */
export async function changedSlices(connection: Connection, { partitions, set }: StepSlices, before: string, after: string, schema: StructType, signal: AbortSignal): Promise<SliceSet> {
  const types = new Map(columnsOf(schema).map(({ name, type }) => [name, type.toUpperCase()]))
  const dimensions = dimensionsOf(partitions).map(({ partitions: each }) => placesOf(each, types.get(each.column) ?? 'VARCHAR'))
  const names = dimensions.map((_, i) => `d${i}`)
  const sums = (relation: string) => `select ${dimensions.map(({ expression }, i) => `${expression} as d${i}`).join(', ')}, count(*) as n, sum(${rowHash(schema)}::hugeint) as s from (${relation}) as q group by ${names.join(', ')}`
  const same = names.map(name => `b.${name} is not distinct from a.${name}`).join(' and ')
  const rows = await connection.rows<Record<string, string | null>>(
    `select ${names.map(name => `coalesce(b.${name}, a.${name}) as ${name}`).join(', ')} from (${sums(before)}) as b full join (${sums(after)}) as a on ${same} where b.n is distinct from a.n or b.s is distinct from a.s limit ${MOST_PLACES + 1}`, { signal })
  if (rows.length > MOST_PLACES) return set
  const found = slicesAt(dimensions, rows.map(row => names.map(name => row[name] ?? '')))
  const changed = found && intersect(found, set)
  return changed === undefined || isEmpty(changed) ? set : changed
}

/** Undefined where a place lies nowhere that can be told. */
function slicesAt(dimensions: readonly Places[], places: readonly (readonly string[])[]): SliceSet | undefined {
  const [only, ...others] = dimensions
  if (others.length === 0) return only!.slicesOf(places.map(([value]) => value!))
  const boxes = places.map(place => dimensions.map(({ slicesOf }, i) => slicesOf([place[i]!])))
  return boxes.some(box => box.includes(undefined)) ? undefined : boxes.map(box => boxOf(box as SimpleSlices[])).reduce<SliceSet | undefined>((all, box) => (all ? union(all, box) : box), undefined)
}

/** How the rows of one dimension are told apart, as text, and the slices that such texts lie in; undefined where one of them lies nowhere that can be told. */
interface Places {
  readonly expression: string
  readonly slicesOf: (values: readonly string[]) => SimpleSlices | undefined
}

function placesOf(partitions: SimplePartitions, type: string): Places {
  const name = `q.${quoteIdentifier(partitions.column)}`
  if (partitions.kind !== 'time') return { expression: `${name}::varchar`, slicesOf: values => keySlices(values) }
  // Hours: windows that begin within one are taken together.
  if (type.startsWith('TIMESTAMP WITH TIME ZONE') || type === 'TIMESTAMPTZ') return { expression: `(epoch_ms(${name}) // ${HOUR})::varchar`, slicesOf: values => within(partitions, values.map(value => ({ from: Number(value) * HOUR, to: (Number(value) + 1) * HOUR }))) }
  if (type.startsWith('TIMESTAMP')) return { expression: `strftime(date_trunc('hour', ${name}), '%Y-%m-%dT%H:00')`, slicesOf: values => within(partitions, values.map(value => onClocks(partitions, value, HOUR))) }
  const days = type === 'DATE' ? `${name}::varchar` : `left(${name}::varchar, 10)`
  return { expression: days, slicesOf: values => within(partitions, values.map(value => onClocks(partitions, value, 24 * HOUR))) }
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
