import type { CheckSeverity } from '../vocabulary/check-result.ts'
import type { SqlFragment } from '../vocabulary/sql.ts'
import type { AbstractAsset } from './abstract-asset.ts'
import type { OnFail } from './check-definition.ts'
import type { ToleranceOptions } from './check-tolerance.ts'
import { draftOf } from './draft.ts'

export interface CheckOptions extends ToleranceOptions {
  /** What becomes of rows that break the promise. `fail` keeps the candidate from being published, `warn` only tells; with `quarantine` and `drop` the other rows go on. Over `severity`. */
  readonly onFail?: OnFail
  /** `error` (the default) keeps a candidate that breaks the promise from being published; `warn` only tells. */
  readonly severity?: CheckSeverity
}

/** A method selects rows by a query of its own, so that none can be taken out before the table is written. */
export interface MethodCheckOptions extends Omit<CheckOptions, keyof ToleranceOptions> {
  readonly onFail?: 'fail' | 'warn'
}

/** Declares a promise about the asset: the method selects the rows that break it, and its name is the promise. */
export function Check(options: MethodCheckOptions = {}) {
  return (prototype: AbstractAsset, name: string, _method: TypedPropertyDescriptor<() => SqlFragment>): void => {
    draftOf(prototype).checks.push({ name, severity: options.onFail === undefined ? (options.severity ?? 'error') : options.onFail === 'fail' ? 'error' : 'warn', method: name })
  }
}
