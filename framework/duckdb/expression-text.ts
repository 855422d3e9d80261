import { quoteLiteral } from '../vocabulary/sql.ts'
import type { Connection } from './connection.ts'

/** The SQL text of an expression within a serialized tree, by its path. It is put together by DuckDB, since its numbers may have more digits than a double holds. */
export async function expressionText(connection: Connection, tree: string, path: string): Promise<string> {
  const [row] = await connection.rows<{ text: string }>(`
    select json_deserialize_sql(replace(json_serialize_sql('select 0')::varchar, json_extract(json_serialize_sql('select 0'), '$.statements[0].node.select_list[0]')::varchar,
      json_extract(${quoteLiteral(tree)}, ${quoteLiteral(path)})::varchar)) as text`)
  return `(${row!.text.replace(/^select\s+/i, '')})`
}
