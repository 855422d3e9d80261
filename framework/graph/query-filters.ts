import type { Connection } from '../duckdb/connection.ts'
import { expressionText } from '../duckdb/expression-text.ts'
import { quoteLiteral } from '../vocabulary/sql.ts'

/** A node of DuckDB's serialized syntax tree. */
interface Node {
  readonly [name: string]: unknown
}

/** A condition that holds for all rows of a table which a query uses. */
export interface QueryFilter {
  readonly text: string
  /** The name by which the condition may call the table. */
  readonly called: string
}

/**
 * What a query asks of the rows of its tables, by the names by which it calls them: the condition of the SELECT that a table stands in. Rows for which
 * it is not true are in no result. A table that is named twice, or whose rows may be filled up with NULL by an outer join, has none.
 */
export async function queryFilters(connection: Connection, query: string): Promise<ReadonlyMap<string, QueryFilter>> {
  const [row] = await connection.rows<{ tree: string }>(`select json_serialize_sql(${quoteLiteral(query)})::varchar as tree`)
  const named = new Map<string, number>()
  const asked: { readonly name: string; readonly called: string; readonly where: string }[] = []
  visit(JSON.parse(row!.tree), '$', (node, path) => {
    if (node['type'] === 'BASE_TABLE') named.set(nameOf(node), (named.get(nameOf(node)) ?? 0) + 1)
    if (node['type'] !== 'SELECT_NODE' || !node['where_clause']) return
    for (const table of keptTables(node['from_table'] as Node)) asked.push({ name: nameOf(table), called: String(table['alias'] || table['table_name']), where: `${path}.where_clause` })
  })
  const filters = new Map<string, QueryFilter>()
  for (const { name, called, where } of asked) if (named.get(name) === 1) filters.set(name, { text: await expressionText(connection, row!.tree, where), called })
  return filters
}

/** The tables of a FROM of which no row can come into the result without its own values. */
function keptTables(from: Node): Node[] {
  if (from['sample']) return []
  if (from['type'] === 'BASE_TABLE') return (from['column_name_alias'] as readonly unknown[] | undefined)?.length ? [] : [from]
  if (from['type'] !== 'JOIN' || (from['ref_type'] !== 'REGULAR' && from['ref_type'] !== 'CROSS' && from['ref_type'] !== 'NATURAL')) return []
  const [left, right] = [from['left'] as Node, from['right'] as Node]
  switch (from['join_type']) {
    case 'INNER': return [...keptTables(left), ...keptTables(right)]
    case 'LEFT':
    case 'SEMI':
    case 'ANTI': return keptTables(left)
    case 'RIGHT': return keptTables(right)
    default: return []
  }
}

const nameOf = (table: Node): string => [table['catalog_name'], table['schema_name'], table['table_name']].filter(Boolean).join('.')

function visit(value: unknown, path: string, see: (node: Node, path: string) => void): void {
  if (Array.isArray(value)) value.forEach((each, i) => visit(each, `${path}[${i}]`, see))
  else if (typeof value === 'object' && value !== null) {
    see(value as Node, path)
    for (const [name, each] of Object.entries(value)) visit(each, `${path}.${name}`, see)
  }
}
