import type { RunResult, StepResult } from '../../framework/execution/run-result.ts'
import { plain } from '../../framework/cli/terminal/style.ts'
import { RunProgress } from '../../framework/cli/views/run-progress.ts'
import { assetKey, type AssetKey } from '../../framework/vocabulary/asset-key.ts'
import type { CheckResult } from '../../framework/vocabulary/check-result.ts'
import type { RunEvent } from '../../framework/vocabulary/run-event.ts'
import type { CodeVersion, DataVersion } from '../../framework/vocabulary/version.ts'

export const AT = '2026-03-01T06:00:00.000Z'
export const landed = assetKey('landing/crm_contacts')
export const bronze = assetKey('bronze/crm_contacts')
export const silver = assetKey('silver/crm_contacts')
export const gold = assetKey('gold/customer_360')

/** How everything looks in these tests, unless they say otherwise. */
export const wide = { width: 100, style: plain, isTerminal: false }

const of = (asset: AssetKey) => ({ run: 'run-1', at: AT, asset })
const counts = { rowsIn: 1300, rowsOut: 1234, rejected: 66 }

export const started = (...assets: AssetKey[]): RunEvent =>
  ({ type: 'run-started', run: 'run-1', at: AT, selection: '*', profile: 'local', steps: assets.map(asset => ({ asset, causes: [{ code: 'missing' }] })), fresh: 2 })

export const begun = (asset: AssetKey, attempt = 1): RunEvent => ({ type: 'step-started', ...of(asset), causes: [{ code: 'missing' }], attempt })
export const progressed = (asset: AssetKey, ratio?: number, rows?: number): RunEvent => ({ type: 'step-progress', ...of(asset), ratio, rows })

export const broken: CheckResult = { asset: silver, check: 'email matches .+@.+', severity: 'warn', passed: false, failingRows: 3, of: 1234, proof: 'query', durationMs: 1 }
export const checked = (result: CheckResult): RunEvent => ({ type: 'step-checked', ...of(result.asset), result })

export const written = (asset: AssetKey, over: { readonly unchanged?: boolean; readonly rejected?: number } = {}): RunEvent => ({
  type: 'step-materialized', ...of(asset), unchanged: over.unchanged ?? false, durationMs: 420, counts: { ...counts, rejected: over.rejected ?? 0 },
  materialization: { asset, run: 'run-1', at: AT, codeVersion: 'c' as CodeVersion, write: '{}', dataVersion: 'd' as DataVersion, inputs: {}, tableVersion: 3, rows: 1234 },
})

export const failed = (asset: AssetKey): RunEvent =>
  ({ type: 'step-failed', ...of(asset), status: 'check-failed', durationMs: 90, error: { code: 'execution/check-failed', message: `${asset}: "id is never null" does not hold for 3 rows.`, hint: 'Nothing was published: readers still see version 2.' } })

export const skipped = (asset: AssetKey, because: AssetKey): RunEvent => ({ type: 'step-skipped', ...of(asset), because })

/** The progress of a run after these events, all of them at one instant of the watcher's clock. */
export function progressAfter(events: readonly RunEvent[], now = 0): RunProgress {
  const progress = new RunProgress()
  for (const event of events) progress.take(event, now)
  return progress
}

export const step = (asset: AssetKey, over: Partial<StepResult> = {}): StepResult => ({ asset, status: 'materialized', causes: [{ code: 'missing' }], counts, checks: [], tableVersion: 3, unchanged: false, durationMs: 420, ...over })

export const result = (steps: readonly StepResult[], over: Partial<RunResult> = {}): RunResult => ({ run: 'run-1', ok: true, cancelled: false, steps, durationMs: 1500, ...over })
