import { calendarOf } from './calendar-of.ts'
import { intersectionOf, intervalSet } from './interval-set.ts'
import { dimensionsOf, type Partitions, type World } from './partitions.ts'
import { boxesOf, boxOf, timeSlices, union, type SliceSet } from './slice-set.ts'
import { existingSimple } from './slices.ts'

/** New slices and gaps with so many existing units of time before each of them, to be read again since late rows may have come. Nothing new, nothing again. */
export function withLookback(partitions: Partitions, slices: SliceSet, units: number, world: World): SliceSet {
  if (!Number.isSafeInteger(units) || units < 0) throw new Error(`a lookback of ${units} units`)
  const dimensions = dimensionsOf(partitions)
  const before = boxesOf(slices).map(box => boxOf(box.map((simple, i) => {
    const dimension = dimensions[i]!.partitions
    const existing = existingSimple(dimension, world)
    if (simple.kind === 'keys' || dimension.kind !== 'time' || existing.kind === 'keys') return simple
    const calendar = calendarOf(dimension)
    return timeSlices(intersectionOf(intervalSet(simple.intervals.map(({ from, to }) => ({ from: calendar.add(from, -units), to }))), existing.intervals))
  })))
  return before.reduce(union, slices)
}
