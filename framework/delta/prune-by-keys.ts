import type { Connection } from '../duckdb/connection.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import type { AddFile } from './actions.ts'
import { boundsSql, isOrdered } from './file-bounds.ts'
import { duckdbType } from './schema.ts'
import { fieldNamed, type StructField } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import { statsOf } from './summaries.ts'

/**
 * The files that may hold a row with one of the keys in a relation, by partition values and statistics. For each file the least key that
 * is not below its minimum is found (an ASOF join); the file may match where that is not above its maximum.
 * @param count how many rows the relation has: of many, all are only sorted for files in which no key of a sample falls
 */
export async function filesWithKeys(connection: Connection, snapshot: Snapshot, keys: string, on: readonly string[], count: number): Promise<AddFile[]> {
  let files = [...snapshot.files]
  for (const name of on) {
    const field = fieldNamed(snapshot.schema, name)!
    if (files.length === 0 || !isOrdered(field)) continue
    const column = `select ${quoteIdentifier(field.name)} as k from ${keys}`
    const hit = count > 4 * SAMPLE ? await hitFiles(connection, snapshot, files, field, `${column} using sample ${SAMPLE} rows`) : new Set<AddFile>()
    const others = files.filter(file => !hit.has(file))
    for (const file of others.length === 0 ? [] : await hitFiles(connection, snapshot, others, field, column)) hit.add(file)
    files = files.filter(file => hit.has(file))
  }
  return files
}

const SAMPLE = 5000

/** @param keys a query of values `k` */
async function hitFiles(connection: Connection, snapshot: Snapshot, files: readonly AddFile[], field: StructField, keys: string): Promise<Set<AddFile>> {
  const rows = files.map((file, i) => `(${i}, ${boundsSql(snapshot, file, statsOf(file), field).join(', ')})`)
  const type = duckdbType(field.type)
  const found = await connection.rows<{ i: number }>(`
    with f as (select i, lo::${type} as lo, hi::${type} as hi from (values ${rows.join(', ')}) as v(i, lo, hi)), k as (select distinct k from (${keys}))
    select i from f where lo is null or hi is null
    union
    select f.i from f asof join k on f.lo <= k.k where k.k <= f.hi`)
  return new Set(found.map(({ i }) => files[Number(i)]!))
}
