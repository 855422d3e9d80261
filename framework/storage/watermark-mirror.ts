import { join } from 'node:path'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { VersionedNote } from './versioned-note.ts'

/** How far a source has been read, for people and for sources that can be asked for what changed since. The table's own commit is what counts. */
export interface WatermarkRecord {
  readonly source: string
  /** ISO 8601, UTC. */
  readonly watermark: string
  /** When the commit was made. ISO 8601, UTC. */
  readonly updated_at: string
  /** The version of the table that the watermark was committed with. */
  readonly version: number
  readonly run_id: string
  readonly table: AssetKey
  readonly column: string
}

/** Below the lake's folder. */
export const STATE = '_state'

/** Mirrors watermarks of the lake as `_state/<name>.json`, and keeps each that ever was below `_state/_history/<name>/`. */
export const watermarkMirror = (lake: string, source: string): VersionedNote<WatermarkRecord> => new VersionedNote(join(lake, STATE, `${source}.json`), join(lake, STATE, '_history', source))
