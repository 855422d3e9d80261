import type { AssetGraph } from '../graph/asset-graph.ts'
import type { Partitions, World } from '../partitions/partitions.ts'
import { intersect, isEmpty, union, type SliceSet } from '../partitions/slice-set.ts'
import { parseSlices, requireExisting, slicesBetween, slicesText } from '../partitions/slice-text.ts'
import { existingSlices } from '../partitions/slices.ts'
import { UnknownSlice } from '../partitions/partition-errors.ts'
import type { PlanRequest, Sliced } from '../planning/planner.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError } from '../vocabulary/errors.ts'

export interface ChosenSlices {
  readonly partitions?: readonly string[] | undefined
  readonly between?: { readonly from: string; readonly to: string } | undefined
}

/** Which slices of an asset a request means, as its words say; undefined where it says nothing of slices. */
export function sliceChooser(graph: AssetGraph, keys: readonly AssetKey[], { partitions, between }: ChosenSlices, world: World): PlanRequest['within'] {
  if (!partitions?.length && !between) return undefined
  if (!keys.some(key => graph.get(key).partitions)) throw new NothingHasSlices(keys)
  const chosen = new Set(keys)
  const several = keys.filter(key => graph.get(key).partitions).length > 1
  const existing = (definition: Sliced, text: string) => {
    try {
      const named = parseSlices(definition.partitions, text)
      requireExisting(definition.partitions, named, world)
      return named
    } catch (error) {
      // Of several assets, cut in other ways, it must be clear which one has no such slice.
      if (several && error instanceof UnknownSlice) error.message = `${definition.key}: ${error.message}`
      throw error
    }
  }
  if (between) requireSome(keys.flatMap(key => graph.get(key).partitions ?? []), between, world)
  return definition => {
    if (!chosen.has(definition.key)) return undefined
    const sets: SliceSet[] = []
    for (const text of partitions ?? []) sets.push(existing(definition, text))
    if (between) sets.push(slicesBetween(definition.partitions, between.from, between.to, world))
    return sets.reduce((all, set) => union(all, set))
  }
}

/** A range that no asset has a slice in is not what anybody meant. */
function requireSome(all: readonly Partitions[], { from, to }: { readonly from: string; readonly to: string }, world: World): void {
  if (all.some(partitions => !isEmpty(intersect(slicesBetween(partitions, from, to, world), existingSlices(partitions, world))))) return
  throw new NothingInRange(from, to, [...new Set(all.map(partitions => slicesText(partitions, existingSlices(partitions, world)) || 'none'))])
}

/** The slices that are named for each asset; of an asset for which none are named, what it needs. */
export const sliceNamer = (slices: Readonly<Record<AssetKey, string>>): PlanRequest['within'] => definition => {
  const text = slices[definition.key]
  return text === undefined ? undefined : parseSlices(definition.partitions, text)
}

export class NothingInRange extends ExplainedError {
  readonly code = 'project/nothing-in-range'
  readonly hint: string
  constructor(from: string, to: string, existing: readonly string[]) {
    super(`No slice lies between ${from} and ${to}.`)
    this.hint = `There are ${existing.join(', and ')} by now; a slice of time exists once its window has ended.`
  }
}

export class NothingHasSlices extends ExplainedError {
  readonly code = 'project/nothing-has-slices'
  readonly hint = 'Leave out --partition, --from and --to, or give the asset partitions: @Asset({ partitions: daily({ column, start }) }).'
  constructor(keys: readonly AssetKey[]) {
    super(`Slices were asked for, but ${keys.length === 1 ? `${keys[0]} has` : 'the selected assets have'} none.`)
  }
}
