import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarOf } from '../../framework/partitions/calendar-of.ts'
import { checkMapping, neededSlices, requireNeeded, touchedSlices } from '../../framework/partitions/mapped-slices.ts'
import { allPartitions, customMapping, dimension, dimensions, latestPartition, previousPartition, samePartition, timeWindow, type PartitionMapping } from '../../framework/partitions/mapping.ts'
import { dimensionsOf, type Partitions, type SimplePartitions, type World } from '../../framework/partitions/partitions.ts'
import { intersect, isEmpty, union, type SliceSet } from '../../framework/partitions/slice-set.ts'
import { parseSlice, parseSlices, slicesText } from '../../framework/partitions/slice-text.ts'
import { existingSlices, keysOf, noSlices } from '../../framework/partitions/slices.ts'
import { product, staticPartitions } from '../../framework/partitions/static-partitions.ts'
import { cronPartitions, daily, hourly, monthly, weekly } from '../../framework/partitions/time-partitions.ts'
import { ExplainedError } from '../../framework/vocabulary/errors.ts'

const mistake = (make: () => unknown) => {
  try {
    make()
  } catch (error) {
    if (error instanceof ExplainedError) return { code: error.code, message: error.message, hint: error.hint }
    throw error
  }
  throw new Error('no mistake was found')
}

const column = 'at'
const region = staticPartitions({ column: 'region', keys: ['us', 'eu', 'apac'] })
const regionToo = staticPartitions({ column: 'market', keys: ['eu', 'us', 'latam'] })

/** Around one change of the clocks in each zone. */
const CHANGES = [
  ['Europe/Berlin', '2026-10-22', '2026-10-28T09:00Z'],
  ['America/New_York', '2026-03-05', '2026-03-11T03:00Z'],
  ['Australia/Lord_Howe', '2026-04-02', '2026-04-08T02:00Z'],
  ['Asia/Kathmandu', '2026-04-02', '2026-04-07T20:00Z'],
] as const

type Case = readonly [name: string, mapping: PartitionMapping, child: Partitions, upstream: Partitions, world: World]
const cases: Case[] = CHANGES.flatMap(([timezone, start, at]): Case[] => {
  const world: World = { now: new Date(at) }
  const early = `${start.slice(0, 8)}01`
  const [days, hours, utcDays] = [daily({ column, start, timezone }), hourly({ column, start, timezone }), daily({ column, start })]
  const weeks = weekly({ column, start: weekStart(early), timezone })
  const months = monthly({ column, start: early, timezone })
  const noons = cronPartitions('30 2,12 * * *', { column, start, timezone })
  return [
    [`days from hours in ${timezone}`, samePartition(), days, hours, world],
    [`hours from days in ${timezone}`, samePartition(), hours, days, world],
    [`weeks from days in ${timezone}`, samePartition(), weeks, days, world],
    [`days from weeks in ${timezone}`, samePartition(), days, weeks, world],
    [`days from months in ${timezone}`, timeWindow({ from: -1 }), days, months, world],
    [`days in ${timezone} from days in UTC`, samePartition(), days, utcDays, world],
    [`the last three days in ${timezone}`, timeWindow({ from: -2, to: 0 }), days, days, world],
    [`the last five hours in ${timezone}`, timeWindow({ from: -4 }), hours, hours, world],
    [`the hours of yesterday and the day before in ${timezone}`, timeWindow({ from: -2, to: -1 }), days, hours, world],
    [`the coming day in ${timezone}`, timeWindow({ from: 1, to: 1, allowMissing: true }), days, hours, world],
    [`the slice before in ${timezone}`, previousPartition(), hours, hours, world],
    [`a cron from hours in ${timezone}`, timeWindow({ from: -1 }), noons, hours, world],
    [`days from a cron in ${timezone}`, samePartition(), days, noons, world],
    [`the latest of days in ${timezone}`, latestPartition(), hours, days, world],
    [`all of days in ${timezone}`, allPartitions(), region, days, world],
    [`days and regions from hours in ${timezone}`, dimension('day', timeWindow({ from: -1 })), product({ day: days, region }), hours, world],
    [`days and regions from days and markets in ${timezone}`, dimensions({ day: timeWindow({ from: -1 }), region: samePartition() }), product({ day: days, region }), product({ region: regionToo, day: utcDays }), world],
    [`regions and days the same in ${timezone}`, samePartition(), product({ day: days, region }), product({ region, day: days }), world],
    [`a column in common in ${timezone}`, samePartition(), region, product({ day: days, region }), world],
    [`the latest day of each region in ${timezone}`, dimensions({ day: latestPartition(), region: samePartition() }), region, product({ day: days, region }), world],
    [`a rule of one's own in ${timezone}`, customMapping({ name: 'three apart', needs: key => (key.endsWith('3') ? [key] : ['2026-04-01..2026-04-04', '2026-10-22']) }), days, daily({ column, start: '2026-03-01', timezone }), world],
  ]
})
cases.push(
  ['regions from markets', samePartition(), region, regionToo, { now: new Date(0) }],
  ['the latest region', latestPartition(), regionToo, region, { now: new Date(0) }],
)

