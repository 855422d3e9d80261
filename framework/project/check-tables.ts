import type { ContainerInstance } from 'typedi'
import { isTable, type AssetDefinition } from '../definition/asset-definition.ts'
import type { CheckDefinition } from '../definition/check-definition.ts'
import type { Contract } from '../definition/contract.ts'
import { promise } from '../definition/promise.ts'
import type { Engine, JobFacts } from '../engines/engine.ts'
import type { CheckKnowledge } from '../execution/check-knowledge.ts'
import { holdChecks } from '../execution/check-runner.ts'
import { passRateResult } from '../execution/pass-rate.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import type { TableStore } from '../storage/table-store.ts'
import { layerOf, nameOf, type AssetKey } from '../vocabulary/asset-key.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { NO_GUARANTEES } from '../graph/query-guarantees.ts'
import { pointInHistory } from './point-in-history.ts'
import { QueryRefused } from './project-errors.ts'

/** What came of holding the promises of an asset against its published table. */
export interface CheckedTable {
  readonly asset: AssetKey
  /** Absent where it was never materialized: then no promise holds. */
  readonly tableVersion?: number | undefined
  readonly rows?: number | undefined
  readonly missing: boolean
  readonly results: readonly CheckResult[]
  /** Where another engine counted: what it took. */
  readonly job?: JobFacts | undefined
}

/** Has another engine count what breaks promises. What it does not answer is looked at here. */
export type Counting = (definition: AssetDefinition, checks: readonly CheckDefinition[]) => Promise<{ readonly rows: number; readonly counts: ReadonlyMap<string, number>; readonly job: JobFacts }>

export interface CheckedLake {
  readonly graph: AssetGraph
  readonly store: TableStore
  readonly services: ContainerInstance
  readonly contracts: ReadonlyMap<string, Contract>
  readonly engine: Engine
  readonly knowledge: CheckKnowledge
  /** For promises about how new a row is. */
  readonly now: Date
  readonly counting?: Counting | undefined
}

/**
 * Holds the promises of the assets, and their contracts, against what is published now, or against an earlier version or time. Upstreams that
 * a promise looks at are as they are now; with a time, as they were then. Writes nothing.
 */
export async function checkTables(keys: readonly AssetKey[], against: string | undefined, lake: CheckedLake): Promise<CheckedTable[]> {
  const promising = keys.filter(key => checksOf(lake.graph.get(key), lake.contracts).length > 0)
  const at = against === undefined ? {} : pointInHistory(against)
  if ('version' in at && promising.length > 1) throw new QueryRefused(`Version ${against} is one of a single table, and ${promising.length} assets with checks are selected.`, 'Select one asset, or give an instant, as in --against 2026-03-01T06:00:00Z.')
  const checked: CheckedTable[] = []
  for (const asset of promising) checked.push(await checkTable(lake.graph.get(asset), at, lake))
  return checked
}

async function checkTable(definition: AssetDefinition, at: ReturnType<typeof pointInHistory> | Record<string, never>, { graph, store, services, contracts, engine, knowledge, now, counting }: CheckedLake): Promise<CheckedTable> {
  const { key: asset } = definition
  const checks = checksOf(definition, contracts)
  const relation = await store.relationOf(definition, at)
  if (relation === undefined) return { asset, missing: true, results: checks.map(({ name: check, severity }) => ({ asset, check, severity, passed: false, failingRows: 0, proof: 'query', durationMs: 0, error: 'the table was never materialized' })) }
  const ofOthers = 'version' in at ? {} : at
  const upstreams = await Promise.all(graph.upstreamKeysOf(asset).map(async key => ({ name: key, relation: await store.relationOf(graph.get(key), ofOthers) })))
  const signal = new AbortController().signal
  const session = await engine.open([{ name: asset, relation }, ...upstreams.flatMap(({ name, relation }) => (relation === undefined ? [] : [{ name, relation }]))], signal)
  try {
    const counted = await counting?.(definition, checks)
    const rows = counted?.rows ?? (await session.count(`select * from ${quoteIdentifier(asset)}`))
    const { version: tableVersion, facts } = await store.statisticsOf(definition, at)
    const results = await holdChecks(checks, { definition, table: definition, rows, facts, guarantees: NO_GUARANTEES }, {
      session, services, signal, now, contract: contracts.get(definition.contract ?? ''), past: check => knowledge.past(asset, check, tableVersion), personal: () => knowledge.personal(asset),
    }, counted?.counts)
    const rate = passRateResult(asset, checks, results, knowledge.leastPassRate(asset), rows)
    return { asset, tableVersion, missing: false, rows, results: rate ? [...results, rate] : results, ...(counted && { job: counted.job }) }
  } finally {
    await session.close()
  }
}

/** What an asset promises, and that its table is as the contract of its name says: `crm_contacts_bronze` is that of `bronze/crm_contacts`. */
function checksOf({ key, kind, contract, checks }: AssetDefinition, contracts: ReadonlyMap<string, Contract>): readonly CheckDefinition[] {
  const own = contract === `${nameOf(key)}_${layerOf(key)}` ? contracts.get(contract) : undefined
  if (!own || !isTable({ kind }) || checks.some(({ rule }) => rule.kind === 'contract')) return checks
  return [...checks, promise(`the table is as its contract ${own.name} ${own.version} says`, { kind: 'contract' }, {})]
}
