import type { AssetDefinition, RetryPolicy } from '../definition/asset-definition.ts'
import type { Plan, Step } from '../planning/plan.ts'
import { recordMade } from '../planning/record-made.ts'
import type { Situation } from '../planning/situation.ts'
import { intersect, isEmpty, union, type SliceSet } from '../partitions/slice-set.ts'
import { neededSlices } from '../partitions/mapped-slices.ts'
import { edgeOf } from '../graph/sliced-edges.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Clock } from '../vocabulary/clock.ts'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { dataWithoutSecrets, withoutSecrets } from '../vocabulary/secret.ts'
import type { EventError, EventSink, RunEvent } from '../vocabulary/run-event.ts'
import { chunkedSteps, type ChunkedStep } from './chunks.ts'
import { limitConcurrency } from './concurrency.ts'
import { CheckFailed } from './execution-errors.ts'
import { withRetries } from './retry.ts'
import { runResult, type RunResult } from './run-result.ts'
import type { StepListener, StepRunner } from './step-runner.ts'
import type { Turns } from './turn.ts'

export interface ExecutorOptions {
  /** How many steps run at once. */
  readonly jobs: number
  readonly profile: string
  readonly clock: Clock
  /** For assets that have no policy of their own. */
  readonly retry?: RetryPolicy | undefined
  /** Keeps two runs from writing one asset at once. */
  readonly turns: Turns
  /** Takes in what other runs did to an asset since the plan was made. */
  readonly refresh: (asset: AssetKey, situation: Situation) => Promise<void>
  /** Makes what was told so far durable: called as the turn is given back, so that who has the next one knows of it. */
  readonly settle: () => void
  /** How many slices are made at once, over what the assets say. */
  readonly slicesAtOnce?: number | undefined
  /** Whether to tell how far a step is. */
  readonly progress?: boolean | undefined
}

/** Why not all of a step ended well: the asset that is to blame, and the slices that are not there now. */
interface Failure {
  readonly because: AssetKey
  readonly slices?: SliceSet | undefined
}

/** `undefined` is good. */
type Ending = Promise<Failure | undefined>

/** Runs a plan: each step as soon as the steps before it have ended well. A failed branch does not stop the others. */
export class Executor {
  readonly #steps: StepRunner
  readonly #options: ExecutorOptions

  constructor(steps: StepRunner, options: ExecutorOptions) {
    this.#steps = steps
    this.#options = options
  }

