import * as fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { calendarOf } from '../../framework/partitions/calendar-of.ts'
import { cronPartitions, daily, hourly, monthly, weekly } from '../../framework/partitions/time-partitions.ts'
import type { TimePartitions } from '../../framework/partitions/partitions.ts'

const HOUR = 3_600_000
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia', 'America/St_Johns', 'America/Havana', 'Africa/Casablanca'] as const
const at = (text: string) => new Date(text).getTime()
const options = { column: 'at', start: '2010-01-01' }
const units = (timezone: string): readonly TimePartitions[] => [
  hourly({ ...options, timezone }),
  daily({ ...options, timezone }),
  weekly({ ...options, start: '2010-01-04', timezone }),
  weekly({ ...options, start: '2010-01-03', startsOn: 'sunday', timezone }),
  monthly({ ...options, timezone }),
]
const calendars = ZONES.flatMap(units).map(partitions => ({ partitions, calendar: calendarOf(partitions), name: `${partitions.every.unit} in ${partitions.timezone}` }))

/** Instants near changes of the clocks, where mistakes live, and anywhere else. */
const instant = fc.oneof(
  fc.integer({ min: at('2008-01-01T00:00Z'), max: at('2032-01-01T00:00Z') }),
  ...['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-03-08T07:00Z', '2026-11-01T06:00Z', '2026-04-04T15:00Z', '2026-10-03T15:30Z', '2011-12-30T10:00Z', '2010-11-07T02:31Z', '2026-11-01T05:00Z']
    .map(text => fc.integer({ min: -30, max: 30 }).map(quarters => at(text) + quarters * (HOUR / 4))),
)

