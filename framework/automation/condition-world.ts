import type { AutomationCondition } from '../definition/automation-condition.ts'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import { slicesFedBy } from '../graph/sliced-edges.ts'
import { latestSlices } from '../partitions/latest-slices.ts'
import type { World } from '../partitions/partitions.ts'
import { intersect, isEmpty, keySlices, type SliceSet } from '../partitions/slice-set.ts'
import { slicesText } from '../partitions/slice-text.ts'
import { existingSlices, noSlices } from '../partitions/slices.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'

/** The one slice of an asset that is made as a whole. */
export const WHOLE: SliceSet = keySlices([''])
export const NOTHING: SliceSet = keySlices([])

/** The assets as conditions are asked of them, at one instant. */
export interface ConditionWorld {
  readonly now: number
  /** Upstreams first. */
  readonly keys: readonly AssetKey[]
  /** Those that are made by us: what someone else fills is never missing and never updated. */
  upstreamKeysOf(asset: AssetKey): readonly AssetKey[]
  conditionOf(asset: AssetKey): AutomationCondition | undefined
  /** Names how the asset is cut: under another cut, slices that were kept mean nothing. */
  shapeOf(asset: AssetKey): string
  all(asset: AssetKey): SliceSet
  none(asset: AssetKey): SliceSet
  /** The newest windows of time that have ended; all slices where time is no dimension of them. */
  latest(asset: AssetKey): SliceSet
  /** The slices that read some of these of an upstream. */
  fedBy(asset: AssetKey, upstream: AssetKey, slices: SliceSet): SliceSet
  /** Slices as people write them; undefined of an asset that has none. */
  text(asset: AssetKey, slices: SliceSet): string | undefined
}

export function conditionWorld(graph: AssetGraph, world: World): ConditionWorld {
  const existing = new Map<AssetKey, SliceSet>()
  const all = (asset: AssetKey): SliceSet => {
    const { partitions } = graph.get(asset)
    let slices = existing.get(asset)
    if (!slices) existing.set(asset, (slices = partitions ? existingSlices(partitions, world) : WHOLE))
    return slices
  }
  return {
    now: world.now.getTime(),
    keys: graph.keys,
    upstreamKeysOf: asset => graph.upstreamKeysOf(asset).filter(upstream => upstream !== asset && graph.get(upstream).kind !== 'external'),
    conditionOf: asset => graph.get(asset).automation,
    shapeOf: asset => JSON.stringify(graph.get(asset).partitions ?? null),
    all,
    none: asset => noneOf(graph.get(asset)),
    latest: asset => {
      const { partitions } = graph.get(asset)
      return partitions ? latestSlices(partitions, world) : WHOLE
    },
    fedBy(asset, upstream, slices) {
      const definition = graph.get(asset)
      if (isEmpty(slices)) return noneOf(definition)
      if (!definition.partitions) return WHOLE
      return intersect(slicesFedBy(graph, { ...definition, partitions: definition.partitions }, upstream, graph.get(upstream).partitions ? slices : undefined, world), all(asset))
    },
    text(asset, slices) {
      const { partitions } = graph.get(asset)
      return partitions && slicesText(partitions, slices)
    },
  }
}

const noneOf = ({ partitions }: AssetDefinition): SliceSet => (partitions ? noSlices(partitions) : NOTHING)
