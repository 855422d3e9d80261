import type { AssetDefinition, UpstreamDefinition } from '../definition/asset-definition.ts'
import { touchedSlices } from '../partitions/mapped-slices.ts'
import type { Partitions, World } from '../partitions/partitions.ts'
import { existingSlices } from '../partitions/slices.ts'
import type { SliceSet } from '../partitions/slice-set.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { AssetGraph } from './asset-graph.ts'

/** How an asset declares that it reads another. A check may read what no upstream declares: then there is none. */
export const edgeOf = (definition: AssetDefinition, upstream: AssetKey): UpstreamDefinition | undefined => definition.upstreams.find(({ asset }) => asset() === upstream)

/** Whether an asset reads its own earlier slices. */
export const readsItself = (definition: AssetDefinition): boolean => definition.partitions !== undefined && edgeOf(definition, definition.key) !== undefined

/** The upstreams of an asset whose slices stand against its own, itself among them where it reads its earlier slices; what is read of the others is read whole. */
export function slicedUpstreams(graph: AssetGraph, definition: AssetDefinition): readonly { readonly key: AssetKey; readonly edge: UpstreamDefinition; readonly partitions: Partitions }[] {
  if (!definition.partitions) return []
  return definition.upstreams.flatMap(edge => {
    const key = edge.asset()
    const { partitions } = graph.get(key)
    return partitions ? [{ key, edge, partitions }] : []
  })
}

/** The slices of an asset that have to be looked at again when these of an upstream are written; all of them where the upstream has none. */
export function slicesFedBy(graph: AssetGraph, definition: AssetDefinition & { readonly partitions: Partitions }, upstream: AssetKey, written: SliceSet | undefined, world: World): SliceSet {
  const edge = edgeOf(definition, upstream)
  const { partitions } = graph.get(upstream)
  if (!edge || !partitions || !written) return existingSlices(definition.partitions, world)
  return touchedSlices(edge.mapping, definition.partitions, partitions, written, world)
}
