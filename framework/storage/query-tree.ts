import type { Connection } from '../duckdb/connection.ts'
import { QueryFailed } from '../duckdb/duckdb-errors.ts'
import type { Tree } from '../graph/settled-query.ts'
import { quoteLiteral } from '../vocabulary/sql.ts'

/** A query as the tree that DuckDB's parser makes of it. @throws {QueryFailed} where it is none that could be told as text again */
export async function parsed(connection: Connection, text: string): Promise<Tree> {
  const [row] = await connection.rows<{ tree: string }>(`select json_serialize_sql(${quoteLiteral(text)})::varchar as tree`)
  // JavaScript would round them.
  const tree = row!.tree.replace(/"query_location":\d+/g, '"query_location":0')
  if (/:-?\d{16,}/.test(tree)) throw new QueryFailed('it has numbers that are too long to be read here', text)
  const { statements } = JSON.parse(tree) as { statements?: readonly { node: Tree }[] }
  if (statements?.length !== 1) throw new QueryFailed('it is not one query', text)
  return withoutPlaces(statements[0]!.node)
}

/** The text of a tree; it has to be read as that very tree again. @throws {QueryFailed} */
export async function written(connection: Connection, tree: Tree): Promise<string> {
  const [row] = await connection.rows<{ text: string }>(`select json_deserialize_sql(${quoteLiteral(JSON.stringify({ error: false, statements: [{ node: tree, named_param_map: [] }] }))}::json) as text`)
  const { text } = row!
  const again = await parsed(connection, text)
  if (JSON.stringify(again, asConstant) !== JSON.stringify(withoutPlaces(tree), asConstant)) throw new QueryFailed('it is told otherwise as text', text)
  return text
}

/** A truth value is told as a cast of a text, and read as one. */
function asConstant(_: string, value: unknown): unknown {
  const { class: kind, cast_type: type, child, alias } = (value ?? {}) as { class?: string; cast_type?: { id?: string }; child?: { class?: string; value?: { value?: unknown } }; alias?: string }
  const text = kind === 'CAST' && type?.id === 'BOOLEAN' && child?.class === 'CONSTANT' ? child.value?.value : undefined
  return text === 't' || text === 'f' ? { class: 'CONSTANT', type: 'VALUE_CONSTANT', alias, value: { type: { id: 'BOOLEAN', type_info: null }, is_null: false, value: text === 't' } } : value
}

export const withoutPlaces = (tree: Tree): Tree => JSON.parse(JSON.stringify(tree, (name, value: unknown) => (name === 'query_location' ? undefined : value))) as Tree
