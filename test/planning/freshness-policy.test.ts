import { describe, expect, test } from 'vitest'
import { policyMistakes, type FreshnessPolicy } from '../../framework/definition/freshness-policy.ts'

const told = (policy: unknown) => policyMistakes(policy as FreshnessPolicy, 'gold/report').map(({ code, message }) => `${code}: ${message}`)

describe('a freshness policy', () => {
  test.each<[string, FreshnessPolicy]>([
    ['of an age', { failAfter: '2h' }],
    ['of two ages', { warnAfter: '1m', failAfter: '61s' }],
    ['of a warning alone', { warnAfter: '1d', column: 'updated_at' }],
    ['of a deadline', { by: '0 6 * * 1-5', lowerBound: '12h', timezone: 'Europe/Berlin' }],
    ['of nothing, said so', 'none'],
  ])('%s can be kept', (_, policy) => {
    expect(told(policy)).toEqual([])
  })

  test.each<[string, unknown, string]>([
    ['without any limit', {}, 'it has no limit.'],
    ['of less than a minute', { failAfter: '59s' }, 'failAfter is 59s.'],
    ['that fails before it warns', { warnAfter: '3h', failAfter: '2h' }, 'it warns after 3h and fails after 2h.'],
    ['that warns and fails at once', { warnAfter: '120m', failAfter: '2h' }, 'it warns after 120m and fails after 2h.'],
    ['with the bound of no deadline', { failAfter: '2h', lowerBound: '1h' }, 'lowerBound is said without a deadline.'],
    ['with the time zone of no deadline', { failAfter: '2h', timezone: 'Europe/Berlin' }, 'timezone is said without a deadline.'],
    ['with a span that is none', { failAfter: '2 hours' }, '"2 hours" is not a duration.'],
    ['with a day that never comes', { by: '0 0 30 2 *' }, '"0 0 30 2 *" never fires after 1970-01-01.'],
    ['with a place that is none', { by: '0 6 * * *', timezone: 'Europe/Berlinn' }, '"Europe/Berlinn" is not a time zone.'],
  ])('%s is refused with its asset', (_, policy, why) => {
    expect(told(policy)).toEqual([`definition/bad-freshness: The freshness policy of gold/report can't be kept: ${why}`])
  })

  test('with an expression that is none is refused', () => {
    expect(told({ by: 'at six' })[0]).toMatch(/^definition\/bad-freshness: .* "at six" is not a cron expression/)
  })
})
