import { differenceOf, intersectionOf, unionOf, type IntervalSet } from './interval-set.ts'

/** Some slices of an asset as plain data. Equal sets are equal data. */
export type SliceSet = SimpleSlices | ProductSlices
export type SimpleSlices = TimeSlices | KeySlices

/** Slices of time: the instants that they cover, in milliseconds since 1970. Costs as much as its ranges, however many slices they hold. */
export interface TimeSlices {
  readonly kind: 'time'
  readonly intervals: IntervalSet
}

/** Slices that have only names, in order, each once. */
export interface KeySlices {
  readonly kind: 'keys'
  readonly keys: readonly string[]
}

/** Slices of several dimensions: for some of the first dimension, which of the rest. No `first` overlaps another, no `rest` equals another. */
export interface ProductSlices {
  readonly kind: 'product'
  readonly boxes: readonly { readonly first: SimpleSlices; readonly rest: SliceSet }[]
}

export const timeSlices = (intervals: IntervalSet): TimeSlices => ({ kind: 'time', intervals })
export const keySlices = (keys: Iterable<string>): KeySlices => ({ kind: 'keys', keys: [...new Set(keys)].sort() })

/** In one of the two. */
export const union = (a: SliceSet, b: SliceSet): SliceSet => combine('union', a, b)
/** In both. */
export const intersect = (a: SliceSet, b: SliceSet): SliceSet => combine('intersect', a, b)
/** In the first only. */
export const subtract = (a: SliceSet, b: SliceSet): SliceSet => combine('subtract', a, b)

export function isEmpty(set: SliceSet): boolean {
  switch (set.kind) {
    case 'time': return set.intervals.length === 0
    case 'keys': return set.keys.length === 0
    case 'product': return set.boxes.length === 0
  }
}

export const includes = (set: SliceSet, part: SliceSet): boolean => isEmpty(subtract(part, set))

/** The set that holds each combination of one slice per dimension. */
export function boxOf(dimensions: readonly SimpleSlices[]): SliceSet {
  const [first, ...others] = dimensions
  if (!first) throw new Error('a box has at least one dimension')
  if (others.length === 0) return first
  const rest = boxOf(others)
  return { kind: 'product', boxes: isEmpty(first) || isEmpty(rest) ? [] : [{ first, rest }] }
}

/** The set as disjoint boxes, one simple set per dimension in each. */
export function boxesOf(set: SliceSet): readonly (readonly SimpleSlices[])[] {
  if (set.kind === 'product') return set.boxes.flatMap(({ first, rest }) => boxesOf(rest).map(others => [first].concat(others)))
  return isEmpty(set) ? [] : [[set]]
}

type Operation = 'union' | 'intersect' | 'subtract'

function combine(operation: Operation, a: SliceSet, b: SliceSet): SliceSet {
  if (a.kind === 'product' && b.kind === 'product') return combineProducts(operation, a, b)
  if (a.kind === 'product' || b.kind === 'product') throw new Error('slices of different dimensions do not combine')
  return combineSimple(operation, a, b)
}

function combineSimple(operation: Operation, a: SimpleSlices, b: SimpleSlices): SimpleSlices {
  if (a.kind === 'time' && b.kind === 'time') {
    switch (operation) {
      case 'union': return timeSlices(unionOf(a.intervals, b.intervals))
      case 'intersect': return timeSlices(intersectionOf(a.intervals, b.intervals))
      case 'subtract': return timeSlices(differenceOf(a.intervals, b.intervals))
    }
  }
  if (a.kind !== 'keys' || b.kind !== 'keys') throw new Error('slices of time and slices by name do not combine')
  const inB = new Set(b.keys)
  switch (operation) {
    case 'union': return keySlices([...a.keys, ...b.keys])
    case 'intersect': return { kind: 'keys', keys: a.keys.filter(key => inB.has(key)) }
    case 'subtract': return { kind: 'keys', keys: a.keys.filter(key => !inB.has(key)) }
  }
}

function combineProducts(operation: Operation, a: ProductSlices, b: ProductSlices): ProductSlices {
  const pieces: { first: SimpleSlices; rest: SliceSet }[] = []
  for (const left of a.boxes) {
    let alone = left.first
    for (const right of b.boxes) {
      const first = combineSimple('intersect', left.first, right.first)
      if (isEmpty(first)) continue
      pieces.push({ first, rest: combine(operation, left.rest, right.rest) })
      alone = combineSimple('subtract', alone, right.first)
    }
    if (operation !== 'intersect') pieces.push({ first: alone, rest: left.rest })
  }
  if (operation === 'union') {
    for (const right of b.boxes) pieces.push({ first: a.boxes.reduce((first, left) => combineSimple('subtract', first, left.first), right.first), rest: right.rest })
  }
  return canonical(pieces)
}

function canonical(pieces: readonly { readonly first: SimpleSlices; readonly rest: SliceSet }[]): ProductSlices {
  const byRest = new Map<string, { first: SimpleSlices; rest: SliceSet }>()
  for (const { first, rest } of pieces) {
    if (isEmpty(first) || isEmpty(rest)) continue
    const name = JSON.stringify(rest)
    const known = byRest.get(name)
    if (known) known.first = combineSimple('union', known.first, first)
    else byRest.set(name, { first, rest })
  }
  return { kind: 'product', boxes: [...byRest.values()].sort((x, y) => beforeOrAfter(x.first, y.first)) }
}

/** The firsts of one set are disjoint, so that where they begin tells them apart. */
function beforeOrAfter(a: SimpleSlices, b: SimpleSlices): number {
  if (a.kind === 'time' && b.kind === 'time') return a.intervals[0]!.from - b.intervals[0]!.from
  return a.kind === 'keys' && b.kind === 'keys' && a.keys[0]! < b.keys[0]! ? -1 : 1
}
