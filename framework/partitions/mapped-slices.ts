import { inWords } from '../vocabulary/near-names.ts'
import { calendarOf } from './calendar-of.ts'
import { fixedSlices, neededInDimension, touchedInDimension } from './dimension-mapping.ts'
import type { CustomMapping, DimensionWise, FixedMapping, PartitionMapping, RelativeMapping } from './mapping.ts'
import { MappingMismatch, MissingUpstreamSlices, UnknownSlice } from './partition-errors.ts'
import { dimensionsOf, type Dimension, type Partitions, type World } from './partitions.ts'
import { boxOf, boxesOf, intersect, isEmpty, keySlices, subtract, timeSlices, union, type SimpleSlices, type SliceSet } from './slice-set.ts'
import { slicesText, parseSlice, parseSlices, whyMissing } from './slice-text.ts'
import { existingSimple, existingSlices, keysOf, noSlices } from './slices.ts'

/** What slices of a child read of an upstream. */
export interface NeededSlices {
  /** Those that exist. */
  readonly slices: SliceSet
  /** Those that the mapping asks for and that do not exist. */
  readonly missing: SliceSet
}

/** Which slices of the upstream these slices of the child read. @throws {MappingMismatch} where the mapping does not fit the two. */
export function neededSlices(mapping: PartitionMapping, child: Partitions, upstream: Partitions, slices: SliceSet, world: World): NeededSlices {
  const existing = existingSlices(upstream, world)
  if (mapping.type === 'custom') {
    const needed = customNeeds(mapping, child, upstream, slices)
    return { slices: intersect(needed, existing), missing: subtract(needed, existing) }
  }
  const { fixed, relative } = rulesOf(mapping, child, upstream)
  const needed = boxesOf(slices).reduce((set, box) => union(set, boxOf(dimensionsOf(upstream).map((dimension, i) => {
    const all = [
      ...fixed.filter(({ upstreamAt }) => upstreamAt === i).map(rule => fixedSlices(rule.mapping, dimension.partitions, world)),
      ...relative.filter(({ upstreamAt }) => upstreamAt === i).map(rule => {
        const needed = neededInDimension(rule.mapping, dimensionsOf(child)[rule.childAt]!.partitions, dimension.partitions, box[rule.childAt]!)
        return rule.mapping.type === 'time-window' && rule.mapping.allowMissing ? inBoth(needed, existingSimple(dimension.partitions, world)) : needed
      }),
    ]
    return all.length === 0 ? existingSimple(dimension.partitions, world) : all.reduce(inBoth)
  }))), noSlices(upstream))
  return { slices: intersect(needed, existing), missing: subtract(needed, existing) }
}

/**
 * The inverse: which existing slices of the child read one of these of the upstream, and so have to be made again after them. Widens to the
 * child's unit: an hour touches its whole day.
 */
export function touchedSlices(mapping: PartitionMapping, child: Partitions, upstream: Partitions, upstreamSlices: SliceSet, world: World): SliceSet {
  const existing = existingSlices(child, world)
  const changed = intersect(upstreamSlices, existingSlices(upstream, world))
  if (mapping.type === 'custom') return intersect(customTouched(mapping, child, upstream, changed, existing), existing)
  const { fixed, relative } = rulesOf(mapping, child, upstream)
  const read = boxesOf(changed)
    .filter(box => fixed.every(({ mapping: rule, upstreamAt }) => !isEmpty(intersect(box[upstreamAt]!, fixedSlices(rule, dimensionsOf(upstream)[upstreamAt]!.partitions, world)))))
  const touched = read.reduce((set, box) => union(set, boxOf(dimensionsOf(child).map((dimension, i) => relative
    .filter(({ childAt }) => childAt === i)
    .map(rule => touchedInDimension(rule.mapping, dimension.partitions, dimensionsOf(upstream)[rule.upstreamAt]!.partitions, box[rule.upstreamAt]!))
    .reduce(inBoth, existingSimple(dimension.partitions, world))))), noSlices(child))
  return intersect(touched, existing)
}

/** @throws {MissingUpstreamSlices} where slices are needed that do not exist, with both names and the reasons. */
export function requireNeeded(needed: NeededSlices, names: { readonly child: string; readonly upstream: string }, upstream: Partitions, world: World): void {
  if (isEmpty(needed.missing)) return
  throw new MissingUpstreamSlices(names.child, names.upstream, slicesText(upstream, needed.missing), whyMissing(upstream, needed.missing, world))
}

/** Says whether a mapping fits, without a slice at hand: for the moment of loading. @throws {MappingMismatch} */
export function checkMapping(mapping: PartitionMapping, child: Partitions, upstream: Partitions): void {
  if (mapping.type === 'custom') return
  for (const { childAt, upstreamAt, mapping: simple } of rulesOf(mapping, child, upstream).relative) {
    const [from, to] = [dimensionsOf(child)[childAt]!.partitions, dimensionsOf(upstream)[upstreamAt]!.partitions]
    neededInDimension(simple, from, to, from.kind === 'time' ? timeSlices([{ from: calendarOf(from).start, to: calendarOf(from).add(calendarOf(from).start, 1) }]) : keySlices(['any']))
  }
}

