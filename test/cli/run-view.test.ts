import { describe, expect, test } from 'vitest'
import { plain } from '../../framework/cli/terminal/style.ts'
import { textWidth } from '../../framework/cli/terminal/text-width.ts'
import { eventLine } from '../../framework/cli/views/run-line-view.ts'
import { runDocument, runSummaryLines } from '../../framework/cli/views/run-summary-view.ts'
import { runTreeLines } from '../../framework/cli/views/run-tree-view.ts'
import { assetKey } from '../../framework/vocabulary/asset-key.ts'
import { AT, begun, broken, bronze, checked, failed, gold, landed, progressAfter, progressed, result, silver, skipped, started, step, wide, written } from './told-progress.ts'

const look = { width: 100, height: 40, style: plain, now: 1200, since: 0 }

describe('the tree of a run', () => {
  const running = progressAfter([
    started(landed, bronze, silver, gold), begun(landed), written(landed, { rejected: 12 }), begun(bronze), progressed(bronze, 0.5, 600), begun(silver, 2), progressed(silver, undefined, 90),
  ])

  test('shows each step under its layer with rows, time and how far it is', () => {
    expect(runTreeLines(running.steps, look)).toEqual([
      'landing',
      '  ✓ crm_contacts      1,234 rows     420 ms  version 3, 12 rejected',
      'bronze',
      '  ⠹ crm_contacts  ━━━━━────  50%      1.2 s',
      'silver',
      '  ⠹ crm_contacts         90 rows      1.2 s  attempt 2',
      'gold',
      '  · customer_360',
      '',
      '1 of 4 done, 2 running  1.2 s',
    ])
  })

  test('says of what went wrong why, and of what was held up by whom', () => {
    const over = progressAfter([started(bronze, silver, gold), begun(bronze), written(bronze, { unchanged: true }), begun(silver), failed(silver), skipped(gold, silver)])
    expect(runTreeLines(over.steps, look)).toEqual([
      'bronze',
      '  = crm_contacts      1,234 rows     420 ms  unchanged',
      'silver',
      '  ✗ crm_contacts                      90 ms  "id is never null" does not hold for 3 rows.',
      'gold',
      '  ↷ customer_360                             skipped: silver/crm_contacts did not end well',
      '',
      '3 of 3 done, 1 failed  1.2 s',
    ])
  })

  test('counts warnings of a step that was written all the same', () => {
    const over = progressAfter([started(silver), begun(silver), checked(broken), written(silver)])
    expect(runTreeLines(over.steps, look)[1]).toBe('  ✓ crm_contacts      1,234 rows     420 ms  version 3, 1 warning')
  })

  test('what a failed attempt found broken is not counted against the next', () => {
    const over = progressAfter([started(silver), begun(silver), checked(broken), begun(silver, 2), written(silver)])
    expect(runTreeLines(over.steps, look)[1]).toBe('  ✓ crm_contacts      1,234 rows     420 ms  version 3')
  })

  test.each([20, 30, 44, 60, 80])('no line is wider than %i cells, and the symbols stay', width => {
    const over = progressAfter([started(landed, bronze, silver, gold), begun(landed), written(landed), begun(bronze), progressed(bronze, 0.1), begun(silver), failed(silver), skipped(gold, silver)])
    const lines = runTreeLines(over.steps, { ...look, width })
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width)
    expect(lines.map(line => line.trim()[0])).toEqual(['l', '✓', 'b', '⠹', 's', '✗', 'g', '↷', undefined, '3'])
  })

  test('a layer that does not fit is told in one line, with what runs or failed below it', () => {
    const many = Array.from({ length: 30 }, (_, i) => assetKey(`bronze/t${i}`))
    const progress = progressAfter([started(landed, ...many, gold), begun(landed), written(landed), ...many.slice(0, 10).map(key => begun(key)), ...many.slice(0, 8).map(key => written(key)), failed(many[9]!)])
    expect(runTreeLines(progress.steps, { ...look, height: 10 })).toEqual([
      '✓ landing  1 of 1  1,234 rows',
      '  bronze  9 of 30  9,872 rows',
      '  ⠹ t8                      1.2 s',
      '  ✗ t9                      90 ms  "id is never null" does not hold for 3 rows.',
      '  gold  0 of 1',
      '',
      '10 of 32 done, 1 running, 1 failed  1.2 s',
    ])
  })

  test.each([5, 8, 12, 20])('a hundred running steps do not take more than %i lines', height => {
    const many = ['bronze', 'silver', 'gold'].flatMap(layer => Array.from({ length: 40 }, (_, i) => assetKey(`${layer}/t${i}`)))
    const progress = progressAfter([started(...many), ...many.slice(0, 100).map(key => begun(key))])
    const lines = runTreeLines(progress.steps, { ...look, height })
    expect(lines.length).toBeLessThanOrEqual(height)
    expect(lines.at(-1)).toBe('0 of 120 done, 100 running  1.2 s')
  })
})

