import type { DeltaTable } from '../delta/delta-table.ts'
import { rowDifference, rowsSince, type RowDifference } from '../delta/rows-since.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { DataVersion } from '../vocabulary/version.ts'
import { isGone } from './then-and-now.ts'

/** An upstream of which only those rows need be read that it did not have in the version which was read last. */
export interface ReadSince {
  readonly upstream: AssetKey
  readonly version: number
  /** What that version held. */
  readonly content: DataVersion
}

/** A SELECT of the rows that came since; undefined where that can't be told for sure, so that all have to be read. */
export function changedInput(table: DeltaTable, since: ReadSince, to: number): Promise<string | undefined> {
  return between(table, since, to, (before, after) => table.database.use(connection => rowsSince(connection, before, after)))
}

/** What came since and what went; undefined where that can't be told for sure. */
export function changedRows(table: DeltaTable, since: ReadSince, to: number): Promise<RowDifference | undefined> {
  return between(table, since, to, rowDifference)
}

async function between<T>(table: DeltaTable, { version, content }: ReadSince, to: number, told: (before: Snapshot, after: Snapshot) => Promise<T | undefined>): Promise<T | undefined> {
  try {
    const [before, after] = [await table.snapshot({ version }), await table.snapshot({ version: to })]
    // A table that was taken away and made anew has versions of the same numbers.
    return (before.commitInfo?.varve as Materialization | undefined)?.dataVersion === content ? await told(before, after) : undefined
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}
