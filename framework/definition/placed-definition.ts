import type { AssetDefinition } from './asset-definition.ts'
import type { Place } from '../vocabulary/errors.ts'

/**
 * The definition with the place where it is declared, and with these words where it has none of its own. Field by field: where ten thousand are spread, the engine
 * makes each a shape of its own, which takes ten kilobytes.
 */
export function placedDefinition(definition: AssetDefinition, place: Place, words: string): AssetDefinition {
  const { key, kind, description, upstreams, write, incremental, stream, partitions, batch, checks, contract, columns, freshness, automation, retry, owners, tags, waivers, lineage, group, codeVersion, volatile, declaredAs } = definition
  return Object.freeze({
    key, kind, description: description || words, upstreams, write, incremental, stream, partitions, batch, checks, contract, columns, freshness, automation, retry, owners, tags, waivers, lineage, group, codeVersion, volatile,
    declaredAs, place, body: definition.body,
  } satisfies { readonly [Name in keyof Required<AssetDefinition>]: AssetDefinition[Name] })
}
