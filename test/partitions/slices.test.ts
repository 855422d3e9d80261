import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withLookback } from '../../framework/partitions/lookback.ts'
import type { Partitions, World } from '../../framework/partitions/partitions.ts'
import { sliceFilter } from '../../framework/partitions/slice-filter.ts'
import { boxOf, keySlices, union, type SliceSet } from '../../framework/partitions/slice-set.ts'
import { keyOf, parseSlice, parseSlices, requireExisting, slicesBetween, slicesText } from '../../framework/partitions/slice-text.ts'
import { chunksOf, countSlices, existingSlices, keysOf, noSlices, windowsOf } from '../../framework/partitions/slices.ts'
import { dynamicPartitions, product, staticPartitions } from '../../framework/partitions/static-partitions.ts'
import { cronPartitions, daily, hourly, monthly, weekly } from '../../framework/partitions/time-partitions.ts'
import { ExplainedError } from '../../framework/vocabulary/errors.ts'

const now = (text: string): World => ({ now: new Date(text), dynamicKeys: () => ['t2', 't1'] })
const column = 'at'
const region = staticPartitions({ column: 'region', keys: ['us', 'eu', 'apac'] })
const days = daily({ column, start: '2026-01-01' })
const berlinDays = daily({ column, start: '2026-03-01', timezone: 'Europe/Berlin' })
const berlinHours = hourly({ column, start: '2026-10-24', timezone: 'Europe/Berlin' })
const dayAndRegion = product({ day: days, region })

const mistake = (make: () => unknown) => {
  try {
    make()
  } catch (error) {
    if (error instanceof ExplainedError) return { code: error.code, message: error.message, hint: error.hint }
    throw error
  }
  throw new Error('no mistake was found')
}

const declared: readonly (readonly [string, Partitions])[] = [
  ['days', days],
  ['days in Berlin', berlinDays],
  ['hours in Berlin', berlinHours],
  ['hours on Lord Howe', hourly({ column, start: '2026-10-01', timezone: 'Australia/Lord_Howe' })],
  ['weeks', weekly({ column, start: '2026-01-04', startsOn: 'sunday', timezone: 'America/New_York' })],
  ['months', monthly({ column, start: '2025-01', end: '2026-07' })],
  ['a cron', cronPartitions('30 6 * * MON-FRI', { column, start: '2026-10-01', timezone: 'Asia/Kathmandu' })],
  ['regions', region],
  ['tenants', dynamicPartitions({ column: 'tenant' })],
  ['days and regions', dayAndRegion],
  ['regions, tenants and days', product({ region, tenant: dynamicPartitions({ column: 'tenant' }), day: daily({ column, start: '2026-10-20', timezone: 'America/New_York' }) })],
]
const today = now('2026-11-05T12:00Z')

const newest = (partitions: Partitions, at: string) => [...keysOf(partitions, existingSlices(partitions, now(at)))].at(-1)
const between = (partitions: Partitions, from: string, to: string) => slicesText(partitions, slicesBetween(partitions, from, to, today))
const missing = (partitions: Partitions, text: string) => mistake(() => requireExisting(partitions, parseSlices(partitions, text), now('2026-01-10T00:00Z'))).message

/** Some of the slices that exist, by their places among the keys. */
const someOf = (partitions: Partitions) => {
  const keys = [...keysOf(partitions, existingSlices(partitions, today))]
  return fc.array(fc.record({ at: fc.nat(keys.length - 1), many: fc.integer({ min: 1, max: 9 }) }), { maxLength: 4 })
    .map(runs => new Set(runs.flatMap(({ at, many }) => keys.slice(at, at + many))))
    .map(chosen => ({ chosen, set: [...chosen].map(key => parseSlice(partitions, key)).reduce<SliceSet>(union, noSlices(partitions)) }))
}

