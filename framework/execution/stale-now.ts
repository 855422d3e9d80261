import { readsItself } from '../graph/sliced-edges.ts'
import { emptyLedger, writtenSlices } from '../partitions/slice-ledger.ts'
import { includes, intersect, isEmpty, timeSlices, union, type SliceSet } from '../partitions/slice-set.ts'
import { slicesText } from '../partitions/slice-text.ts'
import type { Step } from '../planning/plan.ts'
import { hasSlices } from '../planning/planner.ts'
import { slicedStaleness } from '../planning/sliced-staleness.ts'
import type { Situation } from '../planning/situation.ts'
import { staleCauses } from '../planning/staleness.ts'
import type { PartitionKey } from '../vocabulary/partition-key.ts'

/** Whether nothing of a step is stale any more, by its asset's upstreams as they are now. */
export function isFreshNow(situation: Situation, { asset, slices }: Step): boolean {
  const definition = situation.graph.get(asset)
  if (!slices || !hasSlices(definition)) return staleCauses(situation, asset).length === 0
  return isEmpty(intersect(slices, slicedStaleness(situation, definition).slices))
}

/** A step with those of its slices that are stale now: of an upstream that was planned to be written, not all slices may have come out otherwise. */
export function staleNow(situation: Situation, step: Step): Step {
  const definition = situation.graph.get(step.asset)
  // What builds on an earlier slice follows it, stale by itself or not.
  if (!step.slices || !hasSlices(definition) || readsItself(definition)) return step
  const stale = intersect(step.slices, slicedStaleness(situation, definition).slices)
  const slices = definition.batch === Infinity ? spanned(stale, writtenSlices(situation.ledgers.get(step.asset) ?? emptyLedger(''))) : stale
  return includes(slices, step.slices) && includes(step.slices, slices) ? step : { ...step, slices, partition: slicesText(definition.partitions, slices) as PartitionKey }
}

/** Whether no slice of a step's asset is stale once the step is made, and all of them were held to the checks of now. */
export function leavesAllFresh(situation: Situation, { asset, slices }: Step): boolean {
  const definition = situation.graph.get(asset)
  if (!slices || !hasSlices(definition) || readsItself(definition)) return false
  if (!includes(slices, slicedStaleness(situation, definition).slices)) return false
  const made = writtenSlices(situation.ledgers.get(asset) ?? emptyLedger(''))
  const last = situation.state.last(asset)
  return !made || includes(slices, made) || (last?.allFresh === true && (last.checks ?? '') === (situation.checkVersions?.get(asset) ?? ''))
}

/**
 * Of many ranges the whole span, as far as it was made before: a query over hundreds of ranges costs more than one that makes the days between them once
 * more, and those come out as they were.
 */
function spanned(slices: SliceSet, made: SliceSet | undefined): SliceSet {
  if (slices.kind !== 'time' || slices.intervals.length <= MOST_RANGES || !made) return slices
  return union(slices, intersect(timeSlices([{ from: slices.intervals[0]!.from, to: slices.intervals.at(-1)!.to }]), made))
}

const MOST_RANGES = 32
