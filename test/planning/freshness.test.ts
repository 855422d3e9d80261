import { describe, expect, test } from 'vitest'
import type { FreshnessLimits } from '../../framework/definition/freshness-policy.ts'
import { freshness, freshnessOf, type FreshnessEvidence } from '../../framework/planning/freshness.ts'
import { atCadence, ruleOf } from '../../framework/planning/freshness-rule.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'

const key = (text: string) => text as AssetKey
const at = (text: string) => Date.parse(text)
const ORDERS = key('silver/orders')

const look = (policy: FreshnessLimits, newest: string | undefined, now: string) => {
  const { state, until } = freshnessOf(ORDERS, ruleOf(policy, 'asset'), { clock: 'event', newest: newest === undefined ? undefined : at(newest) }, at(now))
  return [state, until === undefined ? undefined : new Date(until).toISOString().replace('.000', '')]
}

describe('an age', () => {
  const policy: FreshnessLimits = { warnAfter: '90m', failAfter: '2h' }
  const made = '2026-03-01T10:00:00Z'
  test.each([
    ['as it is made', '2026-03-01T10:00:00Z', 'pass', '2026-03-01T11:30:00Z'],
    ['just before the warning', '2026-03-01T11:29:59.999Z', 'pass', '2026-03-01T11:30:00Z'],
    ['at the warning', '2026-03-01T11:30:00Z', 'warn', '2026-03-01T12:00:00Z'],
    ['just after the warning', '2026-03-01T11:30:00.001Z', 'warn', '2026-03-01T12:00:00Z'],
    ['just before the failure', '2026-03-01T11:59:59.999Z', 'warn', '2026-03-01T12:00:00Z'],
    ['at the failure', '2026-03-01T12:00:00Z', 'fail', undefined],
    ['just after the failure', '2026-03-01T12:00:00.001Z', 'fail', undefined],
    ['a year later', '2027-03-01T10:00:00Z', 'fail', undefined],
  ])('%s', (_, now, state, until) => {
    expect(look(policy, made, now)).toEqual([state, until])
  })

  test('without a warning passes up to the failure', () => {
    expect(look({ failAfter: '2h' }, made, '2026-03-01T11:59:59.999Z')).toEqual(['pass', '2026-03-01T12:00:00Z'])
    expect(look({ failAfter: '2h' }, made, '2026-03-01T12:00:00Z')).toEqual(['fail', undefined])
  })

  test('without a failure only warns', () => {
    expect(look({ warnAfter: '2h' }, made, '2026-03-05T12:00:00Z')).toEqual(['warn', undefined])
  })

  test('of rows from the future is nothing', () => {
    const found = freshnessOf(ORDERS, ruleOf({ failAfter: '2h', column: 'updated_at' }, 'asset'), { clock: 'data', newest: at('2026-03-01T13:00:00Z') }, at('2026-03-01T12:00:00Z'))
    expect(found).toMatchObject({ state: 'pass', ageMs: 0, until: at('2026-03-01T15:00:00Z') })
  })

  test('runs on by the hour while clocks are changed', () => {
    // Berlin's night of 2026-03-29 has no hour from two to three; that of 2026-10-25 has it twice.
    expect(look({ failAfter: '2h' }, '2026-03-29T00:30:00Z', '2026-03-29T02:29:59Z')).toEqual(['pass', '2026-03-29T02:30:00Z'])
    expect(look({ failAfter: '2h' }, '2026-10-25T00:30:00Z', '2026-10-25T02:30:00Z')).toEqual(['fail', undefined])
  })
})

