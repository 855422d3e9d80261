import type { WriteMode } from '../definition/write-mode.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'

/** By this name the query of a keyed append finds the rows that are there already. */
export const PUBLISHED = 'varve published'

/**
 * The author's query as the write mode needs it: of a keyed append, only rows whose key is new, each key once.
 * @param published whether the table exists, under the name {@link PUBLISHED}
 */
export function queryFor(write: WriteMode, query: string, published: boolean): string {
  switch (write.mode) {
    case 'overwrite':
    case 'overwrite-partition':
    case 'merge':
    case 'scd2':
      return query
    case 'append': {
      if (write.key.length === 0) return query
      const once = onePerKey(query, write.key)
      const same = write.key.map(name => `known.${quoteIdentifier(name)} = made.${quoteIdentifier(name)}`).join(' and ')
      return published ? `select * from (${once}) as made where not exists (select 1 from ${quoteIdentifier(PUBLISHED)} as known where ${same})` : once
    }
  }
}

/** Rows with a NULL in the key are kept, all of them: what to do with those is a check's to say, not to hide. */
function onePerKey(query: string, key: readonly string[]): string {
  const columns = key.map(name => `made.${quoteIdentifier(name)}`)
  return `select * from (${query}) as made qualify ${columns.map(name => `${name} is null`).join(' or ')} or row_number() over (partition by ${columns.join(', ')} order by hash(made)) = 1`
}

/** The columns by which the mode lays out the table's files. */
export const partitionColumnsOf = (write: WriteMode): readonly string[] => (write.mode === 'overwrite-partition' ? write.by : [])

/** Whether the mode reads what the engine wrote, and writes files of its own. */
export const readsWritten = ({ mode }: WriteMode): boolean => mode === 'merge' || mode === 'scd2'

/** The columns that must be there for the mode to work. */
export function columnsOfMode(write: WriteMode): readonly string[] {
  switch (write.mode) {
    case 'overwrite': return []
    case 'overwrite-partition': return write.by
    case 'append': return write.key
    case 'merge': return [...write.on, ...(write.newerBy === undefined ? [] : [write.newerBy]), ...write.ignoring]
    case 'scd2': return [...write.on, ...(write.changedBy === undefined ? [] : [write.changedBy]), ...(Array.isArray(write.compare) ? (write.compare as readonly string[]) : [])]
  }
}

/** As the log calls a table that is made anew. */
export const REBUILD = { operation: 'WRITE', operationParameters: { mode: 'Overwrite', rebuild: 'true' } } as const

/** As the log calls rows that took the place of others. */
export const mergedBy = (key: readonly string[]) => ({ operation: 'MERGE', operationParameters: { predicate: key.join(', ') } })

/** As the log calls it. */
export function operationOf(write: WriteMode): { readonly operation: string; readonly operationParameters: Readonly<Record<string, string>> } {
  switch (write.mode) {
    case 'overwrite': return { operation: 'WRITE', operationParameters: { mode: 'Overwrite' } }
    case 'overwrite-partition': return { operation: 'WRITE', operationParameters: { mode: 'Overwrite', partitionBy: JSON.stringify(write.by) } }
    case 'append': return { operation: 'WRITE', operationParameters: { mode: 'Append' } }
    case 'merge': return mergedBy(write.on)
    case 'scd2': return mergedBy([...write.on, 'valid_from'])
  }
}
