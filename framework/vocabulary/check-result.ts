import type { AssetKey } from './asset-key.ts'
import type { PartitionKey } from './partition-key.ts'

/** `error` stops the commit of what breaks the promise, unless the check is not blocking; `warn` only tells. */
export type CheckSeverity = 'error' | 'warn'

/** How a promise was found to hold or not: it follows from how the table is made, from the statistics of its files, or from a query. */
export type CheckProof = 'proven' | 'statistics' | 'query'

/** The values of a masked column. `invalid` are those of which the mask could show nothing, since they are not of its form. */
export interface MaskedValues {
  readonly masked: number
  readonly nulls: number
  readonly invalid: number
}

/** What came of holding one promise against one candidate, or against one published version. */
export interface CheckResult {
  readonly asset: AssetKey
  readonly partition?: PartitionKey | undefined
  readonly check: string
  readonly severity: CheckSeverity
  /** False: though it is of severity `error`, it does not keep the candidate from being published. */
  readonly blocking?: false | undefined
  readonly passed: boolean
  /** Rows that break the promise. Of a promise about the table as a whole, 1 where it is broken. */
  readonly failingRows: number
  /** How many rows were looked at. */
  readonly of?: number | undefined
  readonly proof: CheckProof
  /** The rows that broke the promise were taken out before the table was written; `of` is how many were looked at. */
  readonly rejects?: { readonly how: 'quarantine' | 'drop'; readonly of: number } | undefined
  /** Of a promise that a column is masked: what became of its values. Together they are the table's rows. */
  readonly values?: MaskedValues | undefined
  readonly durationMs: number
  /** What was measured: of an anomaly check, its metric. */
  readonly metric?: number | undefined
  /** What was found, in words, where a number of rows does not say it. */
  readonly detail?: string | undefined
  /** A few broken rows, to look at. Never of columns tagged as personal data. */
  readonly sample?: readonly Readonly<Record<string, unknown>>[] | undefined
  /** A check that could not be run has failed; here is why. */
  readonly error?: string | undefined
}

/** The share of the rows that break the promise. Of no rows none can break it; where one does, it is the table as a whole. */
export const ratioOf = ({ failingRows, of }: Pick<CheckResult, 'failingRows' | 'of'>): number => (failingRows === 0 ? 0 : of ? Math.min(1, failingRows / of) : 1)

/** Whether it keeps what was checked from being published. */
export const stops = ({ passed, severity, blocking }: CheckResult): boolean => !passed && severity === 'error' && blocking !== false

/** What a table's checks come to, in a word: `quarantine` where rows were taken out, `none` where nothing is promised. */
export type QualityStatus = 'pass' | 'warn' | 'quarantine' | 'fail' | 'none'

export function qualityOf(results: readonly CheckResult[]): QualityStatus {
  const broken = results.filter(({ passed }) => !passed)
  if (broken.some(({ severity, rejects }) => severity === 'error' && !rejects)) return 'fail'
  if (broken.some(({ rejects }) => rejects)) return 'quarantine'
  if (broken.length > 0) return 'warn'
  return results.length === 0 ? 'none' : 'pass'
}