  async run(plan: Plan, situation: Situation, run: string, signal: AbortSignal, sink: EventSink): Promise<RunResult> {
    const { clock, profile, jobs } = this.#options
    const events: RunEvent[] = []
    const emit: EventSink = told => {
      const event = dataWithoutSecrets(told)
      if (event.type !== 'step-progress') events.push(event)
      sink(event)
    }
    const at = () => clock.now().toISOString()
    const started = performance.now()
    const work = chunkedSteps(plan, situation.graph, this.#options.slicesAtOnce)
    emit({ type: 'run-started', run, at: at(), selection: plan.selection, profile, steps: work.flatMap(({ chunks }) => chunks.map(({ asset, partition, causes }) => ({ asset, partition, causes }))), fresh: plan.fresh.length })
    crashpoint('run-announced')
    const limit = limitConcurrency(jobs)
    const endings = new Map<string, Ending>()
    // The plan lists upstreams first, so every ending that a step waits for is there already.
    for (const each of work) endings.set(each.step.id, this.#runChunks(each, endings, chunk => limit(() => this.#runStep(chunk, situation, run, signal, emit)), situation, head => emit({ ...head, type: 'step-skipped', run, at: at() })))
    const failures = (await Promise.all(endings.values())).filter(ending => ending !== undefined)
    crashpoint('run-ended')
    emit({ type: 'run-finished', run, at: at(), ok: failures.length === 0, cancelled: signal.aborted, durationMs: Math.round(performance.now() - started) })
    return runResult(events)
  }

  /** Chunk after chunk: each builds on the table that the one before it left. A chunk is skipped where what it reads did not end well. */
  async #runChunks({ step, chunks }: ChunkedStep, endings: ReadonlyMap<string, Ending>, work: (chunk: Step) => Ending, situation: Situation, skip: (head: Pick<Step, 'asset' | 'partition'> & { readonly because: AssetKey }) => void): Ending {
    const failures = new Map<AssetKey, Failure>()
    for (const upstream of step.after) {
      const failure = await endings.get(upstream)
      if (failure) failures.set(upstream as AssetKey, failure)
    }
    let ended: Failure | undefined
    for (const chunk of chunks) {
      const because = blame(chunk, failures, situation)
      if (because) skip({ asset: chunk.asset, partition: chunk.partition, because })
      const failure = because ? { because, slices: chunk.slices } : await work(chunk)
      crashpoint('chunk-done')
      if (failure) ended = { because: ended?.because ?? failure.because, slices: ended?.slices && failure.slices ? union(ended.slices, failure.slices) : failure.slices }
    }
    return ended
  }

  async #runStep(step: Step, situation: Situation, run: string, signal: AbortSignal, emit: EventSink): Ending {
    const { clock, turns, refresh, settle } = this.#options
    const started = performance.now()
    const durationMs = () => Math.round(performance.now() - started)
    const head = () => ({ run, at: clock.now().toISOString(), asset: step.asset, partition: step.partition })
    const failed = (status: 'failed' | 'check-failed' | 'cancelled', error: EventError): Failure => {
      emit({ ...head(), type: 'step-failed', status, error, durationMs: durationMs() })
      return { because: step.asset, slices: step.slices }
    }
    if (signal.aborted) return failed('cancelled', CANCELLED)
    try {
      await turns.take(step.asset, signal, message => emit({ ...head(), type: 'log', message }), async turn => {
        const before = situation.state.last(step.asset)?.run
        if (turn.again) await refresh(step.asset, situation)
        const meanwhile = situation.state.last(step.asset)?.run
        const attempts = { policy: this.#policyOf(situation.graph.get(step.asset)), signal, onRetry: (error: unknown, attempt: number, delayMs: number) => emit({ ...head(), type: 'step-retried', error: eventError(error), attempt, delayMs }) }
        const outcome = await withRetries(attempts, attempt => {
          emit({ ...head(), type: 'step-started', causes: step.causes, attempt })
          return this.#steps.run(step, { situation, run, signal, turn }, this.#listener(head, emit))
        })
        if (outcome.status === 'fresh') {
          if (meanwhile !== before) emit({ ...head(), type: 'log', message: `${step.asset} was made by run ${meanwhile} meanwhile` })
          emit({ ...head(), type: 'step-fresh', ...(outcome.held && { held: outcome.held }) })
        } else {
          recordMade(situation, outcome.materialization)
          emit({ ...head(), type: 'step-materialized', materialization: outcome.materialization, counts: outcome.counts, unchanged: outcome.unchanged, durationMs: durationMs(), stages: outcome.stages })
        }
      }, settle)
      return undefined
    } catch (error) {
      if (signal.aborted) return failed('cancelled', CANCELLED)
      return failed(error instanceof CheckFailed ? 'check-failed' : 'failed', eventError(error))
    }
  }

  #listener(head: () => { readonly run: string; readonly at: string; readonly asset: AssetKey }, emit: EventSink): StepListener {
    return {
      log: message => emit({ ...head(), type: 'log', message }),
      progress: this.#options.progress ? ({ ratio, rows }) => emit({ ...head(), type: 'step-progress', ratio, rows }) : undefined,
      staged: ({ counts, files, bytes }) => emit({ ...head(), type: 'step-staged', counts, files, bytes }),
      ran: job => emit({ ...head(), type: 'step-job', job }),
      checked: result => emit({ ...head(), type: 'step-checked', result }),
    }
  }

  #policyOf(definition: AssetDefinition): RetryPolicy | undefined {
    return definition.retry ?? this.#options.retry
  }
}

/** The root cause that keeps a chunk from being made, if there is one. */
function blame({ asset, slices }: Step, failures: ReadonlyMap<AssetKey, Failure>, { graph, world }: Situation): AssetKey | undefined {
  const definition = graph.get(asset)
  for (const [upstream, failure] of failures) {
    const { partitions } = graph.get(upstream)
    const edge = edgeOf(definition, upstream)
    if (!partitions || !definition.partitions || !edge || !slices || !failure.slices) return failure.because
    if (!isEmpty(intersect(neededSlices(edge.mapping, definition.partitions, partitions, slices, world).slices, failure.slices))) return failure.because
  }
  return undefined
}

const CANCELLED: EventError = { code: 'execution/cancelled', message: 'The run was cancelled.', hint: 'Nothing of this step was published.' }

/** An error as an event keeps it. What is no explained mistake keeps the first line of its message: the rest is for a debugger. */
export function eventError(error: unknown): EventError {
  if (error instanceof ExplainedError) return dataWithoutSecrets({ code: error.code, message: error.message, hint: error.hint })
  const message = withoutSecrets(error instanceof Error ? error.message : String(error))
  return { code: 'execution/failed', message: message.split('\n')[0]! }
}
