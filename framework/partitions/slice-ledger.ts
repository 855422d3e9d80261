import { intersect, isEmpty, subtract, union, type SliceSet } from './slice-set.ts'

/** How an asset's slices were made, as ranges: a hundred thousand slices of one making cost what ten do. Plain data, kept as JSON. */
export interface SliceLedger {
  /** Names the partitions and mappings under which the ledger was kept: under others it means nothing. */
  readonly shape: string
  /** Disjoint. Slices of one making are one segment, whenever they were made. */
  readonly segments: readonly Segment[]
  /** Per sliced upstream, the slices that read something of it which came out otherwise since. */
  readonly pending: Readonly<Record<string, SliceSet>>
  /** The asset's own table version up to which its commits are in here. */
  readonly through: number
  /** Per sliced upstream, its table version up to which its changes are in here. */
  readonly seen: Readonly<Record<string, number>>
}

/** What slices were made by and from. */
export interface Making {
  readonly codeVersion: string
  readonly write: string
  /** Per upstream that is not cut into slices, the data version that was read. */
  readonly inputs: Readonly<Record<string, string>>
  /** The configured values that were read, as JSON. */
  readonly variables?: Readonly<Record<string, string>> | undefined
}

export interface Segment extends Making {
  readonly slices: SliceSet
}

export const emptyLedger = (shape: string): SliceLedger => ({ shape, segments: [], pending: {}, through: -1, seen: {} })

/** The ledger after a commit wrote these slices: they are of this making now, and nothing of them is pending. */
export function withWritten(ledger: SliceLedger, slices: SliceSet, making: Making, version: number): SliceLedger {
  const name = makingName(making)
  const others = ledger.segments.map(segment => ({ ...segment, slices: subtract(segment.slices, slices) })).filter(segment => !isEmpty(segment.slices))
  const same = others.find(segment => makingName(segment) === name)
  const segments = same ? others.map(segment => (segment === same ? { ...segment, slices: union(segment.slices, slices) } : segment)) : [...others, { ...making, slices }]
  const pending = Object.fromEntries(Object.entries(ledger.pending).map(([upstream, waiting]) => [upstream, subtract(waiting, slices)]).filter(([, waiting]) => !isEmpty(waiting as SliceSet)))
  return { ...ledger, segments, pending, through: Math.max(ledger.through, version) }
}

/** The ledger after a commit of an upstream changed what these slices read. Only slices that were made can be out of date. */
export function withTouched(ledger: SliceLedger, upstream: string, slices: SliceSet, version: number): SliceLedger {
  const seen = { ...ledger.seen, [upstream]: Math.max(ledger.seen[upstream] ?? -1, version) }
  const made = writtenSlices(ledger)
  const touched = made && intersect(slices, made)
  if (!touched || isEmpty(touched)) return { ...ledger, seen }
  const before = ledger.pending[upstream]
  return { ...ledger, seen, pending: { ...ledger.pending, [upstream]: before ? union(before, touched) : touched } }
}

/** All slices that were ever written; undefined where none was. */
export function writtenSlices({ segments }: SliceLedger): SliceSet | undefined {
  return segments.map(({ slices }) => slices).reduce<SliceSet | undefined>((all, slices) => (all ? union(all, slices) : slices), undefined)
}

const makingName = ({ codeVersion, write, inputs, variables = {} }: Making): string => JSON.stringify([codeVersion, write, Object.entries(inputs).sort(), Object.entries(variables).sort()])