describe('a deadline', () => {
  const daily: FreshnessLimits = { by: '0 6 * * *', lowerBound: '2h' }
  test.each([
    ['is met by what was made within the bound', '2026-03-01T04:00:00Z', '2026-03-01T06:00:00Z', 'pass', '2026-03-02T06:00:00Z'],
    ['is missed by what was made a moment earlier, from the deadline on', '2026-03-01T03:59:59.999Z', '2026-03-01T06:00:00Z', 'fail', undefined],
    ['and not before', '2026-03-01T03:59:59.999Z', '2026-03-01T05:59:59.999Z', 'pass', '2026-03-01T06:00:00Z'],
    ['holds until the next', '2026-03-01T04:00:00Z', '2026-03-02T05:59:59.999Z', 'pass', '2026-03-02T06:00:00Z'],
    ['is missed the next day', '2026-03-01T04:00:00Z', '2026-03-02T06:00:00Z', 'fail', undefined],
    ['is made good by late data', '2026-03-02T09:17:00Z', '2026-03-02T09:17:00Z', 'pass', '2026-03-03T06:00:00Z'],
  ])('%s', (_, newest, now, state, until) => {
    expect(look(daily, newest, now)).toEqual([state, until])
  })

  test('without a bound wants what was made since the deadline before', () => {
    expect(look({ by: '0 6 * * *' }, '2026-03-01T06:00:00.001Z', '2026-03-02T06:00:00Z')).toEqual(['pass', '2026-03-03T06:00:00Z'])
    expect(look({ by: '0 6 * * *' }, '2026-03-01T05:59:59Z', '2026-03-02T06:00:00Z')).toEqual(['fail', undefined])
  })

  const BERLIN: FreshnessLimits = { by: '0 6 * * *', lowerBound: '5h', timezone: 'Europe/Berlin' }
  test.each([
    ['in winter is an hour behind UTC', '2026-03-28T00:30:00Z', '2026-03-28T04:59:59Z', 'pass', '2026-03-29T04:00:00Z'],
    ['on the night of 23 hours comes an hour earlier', '2026-03-28T22:59:59Z', '2026-03-29T04:00:00Z', 'fail', undefined],
    ['and its bound is counted in hours that passed', '2026-03-28T23:00:00Z', '2026-03-29T04:00:00Z', 'pass', '2026-03-30T04:00:00Z'],
    ['in summer is two hours behind', '2026-03-29T23:30:00Z', '2026-03-30T03:59:59Z', 'pass', '2026-03-31T04:00:00Z'],
    ['on the night of 25 hours comes an hour later', '2026-10-24T22:30:00Z', '2026-10-25T04:59:59Z', 'pass', '2026-10-25T05:00:00Z'],
    ['and not twice', '2026-10-25T00:00:00Z', '2026-10-25T05:00:00Z', 'pass', '2026-10-26T05:00:00Z'],
  ])('%s', (_, newest, now, state, until) => {
    expect(look(BERLIN, newest, now)).toEqual([state, until])
  })

  test('in the hour that is left out is held right after it, and in the repeated hour once', () => {
    const night: FreshnessLimits = { by: '30 2 * * *', lowerBound: '1h', timezone: 'Europe/Berlin' }
    const before = look(night, '2026-03-28T00:40:00Z', '2026-03-29T00:59:00Z')
    expect(before).toEqual(['pass', '2026-03-29T01:00:00Z'])
    const [, until] = look(night, '2026-10-24T23:45:00Z', '2026-10-25T00:10:00Z')
    expect(until).toBe('2026-10-26T01:30:00Z')
  })

  test('together with an age: the worse counts', () => {
    const both: FreshnessLimits = { warnAfter: '1h', failAfter: '30h', by: '0 6 * * *', lowerBound: '2h' }
    expect(look(both, '2026-03-01T05:00:00Z', '2026-03-01T05:30:00Z')).toEqual(['pass', '2026-03-01T06:00:00Z'])
    expect(look(both, '2026-03-01T05:00:00Z', '2026-03-01T06:00:00Z')).toEqual(['warn', '2026-03-02T06:00:00Z'])
    expect(look(both, '2026-03-01T05:00:00Z', '2026-03-02T06:00:00Z')).toEqual(['fail', undefined])
  })
})

describe('a layer\'s limit of an asset that is made at set times', () => {
  const rule = atCadence(ruleOf({ failAfter: '1h' }, 'layer'), [{ cron: '0 2 * * *', timezone: 'Europe/Berlin' }])
  const held = (newest: string, now: string) => {
    const { state, until } = freshnessOf(ORDERS, rule, { clock: 'event', newest: at(newest) }, at(now))
    return [state, until === undefined ? undefined : new Date(until).toISOString().replace('.000', '')]
  }
  test.each([
    ['rests all day', '2026-03-01T01:05:00Z', '2026-03-01T20:00:00Z', 'pass', '2026-03-02T02:00:00Z'],
    ['runs out an hour after the next time', '2026-03-01T01:05:00Z', '2026-03-02T02:00:00Z', 'fail', undefined],
    ['and not a moment before', '2026-03-01T01:05:00Z', '2026-03-02T01:59:59.999Z', 'pass', '2026-03-02T02:00:00Z'],
    ['is kept by what was made at that time', '2026-03-02T01:00:00Z', '2026-03-02T02:00:00Z', 'pass', '2026-03-03T02:00:00Z'],
    ['is kept again by what came late', '2026-03-02T05:00:00Z', '2026-03-02T05:00:00Z', 'pass', '2026-03-03T02:00:00Z'],
  ])('%s', (_, newest, now, state, until) => {
    expect(held(newest, now)).toEqual([state, until])
  })
})

