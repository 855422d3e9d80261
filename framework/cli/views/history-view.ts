import { qualityOf, type CheckResult } from '../../vocabulary/check-result.ts'
import type { Style } from '../terminal/style.ts'
import { visible } from '../terminal/text-width.ts'
import { count } from './amounts.ts'
import { checkDocument } from './check-document.ts'
import { shownRun } from './runs-view.ts'
import { tableLines } from './table-view.ts'

/** One version of a table, with what its commit says of itself. */
export interface VersionFacts {
  readonly version: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly operation: string
  readonly run?: string | undefined
  readonly rows?: number | undefined
  readonly codeVersion?: string | undefined
  readonly metrics?: Readonly<Record<string, unknown>> | undefined
  /** What the checks found of it. */
  readonly checks?: readonly CheckResult[] | undefined
}

const WIDE = 100

/** A line a version, in the order given. What the commit counted is told where there is room. */
export function historyLines(versions: readonly VersionFacts[], { width, style, isTerminal }: { readonly width: number; readonly style: Style; readonly isTerminal: boolean }): string[] {
  const columns = [{ title: 'version', align: 'right' as const, least: 7 }, { title: 'written', least: 20 }, { title: 'operation', least: 9 }, { title: 'rows', align: 'right' as const, least: 4 }, { title: 'run', least: 8 }, { title: 'code' }]
  const checked = versions.some(({ checks = [] }) => checks.length > 0)
  const checksColumn = checked ? [{ title: 'checks', least: 6 }] : []
  const metricsColumn = width < WIDE ? [] : [{ title: 'metrics', least: 16, wrap: true }]
  const rows = versions.map(({ version, at, operation, run, rows, codeVersion, metrics = {}, checks = [] }) => [
    String(version), at.replace(/\.\d+Z$/, 'Z'), visible(operation), rows === undefined ? '' : count(rows), run === undefined ? 'not by us' : shownRun(run, isTerminal), codeVersion?.slice(0, 8) ?? '', ...checksColumn.map(() => (checks.length === 0 ? '' : qualityOf(checks))),
    ...metricsColumn.map(() => visible(Object.entries(metrics).map(([name, value]) => `${name} ${String(value)}`).join(', '))),
  ])
  return tableLines([...columns, ...checksColumn, ...metricsColumn], rows, { width, style })
}

/** One version as `history --json` prints it. */
export const versionDocument = ({ version, at, operation, run, rows, codeVersion, metrics, checks = [] }: VersionFacts) => ({
  version, at, operation, run: run ?? null, rows: rows ?? null, codeVersion: codeVersion ?? null, metrics: metrics ?? {}, quality: qualityOf(checks), checks: checks.map(checkDocument),
})
