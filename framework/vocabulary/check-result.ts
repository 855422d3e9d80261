import type { AssetKey } from './asset-key.ts'
import type { PartitionKey } from './partition-key.ts'

/** `error` stops the commit of what breaks the promise; `warn` only tells. */
export type CheckSeverity = 'error' | 'warn'

/** How a promise was found to hold or not. */
export type CheckProof = 'static' | 'statistics' | 'query'

/** What came of holding one promise against one candidate, or against one published version. */
export interface CheckResult {
  readonly asset: AssetKey
  readonly partition?: PartitionKey | undefined
  readonly check: string
  readonly severity: CheckSeverity
  readonly passed: boolean
  /** Rows that break the promise. */
  readonly failingRows: number
  readonly proof: CheckProof
  /** The rows that broke the promise were taken out before the table was written; `of` is how many were looked at. */
  readonly rejects?: { readonly how: 'quarantine' | 'drop'; readonly of: number } | undefined
  readonly durationMs: number
  /** A few broken rows, to look at. Never of columns tagged as personal data. */
  readonly sample?: readonly Readonly<Record<string, unknown>>[] | undefined
  /** A check that could not be run has failed; here is why. */
  readonly error?: string | undefined
}
