import type { ContainerInstance } from 'typedi'
import type { AbstractAsset } from './abstract-asset.ts'
import type { AssetClass } from './asset-definition.ts'
import { draftOf } from './draft.ts'

/**
 * The one instance of an asset's class beside these services. What it declares as upstreams and resources is there under its properties,
 * and is made when it is first asked for: a chain of assets may be longer than the engine's stack. Assets are kept apart from the services,
 * whose container looks through all that it has for each that is asked of it.
 */
export function assetInstance<A extends AbstractAsset>(assetClass: AssetClass<A>, services: ContainerInstance): A {
  let instances = INSTANCES.get(services)
  if (!instances) INSTANCES.set(services, (instances = new Map()))
  const known = instances.get(assetClass)
  if (known) return known as A
  const instance = new assetClass()
  instances.set(assetClass, instance)
  const { upstreams, resources } = draftOf(assetClass.prototype)
  for (const { property, asset } of upstreams) Object.defineProperty(instance, property, { enumerable: true, configurable: true, get: () => assetInstance(asset(), services) })
  for (const { property, service } of resources) Object.defineProperty(instance, property, { enumerable: true, configurable: true, get: () => services.get(service()) })
  return instance
}

const INSTANCES = new WeakMap<ContainerInstance, Map<AssetClass, AbstractAsset>>()
