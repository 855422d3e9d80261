import type { CheckSeverity } from '../vocabulary/check-result.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { CheckLimit, CheckRule, CheckTolerance, OnFail } from './check-definition.ts'

/** What an author says of it. */
export interface ToleranceOptions {
  /** The least share of rows that keep the promise, as in 0.98: fewer are as bad as `severity` says. */
  readonly mostly?: number
  /** More broken rows than this keep the candidate from being published. */
  readonly failIf?: CheckLimit
  /** More broken rows than this are told. */
  readonly warnIf?: CheckLimit
}

/** @throws {BadTolerance} */
export function toleranceOf(name: string, { kind }: CheckRule, { mostly, failIf, warnIf }: ToleranceOptions, severity: CheckSeverity, onFail: OnFail | undefined): CheckTolerance | undefined {
  if (mostly === undefined && failIf === undefined && warnIf === undefined) return undefined
  if (onFail === 'quarantine' || onFail === 'drop') throw new BadTolerance(name, 'its broken rows are taken out, so that none is left to be tolerated')
  if (mostly !== undefined && (failIf ?? warnIf) !== undefined) throw new BadTolerance(name, '`mostly` is one limit, and `failIf` and `warnIf` are others')
  const limits = [failIf, warnIf].filter(limit => limit !== undefined)
  const ratios = [...(mostly === undefined ? [] : [mostly]), ...limits.flatMap(({ ratio }) => ratio ?? [])]
  if (ratios.some(ratio => !(ratio >= 0 && ratio <= 1))) throw new BadTolerance(name, 'a share lies between 0 and 1')
  if (limits.some(({ rows, ratio }) => (rows === undefined && ratio === undefined) || (rows !== undefined && !(Number.isInteger(rows) && rows >= 0)))) throw new BadTolerance(name, 'a limit is a whole number of rows from 0 up, or a ratio')
  if (WHOLE_TABLE.has(kind)) throw new BadTolerance(name, 'it is about the table as a whole, which keeps it or does not')
  if (kind === 'row-count' && ratios.length > 0) throw new BadTolerance(name, 'of a number of rows no share of rows can be wrong')
  // What was asked for as 0.98 is meant exactly, whatever 1 - 0.98 comes to.
  return mostly === undefined ? { error: failIf, warn: warnIf } : { [severity]: { ratio: Math.round((1 - mostly) * 1e12) / 1e12 } }
}

const WHOLE_TABLE: ReadonlySet<CheckRule['kind']> = new Set<CheckRule['kind']>(['fresh', 'sum-equals', 'schema', 'contract', 'anomaly'])

/** As how bad so many broken rows count; undefined where they are tolerated. */
export function verdict(failing: number, rows: number, severity: CheckSeverity, tolerance: CheckTolerance | undefined): CheckSeverity | undefined {
  if (failing === 0) return undefined
  if (!tolerance) return severity
  const exceeds = (limit: CheckLimit | undefined) => limit !== undefined && ((limit.rows !== undefined && failing > limit.rows) || (limit.ratio !== undefined && failing > limit.ratio * rows))
  return exceeds(tolerance.error) ? 'error' : exceeds(tolerance.warn) ? 'warn' : undefined
}

export class BadTolerance extends ExplainedError {
  readonly code = 'definition/bad-tolerance'
  readonly hint = 'Write `mostly: 0.98`, or `failIf: { rows: 100 }`, `warnIf: { ratio: 0.01 }`.'
  constructor(name: string, problem: string) {
    super(`"${name}" cannot tolerate rows in this way: ${problem}.`)
  }
}
