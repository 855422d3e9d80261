import { calendarOf } from './calendar-of.ts'
import { dimensionsOf, type Partitions, type SimplePartitions, type World } from './partitions.ts'
import { boxOf, timeSlices, type SimpleSlices, type SliceSet } from './slice-set.ts'
import { existingSimple } from './slices.ts'

/** Of each dimension of time its last window that has ended, and all of the other dimensions. Of open windows none is the last. */
export const latestSlices = (partitions: Partitions, world: World): SliceSet => boxOf(dimensionsOf(partitions).map(dimension => latestSimple(dimension.partitions, world)))

function latestSimple(partitions: SimplePartitions, world: World): SimpleSlices {
  const existing = existingSimple(partitions, world)
  if (partitions.kind !== 'time' || existing.kind !== 'time') return existing
  if (partitions.open) return existing
  const end = existing.intervals.at(-1)?.to
  return end === undefined ? existing : timeSlices([{ from: calendarOf(partitions).add(end, -1), to: end }])
}
