import { assetKey } from '../../framework/vocabulary/asset-key.ts'
import type { CheckResult } from '../../framework/vocabulary/check-result.ts'
import type { Materialization } from '../../framework/vocabulary/materialization.ts'
import type { PartitionKey } from '../../framework/vocabulary/partition-key.ts'
import type { RunEvent } from '../../framework/vocabulary/run-event.ts'
import type { CodeVersion, DataVersion } from '../../framework/vocabulary/version.ts'

export const orders = assetKey('bronze/orders')
export const sales = assetKey('gold/sales')
export const returns = assetKey('gold/returns')

export const slice = (key: string) => key as PartitionKey

/** An instant of one day, by its minute. */
export const minute = (minute: number): string => new Date(Date.UTC(2026, 2, 1, 6, minute)).toISOString()

export function made(over: Partial<Materialization> = {}): Materialization {
  return {
    asset: orders, run: 'run-1', at: minute(1), codeVersion: 'c1' as CodeVersion, write: '{"mode":"overwrite"}',
    dataVersion: 'd1' as DataVersion, inputs: {}, tableVersion: 0, rows: 7, ...over,
  }
}

export function check(over: Partial<CheckResult> = {}): CheckResult {
  return { asset: orders, check: 'id is never null', severity: 'error', passed: true, failingRows: 0, proof: 'query', durationMs: 2, ...over }
}

export const started = (run: string, at: string): RunEvent => ({
  type: 'run-started', run, at, selection: '*', profile: 'local', fresh: 3,
  steps: [{ asset: orders, causes: [{ code: 'missing' }] }, { asset: sales, causes: [{ code: 'upstream', upstream: orders }] }, { asset: returns, causes: [{ code: 'missing' }] }],
})

export const materialized = (materialization: Materialization, over: Partial<Extract<RunEvent, { type: 'step-materialized' }>> = {}): RunEvent => ({
  type: 'step-materialized', run: materialization.run, at: materialization.at, asset: materialization.asset, partition: materialization.partition,
  materialization, counts: { rowsIn: 8, rowsOut: 7, rejected: 1 }, unchanged: false, durationMs: 40, ...over,
})

/** A run in which one asset is written, one breaks a promise and one is skipped. */
export function toldRun(run: string, startedAt = 0): RunEvent[] {
  const of = (asset: typeof orders, at: number) => ({ run, at: minute(startedAt + at), asset })
  return [
    started(run, minute(startedAt)),
    { type: 'step-started', ...of(orders, 1), causes: [{ code: 'missing' }], attempt: 1 },
    { type: 'step-progress', ...of(orders, 1), ratio: 0.5 },
    { type: 'step-retried', ...of(orders, 1), error: { code: 'engines/busy', message: 'Not now.' }, attempt: 1, delayMs: 5 },
    { type: 'step-started', ...of(orders, 2), causes: [{ code: 'missing' }], attempt: 2 },
    { type: 'step-staged', ...of(orders, 2), counts: { rowsIn: 8, rowsOut: 7, rejected: 1 }, files: 1, bytes: 900 },
    { type: 'step-checked', ...of(orders, 2), result: check() },
    materialized(made({ run, at: minute(startedAt + 3) })),
    { type: 'step-started', ...of(sales, 3), causes: [{ code: 'upstream', upstream: orders }], attempt: 1 },
    { type: 'step-checked', ...of(sales, 4), result: check({ asset: sales, check: 'revenue is not negative', passed: false, failingRows: 2 }) },
    { type: 'step-failed', ...of(sales, 4), status: 'check-failed', error: { code: 'execution/promise-broken', message: 'Two rows.', hint: 'Look.' }, durationMs: 12 },
    { type: 'step-skipped', ...of(returns, 4), because: sales },
    { type: 'run-finished', run, at: minute(startedAt + 5), ok: false, cancelled: false, durationMs: 300_000 },
  ]
}
