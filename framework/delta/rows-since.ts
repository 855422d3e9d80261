import { existsSync } from 'node:fs'
import type { Connection } from '../duckdb/connection.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import type { AddFile } from './actions.ts'
import { rowHash } from './content-hash.ts'
import { scanOrder } from './scan.ts'
import type { Snapshot } from './snapshot.ts'
import { resolvePath } from './table-paths.ts'

/**
 * A SELECT of the rows of a version that an earlier one did not have. Of files that took the place of others, rows that stood in those are
 * left out, by their hashes, where the others are still there. Undefined where the columns are not what they were.
 */
export async function rowsSince(connection: Connection, before: Snapshot, after: Snapshot): Promise<string | undefined> {
  if (!isAlike(before, after)) return undefined
  const [were, are] = [byPath(before), byPath(after)]
  const came: AddFile[] = []
  for (const file of are.values()) {
    const was = were.get(file.path)
    if (!was || (!sameVector(was, file) && await cameBack(connection, before, was, file))) came.push(file)
  }
  const went = [...were.values()].filter(({ path }) => !are.has(path))
  const rows = await after.scanSql({ files: came })
  if (came.length === 0 || went.length === 0 || !areThere(before, went)) return rows
  return `select a.* from (${rows}) as a where not exists (select 1 from (${await before.scanSql({ files: went })}) as b where ${rowHash(before.schema, 'b')} = ${rowHash(after.schema, 'a')})`
}

/** What makes one version of a table of another: SELECTs over the columns of both. A row that both have may be in both, and then has no effect. */
export interface RowDifference {
  readonly came: string
  readonly went: string
  /** A SELECT of the values that columns have in either of them, as `v0`, `v1` ...: in one look at each side. */
  of(columns: readonly string[]): string
}

/**
 * The rows of a version that an earlier one did not have so often, and those that only the earlier one had so often. Undefined where the
 * columns are not what they were, or files of the earlier version are gone.
 * @param filter a condition on the table's columns: of other rows nothing is told
 */
export async function rowDifference(before: Snapshot, after: Snapshot, filter?: string): Promise<RowDifference | undefined> {
  if (!isAlike(before, after) || !areThere(before, before.files)) return undefined
  const [were, are] = [byPath(before), byPath(after)]
  const whole = (files: Iterable<AddFile>, others: ReadonlyMap<string, AddFile>) => [...files].filter(({ path }) => !others.has(path))
  const [came, went] = [whole(after.files, were), whole(before.files, are)]
  const marked = [...are.values()].flatMap(file => {
    const was = were.get(file.path)
    return was && !sameVector(was, file) ? [{ was, now: file }] : []
  })
  const [a, b] = [await after.scanSql({ files: came, filter }), await before.scanSql({ files: went, filter })]
  const replaced = came.length > 0 && went.length > 0
  // A hash that is there as often on both sides is of rows that were only written anew.
  const unequal = `select h from (select ${rowHash(after.schema, 'a')} as h, 1 as n from (${a}) as a union all select ${rowHash(before.schema, 'b')}, -1 from (${b}) as b) as sides group by h having sum(n) <> 0`
  const [newly, formerly] = [await unmarked(after, marked.map(({ now, was }) => ({ shown: now, hidden: was })), filter), await unmarked(before, marked.map(({ now, was }) => ({ shown: was, hidden: now })), filter)]
  const side = (rows: string, schema: Snapshot['schema']) => (replaced ? `select q.* from (${rows}) as q where ${rowHash(schema)} in (${unequal})` : rows)
  return {
    came: [side(a, after.schema), ...newly].join(' union all '),
    went: [side(b, before.schema), ...formerly].join(' union all '),
    of: columns => {
      const names = columns.map((_, i) => `v${i}`).join(', ')
      const from = (alias: string) => columns.map((column, i) => `${alias}.${quoteIdentifier(column)} as v${i}`).join(', ')
      const whole = replaced
        ? `select ${names} from (select ${from('a')}, ${rowHash(after.schema, 'a')} as h, 1 as n from (${a}) as a union all select ${from('b')}, ${rowHash(before.schema, 'b')}, -1 from (${b}) as b) as sides group by ${names}, h having sum(n) <> 0`
        : `select ${from('a')} from (${a}) as a union all select ${from('b')} from (${b}) as b`
      return [whole, ...[...newly, ...formerly].map(rows => `select ${from('m')} from (${rows}) as m`)].join(' union all ')
    },
  }
}

/** Of files with two states each, the rows that one of them shows and the other does not. */
async function unmarked(snapshot: Snapshot, pairs: readonly { readonly shown: AddFile; readonly hidden: AddFile }[], filter: string | undefined): Promise<string[]> {
  // Without marks a file shows all of its rows.
  const able = pairs.filter(({ hidden }) => hidden.deletionVector)
  if (able.length === 0) return []
  const [shown, hidden] = [scanOrder(able.map(pair => pair.shown)), scanOrder(able.map(pair => pair.hidden))]
  const place = (files: readonly AddFile[], path: string) => files.findIndex(file => file.path === path)
  const names = snapshot.schema.fields.map(({ name }) => `s.${quoteIdentifier(name)}`)
  return [`select ${names.join(', ')} from (${await snapshot.scanSql({ files: shown, virtual: true, filter })}) as s
    join (values ${able.map(pair => `(${place(shown, pair.shown.path)}, ${place(hidden, pair.shown.path)})`).join(', ')}) as p(s, h) on s.__varve_file = p.s
    where not exists (select 1 from (${await snapshot.scanSql({ files: hidden, columns: [], virtual: true })}) as h where h.__varve_file = p.h and h.__varve_row = s.__varve_row)`]
}

const isAlike = (before: Snapshot, after: Snapshot): boolean => before.metadata.schemaString === after.metadata.schemaString && before.metadata.id === after.metadata.id
const areThere = (snapshot: Snapshot, files: Iterable<AddFile>): boolean => [...files].every(({ path }) => existsSync(resolvePath(snapshot.root, path)))
const byPath = ({ files }: Snapshot): ReadonlyMap<string, AddFile> => new Map([...files].map(file => [file.path, file]))
const sameVector = ({ deletionVector: a }: AddFile, { deletionVector: b }: AddFile): boolean => a?.pathOrInlineDv === b?.pathOrInlineDv && a?.offset === b?.offset && a?.storageType === b?.storageType

/** Whether a file shows a row that it did not show before. */
async function cameBack(connection: Connection, snapshot: Snapshot, was: AddFile, now: AddFile): Promise<boolean> {
  if (!was.deletionVector) return false
  const rowsOf = (file: AddFile) => snapshot.scanSql({ files: [file], columns: [], virtual: true })
  const [row] = await connection.rows<{ back: bigint }>(`select count(*) as back from (${await rowsOf(now)}) as a where not exists (select 1 from (${await rowsOf(was)}) as b where b.__varve_row = a.__varve_row)`)
  return row!.back > 0n
}