describe('calendars', () => {
  it.each(calendars)('cut time into windows without a gap: $name', ({ calendar }) => {
    fc.assert(fc.property(instant, fc.integer({ min: -50, max: 50 }), (t, n) => {
      const floor = calendar.floor(t)
      const next = calendar.add(floor, 1)
      expect(floor <= t && t < next).toBe(true)
      expect([calendar.floor(floor), calendar.floor(next - 1), calendar.ceil(floor), calendar.ceil(floor + 1), calendar.floor(next)]).toEqual([floor, floor, floor, next, next])
      const far = calendar.add(floor, n)
      expect([calendar.count(floor, far), calendar.add(far, -n)]).toEqual([n, floor])
      let walked = floor
      for (let i = 0; i < Math.abs(n); i += 1) walked = calendar.add(walked, Math.sign(n))
      expect(walked).toBe(far)
      expect(calendar.startOf(calendar.keyOf(floor))).toBe(floor)
    }), { numRuns: 120 })
  })

  it.each(ZONES)('begin days where Temporal begins them in %s', timezone => {
    const { calendar } = calendars.find(({ partitions }) => partitions.timezone === timezone && partitions.every.unit === 'day')!
    fc.assert(fc.property(fc.date({ min: new Date('1990-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }), date => {
      const day = Temporal.PlainDate.from(date.toISOString().slice(0, 10))
      const start = day.toZonedDateTime(timezone)
      expect(calendar.floor(start.epochMilliseconds)).toBe(start.epochMilliseconds)
      if (start.toPlainDate().equals(day)) expect(calendar.keyOf(start.epochMilliseconds)).toBe(day.toString())
    }))
  })

  it('make a day of 23 and of 25 hours one day', () => {
    const berlin = calendarOf(daily({ ...options, timezone: 'Europe/Berlin' }))
    const hours = (key: string) => (berlin.add(berlin.startOf(key)!, 1) - berlin.startOf(key)!) / HOUR
    expect(['2026-03-28', '2026-03-29', '2026-10-25'].map(hours)).toEqual([24, 23, 25])
  })

  it.each([
    ['Europe/Berlin', '2026-10-25', ['T01 60', 'T02 60', 'T02B 60', 'T03 60']],
    ['Europe/Berlin', '2026-03-29', ['T01 60', 'T03 60']],
    ['America/New_York', '2026-11-01', ['T01 60', 'T01B 60', 'T02 60', 'T03 60']],
    ['Australia/Lord_Howe', '2026-04-05', ['T01 60', 'T01B 30', 'T02 60', 'T03 60']],
    ['Australia/Lord_Howe', '2026-10-04', ['T01 60', 'T02 30', 'T03 60']],
    ['Asia/Kathmandu', '2026-10-04', ['T01 60', 'T02 60', 'T03 60']],
  ])('give repeated hours of %s on %s keys of their own', (timezone, day, expected) => {
    const calendar = calendarOf(hourly({ ...options, timezone }))
    const shown: string[] = []
    for (let from = calendar.startOf(`${day}T01`)!; calendar.keyOf(from) < `${day}T04`; from = calendar.add(from, 1)) {
      shown.push(`${calendar.keyOf(from).slice(10)} ${(calendar.add(from, 1) - from) / 60_000}`)
    }
    expect(shown).toEqual(expected)
  })

  it('have no key for what no clock has shown', () => {
    const apia = calendarOf(daily({ ...options, timezone: 'Pacific/Apia' }))
    expect(apia.startOf('2011-12-30')).toBeUndefined()
    expect(apia.keyOf(apia.add(apia.startOf('2011-12-29')!, 1))).toBe('2011-12-31')
    expect(calendarOf(hourly({ ...options, timezone: 'Europe/Berlin' })).startOf('2026-03-29T02')).toBeUndefined()
    expect(calendarOf(hourly({ ...options, timezone: 'Europe/Berlin' })).startOf('2026-10-25T03B')).toBeUndefined()
    expect(['2026-02-30', '2026-02', '2026-02-01T00', 'today', ''].map(key => calendarOf(daily(options)).startOf(key))).toEqual(Array.from({ length: 5 }, () => undefined))
  })
})

describe('calendars of cron expressions', () => {
  const expressions = ['0 6 * * *', '30 2 * * *', '*/20 * * * *', '15 9-17/4 * * MON-FRI', '0 0 1 */3 *', '0 0 L * *']
  const crons = expressions.flatMap(cron => ZONES.slice(0, 5).map(timezone => ({ name: `${cron} in ${timezone}`, calendar: calendarOf(cronPartitions(cron, { ...options, timezone })) })))
  it.each(crons)('cut time into windows without a gap: $name', ({ calendar }) => {
    const near = fc.constantFrom('2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-11-01T06:00Z', '2026-04-04T15:00Z', '2026-10-03T15:30Z').chain(text => fc.integer({ min: -20, max: 20 }).map(n => at(text) + n * (HOUR / 4)))
    fc.assert(fc.property(near, fc.integer({ min: -60, max: 60 }), (t, n) => {
      const floor = calendar.floor(t)
      const next = calendar.add(floor, 1)
      expect(floor <= t && t < next).toBe(true)
      expect([calendar.floor(floor), calendar.floor(next - 1), calendar.ceil(floor), calendar.ceil(floor + 1), calendar.floor(next)]).toEqual([floor, floor, floor, next, next])
      const far = calendar.add(floor, n)
      expect([calendar.count(floor, far), calendar.add(far, -n)]).toEqual([n, floor])
      expect(calendar.startOf(calendar.keyOf(floor))).toBe(floor)
    }), { numRuns: 8 })
  })

  it('count the windows of years as walking through them would', () => {
    for (const { calendar } of crons.filter(({ name }) => /^(0 6|15 9|0 0)/.test(name))) {
      const [from, to] = [calendar.ceil(at('2025-01-01T00:00Z')), calendar.floor(at('2026-11-20T13:00Z'))]
      let walked = 0
      for (let t = from; t < to; t = calendar.add(t, 1)) walked += 1
      expect(calendar.count(from, to)).toBe(walked)
    }
  })

  it('count through a midnight that comes twice', () => {
    const calendar = calendarOf(cronPartitions('*/20 * * * *', { ...options, timezone: 'America/St_Johns' }))
    expect(calendar.count(calendar.startOf('2010-11-06T12:00')!, calendar.startOf('2010-11-08T12:00')!)).toBe(49 * 3)
    expect(calendar.count(calendar.startOf('2010-11-06T23:20B')!, calendar.startOf('2010-11-07T12:00')!)).toBe(12 * 3 + 2)
  })

  it('begin with the first time that it fires', () => {
    const calendar = calendarOf(cronPartitions('0 6 * * MON', { column: 'at', start: '2026-01-01', timezone: 'Europe/Berlin' }))
    expect(calendar.keyOf(calendar.start)).toBe('2026-01-05T06:00')
    expect(calendar.startOf('2026-01-06T06:00')).toBeUndefined()
  })
})
