import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import type { PartitionKey } from '../vocabulary/partition-key.ts'
import type { EventError, RunEvent, StepCounts, StepStatus } from '../vocabulary/run-event.ts'
import type { StaleCause } from '../vocabulary/stale-cause.ts'

/** How one step of a run ended. */
export interface StepResult {
  readonly asset: AssetKey
  /** The slices that were made; of a step that made none, those that were planned. */
  readonly partition?: PartitionKey | undefined
  readonly status: StepStatus
  readonly causes: readonly StaleCause[]
  readonly counts: StepCounts
  readonly checks: readonly CheckResult[]
  readonly tableVersion?: number | undefined
  readonly unchanged: boolean
  readonly durationMs: number
  readonly error?: EventError | undefined
  /** Of a skipped step: the asset that did not end well. */
  readonly because?: AssetKey | undefined
}

/** How a run ended. */
export interface RunResult {
  readonly run: string
  /** Every step ended as materialized or fresh. */
  readonly ok: boolean
  readonly cancelled: boolean
  readonly steps: readonly StepResult[]
  readonly durationMs: number
}

type Draft = { -readonly [Name in keyof StepResult]: StepResult[Name] } & { checks: CheckResult[] }

/** Puts the result of a run together from its events: whoever listens sees the same as who is told at the end. */
export function runResult(events: readonly RunEvent[]): RunResult {
  const steps = new Map<string, Draft>()
  let run = ''
  let ok = false
  let cancelled = false
  let durationMs = 0
  const of = (event: { readonly asset: AssetKey; readonly partition?: PartitionKey | undefined }): Draft => steps.get(`${event.asset}@${event.partition}`)!
  for (const event of events) {
    switch (event.type) {
      case 'run-started':
        run = event.run
        for (const { asset, partition, causes } of event.steps) {
          steps.set(`${asset}@${partition}`, { asset, partition, status: 'cancelled', causes, counts: { rowsIn: 0, rowsOut: 0, rejected: 0 }, checks: [], unchanged: false, durationMs: 0 })
        }
        break
      case 'step-staged':
        of(event).counts = event.counts
        break
      case 'step-checked':
        of(event).checks.push(event.result)
        break
      case 'step-retried':
        of(event).checks = []
        break
      case 'step-materialized':
        Object.assign(of(event), { partition: event.materialization.partition, status: 'materialized', counts: event.counts, tableVersion: event.materialization.tableVersion, unchanged: event.unchanged, durationMs: event.durationMs })
        break
      case 'step-fresh':
        of(event).status = 'fresh'
        break
      case 'step-skipped':
        Object.assign(of(event), { status: 'skipped', because: event.because })
        break
      case 'step-failed':
        Object.assign(of(event), { status: event.status, error: event.error, durationMs: event.durationMs })
        break
      case 'run-finished':
        ;({ ok, cancelled, durationMs } = event)
        break
      case 'step-started':
      case 'step-progress':
      case 'step-job':
      case 'log':
        break
    }
  }
  return { run, ok, cancelled, steps: [...steps.values()], durationMs }
}
