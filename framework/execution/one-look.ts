import type { EngineSession } from '../engines/engine.ts'
import { column, join, quoteIdentifier, sql, sqlText, type SqlFragment, type TableReference } from '../vocabulary/sql.ts'

/** How many rows of a table meet each of the conditions, in one look at it. Undefined where one of them can't be asked: then each is asked by itself, and only that one fails. */
export async function countedAtOnce(conditions: readonly SqlFragment[], table: TableReference, session: EngineSession): Promise<readonly number[] | undefined> {
  if (conditions.length === 0) return []
  const counts = conditions.map((condition, i) => sql`count(*) filter (where ${condition}) as ${column(`n${i}`)}`)
  try {
    const [row] = await session.rows(sqlText(sql`select ${join(counts)} from ${table}`, quoteIdentifier))
    return conditions.map((_, i) => Number(row![`n${i}`]))
  } catch {
    return undefined
  }
}
