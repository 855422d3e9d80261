import type { ContainerInstance } from 'typedi'
import type { Engine } from '../engines/engine.ts'
import { holdChecks } from '../execution/check-runner.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import type { TableStore } from '../storage/table-store.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { pointInHistory } from './point-in-history.ts'
import { QueryRefused } from './project-errors.ts'

/** What came of holding the promises of an asset against its published table. */
export interface CheckedTable {
  readonly asset: AssetKey
  /** Of the table. Absent where it was never materialized. */
  readonly rows?: number | undefined
  readonly missing: boolean
  readonly results: readonly CheckResult[]
}

export interface CheckedLake {
  readonly graph: AssetGraph
  readonly store: TableStore
  readonly services: ContainerInstance
  readonly engine: Engine
  /** For promises about how new a row is. */
  readonly now: Date
}

/**
 * Holds the promises of the assets against what is published now, or against an earlier version or time. Upstreams that a promise looks at
 * are as they are now; with a time, as they were then. Writes nothing.
 */
export async function checkTables(keys: readonly AssetKey[], against: string | undefined, { graph, store, services, engine, now }: CheckedLake): Promise<CheckedTable[]> {
  const promising = keys.filter(key => graph.get(key).checks.length > 0)
  const at = against === undefined ? {} : pointInHistory(against)
  if ('version' in at && promising.length > 1) throw new QueryRefused(`Version ${against} is one of a single table, and ${promising.length} assets with checks are selected.`, 'Select one asset, or give an instant, as in --against 2026-03-01T06:00:00Z.')
  const ofOthers = 'version' in at ? {} : at
  const checked: CheckedTable[] = []
  for (const asset of promising) {
    const definition = graph.get(asset)
    const relation = await store.relationOf(definition, at)
    if (relation === undefined) {
      checked.push({ asset, missing: true, results: [] })
      continue
    }
    const upstreams = await Promise.all(graph.upstreamKeysOf(asset).map(async key => ({ name: key, relation: await store.relationOf(graph.get(key), ofOthers) })))
    const session = await engine.open([{ name: asset, relation }, ...upstreams.flatMap(({ name, relation }) => (relation === undefined ? [] : [{ name, relation }]))], new AbortController().signal)
    try {
      const rows = await session.count(`select * from ${quoteIdentifier(asset)}`)
      checked.push({ asset, missing: false, rows, results: await holdChecks(definition, rows, session, services, now) })
    } finally {
      await session.close()
    }
  }
  return checked
}
