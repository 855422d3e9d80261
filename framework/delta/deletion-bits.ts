import { createHash } from 'node:crypto'
import type { Database } from '../duckdb/database.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { deletionVectorId, type AddFile } from './actions.ts'
import { bringVectors, deletedRows } from './deletion-vector.ts'
import { recordsOf } from './summaries.ts'

/**
 * A relation `(place, bits)` of the deletion vectors of files, by their index and one: bit n is set where row n is deleted. Small ones stand
 * in the SQL itself; larger ones go into a table of the database, shared by all connections and kept while it was used lately.
 *
 * Join `file_index + 1 = place`. DuckDB finds a row by its number instead of by a hash where it knows the bounds of the numbers: of a table's
 * column it does, and of a sum it takes them from the other side; of `file_index` alone it has nothing to begin with.
 */
export async function vectorRelation(database: Database, root: string, files: readonly AddFile[]): Promise<string> {
  const known = tables.get(database) ?? new Map<string, BitTable>()
  tables.set(database, known)
  const name = `varve_dv_${createHash('sha256').update(`${root}\n${files.map(file => deletionVectorId(file.deletionVector)).join('\n')}`).digest('hex').slice(0, 32)}`
  const found = known.get(name)
  if (found) {
    found.used = Date.now()
    await found.filled
    return quoteIdentifier(name)
  }
  await bringVectors(root, files)
  const bits = files.map(file => deletionBits(deletedRows(root, file.deletionVector!), recordsOf(file)))
  const bytes = bits.reduce((total, each) => total + each.length, 0)
  if (bytes <= INLINE) return `(select * from (values ${bits.map((each, file) => `(${file + 1}::ubigint, '${binaryDigits(each)}'::bit)`).join(', ')}) as v(place, bits))`
  const table = { bytes, used: Date.now(), filled: fill(database, name, bits) }
  known.set(name, table)
  await table.filled
  await forgetOld(database, known)
  return quoteIdentifier(name)
}

interface BitTable {
  readonly bytes: number
  readonly filled: Promise<void>
  used: number
}

const tables = new WeakMap<Database, Map<string, BitTable>>()
const INLINE = 2048
const KEPT_BYTES = 256 * 1024 * 1024
const KEPT_MILLIS = 10 * 60 * 1000

/** DuckDB's BIT as bytes: the number of padding bits, of which there are none, then the bits from the left, one at least for each of the file's records. */
function deletionBits(rows: readonly number[], records: number): Uint8Array {
  const bits = new Uint8Array(1 + Math.floor(Math.max(rows.at(-1) ?? 0, records) / 8) + 1)
  for (const row of rows) bits[1 + (row >> 3)]! |= 128 >> (row & 7)
  return bits
}

const binaryDigits = (bits: Uint8Array): string => Array.from(bits.subarray(1), byte => byte.toString(2).padStart(8, '0')).join('')

async function fill(database: Database, name: string, bits: readonly Uint8Array[]): Promise<void> {
  await database.use(async connection => {
    await connection.run(`create or replace table ${quoteIdentifier(name)} (place ubigint, bits bit)`)
    const appender = await connection.native.createAppender(name)
    try {
      bits.forEach((each, file) => {
        appender.appendUBigInt(BigInt(file + 1))
        appender.appendBit(new connection.api.DuckDBBitValue(each))
        appender.endRow()
      })
      appender.flushSync()
    } finally {
      appender.closeSync()
    }
  })
}

/** Scans are made shortly before they run, so a table that nobody asked for in ten minutes is not in use. */
async function forgetOld(database: Database, known: Map<string, BitTable>): Promise<void> {
  let total = [...known.values()].reduce((sum, table) => sum + table.bytes, 0)
  for (const [name, table] of [...known].sort(([, a], [, b]) => a.used - b.used)) {
    if (total <= KEPT_BYTES || table.used > Date.now() - KEPT_MILLIS) return
    known.delete(name)
    total -= table.bytes
    await database.use(connection => connection.run(`drop table if exists ${quoteIdentifier(name)}`))
  }
}
