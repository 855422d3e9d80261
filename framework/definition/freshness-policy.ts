import type { Duration } from '../vocabulary/duration.ts'

/** How old an asset may get. */
export interface FreshnessPolicy {
  readonly warnAfter?: Duration | undefined
  readonly failAfter: Duration
}
