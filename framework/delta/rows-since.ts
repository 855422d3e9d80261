import { existsSync } from 'node:fs'
import type { Connection } from '../duckdb/connection.ts'
import type { AddFile } from './actions.ts'
import { rowHash } from './content-hash.ts'
import type { Snapshot } from './snapshot.ts'
import { resolvePath } from './table-paths.ts'

/**
 * A SELECT of the rows of a version that an earlier one did not have. Of files that took the place of others, rows that stood in those are
 * left out, by their hashes, where the others are still there. Undefined where the columns are not what they were.
 */
export async function rowsSince(connection: Connection, before: Snapshot, after: Snapshot): Promise<string | undefined> {
  if (before.metadata.schemaString !== after.metadata.schemaString || before.metadata.id !== after.metadata.id) return undefined
  const [were, are] = [byPath(before), byPath(after)]
  const came: AddFile[] = []
  for (const file of are.values()) {
    const was = were.get(file.path)
    if (!was || (!sameVector(was, file) && await cameBack(connection, before, was, file))) came.push(file)
  }
  const went = [...were.values()].filter(({ path }) => !are.has(path))
  const rows = await after.scanSql({ files: came })
  if (came.length === 0 || went.length === 0 || !went.every(({ path }) => existsSync(resolvePath(before.root, path)))) return rows
  return `select a.* from (${rows}) as a where not exists (select 1 from (${await before.scanSql({ files: went })}) as b where ${rowHash(before.schema, 'b')} = ${rowHash(after.schema, 'a')})`
}

const byPath = ({ files }: Snapshot): ReadonlyMap<string, AddFile> => new Map([...files].map(file => [file.path, file]))
const sameVector = ({ deletionVector: a }: AddFile, { deletionVector: b }: AddFile): boolean => a?.pathOrInlineDv === b?.pathOrInlineDv && a?.offset === b?.offset && a?.storageType === b?.storageType

/** Whether a file shows a row that it did not show before. */
async function cameBack(connection: Connection, snapshot: Snapshot, was: AddFile, now: AddFile): Promise<boolean> {
  if (!was.deletionVector) return false
  const rowsOf = (file: AddFile) => snapshot.scanSql({ files: [file], columns: [], virtual: true })
  const [row] = await connection.rows<{ back: bigint }>(`select count(*) as back from (${await rowsOf(now)}) as a where not exists (select 1 from (${await rowsOf(was)}) as b where b.__varve_row = a.__varve_row)`)
  return row!.back > 0n
}
