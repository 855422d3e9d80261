import type { CheckSeverity } from '../vocabulary/check-result.ts'
import type { SqlFragment } from '../vocabulary/sql.ts'
import type { AbstractAsset } from './abstract-asset.ts'
import type { CheckScope, OnFail } from './check-definition.ts'
import type { ToleranceOptions } from './check-tolerance.ts'
import { draftOf } from './draft.ts'

export interface CheckOptions extends ToleranceOptions {
  /** What becomes of rows that break the promise. `fail` keeps the candidate from being published, `warn` only tells; with `quarantine` and `drop` the other rows go on. Over `severity`. */
  readonly onFail?: OnFail
  /** `error` (the default) keeps a candidate that breaks the promise from being published; `warn` only tells. */
  readonly severity?: CheckSeverity
  /** `false`: what breaks the promise is an error, and is published all the same. */
  readonly blocking?: boolean
  /** Only rows of which this is true are held to the promise: sql`status = 'open'`. */
  readonly where?: SqlFragment
  /** `changed` looks only at the files that a run writes. Only promises about single rows can say so. Default: `full`, the whole table as it would stand. */
  readonly scope?: CheckScope
}

/** A method selects rows by a query of its own: where it looks is in there, and no row can be taken out before the table is written. */
export interface MethodCheckOptions extends Omit<CheckOptions, 'where' | 'scope'> {
  readonly onFail?: 'fail' | 'warn'
}

/** Declares a promise about the asset: the method selects the rows that break it, and its name is the promise. */
export function Check(options: MethodCheckOptions = {}) {
  return (prototype: AbstractAsset, name: string, _method: TypedPropertyDescriptor<() => SqlFragment>): void => {
    draftOf(prototype).checks.push({ name, options })
  }
}
