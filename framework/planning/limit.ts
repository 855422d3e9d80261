import type { Plan } from './plan.ts'
import { PriceUnknown, TooDear, TooMuchToRead } from './planning-errors.ts'
import { inMillionths } from './price.ts'

export interface Limits {
  readonly maxBytes?: number | undefined
  /** In the currency of the engines' prices. */
  readonly maxCost?: number | undefined
}

/** @throws {TooMuchToRead} {@link TooDear} where the steps together would take more than is allowed; {@link PriceUnknown} where nobody can tell */
export function requireWithin(plan: Plan, { maxBytes, maxCost }: Limits): void {
  if (maxBytes !== undefined) requireBytes(plan, maxBytes)
  if (maxCost !== undefined) requireCost(plan, maxCost)
}

function requireCost({ steps }: Plan, maxCost: number): void {
  const paid = steps.flatMap(({ asset, cost }) => (cost ? [{ asset, ...cost }] : []))
  const unpriced = paid.find(({ amount }) => amount === undefined)
  if (unpriced) throw new PriceUnknown(unpriced.asset, unpriced.engine)
  const total = inMillionths(paid.reduce((sum, { amount }) => sum + amount!, 0))
  if (total > maxCost) throw new TooDear(total, maxCost, paid[0]!.currency!, paid.toSorted((a, b) => b.amount! - a.amount!)[0]!.asset)
}

function requireBytes({ steps }: Plan, maxBytes: number): void {
  const bytes = steps.reduce((total, { estimate }) => total + estimate.bytes, 0)
  if (bytes <= maxBytes) return
  const dearest = steps.toSorted((a, b) => b.estimate.bytes - a.estimate.bytes)[0]!
  throw new TooMuchToRead(bytes, maxBytes, dearest.asset)
}
