import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import type { PartitionKey } from '../vocabulary/partition-key.ts'
import { withJob, type JobFacts } from '../vocabulary/job-facts.ts'
import type { EventError, RunEvent, StepCounts, StepStages, StepStatus } from '../vocabulary/run-event.ts'
import type { StaleCause } from '../vocabulary/stale-cause.ts'

/** One line of `varve runs`. */
export interface RunSummary {
  readonly run: string
  /** ISO 8601, UTC, as are the others. */
  readonly startedAt: string
  /** When it was last heard of. */
  readonly lastAt: string
  readonly selection: string
  readonly profile: string
  /** `unfinished`: still running, or killed before it could say how it ended. */
  readonly status: 'unfinished' | 'succeeded' | 'failed' | 'cancelled'
  /** How many steps it set out to do. */
  readonly planned: number
  /** How many assets were selected and needed nothing. */
  readonly fresh: number
  /** How its steps ended. */
  readonly ended: Readonly<Partial<Record<StepStatus, number>>>
  readonly rowsOut: number
  readonly durationMs?: number | undefined
}

/** What became of one step of a run. */
export interface StepRecord {
  readonly asset: AssetKey
  readonly partition?: PartitionKey | undefined
  readonly status: StepStatus | 'planned' | 'running'
  readonly causes: readonly StaleCause[]
  readonly checks: readonly CheckResult[]
  readonly attempts: number
  readonly startedAt?: string | undefined
  readonly durationMs?: number | undefined
  readonly counts?: StepCounts | undefined
  readonly tableVersion?: number | undefined
  /** Of a step that was materialized: how long its parts took. */
  readonly stages?: StepStages | undefined
  /** By upstream, the table version that was read. */
  readonly read?: Readonly<Record<AssetKey, number>> | undefined
  /** Those of other machines, with what is known of them last. */
  readonly jobs?: readonly JobFacts[] | undefined
  /** What was made equals what was published, so that nothing was committed. */
  readonly unchanged?: boolean | undefined
  readonly error?: EventError | undefined
  /** Of a skipped step: the asset that did not end well, however far up. */
  readonly because?: AssetKey | undefined
}

/** A run with its steps, in the order of its plan. */
export interface RunRecord extends RunSummary {
  readonly steps: readonly StepRecord[]
}

/** The summary of a run after one more of its events. What came before the run's start is not known, so it is nothing. */
export function summaryAfter(summary: RunSummary | undefined, event: RunEvent): RunSummary | undefined {
  if (event.type === 'run-started') {
    const { run, at, selection, profile, steps, fresh } = event
    return { run, startedAt: at, lastAt: at, selection, profile, status: 'unfinished', planned: steps.length, fresh, ended: {}, rowsOut: 0 }
  }
  if (!summary) return undefined
  // A bill comes after the end.
  if (event.type === 'step-job' && summary.status !== 'unfinished') return summary
  const heard = { ...summary, lastAt: event.at > summary.lastAt ? event.at : summary.lastAt }
  switch (event.type) {
    case 'step-materialized': return { ...ended(heard, 'materialized'), rowsOut: heard.rowsOut + event.counts.rowsOut }
    case 'step-fresh': return ended(heard, 'fresh')
    case 'step-skipped': return ended(heard, 'skipped')
    case 'step-failed': return ended(heard, event.status)
    case 'run-finished': return { ...heard, status: event.cancelled ? 'cancelled' : event.ok ? 'succeeded' : 'failed', durationMs: event.durationMs }
    case 'step-started': case 'step-progress': case 'step-staged': case 'step-checked': case 'step-retried': case 'step-job': case 'log': return heard
  }
}

const ended = (summary: RunSummary, status: StepStatus): RunSummary => ({ ...summary, ended: { ...summary.ended, [status]: (summary.ended[status] ?? 0) + 1 } })

/** A run, told from its events. Nothing where its start is not among them. */
export function runRecord(events: Iterable<RunEvent>): RunRecord | undefined {
  let summary: RunSummary | undefined
  const steps = new Map<string, StepRecord>()
  for (const event of events) {
    summary = summaryAfter(summary, event)
    if (event.type === 'run-started') {
      for (const { asset, partition, causes } of event.steps) steps.set(sliceId(asset, partition), { asset, partition, status: 'planned', causes, checks: [], attempts: 0 })
    } else if ('asset' in event) {
      const id = sliceId(event.asset, event.partition)
      steps.set(id, stepAfter(steps.get(id) ?? { asset: event.asset, partition: event.partition, status: 'planned', causes: [], checks: [], attempts: 0 }, event))
    }
  }
  return summary && { ...summary, steps: [...steps.values()] }
}

/** A step after one more of its events. */
function stepAfter(step: StepRecord, event: Extract<RunEvent, { asset: AssetKey }>): StepRecord {
  switch (event.type) {
    case 'step-started': return { ...step, status: 'running', causes: event.causes, attempts: event.attempt, startedAt: step.startedAt ?? event.at, checks: [] }
    case 'step-staged': return { ...step, counts: event.counts }
    case 'step-checked': return { ...step, checks: [...step.checks, event.result] }
    case 'step-retried': return { ...step, error: event.error, attempts: event.attempt }
    case 'step-materialized': {
      const { counts, unchanged, durationMs, materialization, stages } = event
      return { ...step, partition: materialization.partition, status: 'materialized', counts, unchanged, durationMs, stages, read: materialization.read, tableVersion: materialization.tableVersion, error: undefined }
    }
    case 'step-fresh': return { ...step, status: 'fresh' }
    case 'step-skipped': return { ...step, status: 'skipped', because: event.because }
    case 'step-failed': return { ...step, status: event.status, error: event.error, durationMs: event.durationMs }
    case 'step-job': return { ...step, jobs: withJob(step.jobs ?? [], event.job) }
    case 'step-progress': case 'log': return step
  }
}

/** Names a slice among all assets' slices. */
export const sliceId = (asset: AssetKey, partition: PartitionKey | undefined): string => (partition === undefined ? asset : `${asset}@${partition}`)
