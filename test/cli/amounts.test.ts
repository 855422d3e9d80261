import { expect, test } from 'vitest'
import { ago, bytes, counted, duration } from '../../framework/cli/views/amounts.ts'

test('durations are told in the unit that fits', () => {
  expect([0.4, 40, 999, 1234, 59_940, 59_960, 61_000, 3_600_000, 7_500_000].map(duration)).toEqual(['0 ms', '40 ms', '999 ms', '1.2 s', '59.9 s', '1 m 00 s', '1 m 01 s', '1 h 00 m', '2 h 05 m'])
})

test('sizes are told in powers of a thousand', () => {
  expect([0, 1, 999, 1000, 1_440_000, 2e18].map(bytes)).toEqual(['0 bytes', '1 byte', '999 bytes', '1.0 kB', '1.4 MB', '2000.0 PB'])
})

test('counts have their thousands apart and their noun in the right number', () => {
  expect([counted(1, 'row'), counted(0, 'row'), counted(1_234_567, 'row'), counted(2, 'day', 'days')]).toEqual(['1 row', '0 rows', '1,234,567 rows', '2 days'])
})

test('what is past is told by how long ago, what is old by its day, what is to come by its instant', () => {
  const now = new Date('2026-03-10T12:00:00Z')
  const told = ['2026-03-10T11:59:30Z', '2026-03-10T11:59:10Z', '2026-03-10T11:00:30Z', '2026-03-10T09:00:00Z', '2026-03-07T12:00:00Z', '2025-03-07T12:00:00Z', '2026-03-11T00:00:00Z']
  expect(told.map(at => ago(at, now))).toEqual(['just now', '1 minute ago', '59 minutes ago', '3 hours ago', '3 days ago', '2025-03-07', '2026-03-11T00:00:00Z'])
})