/** Which dimension of the upstream is read how, and for which of the child. Dimensions without a rule are taken whole. */
interface Rules {
  readonly fixed: readonly { readonly upstreamAt: number; readonly mapping: FixedMapping }[]
  readonly relative: readonly { readonly childAt: number; readonly upstreamAt: number; readonly mapping: RelativeMapping }[]
}

function rulesOf(mapping: Exclude<PartitionMapping, CustomMapping>, child: Partitions, upstream: Partitions): Rules {
  const [childDimensions, upstreamDimensions] = [dimensionsOf(child), dimensionsOf(upstream)]
  const simple = child.kind !== 'product' && upstream.kind !== 'product'
  switch (mapping.type) {
    case 'all': return { fixed: upstreamDimensions.map((_, upstreamAt) => ({ upstreamAt, mapping })), relative: [] }
    case 'dimensions': return {
      fixed: mapping.of.flatMap(({ name, mapping: rule }) => (isFixed(rule) ? [{ upstreamAt: at(upstream, name), mapping: rule }] : [])),
      relative: mapping.of.flatMap(({ name, mapping: rule }) => (isFixed(rule) ? [] : [{ childAt: at(child, name), upstreamAt: at(upstream, name), mapping: rule }])),
    }
    case 'same': {
      if (simple) return { fixed: [], relative: [{ childAt: 0, upstreamAt: 0, mapping }] }
      const relative = upstreamDimensions.flatMap((dimension, upstreamAt) => {
        const childAt = childDimensions.findIndex(other => alike(other, dimension, child.kind === 'product' && upstream.kind === 'product'))
        return childAt < 0 ? [] : [{ childAt, upstreamAt, mapping }]
      })
      if (relative.length > 0) return { fixed: [], relative }
      break
    }
    case 'latest':
      if (upstream.kind !== 'product') return { fixed: [{ upstreamAt: 0, mapping }], relative: [] }
      break
    case 'time-window':
      if (simple) return { fixed: [], relative: [{ childAt: 0, upstreamAt: 0, mapping }] }
  }
  const names = [child, upstream].map(of => inWords(dimensionsOf(of).map(({ name }) => name)))
  throw new MappingMismatch(
    `Slices by ${names[0]} and slices by ${names[1]} have several dimensions, and the mapping does not say which it is about.`,
    `Name it: dimension('${(upstream.kind === 'product' ? upstreamDimensions : childDimensions)[0]!.name}'${mapping.type === 'same' ? '' : ', ...'}), or take all: allPartitions().`,
  )
}

const isFixed = (mapping: DimensionWise): mapping is FixedMapping => mapping.type === 'all' || mapping.type === 'latest'
const inBoth = (a: SimpleSlices, b: SimpleSlices): SimpleSlices => intersect(a, b) as SimpleSlices

/** Between products by name; between a product and simple partitions by column, since the latter have no other name. */
const alike = (a: Dimension, b: Dimension, byName: boolean) => (byName ? a.name === b.name : a.partitions.column === b.partitions.column && (a.partitions.kind === 'time') === (b.partitions.kind === 'time'))

function at(partitions: Partitions, name: string): number {
  if (partitions.kind !== 'product') return 0
  const index = partitions.dimensions.findIndex(dimension => dimension.name === name)
  if (index >= 0) return index
  throw new MappingMismatch(`There is no dimension ${name}.`, `There are ${inWords(partitions.dimensions.map(dimension => dimension.name))}.`)
}

function customNeeds(mapping: CustomMapping, child: Partitions, upstream: Partitions, slices: SliceSet): SliceSet {
  let needed = noSlices(upstream)
  for (const key of keysOf(child, slices)) for (const text of mapping.needs(key)) needed = union(needed, parsedFor(mapping, key, upstream, text))
  return needed
}

function customTouched(mapping: CustomMapping, child: Partitions, upstream: Partitions, upstreamSlices: SliceSet, existing: SliceSet): SliceSet {
  let touched = noSlices(child)
  if (mapping.neededBy) {
    for (const key of keysOf(upstream, upstreamSlices)) for (const text of mapping.neededBy(key)) touched = union(touched, parsedFor(mapping, key, child, text))
    return touched
  }
  for (const key of keysOf(child, existing)) {
    const needed = customNeeds(mapping, child, upstream, parseSlice(child, key))
    if (!isEmpty(intersect(needed, upstreamSlices))) touched = union(touched, parseSlice(child, key))
  }
  return touched
}

function parsedFor(mapping: CustomMapping, key: string, partitions: Partitions, text: string): SliceSet {
  try {
    return parseSlices(partitions, text)
  } catch (error) {
    if (error instanceof UnknownSlice) throw new MappingMismatch(`The mapping ${mapping.name} maps ${key} to ${text}. ${error.message}`, error.hint)
    throw error
  }
}
