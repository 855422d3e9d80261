import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filesAt } from '../objects/lake-files.ts'
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

/** Makes the watermarks of a lake elsewhere readable on this machine: sources ask for them before anything else. */
export async function bringWatermarks(lake: string, sources: readonly string[]): Promise<void> {
  const files = filesAt(lake)
  if (!files.listsCheaply || sources.length === 0) return
  const folder = join(lake, STATE)
  const known = new Set(await files.names(folder))
  await Promise.all(sources.map(async source => {
    const path = join(folder, `${source}.json`)
    const found = known.has(`${source}.json`) ? await files.read(path) : undefined
    if (found === undefined) return rm(path, { force: true })
    await mkdir(folder, { recursive: true })
    await writeFile(`${path}.${process.pid}.tmp`, found)
    await rename(`${path}.${process.pid}.tmp`, path)
  }))
}
