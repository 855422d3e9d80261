import { didYouMean, inWords } from '../vocabulary/near-names.ts'
import type { PartitionKey } from '../vocabulary/partition-key.ts'
import { calendarOf } from './calendar-of.ts'
import type { Calendar } from './calendar.ts'
import { clockTimeOf } from './clock-text.ts'
import { intervalSet } from './interval-set.ts'
import { BadPartitions, InvertedRange, UnknownSlice } from './partition-errors.ts'
import { dimensionsOf, type Partitions, type SimplePartitions, type TimePartitions, type World } from './partitions.ts'
import { boxOf, boxesOf, isEmpty, keySlices, subtract, timeSlices, union, type SimpleSlices, type SliceSet } from './slice-set.ts'
import { calendarOfTime, existingSimple, existingSlices, keysOf, noSlices } from './slices.ts'

/** The set as text: `2026-01-01..2026-03-01, 2026-04-01`, the end exclusive; `eu, us`; of several dimensions `2026-01-01..2026-03-01|eu,us; 2026-03-01|eu`. */
export function slicesText(partitions: Partitions, set: SliceSet): string {
  const dimensions = dimensionsOf(partitions)
  const separator = set.kind === 'product' ? ',' : ', '
  return boxesOf(set).map(box => box.map((simple, i) => simpleTexts(dimensions[i]!.partitions, simple).join(separator)).join('|')).join('; ')
}

/** The ranges of a simple set, each as text. */
export function simpleTexts(partitions: SimplePartitions, set: SimpleSlices): readonly string[] {
  if (set.kind === 'keys') return set.keys
  const calendar = calendarOfTime(partitions)
  return set.intervals.map(({ from, to }) => (calendar.add(from, 1) === to ? calendar.keyOf(from) : `${calendar.keyOf(from)}..${calendar.keyOf(to)}`))
}

/** Reads what {@link slicesText} writes. @throws {UnknownSlice | InvertedRange}. Whether time slices exist by now is not asked: see {@link requireExisting}. */
export function parseSlices(partitions: Partitions, text: string): SliceSet {
  const dimensions = dimensionsOf(partitions)
  return text.split(';').filter(box => box.trim() !== '').reduce((set, box) => {
    const parts = box.split('|')
    if (parts.length !== dimensions.length) throw new UnknownSlice(box.trim(), '', `Write a key for each of ${inWords(dimensions.map(({ name }) => name))}, with "|" between them: ${exampleOf(partitions)}.`)
    return union(set, boxOf(parts.map((part, i) => parseSimple(dimensions[i]!.partitions, part))))
  }, noSlices(partitions))
}

/** The slice of one key. @throws {UnknownSlice} for ranges too. */
export function parseSlice(partitions: Partitions, key: string): SliceSet {
  const set = parseSlices(partitions, key)
  const [first, second] = keysOf(partitions, set)
  if (first === undefined || second !== undefined || first !== key) throw new UnknownSlice(key === '' ? '""' : key, '', `Write one key, as in ${exampleOf(partitions)}.`)
  return set
}

/** The only key of a set with one slice. */
export function keyOf(partitions: Partitions, set: SliceSet): PartitionKey {
  const [first, second] = keysOf(partitions, set)
  if (first === undefined || second !== undefined) throw new Error('not one slice')
  return first
}

/**
 * The slices between two times, as `--from` and `--to` (exclusive) mean them: widened to whole windows. Dimensions without time are taken whole.
 * @throws {InvertedRange | UnknownSlice | BadPartitions}
 */
export function slicesBetween(partitions: Partitions, from: string, to: string, world: World): SliceSet {
  const dimensions = dimensionsOf(partitions)
  if (!dimensions.some(dimension => dimension.partitions.kind === 'time')) {
    throw new BadPartitions('These partitions have no time to take a range of.', `Name the slices: ${exampleOf(partitions)}.`)
  }
  return boxOf(dimensions.map(dimension => {
    if (dimension.partitions.kind !== 'time') return existingSimple(dimension.partitions, world)
    const calendar = calendarOf(dimension.partitions)
    const start = instantOf(calendar, dimension.partitions, from)
    const end = instantOf(calendar, dimension.partitions, to)
    if (end <= start) throw new InvertedRange(from, to)
    return timeSlices([{ from: calendar.floor(start), to: calendar.ceil(end) }])
  }))
}

