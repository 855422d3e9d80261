import type { CheckDefinition } from '../definition/check-definition.ts'
import { isAboutRows } from '../definition/row-rules.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ratioOf, stops, type CheckResult } from '../vocabulary/check-result.ts'

/**
 * Whether enough rows keep each promise about rows, those that are taken out counting as broken. What only warns only tells. Undefined where there is none, or where a broken promise holds the table up by itself.
 * @param rows the table's, as it would stand: where a batch of a few rows joins a large table, the share is that of the table
 */
export function passRateResult(asset: AssetKey, checks: readonly CheckDefinition[], results: readonly CheckResult[], least: number | undefined, rows: number): CheckResult | undefined {
  const names = new Set(checks.filter(({ rule, severity, rejects }) => (rejects !== undefined || severity === 'error') && (isAboutRows(rule) || rule.kind === 'unique' || rule.kind === 'primary-key')).map(({ name }) => name))
  const rated = results.filter(({ check, error, of }) => names.has(check) && error === undefined && of !== undefined && of > 0).map(result => ({ ...result, of: Math.max(result.of!, rows + (result.rejects ? result.failingRows : 0)) }))
  if (least === undefined || rated.length === 0 || results.some(stops)) return undefined
  const worst = rated.reduce((a, b) => (ratioOf(b) > ratioOf(a) ? b : a))
  const passed = worst.failingRows <= (Math.round((1 - least) * 1e12) / 1e12) * worst.of
  return {
    asset, check: `at least ${percent(least)} of the rows keep each promise`, severity: 'error', passed, failingRows: passed ? 0 : worst.failingRows, of: worst.of, proof: 'statistics', durationMs: 0, metric: 1 - ratioOf(worst),
    ...(!passed && { detail: `"${worst.check}" is kept by ${percent(1 - ratioOf(worst))}` }),
  }
}

const percent = (share: number): string => `${Math.floor(share * 10_000 + 1e-6) / 100} %`
