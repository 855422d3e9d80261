/** What past values let one expect of the next. */
export interface Expectation {
  readonly middle: number
  /** How far from the middle a value may lie. */
  readonly reach: number
}

/** A median absolute deviation times this is the standard deviation of normally distributed values. */
const AS_NORMAL = 1.4826

/** @param past at least one value */
export function expectation(past: readonly number[], sensitivity: number): Expectation {
  const middle = median(past)
  const usual = AS_NORMAL * median(past.map(value => Math.abs(value - middle)))
  return { middle, reach: sensitivity * Math.max(usual, Math.abs(middle) / 100) }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