/** @throws {UnknownSlice} that says why, where some of the slices do not exist now. */
export function requireExisting(partitions: Partitions, set: SliceSet, world: World): void {
  const missing = subtract(set, existingSlices(partitions, world))
  if (isEmpty(missing)) return
  throw new UnknownSlice(slicesText(partitions, missing), ` (${whyMissing(partitions, missing, world).join('; ')})`, `There are ${slicesText(partitions, existingSlices(partitions, world)) || 'none yet'}.`)
}

/** Why slices do not exist, one reason each: before the start, behind the end, not ended yet, not registered. */
export function whyMissing(partitions: Partitions, missing: SliceSet, world: World): string[] {
  const dimensions = dimensionsOf(partitions)
  const reasons = boxesOf(missing).flatMap(box => box.flatMap((simple, i) => {
    const { partitions: simplePartitions } = dimensions[i]!
    const gone = subtract(simple, existingSimple(simplePartitions, world)) as SimpleSlices
    if (gone.kind === 'keys' || simplePartitions.kind !== 'time') return isEmpty(gone) ? [] : [`${simpleTexts(simplePartitions, gone).join(', ')}: no such key by ${simplePartitions.column}`]
    const { start, end } = calendarOf(simplePartitions)
    const is = (holds: (from: number, to: number) => boolean) => gone.intervals.some(({ from, to }) => holds(from, to))
    return [
      is(from => from < start) && `they begin with ${simplePartitions.start}`,
      is((_, to) => to > end) && `they end with ${simplePartitions.end ?? calendarOf(simplePartitions).keyOf(end)}`,
      is((from, to) => to > start && from < end) && 'not ended yet',
    ].filter(reason => reason !== false)
  }))
  return [...new Set(reasons)]
}

/** A key to show in hints. */
export const exampleOf = (partitions: Partitions): string => dimensionsOf(partitions).map(({ partitions: simple }) => {
  switch (simple.kind) {
    case 'time': return calendarOf(simple).keyOf(calendarOf(simple).start)
    case 'static': return simple.keys[0]
    case 'dynamic': return 'key'
  }
}).join('|')

function parseSimple(partitions: SimplePartitions, text: string): SimpleSlices {
  const parts = text.split(',').map(part => part.trim())
  switch (partitions.kind) {
    case 'dynamic': return keySlices(parts)
    case 'static': {
      const unknown = parts.find(part => !partitions.keys.includes(part))
      if (unknown !== undefined) throw new UnknownSlice(unknown === '' ? '""' : unknown, ` by ${partitions.column}`, didYouMean(unknown, partitions.keys, `There are ${inWords(partitions.keys.slice(0, 8))}.`))
      return keySlices(parts)
    }
    case 'time': {
      const calendar = calendarOf(partitions)
      return timeSlices(intervalSet(parts.map(part => {
        const [first, last, more] = part.split('..')
        const from = startOf(calendar, partitions, first!)
        if (more !== undefined) startOf(calendar, partitions, part)
        if (last === undefined) return { from, to: calendar.add(from, 1) }
        const to = startOf(calendar, partitions, last)
        if (to <= from) throw new InvertedRange(first!, last)
        return { from, to }
      })))
    }
  }
}

function startOf(calendar: Calendar, partitions: TimePartitions, key: string): number {
  const start = calendar.startOf(key)
  if (start === undefined) throw new UnknownSlice(key === '' ? '""' : key, ` in ${partitions.timezone}`, `Write ${UNIT_WORDS[partitions.every.unit]}, as in ${exampleOf(partitions)}.`)
  return start
}

/** A key, or any date and time on the zone's clocks. */
function instantOf(calendar: Calendar, partitions: TimePartitions, text: string): number {
  const key = calendar.startOf(text)
  if (key !== undefined) return key
  const clockTime = clockTimeOf(text)
  return clockTime === undefined ? startOf(calendar, partitions, text) : calendar.zone.firstAt(clockTime)
}

const UNIT_WORDS = { hour: 'an hour', day: 'a day', week: 'the first day of a week', month: 'a month', cron: 'a time at which it fires' } as const
