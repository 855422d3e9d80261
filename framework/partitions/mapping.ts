import { BadPartitions } from './partition-errors.ts'

/** Which slices of an upstream a slice of a child reads, as plain data (a custom one holds functions). */
export type PartitionMapping =
  | SamePartition
  | AllPartitions
  | TimeWindow
  | LatestPartition
  | { readonly type: 'dimensions'; readonly of: readonly DimensionMapping[] }
  | CustomMapping

export interface SamePartition { readonly type: 'same' }
export interface AllPartitions { readonly type: 'all' }
export interface LatestPartition { readonly type: 'latest' }

/** The mapping of a dimension that the child and the upstream both have. */
export interface DimensionMapping {
  readonly name: string
  readonly mapping: DimensionWise
}
/** The mappings that can hold between two simple partitions. */
export type DimensionWise = RelativeMapping | FixedMapping
/** What is read depends on the slice that reads. */
export type RelativeMapping = SamePartition | TimeWindow
/** Every slice reads the same. */
export type FixedMapping = AllPartitions | LatestPartition

export interface TimeWindow {
  readonly type: 'time-window'
  readonly from: number
  readonly to: number
  readonly allowMissing: boolean
}

export interface CustomMapping {
  readonly type: 'custom'
  /** Names the rule in plans and code versions. */
  readonly name: string
  readonly needs: (slice: string) => Iterable<string>
  readonly neededBy?: ((upstreamSlice: string) => Iterable<string>) | undefined
}

/**
 * The slice of the same name; between units of time, all that overlap: a day of hours, the week of a day. Between products, the same slice
 * in each dimension that both have, and all of those that only the upstream has. The default.
 */
export const samePartition = (): SamePartition => SAME

/** Every slice that exists. */
export const allPartitions = (): AllPartitions => ALL

/** The newest slice that exists. */
export const latestPartition = (): LatestPartition => LATEST

/**
 * The time from so many of the child's units before its window begins to so many behind its end: `{ from: -6, to: 0 }` of a daily child is the
 * last seven days. With `allowMissing`, slices that the upstream does not have are left out without a word.
 */
export function timeWindow({ from = 0, to = 0, allowMissing = false }: { readonly from?: number | undefined; readonly to?: number | undefined; readonly allowMissing?: boolean | undefined }): TimeWindow {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) throw new BadPartitions(`A time window from ${from} to ${to} does not count whole units.`, 'Write whole numbers: timeWindow({ from: -6, to: 0 }).')
  if (from > to) throw new BadPartitions(`A time window from ${from} to ${to} ends before it begins.`, `Write timeWindow({ from: ${to}, to: ${from} }).`)
  return Object.freeze({ type: 'time-window', from, to, allowMissing })
}

/** The slice before, which the first one has none of: for an asset that reads its own past. */
export const previousPartition = (): TimeWindow => timeWindow({ from: -1, to: -1, allowMissing: true })

/** One dimension of a product, the others taken whole: `dimension('region')`, `dimension('day', timeWindow({ from: -6 }))`. Simple partitions stand for any name. */
export const dimension = (name: string, mapping: DimensionWise = SAME): PartitionMapping => dimensions({ [name]: mapping })

/** Several dimensions at once: `dimensions({ day: timeWindow({ from: -6 }), region: samePartition() })`. */
export const dimensions = (of: Readonly<Record<string, DimensionWise>>): PartitionMapping => Object.freeze({ type: 'dimensions', of: Object.entries(of).map(([name, mapping]) => Object.freeze({ name, mapping })) })

/**
 * A rule of your own, from key to keys or ranges (`2026-01-01..2026-02-01`). Asked slice by slice; without `neededBy`, its inverse asks
 * `needs` of each slice of the child.
 */
export const customMapping = (rule: Omit<CustomMapping, 'type'>): CustomMapping => Object.freeze({ type: 'custom', ...rule })

const SAME: SamePartition = Object.freeze({ type: 'same' })
const ALL: AllPartitions = Object.freeze({ type: 'all' })
const LATEST: LatestPartition = Object.freeze({ type: 'latest' })
