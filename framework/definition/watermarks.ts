import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toMillis, type Duration } from '../vocabulary/duration.ts'

/** How far sources have been read, as the lake's `_state/` tells. The project puts an instance into the container, for sources that can be asked for what changed since. */
export class Watermarks {
  constructor(
    /** An absolute path. */
    readonly folder: string,
  ) {}

  /** The watermark of an incremental asset less the overlap, by the last part of its key; undefined where everything is to be read. */
  since(name: string, overlap: Duration = '0s'): Date | undefined {
    try {
      const { watermark } = JSON.parse(readFileSync(join(this.folder, `${name}.json`), 'utf8')) as { readonly watermark: string }
      const instant = Date.parse(watermark) - toMillis(overlap)
      return Number.isNaN(instant) ? undefined : new Date(instant)
    } catch {
      return undefined
    }
  }
}
