/** From `from` up to, and without, `to`. */
export interface Interval {
  readonly from: number
  readonly to: number
}

/** Numbers as ranges: none empty, in order, none touching another, so that equal sets are equal data. */
export type IntervalSet = readonly Interval[]

/** The set that the ranges cover together, in whatever order they come and however they overlap. Empty and inverted ranges cover nothing. */
export function intervalSet(ranges: Iterable<Interval>): IntervalSet {
  const merged: { from: number; to: number }[] = []
  for (const { from, to } of [...ranges].filter(range => range.from < range.to).sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else merged.push({ from, to })
  }
  return merged
}

export const unionOf = (a: IntervalSet, b: IntervalSet): IntervalSet => (a.length === 0 ? b : b.length === 0 ? a : intervalSet([...a, ...b]))

export function intersectionOf(a: IntervalSet, b: IntervalSet): IntervalSet {
  const common: Interval[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const from = Math.max(a[i]!.from, b[j]!.from)
    const to = Math.min(a[i]!.to, b[j]!.to)
    if (from < to) common.push({ from, to })
    if (a[i]!.to < b[j]!.to) i += 1
    else j += 1
  }
  return common
}

/** What is in `a` and not in `b`. */
export function differenceOf(a: IntervalSet, b: IntervalSet): IntervalSet {
  const left: Interval[] = []
  let j = 0
  for (const range of a) {
    let from = range.from
    while (j < b.length && b[j]!.to <= from) j += 1
    for (let k = j; k < b.length && b[k]!.from < range.to; k += 1) {
      if (b[k]!.from > from) left.push({ from, to: b[k]!.from })
      from = Math.max(from, b[k]!.to)
    }
    if (from < range.to) left.push({ from, to: range.to })
  }
  return left
}

/** Whether the point lies in one of the ranges: found by halving. */
export function covers(set: IntervalSet, point: number): boolean {
  let low = 0
  let high = set.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (set[middle]!.to <= point) low = middle + 1
    else high = middle
  }
  return low < set.length && set[low]!.from <= point
}
