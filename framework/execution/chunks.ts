import type { AssetGraph } from '../graph/asset-graph.ts'
import type { SliceSet } from '../partitions/slice-set.ts'
import { chunksOf } from '../partitions/slices.ts'
import { slicesText } from '../partitions/slice-text.ts'
import type { Plan, Step } from '../planning/plan.ts'
import type { PartitionKey } from '../vocabulary/partition-key.ts'
import { TooManyChunks } from './execution-errors.ts'

/** A step as it is carried out: slice after slice, or so many at once as the asset allows. What has no slices is one chunk. */
export interface ChunkedStep {
  readonly step: Step
  readonly chunks: readonly Step[]
}

/** More than so many of one asset are taken for a mistake: each is a query and a commit. */
const MOST_CHUNKS = 100_000

/** @param atOnce slices per chunk, over what the assets say. @throws {TooManyChunks} */
export function chunkedSteps(plan: Plan, graph: AssetGraph, atOnce?: number): readonly ChunkedStep[] {
  return plan.steps.map(step => {
    const { partitions, batch } = graph.get(step.asset)
    if (!partitions || !step.slices) return { step, chunks: [step] }
    const size = atOnce ?? batch
    const sets: SliceSet[] = []
    for (const chunk of size === Infinity ? [step.slices] : chunksOf(partitions, step.slices, size)) {
      if (sets.push(chunk) > MOST_CHUNKS) throw new TooManyChunks(step.asset, slicesText(partitions, step.slices), size, MOST_CHUNKS)
    }
    return { step, chunks: sets.map((slices, i) => ({ ...step, rebuild: i === 0 ? step.rebuild : undefined, slices, partition: slicesText(partitions, slices) as PartitionKey })) }
  })
}
