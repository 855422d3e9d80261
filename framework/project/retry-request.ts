import type { AssetGraph } from '../graph/asset-graph.ts'
import { union, type SliceSet } from '../partitions/slice-set.ts'
import { parseSlices } from '../partitions/slice-text.ts'
import type { PlanRequest } from '../planning/planner.ts'
import type { RunRecord } from '../state/run-record.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { StampedRange } from '../vocabulary/stamped-range.ts'

/** What a run left undone, as a request for a plan. */
export interface Left {
  readonly selection: string
  readonly keys: readonly AssetKey[]
  readonly forced: ReadonlySet<AssetKey>
  /** Of these, those that were to be made anew. */
  readonly rebuilt: ReadonlySet<AssetKey>
  /** Of assets that read only what is new, what was stamped then. */
  readonly stamped: ReadonlyMap<AssetKey, StampedRange>
  readonly within: NonNullable<PlanRequest['within']>
}

/**
 * The steps of a run that failed, broke a promise, were skipped or cancelled, or were never ended because the run was killed; of
 * assets that still exist. @throws {NoSuchRun} {@link NothingLeft}
 */
export function leftOf(record: RunRecord | undefined, graph: AssetGraph): Left {
  if (!record) throw new NoSuchRun()
  const left = record.steps.filter(({ asset, status }) => status !== 'materialized' && status !== 'fresh' && graph.has(asset))
  if (left.length === 0) throw new NothingLeft(record.run)
  const assets = new Set(left.map(({ asset }) => asset))
  return {
    selection: record.selection,
    keys: graph.keys.filter(key => assets.has(key)),
    forced: new Set(left.filter(({ causes }) => causes.some(({ code }) => code === 'forced')).map(({ asset }) => asset)),
    rebuilt: new Set(left.filter(({ causes }) => causes.some(cause => cause.code === 'forced' && cause.rebuild)).map(({ asset }) => asset)),
    stamped: new Map(left.flatMap(({ asset, causes }) => causes.flatMap(cause => (cause.code === 'forced' && cause.stamped ? [[asset, cause.stamped] as const] : [])))),
    within: definition => left
      .filter(({ asset, partition }) => asset === definition.key && partition !== undefined)
      .map(({ partition }) => parseSlices(definition.partitions, partition!))
      .reduce<SliceSet | undefined>((all, set) => (all ? union(all, set) : set), undefined),
  }
}

export class NoSuchRun extends ExplainedError {
  readonly code = 'project/no-such-run'
  readonly hint = 'Run "varve runs" to see those there are.'
  constructor() {
    super('There is no run to retry.')
  }
}

export class NothingLeft extends ExplainedError {
  readonly code = 'project/nothing-left'
  readonly hint = 'To write it again all the same: varve materialize --force'
  constructor(run: string) {
    super(`Every step of run ${run} ended well: nothing is left to retry.`)
  }
}
