import type { Plan } from './plan.ts'
import { TooMuchToRead } from './planning-errors.ts'

/** @throws {TooMuchToRead} where the steps together would read more than is allowed */
export function requireWithin({ steps }: Plan, maxBytes: number | undefined): void {
  if (maxBytes === undefined) return
  const bytes = steps.reduce((total, { estimate }) => total + estimate.bytes, 0)
  if (bytes <= maxBytes) return
  const dearest = steps.toSorted((a, b) => b.estimate.bytes - a.estimate.bytes)[0]!
  throw new TooMuchToRead(bytes, maxBytes, dearest.asset)
}
