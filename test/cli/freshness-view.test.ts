import { describe, expect, test } from 'vitest'
import { plain } from '../../framework/cli/terminal/style.ts'
import { daemonStatusLines } from '../../framework/cli/views/daemon-view.ts'
import { freshnessDocument, freshnessLines } from '../../framework/cli/views/freshness-view.ts'
import { traceLines } from '../../framework/cli/views/trace-view.ts'
import { freshness, type Freshness } from '../../framework/planning/freshness.ts'
import { atCadence, ruleOf } from '../../framework/planning/freshness-rule.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'

const key = (text: string) => text as AssetKey
const NOW = new Date('2026-03-05T12:00:00Z')
const hours = (ago: number) => NOW.getTime() - ago * 3_600_000
const edges: Record<string, AssetKey[]> = { 'silver/orders': [key('bronze/orders')], 'gold/report': [key('silver/orders')] }

const found = (): readonly Freshness[] => freshness([key('bronze/orders'), key('silver/orders'), key('gold/report'), key('gold/new'), key('serve/mail')], {
  upstreamKeysOf: asset => edges[asset] ?? [],
  now: NOW.getTime(),
  rules: new Map([
    [key('bronze/orders'), ruleOf({ warnAfter: '1h', failAfter: '3d', column: 'at' }, 'asset')],
    [key('silver/orders'), ruleOf({ failAfter: '2h' }, 'layer')],
    [key('gold/report'), atCadence(ruleOf({ failAfter: '4h' }, 'layer'), [{ cron: '0 6 * * *', timezone: 'Europe/Berlin' }])],
    [key('gold/new'), ruleOf({ failAfter: '4h' }, 'layer')],
  ]),
  evidence: new Map([
    [key('bronze/orders'), { clock: 'data', newest: hours(52) }],
    [key('silver/orders'), { clock: 'event', newest: hours(2.5) }],
    [key('gold/report'), { clock: 'event', newest: hours(6.5) }],
    [key('gold/new'), { clock: 'event' }],
    [key('serve/mail'), { clock: 'event', newest: hours(0.005) }],
  ]),
})

describe('the view of freshness', () => {
  test('is a line an asset, with what holds it back', () => {
    expect(freshnessLines(found(), NOW, { width: Infinity, style: plain, isTerminal: true })).toEqual([
      'asset          state         age  limit                       until         held back by',
      'bronze/orders  warn     2 d 04 h  1 h 00 m                    in 20 h 00 m',
      'silver/orders  fail     2 h 30 m  2 h 00 m                                  bronze/orders',
      'gold/report    pass     6 h 30 m  by 0 6 * * * Europe/Berlin  in 21 h 00 m',
      'gold/new       unknown                                                      it was never materialized',
      'serve/mail     none         18 s',
      '',
      '1 pass, 1 warn, 1 fail, 1 unknown; 1 asset without a policy.',
    ])
  })

  test('leaves out the limit where there is no room for it, and cuts no asset for it', () => {
    expect(freshnessLines(found(), NOW, { width: 66, style: plain, isTerminal: true }).slice(0, 6)).toEqual([
      'asset          state         age  until         held back by',
      'bronze/orders  warn     2 d 04 h  in 20 h 00 m',
      'silver/orders  fail     2 h 30 m                bronze/orders',
      'gold/report    pass     6 h 30 m  in 21 h 00 m',
      'gold/new       unknown                          it was never',
      '                                                materialized',
    ])
  })

  test('has instants in a pipe', () => {
    expect(freshnessLines(found(), NOW, { width: Infinity, style: plain, isTerminal: false })[1]).toContain('2026-03-06T08:00:00.000Z')
  })

  test('is a document with the policy, the state, the age, the limit, until when and who is to blame', () => {
    expect(found().slice(1, 4).map(freshnessDocument)).toEqual([
      {
        key: 'silver/orders', state: 'fail', clock: 'event', newest: '2026-03-05T09:30:00.000Z', age: 9_000_000, limit: { kind: 'age', after: 7_200_000 }, until: null, blame: 'bronze/orders',
        policy: { from: 'layer', warnAfter: null, failAfter: 7_200_000, deadlines: [], column: null, runbook: null },
      },
      {
        key: 'gold/report', state: 'pass', clock: 'event', newest: '2026-03-05T05:30:00.000Z', age: 23_400_000, until: '2026-03-06T09:00:00.000Z', blame: null,
        limit: { kind: 'deadline', at: '2026-03-06T09:00:00.000Z', cron: '0 6 * * *', timezone: 'Europe/Berlin' },
        policy: { from: 'layer', warnAfter: null, failAfter: null, deadlines: [{ cron: '0 6 * * *', timezone: 'Europe/Berlin', grace: 14_400_000, lowerBound: 0 }], column: null, runbook: null },
      },
      {
        key: 'gold/new', state: 'unknown', clock: 'event', newest: null, age: null, limit: null, until: null, blame: null, why: 'it was never materialized',
        policy: { from: 'layer', warnAfter: null, failAfter: 14_400_000, deadlines: [], column: null, runbook: null },
      },
    ])
  })
})

describe('the view of a trace', () => {
  test('is a tree of what held and for what', () => {
    const trace = { label: 'and', holds: true, slices: '2026-03-04', of: [{ label: 'missing', holds: true, slices: '2026-03-01..2026-03-05', of: [] }, { label: 'inProgress', holds: false, of: [] }] }
    expect(traceLines({ asset: key('gold/days'), at: '2026-03-05T12:00:00.000Z', requested: '2026-03-04', trace }, { style: plain })).toEqual([
      '2026-03-05T12:00:00Z 2026-03-04 was asked for',
      '  ✓ and  2026-03-04',
      '    ✓ missing  2026-03-01..2026-03-05',
      '    · inProgress',
    ])
  })
})

describe('the view of the daemon', () => {
  test('tells schedules, what is open and what is wrong', () => {
    const at = '2026-03-05T02:00:00.000Z'
    const lines = daemonStatusLines({
      schedules: [{
        schedule: { name: 'nightly', cron: '0 2 * * *', timezone: 'UTC', selection: ['bronze/*'], keys: [], catchUp: 'latest' },
        ticks: [{ schedule: 'nightly', tick: at, status: 'caught-up', at }, { schedule: 'nightly', tick: '2026-03-04T02:00:00.000Z', status: 'missed', at }],
        next: Date.parse('2026-03-06T02:00:00Z'),
      }],
      requests: [{ id: `schedule nightly ${at}`, by: 'schedule', name: 'nightly', at, selection: ['bronze/*'], slices: {}, status: 'running', attempts: 1 }],
      incidents: [{ id: 'i', subject: { kind: 'freshness', asset: key('gold/report') }, severity: 'fail', openedAt: at, escalations: 1 }],
      missed: [{ schedule: 'nightly', tick: at, status: 'caught-up', at }, { schedule: 'condition of gold/days', tick: '2026-03-04T02:00:00.000Z', status: 'missed', at }],
    }, NOW, { width: Infinity, style: plain })
    expect(lines).toEqual([
      'schedule  times          last                  was        missed  next',
      'nightly   0 2 * * * UTC  2026-03-05T02:00:00Z  caught-up       1  2026-03-06T02:00:00Z',
      '',
      '1 request open:',
      '  running  schedule nightly 2026-03-05T02:00:00.000Z',
      '1 incident open:',
      '  fail  freshness gold/report, for 10 h 00 m',
      '2 times missed lately:',
      '  2026-03-05T02:00:00Z  nightly, made up for',
      '  2026-03-04T02:00:00Z  condition of gold/days',
    ])
  })
})
