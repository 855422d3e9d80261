import { layerOf, type AssetKey } from '../../vocabulary/asset-key.ts'
import type { CheckResult } from '../../vocabulary/check-result.ts'
import type { EventError, RunEvent, StepCounts, StepStatus } from '../../vocabulary/run-event.ts'

/** How far one step is, as it is drawn. */
export interface StepProgress {
  readonly asset: AssetKey
  readonly layer: string
  /** What stands below its layer. */
  readonly name: string
  readonly status: StepStatus | 'waiting' | 'running'
  /** On the watcher's clock, in milliseconds. */
  readonly since?: number | undefined
  readonly ratio?: number | undefined
  readonly rows?: number | undefined
  readonly counts?: StepCounts | undefined
  readonly durationMs?: number | undefined
  readonly tableVersion?: number | undefined
  readonly unchanged?: boolean | undefined
  readonly error?: EventError | undefined
  readonly because?: AssetKey | undefined
  readonly attempt: number
  /** Promises that do not hold, blocking or not. */
  readonly broken: readonly CheckResult[]
}

/** What can be said of a run while it goes on, put together from its events. */
export class RunProgress {
  readonly #steps = new Map<string, StepProgress>()

  /** Upstreams first. */
  get steps(): readonly StepProgress[] {
    return [...this.#steps.values()]
  }

  /** Takes in an event. Answers its step as it is now. @param now on the watcher's clock: the run's may stand still. */
  take(event: RunEvent, now: number): StepProgress | undefined {
    if (event.type === 'run-started') {
      for (const { asset, partition } of event.steps) this.#steps.set(`${asset}@${partition}`, waiting(asset, partition))
      return undefined
    }
    if (event.type === 'run-finished') return undefined
    const id = `${event.asset}@${event.partition}`
    const step = stepAfter(this.#steps.get(id) ?? waiting(event.asset, event.partition), event, now)
    this.#steps.set(id, step)
    return step
  }
}

const waiting = (asset: AssetKey, partition?: string): StepProgress => ({ asset, layer: layerOf(asset), name: nameOf(asset, partition), status: 'waiting', attempt: 0, broken: [] })

const nameOf = (asset: AssetKey, partition: string | undefined): string => asset.slice(layerOf(asset).length + 1) + (partition === undefined ? '' : ` @ ${partition}`)

function stepAfter(step: StepProgress, event: Exclude<RunEvent, { type: 'run-started' | 'run-finished' }>, now: number): StepProgress {
  switch (event.type) {
    case 'step-started': return { ...step, status: 'running', since: step.since ?? now, attempt: event.attempt, broken: [], ratio: undefined, rows: undefined }
    case 'step-progress': return { ...step, ratio: event.ratio ?? step.ratio, rows: event.rows ?? step.rows }
    case 'step-staged': return { ...step, counts: event.counts, rows: event.counts.rowsOut, ratio: undefined }
    case 'step-checked': return event.result.passed ? step : { ...step, broken: [...step.broken, event.result] }
    case 'step-retried': return { ...step, error: event.error }
    case 'step-materialized': {
      const { counts, unchanged, durationMs, materialization: { tableVersion, partition } } = event
      return { ...step, name: nameOf(event.asset, partition), status: 'materialized', counts, unchanged, durationMs, tableVersion, error: undefined }
    }
    case 'step-fresh': return { ...step, status: 'fresh' }
    case 'step-skipped': return { ...step, status: 'skipped', because: event.because }
    case 'step-failed': return { ...step, status: event.status, error: event.error, durationMs: event.durationMs }
    case 'step-job': case 'log': return step
  }
}