describe('several assets', () => {
  const edges: Record<string, readonly string[]> = { 'gold/report': ['silver/orders', 'silver/people'], 'silver/orders': ['bronze/orders'], 'silver/people': ['bronze/people'], 'bronze/orders': ['landing/orders'] }
  const NOW = at('2026-03-01T12:00:00Z')
  const hoursAgo = (hours: number): FreshnessEvidence => ({ clock: 'event', newest: NOW - hours * 3_600_000 })
  const all = ['landing/orders', 'bronze/orders', 'bronze/people', 'silver/orders', 'silver/people', 'gold/report'].map(key)
  const rules = new Map(all.filter(each => !each.startsWith('landing')).map(each => [each, ruleOf({ failAfter: '2h' }, 'layer')]))
  const told = (evidence: Record<string, FreshnessEvidence>) => {
    const found = freshness(all, { upstreamKeysOf: asset => (edges[asset] ?? []).map(key), rules, evidence: new Map(Object.entries(evidence).map(([each, seen]) => [key(each), seen])), now: NOW })
    return Object.fromEntries(found.map(({ asset, state, blame }) => [asset, blame === undefined ? state : `${state} by ${blame}`]))
  }
  const FRESH = { 'landing/orders': hoursAgo(0.9), 'bronze/orders': hoursAgo(0.8), 'bronze/people': hoursAgo(0.8), 'silver/orders': hoursAgo(0.5), 'silver/people': hoursAgo(0.5), 'gold/report': hoursAgo(0.1) }

  test('pass, and what has no policy is none', () => {
    expect(told(FRESH)).toEqual({ 'landing/orders': 'none', 'bronze/orders': 'pass', 'bronze/people': 'pass', 'silver/orders': 'pass', 'silver/people': 'pass', 'gold/report': 'pass' })
  })

  test('that are too old name the asset far up that brings nothing, and it names nobody', () => {
    expect(told({ ...FRESH, 'landing/orders': hoursAgo(0.2), 'bronze/orders': hoursAgo(5), 'silver/orders': hoursAgo(4), 'gold/report': hoursAgo(3) })).toMatchObject({ 'bronze/orders': 'fail', 'silver/orders': 'fail by bronze/orders', 'silver/people': 'pass', 'gold/report': 'fail by bronze/orders' })
  })

  test('that wait for a source without a policy name the source', () => {
    expect(told({ ...FRESH, 'landing/orders': hoursAgo(6), 'bronze/orders': hoursAgo(5), 'silver/orders': hoursAgo(4), 'gold/report': hoursAgo(3) })).toMatchObject({ 'landing/orders': 'none', 'bronze/orders': 'fail by landing/orders', 'gold/report': 'fail by landing/orders' })
  })

  test('name nobody where everything above them is new', () => {
    expect(told({ ...FRESH, 'gold/report': hoursAgo(3) })).toMatchObject({ 'silver/orders': 'pass', 'gold/report': 'fail' })
  })

  test('are unknown where they were never made, and those that wait for them say so', () => {
    expect(told({ ...FRESH, 'bronze/people': { clock: 'event' }, 'silver/people': { clock: 'event' } })).toMatchObject({ 'bronze/people': 'unknown', 'silver/people': 'unknown by bronze/people', 'gold/report': 'pass' })
  })

  test('do not mind a probe that fails, but for its own asset', () => {
    expect(told({ ...FRESH, 'silver/people': { clock: 'failed', why: 'the table has no column seen_at' } })).toEqual({ ...told(FRESH), 'silver/people': 'unknown' })
  })
})
