import { columnsDigest } from '../graph/column-reads.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { ColumnScope, Materialization } from '../vocabulary/materialization.ts'
import type { Situation } from './situation.ts'

/**
 * Whether an upstream changed only where this asset does not look: cut down to the columns that are on a value or row-set edge, its
 * rows are, as a multiset, those that were consumed. A query's result hangs on nothing else, so it would come out equal.
 */
export function unreadChange({ state, columnReads }: Situation, key: AssetKey, upstream: AssetKey, last: Materialization): boolean {
  const consumed = last.scopes?.[upstream]
  const columns = columnReads?.get(key)?.get(upstream)
  // The columns are those of the query over the table as it is shaped now: another shape may give the same text another meaning.
  if (!consumed || !columns || columnsDigest(columns) !== consumed.columns) return false
  return state.last(upstream)?.cuts?.[consumed.columns] === consumed.version
}

/** What an asset sees of its upstreams now, where it does not read all of their columns. */
export function scopesOf({ graph, state, columnReads }: Situation, key: AssetKey): Readonly<Record<AssetKey, ColumnScope>> | undefined {
  const scopes: [AssetKey, ColumnScope][] = []
  for (const upstream of graph.upstreamKeysOf(key)) {
    const columns = columnReads?.get(key)?.get(upstream)
    const digest = columns && columnsDigest(columns)
    const version = digest && state.last(upstream)?.cuts?.[digest]
    if (digest && version) scopes.push([upstream, { columns: digest, version }])
  }
  return scopes.length === 0 ? undefined : (Object.fromEntries(scopes) as Record<AssetKey, ColumnScope>)
}
