import type { DescribedColumn } from '../duckdb/connection.ts'
import type { Database } from '../duckdb/database.ts'
import { join, quoteIdentifier, sql, type SqlFragment } from '../vocabulary/sql.ts'
import { VersionMoved } from './athena-errors.ts'
import type { AthenaQueries } from './athena-queries.ts'
import { runQuery } from './athena-answer.ts'
import type { GlueName } from './athena-settings.ts'
import { instantsIn, withInputs } from './athena-text.ts'
import type { JobFacts, PinnedTable } from './engine.ts'
import { NotTranslated } from './engine-errors.ts'
import { foreignQuery } from './foreign-query.ts'
import type { GlueCatalog } from './glue-catalog.ts'
import type { Translator } from './translator.ts'

/** What is counted in one query: rows of one table by conditions, in one look, and queries that answer one number each. In DuckDB's words, by names. */
export interface CountRequest {
  readonly subject: string
  readonly tables: readonly (PinnedTable & { readonly name: string })[]
  /** Of the table called like the subject. */
  readonly conditions: ReadonlyMap<string, SqlFragment>
  /** Each gives one row with one column, `n`. */
  readonly queries: ReadonlyMap<string, SqlFragment>
  readonly token: string
  readonly signal: AbortSignal
}

export interface Counted {
  readonly rows: number
  readonly counts: ReadonlyMap<string, number>
  readonly job: JobFacts
}

export interface CountingPlaces {
  readonly queries: AthenaQueries
  readonly catalog: GlueCatalog
  readonly translator: Translator
  readonly database: Database
  readonly address: (location: string) => string
  readonly newestVersion: (location: string) => Promise<number>
}

/** Has Athena count. What the guard does not let through to its dialect is left out of the answer. @throws {VersionMoved} */
export async function countOnAthena({ subject, tables, conditions, queries, token, signal }: CountRequest, places: CountingPlaces): Promise<Counted> {
  const { settings } = places.queries
  // Where instants may be finer than what Athena reads, nothing that names one gets through.
  const readable = tables.map(table => ({ ...table, columns: settings.instants === 'milliseconds' ? table.columns : table.columns.filter(column => instantsIn([column]).length === 0) }))
  const { fused, numbered, apart } = await translated({ subject, conditions, queries }, readable, places)
  for (const { name, location, columns } of tables) await places.catalog.register({ asset: name, location: places.address(location), columns })
  const inputs = readable.map(({ name, columns, where }) => ({ name, columns, where, table: glueTable(settings.catalog, places.catalog.nameOf(name)) }))
  const items = [...apart.values()].map((text, i) => `(\n${text}\n) AS "q${i}"`)
  await atPinnedVersions(subject, tables, places)
  const answer = await runQuery(places.queries, withInputs(inputs, `SELECT ${['fused.*', ...items].join(', ')}\nFROM (\n${fused}\n) AS fused`), { token, limit: 1, signal })
  await atPinnedVersions(subject, tables, places)
  const [row] = answer.rows as [Readonly<Record<string, number>>]
  const counts = new Map([...numbered.map((name, i) => [name, Number(row[`c${i}`])] as const), ...[...apart.keys()].map((name, i) => [name, Number(row[`q${i}`])] as const)])
  return { rows: Number(row['n']), counts, job: answer.job }
}

const glueTable = (catalog: string, { database, table }: GlueName): string => [catalog, database, table].map(quoteIdentifier).join('.')

async function translated({ subject, conditions, queries }: Pick<CountRequest, 'subject' | 'conditions' | 'queries'>, tables: readonly { readonly name: string; readonly columns: readonly DescribedColumn[] }[], { database, translator }: CountingPlaces) {
  const from = { key: subject as never }
  return database.use(async connection => {
    const asTrino = (query: SqlFragment) => foreignQuery(query, { subject, to: 'trino', guard: { json: text => connection.json(text) }, translator })
    const unlessRefused = async (query: SqlFragment) => asTrino(query).catch(error => {
      if (error instanceof NotTranslated) return undefined
      throw error
    })
    try {
      for (const { name, columns } of tables) await connection.run(`create or replace temp table ${quoteIdentifier(name)} (${columns.map(column => `${quoteIdentifier(column.name)} ${column.type}`).join(', ')})`)
      const numbered: string[] = []
      for (const [name, condition] of conditions) if (await unlessRefused(sql`select count(*) as n from ${from} where ${condition}`)) numbered.push(name)
      const sums = numbered.map((name, i) => sql`cast(coalesce(sum(case when ${conditions.get(name)!} then 1 else 0 end), 0) as bigint) as ${{ column: `c${i}` }}`)
      const fused = await asTrino(sql`select ${join([sql`count(*) as n`, ...sums])} from ${from}`)
      const apart = new Map<string, string>()
      for (const [name, query] of queries) {
        const text = await unlessRefused(query)
        if (text !== undefined) apart.set(name, text)
      }
      return { fused, numbered, apart }
    } finally {
      for (const { name } of tables) await connection.run(`drop table if exists temp.${quoteIdentifier(name)}`)
    }
  })
}

async function atPinnedVersions(subject: string, tables: CountRequest['tables'], { newestVersion }: CountingPlaces): Promise<void> {
  for (const { name, location, version } of tables) {
    const newest = await newestVersion(location)
    if (newest !== version) throw new VersionMoved(subject, name, version, newest)
  }
}
