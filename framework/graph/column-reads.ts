import { fingerprint } from '../vocabulary/version.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { LineageOutcome } from './column-lineage-batch.ts'

/** Per asset and upstream, the columns that the asset's result hangs on. An upstream that is not in it counts as read whole. */
export type ColumnReads = ReadonlyMap<AssetKey, ReadonlyMap<AssetKey, readonly string[]>>

/**
 * The columns that are on a value edge or a row-set edge of each query. A query that was not understood to its last operator, or that
 * does not bind, reads everything.
 */
export function columnReads(outcomes: ReadonlyMap<string, LineageOutcome>): ColumnReads {
  const reads = new Map<AssetKey, ReadonlyMap<AssetKey, readonly string[]>>()
  for (const [name, outcome] of outcomes) {
    if (outcome.type !== 'known' || !outcome.lineage.complete) continue
    const byTable = new Map<string, Set<string>>(outcome.lineage.reads.map(table => [table, new Set<string>()]))
    for (const { table, column } of [...outcome.lineage.columns.flatMap(({ from }) => from), ...outcome.lineage.rowset]) byTable.get(table)?.add(column)
    reads.set(name as AssetKey, new Map([...byTable].map(([table, columns]) => [table as AssetKey, [...columns].sort()])))
  }
  return reads
}

/** Names a list of columns. */
export const columnsDigest = (columns: readonly string[]): string => fingerprint(...columns).slice(0, 16)

/** The distinct lists of columns by which an asset is read, by their digests. */
export function cutsFor(reads: ColumnReads, asset: AssetKey, readers: readonly AssetKey[]): ReadonlyMap<string, readonly string[]> {
  const lists = readers.flatMap(reader => {
    const columns = reads.get(reader)?.get(asset)
    return columns ? [columns] : []
  })
  return new Map(lists.map(columns => [columnsDigest(columns), columns]))
}
