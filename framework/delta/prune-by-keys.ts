import type { Connection } from '../duckdb/connection.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import type { AddFile } from './actions.ts'
import { boundsSql, isOrdered } from './file-bounds.ts'
import { duckdbType } from './schema.ts'
import { fieldNamed } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import { statsOf } from './summaries.ts'

/**
 * The files that may hold a row with one of the keys in a relation, by partition values and statistics. For each file the least key that
 * is not below its minimum is found (an ASOF join); the file may match where that is not above its maximum.
 */
export async function filesWithKeys(connection: Connection, snapshot: Snapshot, keys: string, on: readonly string[]): Promise<AddFile[]> {
  let files = [...snapshot.files]
  for (const name of on) {
    const field = fieldNamed(snapshot.schema, name)!
    if (files.length === 0 || !isOrdered(field)) continue
    const column = quoteIdentifier(field.name)
    const rows = files.map((file, i) => `(${i}, ${boundsSql(snapshot, file, statsOf(file), field).join(', ')})`)
    const bounds = `select i, lo::${duckdbType(field.type)} as lo, hi::${duckdbType(field.type)} as hi from (values ${rows.join(', ')}) as v(i, lo, hi)`
    const found = await connection.rows<{ i: number }>(`
      with f as (${bounds}), k as (select distinct ${column} as k from ${keys})
      select i from f where lo is null or hi is null
      union
      select f.i from f asof join k on f.lo <= k.k where k.k <= f.hi`)
    const indexes = new Set(found.map(({ i }) => Number(i)))
    files = files.filter((_, i) => indexes.has(i))
  }
  return files
}
