import { join } from 'node:path'
import { filesAt } from '../objects/lake-files.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'

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

const TRIES = 10

/**
 * Mirrors watermarks of the lake as `_state/<name>.json`, and keeps each that ever was below `_state/_history/<name>/`. Each version is
 * written once, by who committed it, and the mirror shows the highest: whoever comes late moves nothing back.
 */
export class WatermarkMirror {
  readonly #folder: string

  constructor(lake: string) {
    this.#folder = join(lake, STATE)
  }

  async write(record: WatermarkRecord): Promise<void> {
    const files = filesAt(this.#folder)
    // A table that begins anew counts its versions anew.
    if (record.version === 0) await files.removeFolder(this.#history(record.source))
    await files.putIfAbsent(join(this.#history(record.source), `${String(record.version).padStart(20, '0')}.json`), text(record))
    for (let attempt = 1, shown = ''; attempt <= TRIES; attempt += 1) {
      const newest = (await files.names(this.#history(record.source))).findLast(name => /^\d{20}\.json$/.test(name))
      if (newest === undefined || newest === shown) return
      await files.replace(join(this.#folder, `${record.source}.json`), (await files.read(join(this.#history(record.source), newest))) ?? text(record))
      shown = newest
    }
  }

  /** Writes what the table itself tells, in place of whatever there was. */
  async restore(record: WatermarkRecord): Promise<void> {
    await filesAt(this.#folder).removeFolder(this.#history(record.source))
    await this.write(record)
  }

  async read(source: string): Promise<WatermarkRecord | undefined> {
    const found = await filesAt(this.#folder).read(join(this.#folder, `${source}.json`))
    return found === undefined ? undefined : (JSON.parse(found) as WatermarkRecord)
  }

  #history(source: string): string {
    return join(this.#folder, '_history', source)
  }
}

const text = (record: WatermarkRecord): string => `${JSON.stringify(record, null, 2)}\n`
