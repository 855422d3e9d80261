import type { Database } from '../duckdb/database.ts'
import { exactPath } from '../duckdb/exact-path.ts'
import { COLUMN_ID, type StructField } from './schema-types.ts'
import type { AddFile } from './actions.ts'
import { resolvePath } from './table-paths.ts'
import type { TableView } from './table-view.ts'

/**
 * Of each file whether its columns are found by their ids: in a table that maps by id they are, but writers that know no ids leave files
 * without any, whose columns have their physical names. The files must be on this machine.
 */
export async function foundById(table: TableView, fields: readonly StructField[], files: readonly AddFile[]): Promise<readonly boolean[]> {
  if (table.mapping !== 'id' || fields.some(({ metadata }) => metadata?.[COLUMN_ID] === undefined)) return files.map(() => false)
  const known = looked.get(table.database) ?? new Map<string, boolean>()
  looked.set(table.database, known)
  const keyOf = (file: AddFile) => `${resolvePath(table.root, file.path)}\0${file.size}`
  const paths = [...new Set(files.filter(file => !known.has(keyOf(file))).map(file => resolvePath(table.root, file.path)))]
  const told = paths.length === 0 ? [] : await table.database.use(c => c.rows<{ file: string }>(`select distinct file_name as file from parquet_schema([${paths.map(exactPath).join(', ')}]) where field_id is not null`))
  const withIds = new Set(told.map(({ file }) => file))
  for (const file of files) if (!known.has(keyOf(file))) known.set(keyOf(file), withIds.has(resolvePath(table.root, file.path)))
  const answer = files.map(file => known.get(keyOf(file))!)
  if (known.size > MOST_KNOWN) known.clear()
  return answer
}

/** A data file never changes, so that a look at its footer is enough once. */
const looked = new WeakMap<Database, Map<string, boolean>>()
const MOST_KNOWN = 100_000
