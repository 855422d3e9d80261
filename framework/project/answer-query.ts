import type { AssetGraph } from '../graph/asset-graph.ts'
import { parseQueries } from '../graph/parsed-query.ts'
import { queryFilters } from '../graph/query-filters.ts'
import { Database } from '../duckdb/database.ts'
import { QueryFailed } from '../duckdb/duckdb-errors.ts'
import type { TableStore } from '../storage/table-store.ts'
import { isAssetKey, type AssetKey } from '../vocabulary/asset-key.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import { pointInHistory } from './point-in-history.ts'
import { NotMaterialized, QueryRefused, UnknownTable } from './project-errors.ts'

export interface QueryOptions {
  /** Default: 1,000. */
  readonly limit?: number | undefined
  /** A table version, or an instant in ISO 8601: every table as it was then. */
  readonly asOf?: string | undefined
}

export interface QueryAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Values that JSON can hold: decimals and integers past 2^53 as text, instants in ISO 8601. */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** There were more rows than the limit. */
  readonly truncated: boolean
}

interface Lake {
  readonly graph: AssetGraph
  readonly store: TableStore
  readonly lake: string
}

/** Answers one SELECT over the assets, which it calls `"gold/customer_360"` or `gold.customer_360`, in a database that can read the lake and nothing else. */
export async function answerQuery(sql: string, { limit = 1000, asOf }: QueryOptions, { graph, store, lake }: Lake): Promise<QueryAnswer> {
  const at = asOf === undefined ? {} : pointInHistory(asOf)
  const database = await Database.open()
  try {
    return await database.use(async connection => {
      const text = sql.trim().replace(/;\s*$/, '')
      const [parsed] = await parseQueries(connection, [text])
      if (!parsed!.ok) throw new QueryRefused(`The query can't be read: ${parsed!.problem}.`)
      if (parsed!.outside.length > 0) throw new QueryRefused(`The query calls ${parsed!.outside.join(', ')}, which reads outside of the lake.`)
      const filters = await queryFilters(connection, text)
      for (const name of parsed!.tables) {
        const key = keyOf(name, graph)
        const relation = await store.relationOf(graph.get(key), at, database, filters.get(name))
        if (relation === undefined) throw new NotMaterialized(key)
        await connection.run(viewFor(name, relation))
      }
      await connection.run(`set allowed_directories = [${quoteLiteral(lake)}]`)
      await connection.run('set enable_external_access = false')
      await connection.run('set lock_configuration = true')
      const columns = await connection.describe(text)
      const rows = await connection.json(`select * from (${text}) limit ${Math.max(0, Math.floor(limit)) + 1}`)
      return { columns, rows: rows.slice(0, limit), truncated: rows.length > limit }
    })
  } catch (error) {
    throw error instanceof QueryFailed ? error.citing() : error
  } finally {
    database.close()
  }
}

function keyOf(name: string, graph: AssetGraph): AssetKey {
  const key = name.replace('.', '/')
  if (isAssetKey(key) && graph.has(key)) return key
  throw new UnknownTable(name, didYouMean(key, graph.keys, 'Tables are called by their assets: "gold/customer_360" or gold.customer_360.'))
}

/** A view under the name by which the query calls the table. */
function viewFor(name: string, relation: string): string {
  if (name.includes('/')) return `create or replace view ${quoteIdentifier(name)} as ${relation}`
  const [schema, table] = name.split('.') as [string, string]
  return `create schema if not exists ${quoteIdentifier(schema)}; create or replace view ${quoteIdentifier(schema)}.${quoteIdentifier(table)} as ${relation}`
}
