import type { Connection } from '../duckdb/connection.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { fileKey, removeOf, type AddFile, type ChangeFile, type RemoveFile } from './actions.ts'
import { changeDataOf, keepsChangeData } from './change-data.ts'
import { rowHash, schemaDigest, type ContentHash } from './content-hash.ts'
import { withDeletedRows } from './delete-rows.ts'
import { CannotWrite, SchemaMismatch } from './delta-errors.ts'
import { identityOf } from './identity-column.ts'
import type { MergeHow } from './merge.ts'
import { GENERATED } from './own-values.ts'
import { allowsVectors } from './protocol.ts'
import { scanOrder } from './scan.ts'
import { duckdbType } from './schema.ts'
import { fieldNamed } from './schema-types.ts'
import { duckdbExpression } from './spark-expression.ts'
import { filesThatMayMatch } from './skipping.ts'
import type { Snapshot } from './snapshot.ts'
import { recordsOf } from './summaries.ts'
import type { TableChange } from './table-change.ts'
import { writeDataFiles } from './write-data-files.ts'

export interface RowChangeOptions {
  readonly how?: MergeHow | undefined
  readonly targetFileSize?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface StagedRows {
  readonly change: TableChange
  readonly metrics: { readonly rows: number; readonly filesRead: number; readonly filesRewritten: number }
  readonly content: { readonly added: ContentHash; readonly removed: ContentHash }
}

/** Takes out the rows for which a condition is true. */
export async function stageDelete(connection: Connection, base: Snapshot, where: string, options: RowChangeOptions = {}): Promise<StagedRows> {
  const found = await matchingRows(connection, base, where, options.signal)
  const done = found.touched.length === 0 ? NOTHING : useVectors(base, found, options.how)
    ? { ...await withDeletedRows(connection, base.root, found.touched, `select __varve_file, __varve_row from (${await found.scan()}) where (${where})`), written: [] }
    : await rewritten(connection, base, found, `select * exclude (__varve_file, __varve_row) from (${await found.scan()}) where (${where}) is not true`, options)
  const cdc = keepsChangeData(base) && done.removes.length > 0
    ? await changeDataOf(connection, base, [`select * exclude (__varve_file, __varve_row), 'delete' as _change_type from (${await found.scan()}) where (${where})`]) : undefined
  return staged(base, found, { ...done, cdc }, { schema: schemaDigest(base.schema), rows: 0, sum: 0n }, { numDeletedRows: found.rows })
}

/** Gives columns new values, SQL of the row's old ones, where a condition is true. @param set by column name */
export async function stageUpdate(connection: Connection, base: Snapshot, set: Readonly<Record<string, string>>, where: string, options: RowChangeOptions = {}): Promise<StagedRows> {
  const values = new Map(Object.entries(set).map(([name, value]) => {
    const field = fieldNamed(base.schema, name)
    if (!field) throw new SchemaMismatch(`${base.root} has no column ${name}.`, `It has ${base.schema.fields.map(known => known.name).join(', ')}.`, name)
    if (identityOf(field)) throw new CannotWrite(`Column ${field.name} of ${base.root} is numbered by the table itself, so it cannot be given other values.`, 'Delete the rows and append them anew.')
    return [field.name, `(${value})::${duckdbType(field.type)}`] as const
  }))
  const computed = await generatedFrom(connection, base, values)
  const found = await matchingRows(connection, base, where, options.signal)
  const columns = (condition?: string) => base.schema.fields.map(({ name }) => {
    const column = quoteIdentifier(name)
    const value = values.get(name)
    return value === undefined ? column : `${condition === undefined ? value : `case when (${condition}) then ${value} else ${column} end`} as ${column}`
  }).join(', ')
  const scan = found.touched.length === 0 ? '' : await found.scan()
  const updated = computed(`select ${columns()} from (${scan}) where (${where})`)
  const done = found.touched.length === 0 ? NOTHING : useVectors(base, found, options.how)
    ? { ...await withDeletedRows(connection, base.root, found.touched, `select __varve_file, __varve_row from (${scan}) where (${where})`), written: await writeDataFiles(connection, updated, base, options) }
    : await rewritten(connection, base, found, computed(`select ${columns(where)} from (${scan})`), options)
  const cdc = keepsChangeData(base) && done.removes.length > 0 ? await changeDataOf(connection, base, [
    `select * exclude (__varve_file, __varve_row), 'update_preimage' as _change_type from (${scan}) where (${where})`,
    `select *, 'update_postimage' as _change_type from (${updated})`,
  ]) : undefined
  const added = found.touched.length === 0 ? 0n : (await connection.rows<{ s: bigint | null }>(`select sum(${rowHash(base.schema)}::hugeint) as s from (${updated}) as q`))[0]!.s ?? 0n
  return staged(base, found, { ...done, cdc }, { schema: schemaDigest(base.schema), rows: found.rows, sum: added }, { numUpdatedRows: found.rows })
}

/** Has generated columns follow the columns that they are computed from. One that cannot be computed here stays, and the table's rule for it tells whether it may. */
async function generatedFrom(connection: Connection, { schema }: Snapshot, set: ReadonlyMap<string, string>): Promise<(query: string) => string> {
  const columns: string[] = []
  for (const { name, type, metadata } of schema.fields) {
    const spark = metadata?.[GENERATED]
    const sql = typeof spark === 'string' && !set.has(name) && set.size > 0 ? await duckdbExpression(connection, spark, schema) : undefined
    if (sql !== undefined) columns.push(`${sql}::${duckdbType(type)} as ${quoteIdentifier(name)}`)
  }
  return query => (columns.length === 0 ? query : `select * replace (${columns.join(', ')}) from (${query})`)
}

/** These files in place of all rows for which a condition is true. The files' own rows should meet it. */
export async function replaceWhere(connection: Connection, base: Snapshot, where: string, files: readonly AddFile[], options: RowChangeOptions = {}): Promise<TableChange> {
  const { change } = await stageDelete(connection, base, where, options)
  const cdc = change.cdc && files.length > 0
    ? [...change.cdc, ...await changeDataOf(connection, base, [`select *, 'insert' as _change_type from (${await base.scanSql({ files })})`])] : change.cdc
  return { ...change, adds: [...change.adds, ...files], cdc }
}

interface Found {
  readonly files: readonly AddFile[]
  readonly touched: readonly AddFile[]
  readonly rows: number
  readonly removed: bigint
  /** The touched files' rows with their places. */
  scan(): Promise<string>
}

interface Done {
  readonly adds: readonly AddFile[]
  readonly removes: readonly RemoveFile[]
  readonly written: readonly AddFile[]
  readonly cdc?: readonly ChangeFile[] | undefined
}

const NOTHING: Done = { adds: [], removes: [], written: [] }

async function matchingRows(connection: Connection, base: Snapshot, where: string, signal: AbortSignal | undefined): Promise<Found> {
  const files = scanOrder(await filesThatMayMatch(connection, base, base.files, { text: where }))
  const perFile = files.length === 0 ? [] : await connection.rows<{ f: bigint; n: bigint; s: bigint }>(
    `select __varve_file as f, count(*) as n, sum(${rowHash(base.schema)}::hugeint) as s from (${await base.scanSql({ files, virtual: true })}) as q where (${where}) group by __varve_file order by __varve_file`, { signal })
  const touched = perFile.map(({ f }) => files[Number(f)]!)
  return {
    files, touched,
    rows: perFile.reduce((total, { n }) => total + Number(n), 0),
    removed: perFile.reduce((total, { s }) => total + s, 0n),
    scan: () => base.scanSql({ files: touched, virtual: true }),
  }
}

/** Vectors pay while few of the touched files' rows change. */
function useVectors(base: Snapshot, { touched, rows }: Found, how: MergeHow = 'auto'): boolean {
  if (how !== 'auto') return how === 'deletion-vectors'
  return allowsVectors(base.protocol, base.properties) && rows < touched.reduce((total, file) => total + recordsOf(file), 0) * 0.2
}

async function rewritten(connection: Connection, base: Snapshot, { touched }: Found, query: string, options: RowChangeOptions): Promise<Done> {
  const now = Date.now()
  return { adds: [], removes: touched.map(file => removeOf(file, now)), written: await writeDataFiles(connection, query, base, options) }
}

function staged(base: Snapshot, { files, touched, rows, removed }: Found, done: Done, added: ContentHash, metrics: Readonly<Record<string, number>>): StagedRows {
  const adds = [...done.adds, ...done.written]
  return {
    change: {
      adds, removes: done.removes, cdc: done.cdc, reads: { kind: 'files', keys: files.map(fileKey) },
      metrics: { ...metrics, numAddedFiles: adds.length, numRemovedFiles: done.removes.length },
    },
    metrics: { rows, filesRead: files.length, filesRewritten: touched.length },
    content: { added, removed: { schema: schemaDigest(base.schema), rows, sum: removed } },
  }
}
