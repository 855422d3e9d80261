import { statSync } from 'node:fs'
import type { WrittenFile } from '../duckdb/copy-to-parquet.ts'
import type { Database } from '../duckdb/database.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'

/** What the footers of parquet files tell, which another engine wrote: rows, and of each column the bounds and the number of NULLs. */
export async function describeFiles(database: Database, paths: readonly string[]): Promise<WrittenFile[]> {
  if (paths.length === 0) return []
  const list = `[${paths.map(path => quoteLiteral(path)).join(', ')}]`
  const [rows, columns] = await database.use(async connection => [
    await connection.json<{ file_name: string; num_rows: string | number }>(`select file_name, num_rows from parquet_file_metadata(${list})`),
    await connection.json<ColumnChunks>(`
      select
        file_name,
        path_in_schema as path,
        count(*) as chunks,
        count(stats_null_count) as counted,
        sum(stats_null_count)::varchar as nulls,
        list(stats_min_value) as mins,
        list(stats_max_value) as maxs,
        any_value(type) as physical
      from parquet_metadata(${list})
      group by all`),
  ])
  const byFile = grouped(columns)
  return rows.filter(({ num_rows }) => Number(num_rows) > 0).map(({ file_name: path, num_rows }) => ({
    path,
    bytes: statSync(path).size,
    rows: Number(num_rows),
    partitionValues: {},
    columnStats: Object.fromEntries((byFile.get(path) ?? []).map(chunk => [quotedPath(chunk.path), statsOf(chunk)])),
  }))
}

interface ColumnChunks {
  readonly file_name: string
  readonly path: string
  readonly chunks: string | number
  readonly counted: string | number
  readonly nulls: string | null
  readonly mins: readonly (string | null)[]
  readonly maxs: readonly (string | null)[]
  readonly physical: string
}

/** Bounds are told where a file has one group of rows: of more, only the engine that wrote them could compare texts and numbers alike. */
function statsOf({ chunks, counted, nulls, mins, maxs, physical }: ColumnChunks): Readonly<Record<string, string>> {
  const stats: Record<string, string> = {}
  if (Number(chunks) === Number(counted) && nulls !== null) stats['null_count'] = nulls
  const [min, max] = [mins[0], maxs[0]]
  // NaN leaves no trace in what other writers tell of doubles.
  const told = mins.length === 1 && typeof min === 'string' && typeof max === 'string' && !/^(DOUBLE|FLOAT|BOOLEAN|INT96)$/.test(physical)
  return told ? { ...stats, min, max } : stats
}

const quotedPath = (path: string): string => path.split(', ').map(quoteIdentifier).join('.')

function grouped(columns: readonly ColumnChunks[]): Map<string, ColumnChunks[]> {
  const groups = new Map<string, ColumnChunks[]>()
  for (const column of columns) groups.set(column.file_name, [...(groups.get(column.file_name) ?? []), column])
  return groups
}
