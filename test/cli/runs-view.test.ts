import { expect, test } from 'vitest'
import { runDocument, runLines, runsLines, summaryDocument } from '../../framework/cli/views/runs-view.ts'
import type { RunRecord, RunSummary } from '../../framework/state/run-record.ts'
import { AT, broken, bronze, gold, silver, wide } from './told-progress.ts'

const failed: RunSummary = {
  run: 'd9fec799-3a5f-4f8f-9d80-6f0b1f8b3c11', startedAt: AT, lastAt: '2026-03-01T06:00:09.000Z', selection: '+gold/*', profile: 'local', status: 'failed', planned: 3, fresh: 4,
  ended: { materialized: 1, 'check-failed': 1, skipped: 1 }, rowsOut: 1234, durationMs: 9000,
}
const { durationMs: _, ...unfinished } = { ...failed, run: '0a', status: 'unfinished' as const, ended: {}, rowsOut: 0 }

test('runs are a line each; a pipe is given whole names and instants, a person what is needed', () => {
  expect(runsLines([failed, unfinished], new Date('2026-03-01T07:00:00Z'), { ...wide, width: Infinity })).toEqual([
    'run                                   started                   status       took  steps    rows  selection',
    'd9fec799-3a5f-4f8f-9d80-6f0b1f8b3c11  2026-03-01T06:00:00.000Z  failed      9.0 s  1 of 3  1,234  +gold/*',
    '0a                                    2026-03-01T06:00:00.000Z  unfinished         0 of 3      0  +gold/*',
  ])
  expect(runsLines([failed], new Date('2026-03-01T07:00:00Z'), { ...wide, isTerminal: true })[1]).toBe('d9fec799  1 hour ago  failed  9.0 s  1 of 3  1,234  +gold/*')
})

const told: RunRecord = {
  ...failed,
  steps: [
    { asset: bronze, status: 'materialized', causes: [{ code: 'missing' }], checks: [], attempts: 1, startedAt: AT, durationMs: 40, counts: { rowsIn: 1300, rowsOut: 1234, rejected: 66 }, tableVersion: 3, unchanged: false },
    { asset: silver, status: 'check-failed', causes: [{ code: 'forced' }], checks: [broken], attempts: 2, startedAt: AT, durationMs: 12, error: { code: 'execution/check-failed', message: 'It does not hold.', hint: 'Look at it.' } },
    { asset: gold, status: 'skipped', causes: [{ code: 'missing' }], checks: [], attempts: 0, because: silver },
  ],
}

test('one run is told step by step, and what went wrong below', () => {
  expect(runLines(told, wide)).toEqual([
    'd9fec799-3a5f-4f8f-9d80-6f0b1f8b3c11  failed, started 2026-03-01T06:00:00.000Z, took 9.0 s',
    '3 steps, 4 assets fresh; selection +gold/*; profile local',
    '',
    'asset                status         rows   took  version  why',
    'bronze/crm_contacts  materialized  1,234  40 ms        3  never written',
    'silver/crm_contacts  check-failed         12 ms           asked for',
    'gold/customer_360    skipped                              never written',
    '',
    '✗ silver/crm_contacts',
    '  execution/check-failed: It does not hold.',
    '  Look at it.',
    '',
    '↷ gold/customer_360: silver/crm_contacts did not end well',
  ])
})

test('a run is the documented JSON', () => {
  expect(summaryDocument(unfinished)).toEqual({ ...unfinished, durationMs: null })
  expect(runDocument(told).steps).toEqual([
    { key: bronze, status: 'materialized', causes: [{ code: 'missing', detail: 'never written' }], attempts: 1, startedAt: AT, durationMs: 40, rowsIn: 1300, read: 1300, rowsOut: 1234, accepted: 1234, rejected: 66, deduplicated: 0, tableVersion: 3, unchanged: false, quality: 'none', checks: [], readVersions: {}, stages: null, jobs: [] },
    {
      key: silver, status: 'check-failed', causes: [{ code: 'forced', detail: 'asked for' }], attempts: 2, startedAt: AT, durationMs: 12, rowsIn: null, read: null, rowsOut: null, accepted: null, rejected: null, deduplicated: null, tableVersion: null, unchanged: false,
      quality: 'warn', checks: [{ name: broken.check, passed: false, severity: 'warn', failingRows: 3, rows: 1234, ratio: 3 / 1234, proof: 'query', durationMs: 1 }], readVersions: {}, stages: null, jobs: [], error: told.steps[1]!.error,
    },
    { key: gold, status: 'skipped', causes: [{ code: 'missing', detail: 'never written' }], attempts: 0, startedAt: null, durationMs: null, rowsIn: null, read: null, rowsOut: null, accepted: null, rejected: null, deduplicated: null, tableVersion: null, unchanged: false, quality: 'none', checks: [], readVersions: {}, stages: null, jobs: [], because: silver },
  ])
})
