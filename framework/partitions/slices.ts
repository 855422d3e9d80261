import type { PartitionKey } from '../vocabulary/partition-key.ts'
import { calendarOf } from './calendar-of.ts'
import { intervalSet } from './interval-set.ts'
import { dimensionsOf, type Partitions, type SimplePartitions, type World } from './partitions.ts'
import { boxesOf, boxOf, keySlices, timeSlices, type SimpleSlices, type SliceSet } from './slice-set.ts'

/** The slices that exist now: windows that have ended or are open, keys that are listed or registered. */
export const existingSlices = (partitions: Partitions, world: World): SliceSet => boxOf(dimensionsOf(partitions).map(dimension => existingSimple(dimension.partitions, world)))

export function existingSimple(partitions: SimplePartitions, world: World): SimpleSlices {
  switch (partitions.kind) {
    case 'time': {
      const calendar = calendarOf(partitions)
      if (partitions.open) return timeSlices([{ from: calendar.start, to: calendar.end }])
      const now = world.now.getTime()
      return timeSlices(now <= calendar.start ? [] : intervalSet([{ from: calendar.start, to: now >= calendar.end ? calendar.end : calendar.floor(now) }]))
    }
    case 'static': return keySlices(partitions.keys)
    case 'dynamic': {
      if (!world.dynamicKeys) throw new Error(`nobody says which keys are registered for ${partitions.name}`)
      return keySlices(world.dynamicKeys(partitions))
    }
  }
}

/** No slice at all. */
export const noSlices = ({ kind }: Partitions): SliceSet => (kind === 'product' ? { kind, boxes: [] } : kind === 'time' ? timeSlices([]) : keySlices([]))

/** How many slices there are, without walking through them (a cron's windows are walked through once). */
export function countSlices(partitions: Partitions, set: SliceSet): number {
  const dimensions = dimensionsOf(partitions)
  return boxesOf(set).reduce((sum, box) => sum + box.reduce((times, simple, i) => times * countSimple(dimensions[i]!.partitions, simple), 1), 0)
}

function countSimple(partitions: SimplePartitions, set: SimpleSlices): number {
  if (set.kind === 'keys') return set.keys.length
  const calendar = calendarOfTime(partitions)
  return set.intervals.reduce((sum, { from, to }) => sum + calendar.count(from, to), 0)
}

/** The keys one by one, made as they are asked for. */
export function* keysOf(partitions: Partitions, set: SliceSet): Generator<PartitionKey> {
  for (const box of boxesOf(set)) yield* combinations(partitions, box, 0) as Generator<PartitionKey>
}

function* combinations(partitions: Partitions, box: readonly SimpleSlices[], at: number): Generator<string> {
  for (const key of simpleKeys(dimensionsOf(partitions)[at]!.partitions, box[at]!)) {
    if (at === box.length - 1) yield key
    else for (const rest of combinations(partitions, box, at + 1)) yield `${key}|${rest}`
  }
}

function* simpleKeys(partitions: SimplePartitions, set: SimpleSlices): Generator<string> {
  if (set.kind === 'keys') return yield* set.keys
  const calendar = calendarOfTime(partitions)
  for (const { from, to } of set.intervals) for (let at = from; at < to; at = calendar.add(at, 1)) yield calendar.keyOf(at)
}

/** The set in portions of at most so many slices, in order, as a backfill takes them. */
export function* chunksOf(partitions: Partitions, set: SliceSet, size: number): Generator<SliceSet> {
  if (!Number.isSafeInteger(size) || size < 1) throw new Error(`a chunk of ${size} slices`)
  const dimensions = dimensionsOf(partitions)
  if (set.kind !== 'product') return yield* simpleChunks(dimensions[0]!.partitions, set, size)
  for (const [first, ...others] of boxesOf(set)) {
    for (const rest of singles(others, dimensions.slice(1).map(dimension => dimension.partitions))) {
      for (const chunk of simpleChunks(dimensions[0]!.partitions, first!, size)) yield boxOf([chunk, ...rest])
    }
  }
}

function* singles(box: readonly SimpleSlices[], partitions: readonly SimplePartitions[]): Generator<readonly SimpleSlices[]> {
  if (box.length === 0) return yield []
  for (const first of simpleChunks(partitions[0]!, box[0]!, 1)) for (const rest of singles(box.slice(1), partitions.slice(1))) yield [first, ...rest]
}

function* simpleChunks(partitions: SimplePartitions, set: SimpleSlices, size: number): Generator<SimpleSlices> {
  if (set.kind === 'keys') {
    for (let i = 0; i < set.keys.length; i += size) yield keySlices(set.keys.slice(i, i + size))
    return
  }
  const calendar = calendarOfTime(partitions)
  let room = size
  let ranges: { from: number; to: number }[] = []
  for (const { from: begin, to: end } of set.intervals) {
    for (let from = begin; from < end;) {
      const to = Math.min(end, calendar.add(from, room))
      ranges.push({ from, to })
      room -= to < end ? room : calendar.count(from, to)
      if (room === 0) {
        yield timeSlices(ranges)
        ranges = []
        room = size
      }
      from = to
    }
  }
  if (ranges.length > 0) yield timeSlices(ranges)
}

/** The beginning and the end (exclusive) of the windows of a slice, by dimension; dimensions without time have none. */
export function windowsOf(partitions: Partitions, set: SliceSet): Readonly<Record<string, { readonly from: Date; readonly to: Date }>> {
  const box = boxesOf(set)[0]
  if (!box) throw new Error('no slice has no window')
  return Object.fromEntries(dimensionsOf(partitions).flatMap(({ name }, i) => {
    const simple = box[i]!
    return simple.kind === 'time' ? [[name, { from: new Date(simple.intervals[0]!.from), to: new Date(simple.intervals.at(-1)!.to) }]] : []
  }))
}

export function calendarOfTime(partitions: SimplePartitions) {
  if (partitions.kind !== 'time') throw new Error(`slices of time for partitions by ${partitions.column}, which have none`)
  return calendarOf(partitions)
}