describe('the lines of a run in a pipe', () => {
  test('are one for each thing that happened, and none for what is only on its way', () => {
    const events = [
      started(bronze, silver, gold), begun(bronze), progressed(bronze, 0.5), written(bronze, { rejected: 66 }), begun(silver), checked(broken), checked({ ...broken, severity: 'error' }), failed(silver), skipped(gold, silver),
      { type: 'step-fresh', run: 'run-1', at: AT, asset: gold },
      { type: 'step-retried', run: 'run-1', at: AT, asset: gold, attempt: 1, delayMs: 2000, error: { code: 'x/y', message: 'The line is down.\nReally.' } },
      { type: 'log', run: 'run-1', at: AT, asset: gold, message: 'page 3\u001B[2J' },
      { type: 'run-finished', run: 'run-1', at: AT, ok: false, cancelled: false, durationMs: 3 },
    ] as const
    expect(events.map(event => eventLine(event, plain)).filter(line => line !== undefined)).toEqual([
      'run run-1: 3 steps to do, 2 assets fresh',
      '✓ bronze/crm_contacts  1,234 rows, 66 rejected in 420 ms, version 3',
      '! silver/crm_contacts  "email matches .+@.+" does not hold for 3 rows',
      '✗ silver/crm_contacts  silver/crm_contacts: "id is never null" does not hold for 3 rows.',
      '↷ gold/customer_360  skipped: silver/crm_contacts did not end well',
      '= gold/customer_360  fresh: its upstreams came out the same',
      '↻ gold/customer_360  attempt 1 failed: The line is down. Again in 2.0 s.',
      String.raw`gold/customer_360: page 3\u001b[2J`,
    ])
  })
})

describe('the end of a run', () => {
  test('counts how the steps ended', () => {
    expect(runSummaryLines(result([step(landed), step(bronze, { unchanged: true }), step(silver, { status: 'fresh' })]), 'varve materialize', wide)).toEqual(['✓ 1 written, 1 unchanged, 1 fresh in 1.5 s.'])
  })

  test('tells each failure with its hint and whom it held up, and the command that goes on', () => {
    const error = { code: 'execution/check-failed', message: 'The promise "id is never null" does not hold.', hint: 'Readers still see version 2.' }
    const sampled = { ...broken, check: 'id is never null', severity: 'error', sample: [{ id: null, name: 'x' }] } as const
    const steps = [step(bronze, { checks: [broken] }), step(silver, { status: 'check-failed', error, checks: [sampled] }), step(gold, { status: 'skipped', because: silver })]
    expect(runSummaryLines(result(steps, { ok: false }), "varve materialize '+gold/*'", { ...wide, width: 50 })).toEqual([
      '✗ 1 written, 1 failed, 1 skipped in 1.5 s.',
      '! bronze/crm_contacts: "email matches .+@.+" does not hold for 3 rows',
      '',
      '✗ silver/crm_contacts',
      '  execution/check-failed: The promise "id is never',
      '  null" does not hold.',
      '  "id is never null", as in {"id":null,"name":"x"}',
      '  Readers still see version 2.',
      '  Held up: gold/customer_360',
      '',
      "To go on from here: varve materialize '+gold/*'",
    ])
  })

  test('tells of rows that a rule took out, and loudly of a rule that takes out nearly all', () => {
    const rejecting = (failingRows: number, how: 'quarantine' | 'drop') => ({ ...broken, failingRows, of: 50_000, rejects: { how, of: 50_000 } }) as const
    const steps = [step(bronze, { checks: [rejecting(120, 'drop')] }), step(silver, { checks: [rejecting(47_938, 'quarantine')] })]
    expect(runSummaryLines(result(steps), 'varve materialize', wide)).toEqual([
      '✓ 2 written in 1.5 s.',
      '! bronze/crm_contacts: "email matches .+@.+" dropped 120 of 50,000 rows',
      '! silver/crm_contacts: "email matches .+@.+" put into quarantine 47,938 of 50,000 rows',
      '  This rule rejects 95 % of the rows. Look at the rule before the data.',
    ])
    expect(eventLine(checked(rejecting(120, 'quarantine')), plain)).toBe('! silver/crm_contacts  "email matches .+@.+" put into quarantine 120 of 50,000 rows')
    expect(runDocument(result(steps)).steps[0]!.checks).toEqual([{ name: 'email matches .+@.+', passed: false, severity: 'warn', failingRows: 120, rows: 50_000, ratio: 0.0024, proof: 'query', durationMs: 1, rejects: { how: 'drop', of: 50_000 } }])
  })

  test('is the documented JSON', () => {
    const error = { code: 'a/b', message: 'No.' }
    expect(runDocument(result([step(bronze, { checks: [broken] }), step(gold, { status: 'failed', error, tableVersion: undefined })], { ok: false }))).toEqual({
      run: 'run-1',
      ok: false,
      steps: [
        { key: bronze, status: 'materialized', causes: [{ code: 'missing', detail: 'never written' }], rowsIn: 1300, read: 1300, rowsOut: 1234, accepted: 1234, rejected: 66, deduplicated: 0, tableVersion: 3, durationMs: 420, quality: 'warn', checks: [{ name: 'email matches .+@.+', passed: false, severity: 'warn', failingRows: 3, rows: 1234, ratio: 3 / 1234, proof: 'query', durationMs: 1 }] },
        { key: gold, status: 'failed', causes: [{ code: 'missing', detail: 'never written' }], rowsIn: 1300, read: 1300, rowsOut: 1234, accepted: 1234, rejected: 66, deduplicated: 0, tableVersion: null, durationMs: 420, quality: 'none', checks: [], error },
      ],
    })
  })
})
