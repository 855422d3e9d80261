import { calendarOf } from './calendar-of.ts'
import { intervalSet, type Interval } from './interval-set.ts'
import type { FixedMapping, RelativeMapping } from './mapping.ts'
import { MappingMismatch } from './partition-errors.ts'
import type { SimplePartitions, TimePartitions, World } from './partitions.ts'
import { keySlices, timeSlices, type SimpleSlices, type TimeSlices } from './slice-set.ts'
import { existingSimple } from './slices.ts'

/** What every slice of a child reads of an upstream in one dimension, whether it exists or not. */
export function fixedSlices(mapping: FixedMapping, upstream: SimplePartitions, world: World): SimpleSlices {
  switch (mapping.type) {
    case 'all': return existingSimple(upstream, world)
    case 'latest': return latest(upstream, world)
  }
}

/** What slices of a child read of an upstream in one dimension, whether it exists or not. @throws {MappingMismatch} */
export function neededInDimension(mapping: RelativeMapping, child: SimplePartitions, upstream: SimplePartitions, slices: SimpleSlices): SimpleSlices {
  if (slices.kind === 'keys' && mapping.type === 'same' && upstream.kind !== 'time') return slices
  const { down, up } = timesOf(mapping, child, upstream)
  const { from, to } = offsets(mapping)
  return timeSlices(intervalSet((slices as TimeSlices).intervals.map(range => ({ from: up.floor(down.add(range.from, from)), to: up.ceil(down.add(range.to, to)) }))))
}

/** Which slices of a child, existing or not, read one of the upstream's in one dimension. @throws {MappingMismatch} */
export function touchedInDimension(mapping: RelativeMapping, child: SimplePartitions, upstream: SimplePartitions, upstreamSlices: SimpleSlices): SimpleSlices {
  if (upstreamSlices.kind === 'keys' && mapping.type === 'same' && child.kind !== 'time') return upstreamSlices
  const { down } = timesOf(mapping, child, upstream)
  const { from, to } = offsets(mapping)
  // A window reaches the range if it begins before the range ends and ends behind where the range begins.
  const touched = (range: Interval) => ({ from: down.add(down.floor(range.from), -to), to: down.add(down.ceil(range.to), -from) })
  return timeSlices(intervalSet((upstreamSlices as TimeSlices).intervals.map(touched)))
}

const offsets = (mapping: RelativeMapping) => (mapping.type === 'time-window' ? mapping : { from: 0, to: 0 })

const by = ({ kind, column }: SimplePartitions) => (kind === 'time' ? `time (${column})` : `the keys of ${column}`)

function timesOf(mapping: RelativeMapping, child: SimplePartitions, upstream: SimplePartitions) {
  if (child.kind === 'time' && upstream.kind === 'time') return { down: calendarOf(child), up: calendarOf(upstream) }
  throw new MappingMismatch(
    mapping.type === 'same' ? `Slices by ${by(child)} are never the same as slices by ${by(upstream)}.` : 'A time window holds between slices of time only.',
    'Say which slices it reads: allPartitions(), latestPartition() or customMapping(...).',
  )
}

/** The newest window that has ended, or the first where none has; of open windows all; the last key that is listed. */
function latest(upstream: SimplePartitions, world: World): SimpleSlices {
  if (upstream.kind === 'static') return keySlices(upstream.keys.slice(-1))
  const existing = existingSimple(upstream, world)
  if (existing.kind === 'keys') return keySlices(existing.keys.slice(-1))
  if ((upstream as TimePartitions).open) return existing
  const calendar = calendarOf(upstream as TimePartitions)
  const end = existing.intervals.at(-1)?.to
  return timeSlices([end === undefined ? { from: calendar.start, to: calendar.add(calendar.start, 1) } : { from: calendar.add(end, -1), to: end }])
}
