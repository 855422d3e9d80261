import { samePartition, type PartitionMapping } from '../partitions/mapping.ts'
import type { AbstractAsset } from './abstract-asset.ts'
import type { AssetClass } from './asset-definition.ts'
import { draftOf } from './draft.ts'

export interface UpstreamOptions {
  /** Which slices of the upstream one slice of this asset reads. Default: the same; all of them where only the upstream has slices. */
  readonly partitions?: PartitionMapping
}

/** Declares that this asset reads another, and hands it over under the property's name. */
export function Upstream<U extends AbstractAsset>(asset: () => AssetClass<U>, options: UpstreamOptions = {}) {
  // What the upstream is must fit what the property says it is, not the other way round.
  return <Name extends string, P extends { readonly [N in Name]: AbstractAsset }>(prototype: P, property: U extends P[Name] ? Name : never): void => {
    draftOf(prototype).upstreams.push({ property, asset, mapping: options.partitions ?? samePartition() })
  }
}
