/** How an asset is cut into slices, as plain data. */
export type Partitions = SimplePartitions | ProductPartitions
export type SimplePartitions = TimePartitions | StaticPartitions | DynamicPartitions

/** Slices of time. A slice exists once its window has ended, unless they are `open`. */
export interface TimePartitions {
  readonly kind: 'time'
  /** The column that says to which slice a row belongs. */
  readonly column: string
  readonly every: Every
  /** The first window's beginning, on the clocks of the time zone: `2024-01-01`, `2024-01`, `2024-01-01T06:00`. */
  readonly start: string
  /** Where the last window ends. Absent: it goes on. */
  readonly end?: string | undefined
  /** As in `Europe/Berlin`. */
  readonly timezone: string
  /** Slices exist whether or not their windows have ended, and ahead of the clock. */
  readonly open?: true | undefined
}

/** What ends one window and begins the next. */
export type Every =
  | { readonly unit: 'hour' }
  | { readonly unit: 'day' }
  | { readonly unit: 'week'; readonly startsOn: Weekday }
  | { readonly unit: 'month' }
  | { readonly unit: 'cron'; readonly cron: string }

export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const
export type Weekday = (typeof WEEKDAYS)[number]

/** Slices with names that the author lists. */
export interface StaticPartitions {
  readonly kind: 'static'
  readonly column: string
  readonly keys: readonly string[]
}

/** Slices with names that are registered while the platform runs. */
export interface DynamicPartitions {
  readonly kind: 'dynamic'
  readonly column: string
  /** Under which the keys are registered; assets that name the same share them. */
  readonly name: string
}

/** Each combination of one slice per dimension. */
export interface ProductPartitions {
  readonly kind: 'product'
  readonly dimensions: readonly Dimension[]
}

export interface Dimension {
  readonly name: string
  readonly partitions: SimplePartitions
}

/** What partitions cannot know by themselves. */
export interface World {
  readonly now: Date
  /** The keys that are registered for dynamic partitions. */
  dynamicKeys?(partitions: DynamicPartitions): readonly string[]
}

/** The dimensions of any partitions: simple ones have a single one, whose name is its column. */
export const dimensionsOf = (partitions: Partitions): readonly Dimension[] => (partitions.kind === 'product' ? partitions.dimensions : [{ name: partitions.column, partitions }])
