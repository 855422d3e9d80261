import type { AssetKey } from '../vocabulary/asset-key.ts'
import { toMillis, type Duration } from '../vocabulary/duration.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { WriteMode } from './write-mode.ts'

/** An asset that reads of its source only what is new: rows whose stamp is at or after the watermark, less the overlap, and rows without a stamp. */
export interface Incremental {
  /** The column of the asset that says when a row last changed in the source. */
  readonly by: string
  /** How far before the watermark is read again, for rows that were stamped late. What came later still is listed, not read. */
  readonly overlap: Duration
}

/** @throws {IncrementalNeedsMerge} where reading rows again would double them. */
export function checkIncremental(key: AssetKey, incremental: Incremental | undefined, write: WriteMode): void {
  if (!incremental) return
  toMillis(incremental.overlap)
  if (write.mode !== 'merge') throw new IncrementalNeedsMerge(key, write.mode)
}

export class IncrementalNeedsMerge extends ExplainedError {
  readonly code = 'definition/incremental-needs-merge'
  readonly hint = 'Write with merge({ on: [...], newerBy: ... }): rows of the overlap come again, and must find themselves.'
  constructor(readonly asset: AssetKey, mode: string) {
    super(`${asset} is incremental and written by ${mode}, which do not go together.`)
  }
}
