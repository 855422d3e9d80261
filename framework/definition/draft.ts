import 'reflect-metadata'
import type { PartitionMapping } from '../partitions/mapping.ts'
import type { AssetClass } from './asset-definition.ts'
import type { MethodCheckOptions } from './check.ts'

/** What the members of a class have declared before the class itself is declared. */
export interface Draft {
  readonly upstreams: { readonly property: string; readonly asset: () => AssetClass; readonly mapping: PartitionMapping }[]
  readonly resources: { readonly property: string; readonly service: () => new (...args: never[]) => unknown }[]
  readonly checks: { readonly name: string; readonly options: MethodCheckOptions }[]
}

const DRAFT = Symbol.for('varve.draft')

/** The draft of a class by its prototype. A subclass starts from what its parent declared, without writing into it. */
export function draftOf(prototype: object): Draft {
  const own = Reflect.getOwnMetadata(DRAFT, prototype) as Draft | undefined
  if (own) return own
  const inherited = Reflect.getMetadata(DRAFT, prototype) as Draft | undefined
  const draft: Draft = { upstreams: [...(inherited?.upstreams ?? [])], resources: [...(inherited?.resources ?? [])], checks: [...(inherited?.checks ?? [])] }
  Reflect.defineMetadata(DRAFT, draft, prototype)
  return draft
}
