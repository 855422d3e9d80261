import type { Contract } from '../definition/contract.ts'
import type { DeltaTable } from '../delta/delta-table.ts'
import { stageMerge } from '../delta/merge.ts'
import { deltaSchemaOf } from '../delta/schema.ts'
import { isEmpty } from '../delta/table-change.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import { PublishConflict } from './storage-errors.ts'

/** Rows that have values in columns which their contract does not know. */
export interface UnknownValues {
  /** A SELECT over the file's rows, with `_proc_date`, `_source_file` and `_source_row`. */
  readonly relation: string
  readonly sha256: string
  readonly columns: readonly string[]
}

const SCHEMA = deltaSchemaOf([
  ['key', 'VARCHAR'], ['unknown', 'VARCHAR'], ['run_id', 'VARCHAR'], ['_proc_date', 'DATE'], ['source_file', 'VARCHAR'], ['source_row', 'BIGINT'], ['sha256', 'VARCHAR'], ['kept_at', 'TIMESTAMP WITH TIME ZONE'],
].map(([name, type]) => ({ name: name!, type: type! })))

const TRIES = 5

/**
 * Keeps values of unknown columns in a table of their own: one row for each row of the file that has such a value, with its key and the
 * run as JSON objects by column. Keeping the same file twice changes nothing.
 */
export async function keepUnknown(table: DeltaTable, asset: AssetKey, { primaryKey, columns }: Contract, files: readonly UnknownValues[], run: string, at: string): Promise<void> {
  const key = primaryKey.map(name => [name, columns.find(column => (column.as ?? column.name) === name)?.name ?? name] as const)
  const source = files.map(({ relation, sha256, columns: unknown }) => `
    select
      json_object(${key.map(([name, column]) => `${quoteLiteral(name)}, ${quoteIdentifier(column)}`).join(', ')})::varchar as key,
      to_json(map_from_entries(list_filter([${unknown.map(name => `struct_pack(k := ${quoteLiteral(name)}, v := ${quoteIdentifier(name)}::varchar)`).join(', ')}], entry -> entry.v is not null)))::varchar as unknown,
      ${quoteLiteral(run)} as run_id, _proc_date, _source_file as source_file, _source_row as source_row, ${quoteLiteral(sha256)} as sha256, ${quoteLiteral(new Date(at))} as kept_at
    from (${relation})
    where ${unknown.map(name => `${quoteIdentifier(name)} is not null`).join(' or ')}`).join(' union all ')
  for (let attempt = 1; ; attempt += 1) {
    const base = (await table.head()) < 0 ? undefined : await table.snapshot()
    const { change } = await table.database.use(connection => stageMerge(connection, base ?? { root: table.root, schema: SCHEMA }, source, { on: ['sha256', 'source_row'], ignoring: ['run_id', '_proc_date', 'source_file', 'kept_at'] }))
    const outcome = isEmpty(change) && (base || change.adds.length === 0) ? undefined : await table.commit(change, base, { operation: 'MERGE', operationParameters: { predicate: 'sha256, source_row' }, timestamp: new Date(at) })
    if (outcome?.status === 'conflict' && attempt === TRIES) throw new PublishConflict(asset, outcome.version, outcome.reason)
    if (outcome?.status !== 'conflict') return
  }
}
