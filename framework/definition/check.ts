import type { CheckSeverity } from '../vocabulary/check-result.ts'
import type { SqlFragment } from '../vocabulary/sql.ts'
import type { AbstractAsset } from './abstract-asset.ts'
import { draftOf } from './draft.ts'

export interface CheckOptions {
  /** `error` (the default) keeps a candidate that breaks the promise from being published; `warn` only tells. */
  readonly severity?: CheckSeverity
}

/** Declares a promise about the asset: the method selects the rows that break it, and its name is the promise. */
export function Check(options: CheckOptions = {}) {
  return (prototype: AbstractAsset, name: string, _method: TypedPropertyDescriptor<() => SqlFragment>): void => {
    draftOf(prototype).checks.push({ name, severity: options.severity ?? 'error', method: name })
  }
}
