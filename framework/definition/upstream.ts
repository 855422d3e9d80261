import { Container } from 'typedi'
import type { AbstractAsset } from './abstract-asset.ts'
import type { AssetClass } from './asset-definition.ts'
import { draftOf } from './draft.ts'

/** Declares that this asset reads another, and hands it over under the property's name. */
export function Upstream<U extends AbstractAsset>(asset: () => AssetClass<U>) {
  return <Name extends string>(prototype: { readonly [P in Name]: U }, property: Name): void => {
    draftOf(prototype).upstreams.push({ property, asset })
    Container.registerHandler({ object: prototype as never, propertyName: property, value: container => container.get(asset()) })
  }
}
