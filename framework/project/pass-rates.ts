import { layerOf, type AssetKey } from '../vocabulary/asset-key.ts'

/** The least share of rows that have to keep each promise: by asset, by a pattern of assets with `*`, by layer, or by `default`. */
export interface PassRates {
  readonly [name: string]: number
}

/** The rate for one asset: what names it leads, then the longest pattern, then its layer, then the default. */
export function passRateOf(rates: PassRates, asset: AssetKey): number | undefined {
  const pattern = Object.keys(rates).filter(name => name.includes('*') && matches(name, asset)).sort((a, b) => b.length - a.length)[0]
  return rates[asset] ?? (pattern === undefined ? undefined : rates[pattern]) ?? rates[layerOf(asset)] ?? rates['default']
}

export const matches = (pattern: string, asset: string): boolean => new RegExp(`^${pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(asset)
