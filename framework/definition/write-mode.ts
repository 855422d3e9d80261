/** How what an asset made becomes the next version of its table. Plain data; `storage/` carries it out. */
export type WriteMode = Overwrite | OverwritePartition | Append | Merge | Scd2

export interface Overwrite {
  readonly mode: 'overwrite'
}
export interface OverwritePartition {
  readonly mode: 'overwrite-partition'
  readonly by: readonly string[]
}
export interface Append {
  readonly mode: 'append'
  readonly key: readonly string[]
}
export interface Merge {
  readonly mode: 'merge'
  readonly on: readonly string[]
  readonly newerBy?: string | undefined
  readonly ignoring: readonly string[]
}

export interface Scd2 {
  readonly mode: 'scd2'
  readonly on: readonly string[]
  /** The column that says since when a row's values hold; absent where values are compared instead. */
  readonly changedBy?: string | undefined
  readonly compare?: 'all' | readonly string[] | undefined
  readonly deletes: 'ignore' | 'close'
}

export interface MergeOptions {
  /** The columns that say which row is which. A NULL in one of them is an error. */
  readonly on: readonly string[]
  /** The column that says which of two rows is newer. An older row never replaces a newer one; without it the incoming row wins, and two incoming rows of one key are an error. */
  readonly newerBy?: string
  /** Columns that do not make a row different: a row that differs only here is left as it is. */
  readonly ignoring?: readonly string[]
}

/** The table becomes what the asset made. The default. */
export const overwrite = (): Overwrite => Object.freeze({ mode: 'overwrite' })

/** Every partition that the asset made a row for is replaced; the files of the others stay as they are, to the byte. */
export const overwritePartition = ({ by }: { readonly by: readonly string[] }): OverwritePartition => Object.freeze({ mode: 'overwrite-partition', by })

/** Rows are added and never changed. With a key, a row whose key is there already is not added again. */
export const append = ({ key = [] }: { readonly key?: readonly string[] } = {}): Append => Object.freeze({ mode: 'append', key })

/** Rows are matched by key: new ones are added, changed ones replaced, equal ones not written. */
export const merge = ({ on, newerBy, ignoring = [] }: MergeOptions): Merge => Object.freeze({ mode: 'merge', on, newerBy, ignoring })

interface AnyScd2Options {
  /** The columns that say what a version is a version of. A NULL in one of them is an error. */
  readonly on: readonly string[]
  /** `close`: what the asset makes is complete each time, and a key that it lacks ends with the run. Default: `ignore`. */
  readonly deletes?: 'ignore' | 'close'
}
export type Scd2Options = AnyScd2Options & (
  /** An instant or a day in the rows themselves: each one of a key begins a version, in whatever order they come. */
  | { readonly changedBy: string; readonly compare?: undefined }
  /** The columns in which a difference begins a version, at the time of the run. The others stay as they were when the version began. */
  | { readonly compare: 'all' | readonly string[]; readonly changedBy?: undefined }
)

/**
 * The table keeps every version of a row: each holds from `valid_from` up to, but not including, `valid_to`, and the one that is open has
 * `is_current`. A version that has ended stays as it is, but for its end; a change that comes late splits the version that it falls into.
 */
export const scd2 = ({ on, changedBy, compare, deletes = 'ignore' }: Scd2Options): Scd2 => Object.freeze({ mode: 'scd2', on, changedBy, compare, deletes })

/** The columns that the mode gives the table besides those that the asset makes. */
export const columnsAddedBy = ({ mode }: WriteMode): readonly { readonly name: string; readonly type: string }[] => (mode === 'scd2' ? VALIDITY : [])

const VALIDITY = [{ name: 'valid_from', type: 'TIMESTAMP WITH TIME ZONE' }, { name: 'valid_to', type: 'TIMESTAMP WITH TIME ZONE' }, { name: 'is_current', type: 'BOOLEAN' }] as const
