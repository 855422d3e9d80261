import { storableTypeText } from '../duckdb/storable-type.ts'
import { DUCKDB_VERSION } from '../duckdb/version.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { fingerprint } from '../vocabulary/version.ts'
import { bindQueries, type QueryDoesNotBind } from './column-lineage-binding.ts'
import type { BoundColumn, QueryLineage, ShadowTable } from './column-lineage-data.ts'
import { lineageOfPlan, lineageWithoutPlan } from './column-lineage-reading.ts'
import { ShadowCatalog, type LineageSession } from './column-lineage-shadow.ts'

/** One of many queries that read each other's results. */
export interface LineageQuery {
  /** Under which other queries read it, as it stands quoted in them. */
  readonly name: string
  readonly sql: string
  /** The tables and queries that it reads. */
  readonly reads: readonly string[]
  /** Names the logic, whatever its formatting: a digest of the canonical SQL. Without it the text itself counts. */
  readonly logic?: string | undefined
  /** Columns that its table has besides those of the query. */
  readonly adds?: readonly BoundColumn[] | undefined
}

export type LineageOutcome =
  | { readonly type: 'known'; readonly lineage: QueryLineage }
  | { readonly type: 'refused'; readonly error: QueryDoesNotBind | ReadsWhatDoesNotBind }

/** Where lineage is kept between runs. A key names all that the value depends on, so an entry never grows old. */
export interface LineageCache {
  get(key: string): QueryLineage | undefined
  set(key: string, lineage: QueryLineage): void
}

export interface BatchOptions {
  readonly masks?: readonly string[] | undefined
  readonly cache?: LineageCache | undefined
  /** Tables whose columns nobody knows: what reads one of them may read everything. */
  readonly shapeless?: Iterable<string> | undefined
  /** The type that a column of a query's result has once it is stored; nothing where it cannot be. Default: as our parquet files hold it. */
  readonly stored?: ((type: string) => string | undefined) | undefined
}

/**
 * The lineage of all the queries: each is bound over the results of those that it reads and over the given tables, a whole level of
 * the graph at once. A query that does not bind is an outcome, and so is what reads it. Where a query's columns depend on its data
 * or cannot be stored, a given table of its name tells them; else what reads it may read everything. The session is asked nothing where the
 * cache knows all of them.
 */
export async function lineageOfQueries(session: LineageSession, queries: readonly LineageQuery[], tables: readonly ShadowTable[], { masks = [], cache, shapeless = [], stored = storedType }: BatchOptions = {}): Promise<ReadonlyMap<string, LineageOutcome>> {
  const batch = new Batch(tables, fingerprint(LINEAGE_VERSION, ...masks.map(mask => mask.toLowerCase()).sort()), stored, new Set(shapeless))
  let catalog: ShadowCatalog | undefined
  try {
    for (const level of levels(queries)) {
      const missing: Pending[] = []
      for (const pending of level.flatMap(query => batch.pending(query) ?? [])) {
        const kept = cache?.get(pending.key)
        if (kept) batch.settle(pending.query, { type: 'known', lineage: kept })
        else missing.push(pending)
      }
      if (missing.length === 0) continue
      catalog ??= await ShadowCatalog.open(session, masks)
      for (const [pending, outcome] of await outcomes(session, catalog, missing, masks)) {
        batch.settle(pending.query, outcome)
        if (outcome.type === 'known') cache?.set(pending.key, outcome.lineage)
      }
    }
  } finally {
    await catalog?.close()
  }
  return batch.outcomes
}

/** To be raised when equal plans are read differently than before. */
const READING = '2'

/** Changes whenever equal queries over equal tables may have another lineage than before; part of a cache's key. */
export const LINEAGE_VERSION = `${READING} duckdb-${DUCKDB_VERSION}`

/** A query whose tables are known, and the key of all that its lineage depends on. */
interface Pending {
  readonly query: LineageQuery
  readonly tables: readonly ShadowTable[]
  readonly key: string
}

/** What is known so far. */
class Batch {
  readonly outcomes = new Map<string, LineageOutcome>()
  readonly #shapes = new Map<string, { readonly table: ShadowTable; readonly digest: string }>()

  constructor(tables: readonly ShadowTable[], readonly setting: string, readonly stored: (type: string) => string | undefined, readonly shapeless: ReadonlySet<string>) {
    for (const table of tables) this.#shape(table)
  }

