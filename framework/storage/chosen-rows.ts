import type { AuthoredWork, EngineSession, Written } from '../engines/engine.ts'
import { choicesIn, quoteIdentifier, sqlText } from '../vocabulary/sql.ts'

/** How many rows a query chose among, and how many of them share a key with another; undefined where its author declares no choice, or counting would take a job. */
export async function chosenIn(session: EngineSession, work: AuthoredWork): Promise<Written['chosen']> {
  if (session.dialect !== 'duckdb' || work.kind !== 'query') return undefined
  return counted(session, choicesIn(work.query).map(({ rows, key }) => ({ rows: sqlText(rows, quoteIdentifier), key })))
}

/** The same of a part of the query; `untold` where that can't be told. @param partOf the rows of the part that a query within it gives */
export async function chosenInPart(session: EngineSession, work: AuthoredWork, partOf: (text: string) => Promise<string | undefined>): Promise<Written['chosen'] | 'untold'> {
  const choices = work.kind === 'query' ? choicesIn(work.query) : []
  const parts = await Promise.all(choices.map(async ({ rows, key }) => ({ rows: await partOf(sqlText(rows, quoteIdentifier)), key })))
  return parts.some(({ rows }) => rows === undefined) ? 'untold' : counted(session, parts as readonly Choice[])
}

interface Choice {
  readonly rows: string
  readonly key: readonly string[]
}

async function counted(session: EngineSession, choices: readonly Choice[]): Promise<Written['chosen']> {
  if (choices.length === 0) return undefined
  const groups = choices.map(({ rows, key }) => `select count(*) as n from (${rows}) as q group by ${key.map(quoteIdentifier).join(', ')}`)
  const [row] = await session.rows(`select coalesce(sum(n), 0)::double as read, coalesce(sum(n - 1), 0)::double as duplicates from (${groups.join(' union all ')}) as keys`)
  return { read: Number(row!['read']), duplicates: Number(row!['duplicates']) }
}
