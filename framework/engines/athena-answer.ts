import type { ColumnInfo } from '@aws-sdk/client-athena'
import { factsOf } from './athena-cost.ts'
import { QueryFailed } from './athena-errors.ts'
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
    const query = await queries.ended(id, { seen: () => undefined, isEnough: ({ Statistics: told }) => (maxBytes !== undefined && (told?.DataScannedInBytes ?? 0) > maxBytes) || Date.now() - began > timeoutMinutes * 60_000 })
    const { standing } = standingOf(query.Status?.State)
    if (standing === 'cancelled') signal.throwIfAborted()
    if (standing !== 'succeeded') {
      const scanned = query.Statistics?.DataScannedInBytes ?? 0
      const tooMuch = standing === 'cancelled' && maxBytes !== undefined && scanned > maxBytes
      const reason = tooMuch ? `it had scanned ${scanned} bytes, and it may scan ${maxBytes}` : (query.Status?.AthenaError?.ErrorMessage ?? query.Status?.StateChangeReason ?? 'nothing is known of why')
      throw new QueryFailed(id, String(query.Status?.State), reason, tooMuch ? 'Have it read less (partitions, columns), or raise --max-bytes or athena.maxBytes.' : standing === 'cancelled' ? `Someone cancelled it, or it took longer than athena.timeoutMinutes (${timeoutMinutes}).` : 'Mend what it says. It is run in Athena\'s own words, which are Trino\'s.', query.Status?.AthenaError?.Retryable === true)
    }
    let columns: readonly ColumnInfo[] = []
    const rows: Readonly<Record<string, unknown>>[] = []
    for await (const page of queries.pages(id)) {
      columns = page.columns
      for (const { Data: data = [] } of page.rows) rows.push(Object.fromEntries(columns.map((column, i) => [column.Name!, valueOf(data[i]?.VarCharValue, column)])))
      if (rows.length > limit) break
    }
    return { columns: columns.map(column => ({ name: column.Name!, type: typeText(column) })), rows: rows.slice(0, limit), truncated: rows.length > limit, job: factsOf(query, price) }
  } finally {
    signal.removeEventListener('abort', cancel)
  }
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
