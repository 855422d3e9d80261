import { LogFileMissing, NoSuchVersion } from '../delta/delta-errors.ts'
import type { DeltaTable } from '../delta/delta-table.ts'
import { rowsSince } from '../delta/rows-since.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { DataVersion } from '../vocabulary/version.ts'

/** An upstream of which only those rows need be read that it did not have in the version which was read last. */
export interface ReadSince {
  readonly upstream: AssetKey
  readonly version: number
  /** What that version held. */
  readonly content: DataVersion
}

/** A SELECT of the rows that came since; undefined where that can't be told for sure, so that all have to be read. */
export async function changedInput(table: DeltaTable, { version, content }: ReadSince, to: number): Promise<string | undefined> {
  try {
    const [before, after] = [await table.snapshot({ version }), await table.snapshot({ version: to })]
    // A table that was taken away and made anew has versions of the same numbers.
    if ((before.commitInfo?.varve as Materialization | undefined)?.dataVersion !== content) return undefined
    return await table.database.use(connection => rowsSince(connection, before, after))
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

/** The log of that version, or the marks of what was deleted in it, need not be kept for ever. */
const isGone = (error: unknown): boolean => error instanceof NoSuchVersion || error instanceof LogFileMissing || (error as NodeJS.ErrnoException).code === 'ENOENT'
