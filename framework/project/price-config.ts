import type { AssetGraph } from '../graph/asset-graph.ts'
import type { PricedEngine } from '../planning/price.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { engineNameOf, type EngineName, type EnginesConfig } from './engine-config.ts'

/** What engines take, for plans to foresee it. An engine that is not named has no price, except DuckDB, which takes nothing. */
export interface PricesConfig {
  readonly currency: string
  readonly engines: Readonly<Partial<Record<EngineName, { readonly perStep?: number | undefined; readonly perGigabyte?: number | undefined }>>>
}

export const PRICES_DEFAULTS: PricesConfig = { currency: 'USD', engines: {} }

const AMOUNT = { type: 'number', minimum: 0 } as const
const PRICE = { type: 'object', additionalProperties: false, minProperties: 1, properties: { perStep: AMOUNT, perGigabyte: AMOUNT } } as const

export const PRICES_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    currency: { type: 'string', pattern: '^[A-Z]{3}$', description: 'a currency of three letters, as in USD', default: PRICES_DEFAULTS.currency },
    engines: { type: 'object', default: {}, additionalProperties: false, properties: { duckdb: PRICE, 'emr-serverless': PRICE, athena: PRICE } },
  },
} as const

/** The engine of an asset with its price; undefined where it takes nothing. */
export function pricedEngineOf(graph: AssetGraph, { engines, prices }: { readonly engines: EnginesConfig; readonly prices: PricesConfig }, key: AssetKey): PricedEngine | undefined {
  const engine = engineNameOf(graph, engines, key)
  const price = prices.engines[engine]
  if (!price) return engine === 'duckdb' ? undefined : { engine }
  return { engine, price: { perStep: price.perStep ?? 0, perGigabyte: price.perGigabyte ?? 0, currency: prices.currency } }
}
