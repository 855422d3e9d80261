import type { ContainerInstance } from 'typedi'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CheckSeverity } from '../vocabulary/check-result.ts'
import type { SqlFragment } from '../vocabulary/sql.ts'

/** What a check promises, as plain data: what statistics can prove must be told apart from what needs a query. */
export type CheckRule =
  | { readonly kind: 'not-null'; readonly column: string }
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  | { readonly kind: 'primary-key'; readonly columns: readonly string[] }
  | { readonly kind: 'one-of'; readonly column: string; readonly values: readonly (string | number | boolean)[] }
  | { readonly kind: 'between'; readonly column: string; readonly min?: number | string | undefined; readonly max?: number | string | undefined }
  | { readonly kind: 'matches'; readonly column: string; readonly pattern: string }
  | { readonly kind: 'length'; readonly column: string; readonly min?: number | undefined; readonly max?: number | undefined }
  | { readonly kind: 'relationship'; readonly column: string; readonly to: () => AssetKey; readonly toColumn: string }
  | { readonly kind: 'row-count'; readonly min?: number | undefined; readonly max?: number | undefined; readonly ofLast?: { readonly min?: number; readonly max?: number } | undefined }
  | { readonly kind: 'expression'; readonly expression: SqlFragment }
  /** The instant or day is at most so many days before the run, or NULL. */
  | { readonly kind: 'recent'; readonly column: string; readonly days: number }
  /** The newest instant or day of the column is at most so old when the run begins. */
  | { readonly kind: 'fresh'; readonly column: string; readonly withinMs: number; readonly within: string }
  /** In the order of `by`, within rows of equal `per`, the column never falls. */
  | { readonly kind: 'monotonic'; readonly column: string; readonly by: string; readonly per: readonly string[]; readonly strictly: boolean; readonly direction: 'up' | 'down' }
  /** The column's sum is that of a column of another asset, give or take. */
  | { readonly kind: 'sum-equals'; readonly column: string; readonly to: () => AssetKey; readonly toColumn: string; readonly giveOrTake: number }
  /** The table has these columns, of these types; `closed`: and no others. */
  | { readonly kind: 'schema'; readonly columns: Readonly<Record<string, string>>; readonly closed: boolean }
  /** As `schema`, by the asset's own contract. */
  | { readonly kind: 'contract' }
  /** A number that is measured of each version lies where those of the versions before it let one expect it. */
  | { readonly kind: 'anomaly'; readonly metric: SqlFragment; readonly sensitivity: number; readonly least: number; readonly window: number }
  /** The column shows no more than a mask's form, or is NULL. How many values are masked, NULL, or of no use to the mask is kept. */
  | { readonly kind: 'masked'; readonly column: string; readonly pattern: string }
  /** No value was lost to a cast: the query's column {@link CAST_FAILED} is NULL. */
  | { readonly kind: 'castable' }
  /** A query that selects the rows which break the promise. None means that it holds. */
  | { readonly kind: 'method'; violations(services: ContainerInstance): SqlFragment }

/** What becomes of a row that breaks a promise: with `quarantine` it is kept aside and the others go on, with `drop` it is only counted. */
export type OnFail = 'fail' | 'warn' | 'quarantine' | 'drop'

/** `changed`: only the rows in files that the run writes. `full`: the whole table, as it would stand. */
export type CheckScope = 'changed' | 'full'

/** More than this is too much: of rows, of their share in the table, or of either. */
export interface CheckLimit {
  readonly rows?: number | undefined
  readonly ratio?: number | undefined
}

/** How many rows may break a promise. Without one, none may. */
export interface CheckTolerance {
  readonly error?: CheckLimit | undefined
  readonly warn?: CheckLimit | undefined
}

/** One promise of an asset. Its name is the promise. */
export interface CheckDefinition {
  readonly name: string
  readonly severity: CheckSeverity
  /** False: of severity `error`, and yet what breaks it is published. */
  readonly blocking?: false | undefined
  /** Only rows of which this is true are held to it. */
  readonly where?: SqlFragment | undefined
  /** Absent: `full`. */
  readonly scope?: 'changed' | undefined
  /** The rows that break the promise are taken out before the table is written. Only a promise about single rows can say so. */
  readonly rejects?: 'quarantine' | 'drop' | undefined
  readonly rule: CheckRule
  /** How many rows may break it. Absent: none. */
  readonly tolerance?: CheckTolerance | undefined
}
