import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import type { Database } from '../duckdb/database.ts'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'

/**
 * The greatest value of a column of time, in milliseconds since 1970; undefined where it holds none. A date is its midnight in UTC.
 * @param relation a SELECT over the rows
 */
export async function newestValue(definition: AssetDefinition, column: string, relation: string, database: Database): Promise<number | undefined> {
  return database.use(async connection => {
    const columns = await connection.describe(relation)
    const found = columns.find(({ name }) => name.toLowerCase() === column.toLowerCase())
    if (!found) throw new NotATimeColumn(definition, column, didYouMean(column, columns.map(({ name }) => name), 'Name a column of the table.'))
    if (!/^(date|timestamp)/i.test(found.type)) throw new NotATimeColumn(definition, column, `It is a ${found.type}; name a column of dates or instants.`)
    const [row] = await connection.rows<{ at: bigint | null }>(`select epoch_ms(max(${quoteIdentifier(found.name)})) as at from (${relation}) where isfinite(${quoteIdentifier(found.name)})`)
    return row?.at === null || row === undefined ? undefined : Number(row.at)
  })
}

/**
 * As {@link newestValue}, from the statistics of a table's files, to the millisecond. Undefined where they do not tell: a deleted row may
 * have been the newest.
 */
export function newestOfStatistics(snapshot: Snapshot, column: string): number | undefined {
  if (snapshot.files.deletionVectors > 0) return undefined
  const max = snapshot.bounds(column)?.max
  const parts = typeof max === 'string' ? /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(max) : undefined
  const field = snapshot.schema.fields.find(({ name }) => name.toLowerCase() === column.toLowerCase())
  if (!parts || (field?.type !== 'date' && field?.type !== 'timestamp' && field?.type !== 'timestamp_ntz')) return undefined
  const instant = Date.parse(parts[2] === undefined ? `${parts[1]}T00:00:00Z` : `${parts[1]}T${parts[2]}${parts[3] ?? 'Z'}`)
  return Number.isNaN(instant) ? undefined : instant
}

export class NotATimeColumn extends ExplainedError {
  readonly code = 'storage/not-a-time-column'
  override readonly place: Place | undefined
  constructor(definition: AssetDefinition, column: string, readonly hint: string) {
    super(`The freshness of ${definition.key} is that of the column ${column}, which is not one of time.`)
    this.place = definition.place
  }
}
