import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { calendarOf } from '../../framework/partitions/calendar-of.ts'
import { cronPartitions, daily, hourly } from '../../framework/partitions/time-partitions.ts'
import { existingSlices } from '../../framework/partitions/slices.ts'

const loaded = (name: string) => Object.keys(createRequire(import.meta.url).cache).some(file => file.includes(`/node_modules/${name}/`))
const options = { column: 'at', start: '2024-01-01' }

it('partitions in UTC load neither Temporal nor croner, others load what they need', () => {
  existingSlices(daily(options), { now: new Date('2026-01-01T00:00Z') })
  existingSlices(hourly(options), { now: new Date('2026-01-01T00:00Z') })
  expect([loaded('temporal-polyfill'), loaded('croner')]).toEqual([false, false])
  calendarOf(cronPartitions('0 6 * * *', options))
  expect([loaded('temporal-polyfill'), loaded('croner')]).toEqual([false, true])
  calendarOf(daily({ ...options, timezone: 'Europe/Berlin' }))
  expect(loaded('temporal-polyfill') || 'Temporal' in globalThis).toBe(true)
})