describe('slices', () => {
  it.each(declared)('are walked, counted, chunked, printed and read without losing one: %s', (_, partitions) => {
    fc.assert(fc.property(someOf(partitions), fc.integer({ min: 1, max: 5 }), ({ chosen, set }, size) => {
      const keys = [...keysOf(partitions, set)]
      expect(new Set(keys)).toEqual(chosen)
      expect(keys.length).toBe(chosen.size)
      expect(countSlices(partitions, set)).toBe(chosen.size)
      expect(parseSlices(partitions, slicesText(partitions, set))).toEqual(set)
      const chunks = [...chunksOf(partitions, set, size)]
      expect(chunks.reduce<SliceSet>(union, noSlices(partitions))).toEqual(set)
      expect(chunks.reduce((sum, chunk) => sum + countSlices(partitions, chunk), 0)).toBe(chosen.size)
      expect(chunks.every(chunk => countSlices(partitions, chunk) <= size)).toBe(true)
      for (const key of chosen) expect(keyOf(partitions, parseSlice(partitions, key))).toBe(key)
    }), { numRuns: 40 })
  })

  it('of time exist once their window has ended, on the clocks of their zone', () => {
    expect(newest(days, '2026-01-01T23:59:59.999Z')).toBeUndefined()
    expect(newest(days, '2026-01-02T00:00Z')).toBe('2026-01-01')
    expect(newest(berlinDays, '2026-03-29T21:59:59Z')).toBe('2026-03-28')
    expect(newest(berlinDays, '2026-03-29T22:00Z')).toBe('2026-03-29')
    expect(newest(berlinHours, '2026-10-25T02:00Z')).toBe('2026-10-25T02B')
    expect(newest(monthly({ column, start: '2025-01', end: '2025-03' }), '2030-01-01T00:00Z')).toBe('2025-02')
    expect(newest(days, '2020-01-01T00:00Z')).toBeUndefined()
  })

  it('are written as ranges with an exclusive end', () => {
    expect(slicesText(days, parseSlices(days, '2026-01-05,2026-01-01..2026-01-03, 2026-01-03'))).toBe('2026-01-01..2026-01-04, 2026-01-05')
    expect(slicesText(dayAndRegion, parseSlices(dayAndRegion, '2026-01-01..2026-03-01|eu,us; 2026-01-01|apac; 2026-03-01|us,eu'))).toBe('2026-01-01|apac,eu,us; 2026-01-02..2026-03-02|eu,us')
    expect(slicesText(berlinHours, parseSlices(berlinHours, '2026-10-25T02..2026-10-25T03'))).toBe('2026-10-25T02..2026-10-25T03')
    expect([...keysOf(berlinHours, parseSlices(berlinHours, '2026-10-25T02..2026-10-25T03'))]).toEqual(['2026-10-25T02', '2026-10-25T02B'])
  })

  it('cost as much as their ranges, not as their number', () => {
    const hours = hourly({ column, start: '2015-01-01' })
    const existing = existingSlices(hours, now('2026-06-01T00:00Z'))
    expect(countSlices(hours, existing)).toBe(100_056)
    expect(existing).toEqual({ kind: 'time', intervals: [{ from: Date.parse('2015-01-01T00:00Z'), to: Date.parse('2026-06-01T00:00Z') }] })
    const [first, second] = keysOf(hours, existing)
    expect([first, second]).toEqual(['2015-01-01T00', '2015-01-01T01'])
    expect(slicesText(hours, existing)).toBe('2015-01-01T00..2026-06-01T00')
    expect(sliceFilter(hours, existing)).toMatchObject({ type: 'range' })
  })

  it('between two times are widened to whole windows', () => {
    expect(between(days, '2026-01-05T06:00', '2026-01-07T00:01')).toBe('2026-01-05..2026-01-08')
    expect(between(weekly({ column, start: '2026-01-05' }), '2026-01-07', '2026-01-12')).toBe('2026-01-05')
    expect(between(monthly({ column, start: '2026-01' }), '2026-01-31', '2026-03')).toBe('2026-01..2026-03')
    expect(between(berlinHours, '2026-10-25T02B', '2026-10-25T04')).toBe('2026-10-25T02B..2026-10-25T04')
    expect(between(dayAndRegion, '2026-01-05', '2026-01-06')).toBe('2026-01-05|apac,eu,us')
    expect(mistake(() => between(days, '2026-01-07', '2026-01-05'))).toEqual({ code: 'partitions/inverted-range', message: 'The range from 2026-01-07 to 2026-01-05 ends before it begins.', hint: 'Write 2026-01-05..2026-01-07; the end is exclusive.' })
    expect(mistake(() => between(days, 'monday', '2026-01-05')).code).toBe('partitions/unknown-slice')
    expect(mistake(() => between(region, '2026-01-01', '2026-01-05'))).toEqual({ code: 'partitions/bad-declaration', message: 'These partitions have no time to take a range of.', hint: 'Name the slices: us.' })
  })

  it('that cannot exist are refused with what could', () => {
    expect(mistake(() => parseSlices(days, '2026-01-32'))).toEqual({ code: 'partitions/unknown-slice', message: 'There is no slice 2026-01-32 in UTC.', hint: 'Write a day, as in 2026-01-01.' })
    expect(mistake(() => parseSlices(berlinHours, '2026-03-29T02')).hint).toBe('Write an hour, as in 2026-10-24T00.')
    expect(mistake(() => parseSlices(days, '2026-01-05..2026-01-01')).code).toBe('partitions/inverted-range')
    expect(mistake(() => parseSlices(days, '2026-01-05..2026-01-06..2026-01-07')).code).toBe('partitions/unknown-slice')
    expect(mistake(() => parseSlices(region, 'eus'))).toEqual({ code: 'partitions/unknown-slice', message: 'There is no slice eus by region.', hint: 'Did you mean eu or us?' })
    expect(mistake(() => parseSlices(dayAndRegion, '2026-01-05'))).toEqual({ code: 'partitions/unknown-slice', message: 'There is no slice 2026-01-05.', hint: 'Write a key for each of day and region, with "|" between them: 2026-01-01|us.' })
    expect(mistake(() => parseSlice(days, '2026-01-05..2026-01-08')).hint).toBe('Write one key, as in 2026-01-01.')
    expect(mistake(() => parseSlice(days, '')).code).toBe('partitions/unknown-slice')
  })

  it('that do not exist yet or no more are told with the reason', () => {
    expect(missing(days, '2025-12-30..2026-01-03')).toBe('There is no slice 2025-12-30..2026-01-01 (they begin with 2026-01-01).')
    expect(missing(days, '2026-01-10')).toBe('There is no slice 2026-01-10 (not ended yet).')
    expect(missing(monthly({ column, start: '2025-01', end: '2025-07' }), '2025-06..2025-09')).toBe('There is no slice 2025-07..2025-09 (they end with 2025-07).')
    expect(missing(dynamicPartitions({ column: 'tenant' }), 't1, t9')).toBe('There is no slice t9 (t9: no such key by tenant).')
    expect(() => requireExisting(days, parseSlices(days, '2026-01-01..2026-01-10'), now('2026-01-10T00:00Z'))).not.toThrow()
  })

  it('have a window as instants', () => {
    expect(windowsOf(berlinDays, parseSlice(berlinDays, '2026-03-29'))).toEqual({ at: { from: new Date('2026-03-28T23:00Z'), to: new Date('2026-03-29T22:00Z') } })
    expect(windowsOf(dayAndRegion, parseSlice(dayAndRegion, '2026-03-29|eu'))).toEqual({ day: { from: new Date('2026-03-29T00:00Z'), to: new Date('2026-03-30T00:00Z') } })
  })

  it('are filters over columns as plain data', () => {
    expect(sliceFilter(berlinDays, parseSlices(berlinDays, '2026-03-29'))).toEqual({
      type: 'range', column: 'at', from: '2026-03-28T23:00:00.000Z', to: '2026-03-29T22:00:00.000Z', fromClock: '2026-03-29T00:00', toClock: '2026-03-30T00:00', timezone: 'Europe/Berlin',
    })
    expect(sliceFilter(dayAndRegion, boxOf([parseSlices(days, '2026-01-01') as never, keySlices(['eu', 'us'])]))).toMatchObject({ type: 'and', of: [{ type: 'range', from: '2026-01-01T00:00:00.000Z' }, { type: 'in', column: 'region', values: ['eu', 'us'] }] })
    expect(sliceFilter(days, parseSlices(days, '2026-01-01, 2026-01-03'))).toMatchObject({ type: 'or', of: [{ from: '2026-01-01T00:00:00.000Z' }, { from: '2026-01-03T00:00:00.000Z' }] })
    expect(sliceFilter(days, noSlices(days))).toEqual({ type: 'none' })
  })

  it('are read again only before what is new', () => {
    const world = now('2026-01-10T00:00Z')
    const again = (text: string, units: number, partitions: Partitions = days) => slicesText(partitions, withLookback(partitions, parseSlices(partitions, text), units, world))
    expect(again('2026-01-09', 2)).toBe('2026-01-07..2026-01-10')
    expect(again('2026-01-02, 2026-01-08', 3)).toBe('2026-01-01..2026-01-03, 2026-01-05..2026-01-09')
    expect(again('2026-01-09|eu', 1, dayAndRegion)).toBe('2026-01-08..2026-01-10|eu')
    expect(withLookback(days, noSlices(days), 3, world)).toEqual(noSlices(days))
  })
})
