import type { WriteMode } from '../definition/write-mode.ts'
import type { EngineSession } from '../engines/engine.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import type { QuarantinedRow } from './quarantine.ts'
import { valueOfJson } from './sift.ts'

/**
 * A query with rows from quarantine beside its own, as they were when they were rejected. A key that the query tells of by itself is not
 * asked for twice; a table that is made as a whole gets all of its rows from its inputs.
 */
export async function released(query: string, write: WriteMode, session: EngineSession, rows: readonly QuarantinedRow[]): Promise<string> {
  if (rows.length === 0 || write.mode === 'overwrite' || write.mode === 'overwrite-partition') return query
  const columns = await session.columns(query)
  const values = columns.map(column => `${valueOfJson('row', column)} as ${quoteIdentifier(column.name)}`)
  const texts = rows.map(({ row }) => `(${quoteLiteral(JSON.stringify(row))}::json)`)
  const key = write.mode === 'append' ? write.key : write.on
  const own = key.length === 0 ? '' : ` where not exists (select 1 from made where ${key.map(name => `made.${quoteIdentifier(name)} is not distinct from aside.${quoteIdentifier(name)}`).join(' and ')})`
  return `with made as (${query}) select * from made union all by name select * from (select ${values.join(', ')} from (values ${texts.join(', ')}) as v(row)) as aside${own}`
}
