import type { AuthoredWork, EngineSession, Written } from '../engines/engine.ts'
import { choicesIn, quoteIdentifier, sqlText } from '../vocabulary/sql.ts'

/** How many rows a query chose among, and how many of them share a key with another; undefined where its author declares no choice, or counting would take a job. */
export async function chosenIn(session: EngineSession, work: AuthoredWork): Promise<Written['chosen']> {
  if (session.dialect !== 'duckdb' || work.kind !== 'query') return undefined
  const choices = choicesIn(work.query)
  if (choices.length === 0) return undefined
  const counted = choices.map(({ rows, key }) => `select count(*) as n from (${sqlText(rows, quoteIdentifier)}) as q group by ${key.map(quoteIdentifier).join(', ')}`)
  const [row] = await session.rows(`select coalesce(sum(n), 0)::double as read, coalesce(sum(n - 1), 0)::double as duplicates from (${counted.join(' union all ')}) as keys`)
  return { read: Number(row!['read']), duplicates: Number(row!['duplicates']) }
}
