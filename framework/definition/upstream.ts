import { Container } from 'typedi'
import type { AbstractAsset } from './abstract-asset.ts'
import type { AssetClass } from './asset-definition.ts'
import { draftOf } from './draft.ts'

/** Declares that this asset reads another, and hands it over under the property's name. */
export function Upstream<U extends AbstractAsset>(asset: () => AssetClass<U>) {
  // What the upstream is must fit what the property says it is, not the other way round.
  return <Name extends string, P extends { readonly [N in Name]: AbstractAsset }>(prototype: P, property: U extends P[Name] ? Name : never): void => {
    draftOf(prototype).upstreams.push({ property, asset })
    Container.registerHandler({ object: prototype as never, propertyName: property, value: container => container.get(asset()) })
  }
}
