import { byteCount } from '../delta/write-data-files.ts'
import type { JobFacts } from '../engines/engine.ts'
import { isAssetKey, type AssetKey } from '../vocabulary/asset-key.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { fingerprint } from '../vocabulary/version.ts'
import { athenaSettings } from './athena-config.ts'
import { AthenaTables } from './athena-tables.ts'
import type { QueryAnswer } from './answer-query.ts'
import type { Parts } from './parts.ts'
import { NotMaterialized, QueryRefused, UnknownTable } from './project-errors.ts'

export interface AthenaQueryOptions {
  /** Default: 1,000. */
  readonly limit?: number | undefined
  /** As in `10GB`: stop the query once it has scanned more. Default: as the configuration says. */
  readonly maxBytes?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Answers one query in Athena's own words, over the assets, which it calls `"gold/customer_360"` or `gold.customer_360`. */
export async function answerOnAthena(sql: string, { limit = 1000, maxBytes, signal }: AthenaQueryOptions, parts: Parts): Promise<QueryAnswer & { readonly job: JobFacts }> {
  const { config, graph } = parts.frame
  const written = athenaSettings(config, process.env)
  const settings = { ...written, maxBytes: maxBytes === undefined ? written.maxBytes : bytesOf(maxBytes) }
  const text = sql.trim().replace(/;\s*$/, '')
  if (!/^(\s|--[^\n]*\n|\/\*[^]*?\*\/)*(select|with|values|explain|show|describe|\()/i.test(text)) throw new QueryRefused('Athena is only asked to read here, and the query begins with something else.', 'Begin it with select or with.')
  const [{ AthenaQueries }, { runQuery }] = await Promise.all([import('../engines/athena-queries.ts'), import('../engines/athena-answer.ts')])
  const tables = new AthenaTables(parts)
  const queries = new AthenaQueries(settings)
  try {
    const known = new Map<string, string>()
    for (const key of new Set(namedTables(text, graph.keys).map(({ key }) => key))) {
      const name = await tables.register(key)
      if (!name) throw new NotMaterialized(key)
      known.set(key, [settings.catalog, name.database, name.table].map(quoteIdentifier).join('.'))
    }
    const said = inGlueNames(text, graph.keys, known)
    const token = `varve-query-${fingerprint(said, parts.clock.now().toISOString(), String(process.pid), String((asked += 1))).slice(0, 48)}`
    return await runQuery(queries, said, { token, limit, signal: signal ?? new AbortController().signal })
  } finally {
    queries.close()
    tables.close()
  }
}

/** Queries that this process has asked for: two that are alike are two. */
let asked = 0

function bytesOf(text: string): number {
  const bytes = byteCount(text)
  if (bytes === undefined) throw new QueryRefused(`"${text}" is no number of bytes.`, 'Write it as in --max-bytes 10GB.')
  return bytes
}

/** What a query is made of: comments and texts are left alone, and names are looked at. */
const PARTS = /--[^\n]*|\/\*[^]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"(?:\s*\.\s*"(?:[^"]|"")*")*|[\p{L}_][\p{L}\p{N}_]*(?:\s*\.\s*[\p{L}_][\p{L}\p{N}_]*)*/gu

interface NamedTable {
  readonly key: AssetKey
  readonly from: number
  readonly text: string
}

/** The assets that a text names as tables. @throws {UnknownTable} where it names one of no asset by a key */
function namedTables(sql: string, keys: readonly AssetKey[]): NamedTable[] {
  const all = new Set<string>(keys)
  return [...sql.matchAll(PARTS)].flatMap(({ 0: text, index: from }) => {
    const names = text.startsWith('"') ? text.split(/(?<=")\s*\.\s*(?=")/).map(part => part.slice(1, -1).replaceAll('""', '"')) : /^[\p{L}_]/u.test(text) ? text.split(/\s*\.\s*/) : []
    const key = (names.length === 1 && names[0]!.includes('/') ? names[0]! : names.length >= 2 ? `${names[0]!}/${names[1]!}` : '').toLowerCase()
    if (all.has(key)) return [{ key: key as AssetKey, from, text }]
    if (isAssetKey(key) && /\b(from|join)\s*$/i.test(sql.slice(0, from))) throw new UnknownTable(key, didYouMean(key, keys, 'Tables are called by their assets: "gold/customer_360" or gold.customer_360.'))
    return []
  })
}

/** The text with the tables as Glue calls them. `gold.customer_360.region` is a column of one, and keeps it. */
function inGlueNames(sql: string, keys: readonly AssetKey[], names: ReadonlyMap<string, string>): string {
  return namedTables(sql, keys).toReversed().reduce((text, { key, from, text: found }) => {
    const parts = found.startsWith('"') ? found.split(/(?<=")\s*\.\s*(?=")/) : found.split(/\s*\.\s*/)
    const rest = parts[0]!.includes('/') ? parts.slice(1) : parts.slice(2)
    return `${text.slice(0, from)}${[names.get(key)!, ...rest].join('.')}${text.slice(from + found.length)}`
  }, sql)
}