  /** Nothing where the outcome follows from those of what it reads. */
  pending(query: LineageQuery): Pending | undefined {
    const read = query.reads.map(name => ({ name, outcome: this.outcomes.get(name), shape: this.#shapes.get(name) }))
    const broken = read.find(({ outcome }) => outcome?.type === 'refused')
    const shapeless = read.find(({ shape }) => !shape)
    const shapes = read.flatMap(({ shape }) => shape ?? [])
    const tables = shapes.map(({ table }) => table)
    if (broken) this.settle(query, { type: 'refused', error: new ReadsWhatDoesNotBind(query.name, broken.name) })
    else if (shapeless && (shapeless.outcome || this.shapeless.has(shapeless.name))) this.settle(query, { type: 'known', lineage: lineageWithoutPlan(tables, `the columns of ${shapeless.name}`) })
    else return { query, tables, key: fingerprint(this.setting, query.logic ?? query.sql, ...shapes.map(({ digest }) => digest)) }
  }

  settle({ name, adds = [] }: LineageQuery, outcome: LineageOutcome): void {
    this.outcomes.set(name, outcome)
    if (outcome.type === 'refused' || outcome.lineage.columns.length === 0) return
    const columns = outcome.lineage.columns.flatMap(({ name, type }) => {
      const stored = this.stored(type)
      return stored === undefined ? [] : [{ name, type: stored }]
    })
    if (columns.length === outcome.lineage.columns.length) this.#shape({ name, columns: [...columns, ...adds] })
  }

  #shape(table: ShadowTable): void {
    this.#shapes.set(table.name, { table, digest: fingerprint(table.name, ...(table.path ?? []), ...table.columns.flatMap(({ name, type }) => [name, type])) })
  }
}

const STORED = new Map<string, string | undefined>()

function storedType(type: string): string | undefined {
  if (!STORED.has(type)) STORED.set(type, storableOrNothing(type))
  return STORED.get(type)
}

function storableOrNothing(type: string): string | undefined {
  try {
    return storableTypeText(type)
  } catch {
    return undefined
  }
}

async function outcomes(session: LineageSession, catalog: ShadowCatalog, pending: readonly Pending[], masks: readonly string[]): Promise<(readonly [Pending, LineageOutcome])[]> {
  await catalog.declare(pending.flatMap(({ tables }) => tables))
  const bindings = await bindQueries(session, pending.map(({ query }) => query.sql))
  return bindings.map((binding, i): readonly [Pending, LineageOutcome] => {
    const { tables } = pending[i]!
    switch (binding.type) {
      case 'bound': return [pending[i]!, { type: 'known', lineage: lineageOfPlan(binding.plan, tables, catalog, masks) }]
      case 'unplannable': return [pending[i]!, { type: 'known', lineage: lineageWithoutPlan(tables, binding.why, binding.columns) }]
      case 'refused': return [pending[i]!, binding]
    }
  })
}

/** The queries in the order in which they can be bound: each level reads only what stands before it. */
function levels(queries: readonly LineageQuery[]): LineageQuery[][] {
  const names = new Set(queries.map(({ name }) => name))
  const waitsFor = new Map(queries.map(({ name, reads }) => [name, new Set(reads.filter(read => names.has(read) && read !== name)).size]))
  const readers = new Map<string, LineageQuery[]>()
  for (const query of queries) for (const read of new Set(query.reads)) if (read !== query.name) readers.set(read, [...(readers.get(read) ?? []), query])
  const sorted: LineageQuery[][] = []
  for (let level = queries.filter(({ name }) => waitsFor.get(name) === 0); level.length > 0;) {
    sorted.push(level)
    level = level.flatMap(({ name }) => readers.get(name) ?? []).filter(({ name }) => {
      const left = waitsFor.get(name)! - 1
      waitsFor.set(name, left)
      return left === 0
    })
  }
  if (sorted.flat().length < queries.length) throw new Error('Queries read each other in a circle')
  return sorted
}

/** A query over one that DuckDB refused, so that nobody knows its columns. */
export class ReadsWhatDoesNotBind extends ExplainedError {
  readonly code = 'graph/reads-what-does-not-bind'
  readonly hint: string
  constructor(readonly query: string, readonly broken: string) {
    super(`${query} reads ${broken}, whose query does not bind.`)
    this.hint = `Mend ${broken} first.`
  }
}
