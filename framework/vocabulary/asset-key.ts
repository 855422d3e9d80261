import { ExplainedError } from './errors.ts'

/** The address of an asset, as in `gold/customer_360`: its file under assets/, its table in the lake. */
export type AssetKey = string & { readonly __brand: 'AssetKey' }

const PATTERN = /^[a-z][a-z0-9_]*(\/[a-z][a-z0-9_]*)+$/

/** @throws {InvalidAssetKey} where the text is not `layer/snake_case_name`. */
export function assetKey(text: string): AssetKey {
  if (!PATTERN.test(text)) throw new InvalidAssetKey(text)
  return text as AssetKey
}

export const isAssetKey = (text: string): text is AssetKey => PATTERN.test(text)

/** The first word of the key: `gold` of `gold/customer_360`. */
export const layerOf = (key: AssetKey): string => key.slice(0, key.indexOf('/'))

/** All but the first word of the key: `customer_360` of `gold/customer_360`. */
export const nameOf = (key: AssetKey): string => key.slice(key.indexOf('/') + 1)

export class InvalidAssetKey extends ExplainedError {
  readonly code = 'definition/invalid-key'
  readonly hint = 'Write a layer, a slash and a snake_case name: gold/customer_360.'
  constructor(readonly text: string) {
    super(`"${text}" is not an asset key.`)
  }
}