function weekStart(text: string): string {
  const date = new Date(text)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}

const someOf = (partitions: Partitions, world: World) => {
  const keys = [...keysOf(partitions, existingSlices(partitions, world))]
  return fc.array(fc.record({ at: fc.nat(Math.max(0, keys.length - 1)), many: fc.integer({ min: 1, max: 6 }) }), { minLength: 1, maxLength: 3 })
    .map(runs => Array.from(new Set(runs.flatMap(({ at, many }) => keys.slice(at, at + many)))))
}
const setOf = (partitions: Partitions, keys: readonly string[]) => keys.map(key => parseSlice(partitions, key)).reduce<SliceSet>(union, noSlices(partitions))
const windowOf = (partitions: SimplePartitions, key: string) => {
  if (partitions.kind !== 'time') throw new Error('no time')
  const calendar = calendarOf(partitions)
  const from = calendar.startOf(key)!
  return { from, to: calendar.add(from, 1) }
}

describe('mappings', () => {
  it.each(cases)('are what one slice after the other needs, and back: %s', (_, mapping, child, upstream, world) => {
    const ofOne = new Map([...keysOf(child, existingSlices(child, world))].map(key => [key as string, neededSlices(mapping, child, upstream, parseSlice(child, key), world)]))
    expect(ofOne.size).toBeGreaterThan(0)
    fc.assert(fc.property(someOf(child, world), someOf(upstream, world), (childKeys, upstreamKeys) => {
      const needed = neededSlices(mapping, child, upstream, setOf(child, childKeys), world)
      expect(needed.slices).toEqual(childKeys.map(key => ofOne.get(key)!.slices).reduce(union, noSlices(upstream)))
      expect(needed.missing).toEqual(childKeys.map(key => ofOne.get(key)!.missing).reduce(union, noSlices(upstream)))
      expect(isEmpty(intersect(needed.slices, needed.missing))).toBe(true)
      const changed = setOf(upstream, upstreamKeys)
      const touched = [...keysOf(child, touchedSlices(mapping, child, upstream, changed, world))]
      expect(new Set(touched)).toEqual(new Set([...ofOne].filter(([, { slices }]) => !isEmpty(intersect(slices, changed))).map(([key]) => key)))
    }), { numRuns: 15 })
  })

  it.each(cases.filter(([, mapping, child, upstream]) => mapping.type === 'same' && child.kind === 'time' && upstream.kind === 'time'))('between units of time take what overlaps: %s', (_, mapping, child, upstream, world) => {
    const [down, up] = [dimensionsOf(child)[0]!.partitions, dimensionsOf(upstream)[0]!.partitions]
    const existing = [...keysOf(upstream, existingSlices(upstream, world))]
    for (const key of keysOf(child, existingSlices(child, world))) {
      const window = windowOf(down, key)
      const overlapping = existing.filter(other => windowOf(up, other).from < window.to && windowOf(up, other).to > window.from)
      expect([...keysOf(upstream, neededSlices(mapping, child, upstream, parseSlice(child, key), world).slices)]).toEqual(overlapping)
    }
  })

  const days = daily({ column, start: '2026-03-01', timezone: 'Europe/Berlin' })
  const hours = hourly({ column, start: '2026-03-01', timezone: 'Europe/Berlin' })
  const world: World = { now: new Date('2026-11-01T00:00Z') }
  const needs = (mapping: PartitionMapping, child: Partitions, upstream: Partitions, text: string) => {
    const { slices, missing } = neededSlices(mapping, child, upstream, parseSlices(child, text), world)
    return [slicesText(upstream, slices), slicesText(upstream, missing)]
  }

  it('take the 25 hours of the day on which clocks are set back', () => {
    expect(needs(samePartition(), days, hours, '2026-10-25')).toEqual(['2026-10-25T00..2026-10-26T00', ''])
    expect([...keysOf(hours, neededSlices(samePartition(), days, hours, parseSlice(days, '2026-10-25'), world).slices)]).toHaveLength(25)
    expect([...keysOf(hours, neededSlices(samePartition(), days, hours, parseSlice(days, '2026-03-29'), world).slices)]).toHaveLength(23)
  })

  it('widen what is made again to the unit of the child', () => {
    expect(slicesText(days, touchedSlices(samePartition(), days, hours, parseSlice(hours, '2026-10-25T02B'), world))).toBe('2026-10-25')
    expect(slicesText(days, touchedSlices(timeWindow({ from: -6 }), days, hours, parseSlice(hours, '2026-10-01T12'), world))).toBe('2026-10-01..2026-10-08')
    expect(slicesText(days, touchedSlices(samePartition(), days, weekly({ column, start: '2026-03-02' }), parseSlices(weekly({ column, start: '2026-03-02' }), '2026-03-09'), world))).toBe('2026-03-09..2026-03-17')
  })

  it('tell what is needed and does not exist', () => {
    expect(needs(timeWindow({ from: -6 }), days, days, '2026-03-03..2026-03-05')).toEqual(['2026-03-01..2026-03-05', '2026-02-25..2026-03-01'])
    expect(needs(timeWindow({ from: -6, allowMissing: true }), days, days, '2026-03-03')).toEqual(['2026-03-01..2026-03-04', ''])
    expect(needs(previousPartition(), days, days, '2026-03-01')).toEqual(['', ''])
    expect(needs(samePartition(), region, regionToo, 'eu, apac')).toEqual(['eu', 'apac'])
    expect(needs(latestPartition(), region, daily({ column, start: '2026-12-01' }), 'eu')).toEqual(['', '2026-12-01'])
    expect(needs(samePartition(), days, monthly({ column, start: '2026-03' }), '2026-10-31')).toEqual(['2026-10', ''])
    expect(needs(samePartition(), days, weekly({ column, start: '2026-03-02', timezone: 'Europe/Berlin' }), '2026-10-31')).toEqual(['', '2026-10-26'])
    const needed = neededSlices(timeWindow({ from: -6 }), days, days, parseSlices(days, '2026-03-03'), world)
    expect(mistake(() => requireNeeded(needed, { child: 'gold/weekly 2026-03-03', upstream: 'silver/orders' }, days, world))).toEqual({
      code: 'partitions/missing-upstream-slices',
      message: 'gold/weekly 2026-03-03 needs slices of silver/orders that do not exist: 2026-02-25..2026-03-01 (they begin with 2026-03-01).',
      hint: 'Start later, change the mapping, or say that what is missing may be: timeWindow({ from: -6, to: 0, allowMissing: true }).',
    })
    expect(() => requireNeeded({ slices: needed.slices, missing: noSlices(days) }, { child: 'a', upstream: 'b' }, days, world)).not.toThrow()
  })

  it('cost as much as their ranges: a hundred thousand hours are one', () => {
    const many = hourly({ column, start: '2010-01-01', timezone: 'Europe/Berlin' })
    const manyDays = daily({ column, start: '2010-01-01', timezone: 'Europe/Berlin' })
    const needed = neededSlices(timeWindow({ from: -6, allowMissing: true }), manyDays, many, existingSlices(manyDays, world), world)
    expect(needed.slices).toEqual({ kind: 'time', intervals: [{ from: calendarOf(many).start, to: Date.parse('2026-10-31T23:00Z') }] })
    expect(touchedSlices(samePartition(), manyDays, many, existingSlices(many, world), world)).toEqual(existingSlices(manyDays, world))
  })

  it('that do not fit are refused with what would', () => {
    expect(mistake(() => checkMapping(samePartition(), days, region))).toEqual({
      code: 'partitions/mapping-mismatch',
      message: 'Slices by time (at) are never the same as slices by the keys of region.',
      hint: 'Say which slices it reads: allPartitions(), latestPartition() or customMapping(...).',
    })
    expect(mistake(() => checkMapping(timeWindow({ from: -1 }), region, region)).message).toBe('A time window holds between slices of time only.')
    expect(mistake(() => checkMapping(timeWindow({ from: -1 }), days, product({ day: days, region })))).toEqual({
      code: 'partitions/mapping-mismatch',
      message: 'Slices by at and slices by day and region have several dimensions, and the mapping does not say which it is about.',
      hint: 'Name it: dimension(\'day\', ...), or take all: allPartitions().',
    })
    expect(mistake(() => checkMapping(dimension('regoin'), region, product({ day: days, region })))).toEqual({ code: 'partitions/mapping-mismatch', message: 'There is no dimension regoin.', hint: 'There are day and region.' })
    expect(() => checkMapping(dimension('day', timeWindow({ from: -1 })), days, product({ day: days, region }))).not.toThrow()
    expect(mistake(() => timeWindow({ from: 0, to: -6 })).hint).toBe('Write timeWindow({ from: -6, to: 0 }).')
    expect(mistake(() => timeWindow({ from: -0.5 })).code).toBe('partitions/bad-declaration')
    const toNothing = customMapping({ name: 'by market', needs: () => ['mars'] })
    expect(mistake(() => neededSlices(toNothing, days, region, parseSlice(days, '2026-03-01'), world))).toEqual({
      code: 'partitions/mapping-mismatch',
      message: 'The mapping by market maps 2026-03-01 to mars. There is no slice mars by region.',
      hint: 'There are us, eu and apac.',
    })
  })

  it('of one’s own may give their inverse themselves', () => {
    const mapping = customMapping({ name: 'nine', needs: () => ['eu'], neededBy: key => (key === 'eu' ? ['2026-03-01..2026-03-05'] : []) })
    expect(slicesText(days, touchedSlices(mapping, days, region, parseSlices(region, 'eu,us'), world))).toBe('2026-03-01..2026-03-05')
    expect(isEmpty(touchedSlices(mapping, days, region, parseSlices(region, 'us'), world))).toBe(true)
  })
})
