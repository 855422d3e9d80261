import type { ColumnInfo } from '@aws-sdk/client-athena'
import { factsOf } from './athena-cost.ts'
import { endedBadly } from './athena-errors.ts'
import { standingOf, type AthenaQueries } from './athena-queries.ts'
import type { JobFacts } from './engine.ts'

export interface AthenaAnswer {
  /** With the types as Athena calls them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Values that JSON can hold: decimals and integers past 2^53 as text, instants in ISO 8601. What is nested comes as Athena prints it. */
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly truncated: boolean
  readonly job: JobFacts
}

/** Runs a query to its end and reads its first rows. The signal stops it, and so does scanning more than the settings allow. */
export async function runQuery(queries: AthenaQueries, sql: string, { token, limit, signal }: { readonly token: string; readonly limit: number; readonly signal: AbortSignal }): Promise<AthenaAnswer> {
  const { maxBytes, timeoutMinutes, price } = queries.settings
  const began = Date.now()
  const id = await queries.start(sql, { token })
  const cancel = () => void queries.cancel(id).catch(() => undefined)
  if (signal.aborted) cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const query = await queries.ended(id, { seen: () => undefined, isEnough: ({ Statistics: told }) => signal.aborted || (maxBytes !== undefined && (told?.DataScannedInBytes ?? 0) > maxBytes) || Date.now() - began > timeoutMinutes * 60_000 })
    const { standing } = standingOf(query.Status?.State)
    if (standing === 'cancelled') signal.throwIfAborted()
    if (standing !== 'succeeded') throw endedBadly(query, queries.settings, { most: 'it may scan', raise: '--max-bytes or athena.maxBytes', mend: 'Mend what it says. It is run in Athena\'s own words, which are Trino\'s.' })
    let columns: readonly ColumnInfo[] = []
    let names: readonly string[] = []
    const rows: Readonly<Record<string, unknown>>[] = []
    for await (const page of queries.pages(id)) {
      columns = page.columns
      names = namesOf(columns)
      for (const { Data: data = [] } of page.rows) rows.push(Object.fromEntries(columns.map((column, i) => [names[i]!, valueOf(data[i]?.VarCharValue, column)])))
      if (rows.length > limit) break
    }
    return { columns: columns.map((column, i) => ({ name: names[i]!, type: typeText(column) })), rows: rows.slice(0, limit), truncated: rows.length > limit, job: factsOf(query, price) }
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** The columns' names. Those that come twice are told apart as DuckDB does it. */
function namesOf(columns: readonly ColumnInfo[]): string[] {
  const taken = new Set<string>()
  return columns.map(({ Name = '' }) => {
    let name = Name
    for (let nth = 1; taken.has(name); nth += 1) name = `${Name}_${nth}`
    taken.add(name)
    return name
  })
}

const typeText = ({ Type: type, Precision: precision, Scale: scale }: ColumnInfo): string => (type === 'decimal' ? `decimal(${precision},${scale})` : String(type))

/** Athena tells every value as text, and NULL by telling nothing. */
function valueOf(text: string | undefined, { Type: type }: ColumnInfo): unknown {
  if (text === undefined) return null
  switch (type) {
    case 'boolean': return text === 'true'
    case 'tinyint': case 'smallint': case 'integer': return Number(text)
    case 'bigint': return Number.isSafeInteger(Number(text)) ? Number(text) : text
    case 'double': case 'float': case 'real': return Number.isFinite(Number(text)) ? Number(text) : text
    case 'timestamp': return text.replace(' ', 'T')
    case 'timestamp with time zone': return text.replace(/^(\S+) (\S+) (UTC|Z)$/, '$1T$2Z')
    default: return text
  }
}
