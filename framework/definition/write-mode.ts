/** How what an asset made becomes the next version of its table. Plain data; `storage/` carries it out. */
export type WriteMode = Overwrite | OverwritePartition | Append | Merge

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
