import type { AssetKey } from './asset-key.ts'
import type { CheckResult } from './check-result.ts'
import type { JobFacts } from './job-facts.ts'
import type { Materialization } from './materialization.ts'
import type { PartitionKey } from './partition-key.ts'
import type { StaleCause } from './stale-cause.ts'

/** How a step ended. */
export type StepStatus = 'materialized' | 'fresh' | 'skipped' | 'failed' | 'check-failed' | 'cancelled'

interface OfStep {
  readonly run: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly asset: AssetKey
  readonly partition?: PartitionKey | undefined
}

/** An error as an event keeps it: what the terminal shows and the log stores. */
export interface EventError {
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
}

/** What one step moved. What an asset read is accepted, rejected by a rule, or a duplicate of another row: `read = accepted + rejected + deduplicated`. */
export interface StepCounts {
  /** Rows of all tables that the query or its checks may look at. */
  readonly rowsIn: number
  /** Rows that the asset's own were made of: counted in the source where it declares that it chooses among them, else those that it made. Absent in what was recorded before it was counted. */
  readonly read?: number | undefined
  /** Rows that were written: of a merge, those that were added or changed. */
  readonly rowsOut: number
  /** Absent in what was recorded before it was counted. */
  readonly accepted?: number | undefined
  readonly rejected: number
  readonly deduplicated?: number | undefined
}

/** How long a step took to make its rows, to hold its promises against them and to publish them, in milliseconds. */
export interface StepStages {
  readonly makeMs: number
  readonly checkMs: number
  readonly commitMs: number
}

/** Something that happened in a run. Terminal, event log and pages all draw from this one stream. */
export type RunEvent =
  | { readonly type: 'run-started'; readonly run: string; readonly at: string; readonly selection: string; readonly profile: string; readonly steps: readonly { readonly asset: AssetKey; readonly partition?: PartitionKey | undefined; readonly causes: readonly StaleCause[] }[]; readonly fresh: number }
  | (OfStep & { readonly type: 'step-started'; readonly causes: readonly StaleCause[]; readonly attempt: number })
  | (OfStep & { readonly type: 'step-progress'; readonly ratio?: number | undefined; readonly rows?: number | undefined })
  | (OfStep & { readonly type: 'step-staged'; readonly counts: StepCounts; readonly files: number; readonly bytes: number })
  | (OfStep & { readonly type: 'step-checked'; readonly result: CheckResult })
  | (OfStep & { readonly type: 'step-retried'; readonly error: EventError; readonly attempt: number; readonly delayMs: number })
  /** `unchanged`: what was made equals what is published, so that nothing was committed. */
  | (OfStep & { readonly type: 'step-materialized'; readonly materialization: Materialization; readonly counts: StepCounts; readonly unchanged: boolean; readonly durationMs: number; readonly stages?: StepStages | undefined })
  /** `held`: only the checks had changed, and were held against that version. */
  | (OfStep & { readonly type: 'step-fresh'; readonly held?: { readonly checks: string; readonly tableVersion: number } | undefined })
  /** `because` is the root cause: the asset that did not end well, however far up. */
  | (OfStep & { readonly type: 'step-skipped'; readonly because: AssetKey })
  | (OfStep & { readonly type: 'step-failed'; readonly status: 'failed' | 'check-failed' | 'cancelled'; readonly error: EventError; readonly durationMs: number })
  /** A job on other machines ended; or its bill is there, which AWS makes after the run has ended. */
  | (OfStep & { readonly type: 'step-job'; readonly job: JobFacts })
  | (OfStep & { readonly type: 'log'; readonly message: string })
  | { readonly type: 'run-finished'; readonly run: string; readonly at: string; readonly ok: boolean; readonly cancelled: boolean; readonly durationMs: number }

export type EventSink = (event: RunEvent) => void
