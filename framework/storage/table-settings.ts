import type { Profile } from '../delta/protocol.ts'

/** How an asset's table is laid out. */
export interface TableSettings {
  /** Of a table that is made from now on: one that is there keeps what it has. */
  readonly profile: Profile
  /** Of such a table as well. */
  readonly properties: Readonly<Record<string, string>>
  /** Columns through which OPTIMIZE lays the rows along a curve. */
  readonly zorderBy?: readonly string[] | undefined
  /** In bytes. */
  readonly targetFileSize?: number | undefined
  /** A run warns once a table has so many files that are smaller than so many bytes and could be packed. */
  readonly smallFiles: { readonly warnAt: number; readonly below: number }
  /** From so many rows on a table is made in part where only a part of what it is made from changed: of fewer, all cost less. */
  readonly partsFrom: number
}
