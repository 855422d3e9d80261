import type { Estimate } from './plan.ts'

/** What an engine takes, as far as a plan can foresee it. */
export interface Price {
  /** For each step, however small. */
  readonly perStep: number
  /** For each 10^9 bytes of tables that a step reads, as stored. */
  readonly perGigabyte: number
  /** ISO 4217. */
  readonly currency: string
}

/** What the engine of an asset takes; without a price nobody can tell. */
export interface PricedEngine {
  readonly engine: string
  readonly price?: Price | undefined
}

/** What a step would cost. `amount` is absent where its engine has no price. */
export interface Cost {
  readonly engine: string
  readonly amount?: number | undefined
  readonly currency?: string | undefined
}

export function costOf({ bytes }: Estimate, { engine, price }: PricedEngine): Cost {
  return price ? { engine, amount: inMillionths(price.perStep + (price.perGigabyte * bytes) / 1e9), currency: price.currency } : { engine }
}

/** Sums of money come out the same in whatever order they are added. */
export const inMillionths = (amount: number): number => Math.round(amount * 1e6) / 1e6
