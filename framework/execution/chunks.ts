import type { AssetGraph } from '../graph/asset-graph.ts'
import { chunksOf } from '../partitions/slices.ts'
import { slicesText } from '../partitions/slice-text.ts'
import type { Plan, Step } from '../planning/plan.ts'
import type { PartitionKey } from '../vocabulary/partition-key.ts'

/** A step as it is carried out: slice after slice, or so many at once as the asset allows. What has no slices is one chunk. */
export interface ChunkedStep {
  readonly step: Step
  readonly chunks: readonly Step[]
}

/** @param atOnce slices per chunk, over what the assets say. */
export function chunkedSteps(plan: Plan, graph: AssetGraph, atOnce?: number): readonly ChunkedStep[] {
  return plan.steps.map(step => {
    const { partitions, batch } = graph.get(step.asset)
    if (!partitions || !step.slices) return { step, chunks: [step] }
    const size = atOnce ?? batch
    const sets = size === Infinity ? [step.slices] : [...chunksOf(partitions, step.slices, size)]
    return { step, chunks: sets.map((slices, i) => ({ ...step, rebuild: i === 0 ? step.rebuild : undefined, slices, partition: slicesText(partitions, slices) as PartitionKey })) }
  })
}
