import type { AddFile } from '../delta/actions.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import type { SliceFilter } from '../partitions/slice-filter.ts'

/** How the rows of a file stand to some slices, as far as its statistics tell. */
export type Standing = 'inside' | 'outside' | 'mixed'

/** The files that may hold rows of the slices; of those `inside`, every row is. */
export function filesOfSlices(snapshot: Snapshot, filter: SliceFilter): readonly { readonly file: AddFile; readonly standing: Exclude<Standing, 'outside'> }[] {
  const found: { file: AddFile; standing: Exclude<Standing, 'outside'> }[] = []
  for (const file of snapshot.files) {
    const standing = standingOf(filter, boundsOf(file))
    if (standing !== 'outside') found.push({ file, standing })
  }
  return found
}

type BoundsOf = (column: string) => { readonly min: string; readonly max: string; readonly nulls: number } | undefined

export function standingOf(filter: SliceFilter, bounds: BoundsOf): Standing {
  switch (filter.type) {
    case 'none': return 'outside'
    case 'and': {
      const parts = filter.of.map(part => standingOf(part, bounds))
      return parts.includes('outside') ? 'outside' : parts.every(part => part === 'inside') ? 'inside' : 'mixed'
    }
    case 'or': {
      const parts = filter.of.map(part => standingOf(part, bounds))
      return parts.includes('inside') ? 'inside' : parts.every(part => part === 'outside') ? 'outside' : 'mixed'
    }
    case 'in': {
      const known = bounds(filter.column)
      if (!known) return 'mixed'
      if (!filter.values.some(value => value >= known.min && value <= known.max)) return 'outside'
      return known.min === known.max && known.nulls === 0 && filter.values.includes(known.min) ? 'inside' : 'mixed'
    }
    case 'range': {
      const known = bounds(filter.column)
      if (!known) return 'mixed'
      // Statistics of instants are UTC and cut to the millisecond; those of dates and plain timestamps are the place's clocks.
      const [from, to] = known.min.endsWith('Z') ? [new Date(filter.from).toISOString(), new Date(filter.to).toISOString()] : [shortened(filter.fromClock, known.min), shortened(filter.toClock, known.min)]
      if (known.max < from || known.min >= to) return 'outside'
      return known.min >= from && known.max < to && known.nulls === 0 ? 'inside' : 'mixed'
    }
  }
}

/** A clock time as long as what it is held against: a date against dates. */
const shortened = (clock: string, against: string): string => (against.length === 10 ? clock.slice(0, 10) : clock.length === 16 ? `${clock}:00.000` : clock)

function boundsOf(file: AddFile): BoundsOf {
  let statistics: { readonly minValues?: Record<string, unknown>; readonly maxValues?: Record<string, unknown>; readonly nullCount?: Record<string, number> } | undefined
  return column => {
    const value = file.partitionValues[column]
    if (value !== undefined) return value === null ? undefined : { min: value, max: value, nulls: 0 }
    statistics ??= file.stats ? (JSON.parse(file.stats) as typeof statistics) : {}
    const min = statistics?.minValues?.[column]
    const max = statistics?.maxValues?.[column]
    const nulls = statistics?.nullCount?.[column]
    return typeof min === 'string' && typeof max === 'string' && nulls !== undefined ? { min, max, nulls } : undefined
  }
}
