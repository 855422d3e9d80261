import type { AssetKey } from './asset-key.ts'
import type { StampedRange } from './stamped-range.ts'
import type { CodeVersion, DataVersion } from './version.ts'

/** Why a slice has to be written again. A slice without a cause is fresh. The first that applies leads; all are listed. */
export type StaleCause = (
  /** `rebuild`: to be made anew from all its inputs, whatever its write mode would keep. `stamped`: of the source only what was stamped then. */
  | { readonly code: 'forced'; readonly rebuild?: true | undefined; readonly stamped?: StampedRange | undefined }
  | { readonly code: 'missing' }
  | { readonly code: 'tampered'; readonly recorded: number; readonly head: number; readonly by?: string | undefined }
  /** `keeps`: the write mode leaves rows in the table that the new logic may not make. */
  | { readonly code: 'code'; readonly was: CodeVersion; readonly now: CodeVersion; readonly keeps?: true | undefined }
  /** `rebuild`: rows that were written the old way can't be gone on with, so that the table is made anew. */
  | { readonly code: 'write'; readonly was: string; readonly now: string; readonly needs: 'rebuild' | 'nothing' }
  | { readonly code: 'dependencies'; readonly added: readonly AssetKey[]; readonly removed: readonly AssetKey[] }
  /** `upstream` is the asset itself where what changed is a source that no asset stands for: a file of an export. */
  | { readonly code: 'data'; readonly upstream: AssetKey; readonly was?: DataVersion | undefined; readonly now?: DataVersion | undefined; readonly by?: string | undefined; readonly what?: string | undefined }
  /** Slices of time that should exist by now and don't. */
  | { readonly code: 'interval' }
  | { readonly code: 'volatile'; readonly because: string }
  | { readonly code: 'upstream'; readonly upstream: AssetKey }
  /** Only the checks changed: they are held against what is published, and nothing is written. */
  | { readonly code: 'checks'; readonly was: string; readonly now: string }
) & {
  /** The slices that it concerns, as text. Absent where the asset has none. */
  readonly slices?: string | undefined
}

export type StaleCode = StaleCause['code']
