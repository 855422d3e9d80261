import { bindQueries, QueryDoesNotBind } from './column-lineage-binding.ts'
import type { BoundColumn, QueryLineage, ShadowTable, ShadowView } from './column-lineage-data.ts'
import { columnsOfPlan, lineageOfPlan, lineageWithoutPlan } from './column-lineage-reading.ts'
import { ShadowCatalog, type LineageSession } from './column-lineage-shadow.ts'

export { lineageOfQueries, ReadsWhatDoesNotBind, type BatchOptions, type LineageCache, type LineageOutcome, type LineageQuery } from './column-lineage-batch.ts'
export { QueryDoesNotBind } from './column-lineage-binding.ts'
export type { BoundColumn, LineageOfColumn, QueryLineage, RowsetEdge, ShadowTable, ShadowView, ValueEdge } from './column-lineage-data.ts'
export { NotAColumnType, type LineageSession } from './column-lineage-shadow.ts'

export interface LineageOptions {
  /** Functions and macros that hide what goes into them, by name. */
  readonly masks?: readonly string[] | undefined
  /** Queries that are seen through where they are read, each over the tables and those before it. */
  readonly views?: readonly ShadowView[] | undefined
}

/** Where the columns and rows of a query's result come from, as DuckDB itself binds it over the tables. @throws {QueryDoesNotBind} */
export async function queryLineage(session: LineageSession, sql: string, tables: readonly ShadowTable[], { masks = [], views = [] }: LineageOptions = {}): Promise<QueryLineage> {
  return ShadowCatalog.use(session, masks, async catalog => {
    await catalog.declare(tables)
    for (const view of views) {
      const [binding] = await bindQueries(session, [view.sql])
      if (binding!.type === 'refused') throw binding!.error
      if (binding!.type === 'unplannable' && !binding!.columns) throw new QueryDoesNotBind(binding!.why, 'view', undefined, view.sql)
      await catalog.declareView(view)
    }
    const [binding] = await bindQueries(session, [sql])
    switch (binding!.type) {
      case 'bound': return lineageOfPlan(binding!.plan, tables, catalog, masks)
      case 'unplannable': return lineageWithoutPlan(tables.filter(table => mayBeRead(table, sql)), binding!.why, binding!.columns)
      case 'refused': throw binding!.error
    }
  })
}

/** What a query reads, it names. */
const mayBeRead = ({ name, path = [name] }: ShadowTable, sql: string): boolean => sql.toLowerCase().includes(path.at(-1)!.replaceAll('"', '""').toLowerCase())

/** Names and types of a query's result, without running it; nothing where they depend on the data. @throws {QueryDoesNotBind} */
export async function boundColumns(session: LineageSession, sql: string, tables: readonly ShadowTable[]): Promise<readonly BoundColumn[] | undefined> {
  return ShadowCatalog.use(session, [], async catalog => {
    await catalog.declare(tables)
    const [binding] = await bindQueries(session, [sql])
    switch (binding!.type) {
      case 'bound': return columnsOfPlan(binding!.plan, catalog)
      case 'unplannable': return binding!.columns
      case 'refused': throw binding!.error
    }
  })
}
