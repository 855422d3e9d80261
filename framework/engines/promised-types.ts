import type { DescribedColumn } from '../duckdb/connection.ts'
import { writeParquet } from '../duckdb/copy-to-parquet.ts'
import type { Database } from '../duckdb/database.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'

/**
 * The files themselves where their columns are those of a Delta table that promises these: by name, in the same letters, and by type. Else
 * files with the same rows that are, in a new folder: Hive's writers know no instants, and no capitals.
 */
export async function asPromised(database: Database, paths: readonly string[], columns: readonly DescribedColumn[], folder: string): Promise<readonly string[]> {
  if (paths.length === 0) return paths
  return database.use(async connection => {
    const relation = `read_parquet([${paths.map(path => quoteLiteral(path)).join(', ')}], hive_partitioning = false)`
    const found = await connection.describe(`select * from ${relation}`)
    if (found.length === columns.length && columns.every(({ name, type }, i) => found[i]!.name === name && found[i]!.type === type)) return paths
    const casts = columns.map(({ name, type }) => `${quoteIdentifier(name)}::${type} as ${quoteIdentifier(name)}`)
    const { files } = await writeParquet(connection, `select ${casts.join(', ')} from ${relation}`, folder, { partitionBy: [] })
    return files.map(({ path }) => path)
  })
}
