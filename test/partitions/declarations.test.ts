import { describe, expect, it } from 'vitest'
import { calendarOf } from '../../framework/partitions/calendar-of.ts'
import { cronPartitions, daily, hourly, monthly, weekly } from '../../framework/partitions/time-partitions.ts'
import { dynamicPartitions, product, staticPartitions } from '../../framework/partitions/static-partitions.ts'
import { ExplainedError } from '../../framework/vocabulary/errors.ts'

const mistake = (make: () => unknown) => {
  try {
    make()
  } catch (error) {
    if (error instanceof ExplainedError) return [error.code, error.message, error.hint]
    throw error
  }
  throw new Error('no mistake was found')
}
const column = 'order_date'

describe('partitions', () => {
  it('are plain data', () => {
    const partitions = product({ day: daily({ column, start: '2024-01-01', end: '2025-01-01', timezone: 'Europe/Berlin' }), region: staticPartitions({ column: 'region', keys: ['eu', 'us'] }), tenant: dynamicPartitions({ column: 'tenant' }) })
    expect(JSON.parse(JSON.stringify(partitions))).toEqual({
      kind: 'product',
      dimensions: [
        { name: 'day', partitions: { kind: 'time', column, every: { unit: 'day' }, start: '2024-01-01', end: '2025-01-01', timezone: 'Europe/Berlin' } },
        { name: 'region', partitions: { kind: 'static', column: 'region', keys: ['eu', 'us'] } },
        { name: 'tenant', partitions: { kind: 'dynamic', column: 'tenant', name: 'tenant' } },
      ],
    })
    expect(weekly({ column, start: '2024-01-01' }).every).toEqual({ unit: 'week', startsOn: 'monday' })
  })

  it('that end before they start are refused', () => {
    expect(mistake(() => daily({ column, start: '2025-01-01', end: '2024-01-01' }))).toEqual(['partitions/inverted-range', 'The range from 2025-01-01 to 2024-01-01 ends before it begins.', 'Write 2024-01-01..2025-01-01; the end is exclusive.'])
    expect(mistake(() => daily({ column, start: '2025-01-01', end: '2025-01-01' }))[1]).toBe('The range from 2025-01-01 to 2025-01-01 is empty: the end is exclusive.')
    expect(mistake(() => calendarOf(cronPartitions('0 6 * * *', { column, start: '2025-01-01T07:00', end: '2025-01-01T08:00' })))[0]).toBe('partitions/inverted-range')
  })

  it('that start where no window begins are refused with those that do', () => {
    expect(mistake(() => calendarOf(weekly({ column, start: '2024-01-03' })))).toEqual(['partitions/not-a-boundary', '2024-01-03 is not where a week begins.', 'Write 2024-01-01 or 2024-01-08.'])
    expect(mistake(() => calendarOf(monthly({ column, start: '2024-01', end: '2024-03-15' })))).toEqual(['partitions/not-a-boundary', '2024-03-15 is not where a month begins.', 'Write 2024-03 or 2024-04.'])
    expect(mistake(() => calendarOf(hourly({ column, start: '2024-01-03T05:30' })))[2]).toBe('Write 2024-01-03T05 or 2024-01-03T06.')
    expect(mistake(() => daily({ column, start: '2024-02-30' }))).toEqual(['partitions/bad-declaration', '"2024-02-30" is not a date to start at.', 'Write 2024-01-01, 2024-01 or 2024-01-01T06:00.'])
    expect(mistake(() => daily({ column, start: '2024-02-03', end: 'soon' }))[1]).toBe('"soon" is not a date to end at.')
  })

  it('in a zone that does not exist are refused with the near ones', () => {
    expect(mistake(() => calendarOf(daily({ column, start: '2024-01-01', timezone: 'Europe/Berlim' })))).toEqual(['partitions/unknown-time-zone', '"Europe/Berlim" is not a time zone.', expect.stringMatching(/^Did you mean Europe\/Berlin/)])
  })

  it('by a cron expression that cannot be read or never fires are refused', () => {
    expect(mistake(() => calendarOf(cronPartitions('0 0 30 2 *', { column, start: '2024-01-01' })))).toEqual(['partitions/cron-never-fires', '"0 0 30 2 *" never fires after 2024-01-01.', 'Look at its day and month: 0 0 30 2 * asks for the 30th of February.'])
    expect(mistake(() => calendarOf(cronPartitions('61 * * * *', { column, start: '2024-01-01' })))[0]).toBe('partitions/bad-cron')
    expect(mistake(() => calendarOf(cronPartitions('each day', { column, start: '2024-01-01' })))[0]).toBe('partitions/bad-cron')
  })

  it('with keys that are none, come twice or hold a separator are refused', () => {
    expect(mistake(() => staticPartitions({ column, keys: [] }))[1]).toBe('The partitions by order_date have no key.')
    expect(mistake(() => staticPartitions({ column, keys: ['eu', 'us', 'eu'] }))[1]).toBe('The partitions by order_date list "eu" twice.')
    for (const key of ['a|b', 'a,b', 'a;b', '', ' a', 'a ', 'a\nb']) expect(mistake(() => staticPartitions({ column, keys: [key] }))[0]).toBe('partitions/bad-declaration')
    expect(staticPartitions({ column, keys: ['New York', 'ß', 'a..b'] }).keys).toEqual(['New York', 'ß', 'a..b'])
    expect(mistake(() => product({ day: daily({ column, start: '2024-01-01' }) }))[1]).toBe('A product of partitions has two dimensions or more.')
  })
})
