import type { Connection } from '../duckdb/connection.ts'
import type { ChangeFile } from './actions.ts'
import type { Snapshot } from './snapshot.ts'
import { writeDataFiles } from './write-data-files.ts'

/** Whether the table keeps a change data feed: then what changes rows inside files must write them to `_change_data` too. */
export const keepsChangeData = ({ properties }: Snapshot): boolean => properties['delta.enableChangeDataFeed'] === 'true'

const CHANGE_TYPE = { name: '_change_type', type: 'string', nullable: true, metadata: {} } as const

/** Writes changed rows to the table's change data. @param queries each gives the table's columns and `_change_type` */
export async function changeDataOf(connection: Connection, table: Snapshot, queries: readonly string[]): Promise<ChangeFile[]> {
  const schema = { type: 'struct', fields: [...table.schema.fields, CHANGE_TYPE] } as const
  const target = { root: table.root, schema, partitionColumns: table.partitionColumns, mapping: table.mapping, properties: table.properties, folder: '_change_data' }
  const files = await writeDataFiles(connection, queries.join(' union all by name '), target)
  return files.map(({ path, partitionValues, size }) => ({ path, partitionValues, size, dataChange: false }))
}
