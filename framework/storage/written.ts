import { exactPath } from '../duckdb/exact-path.ts'
import type { Written } from '../engines/engine.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'

/** What an engine wrote, as a SELECT of its columns. Those by which the files are parted stand in the folders' names. */
export function relationOf({ files, columns }: Written): string {
  if (files.length === 0) return `select ${columns.map(({ name, type }) => `null::${type} as ${quoteIdentifier(name)}`).join(', ')} where false`
  const parted = columns.filter(({ name }) => name in files[0]!.partitionValues)
  const types = parted.map(({ name, type }) => `${quoteLiteral(name)}: ${type}`).join(', ')
  return `select ${columns.map(({ name }) => quoteIdentifier(name)).join(', ')} from read_parquet([${files.map(({ path }) => exactPath(path)).join(', ')}]${parted.length === 0 ? ', hive_partitioning = false' : `, hive_partitioning = true, hive_types = {${types}}`})`
}
