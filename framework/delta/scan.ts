import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Database } from '../duckdb/database.ts'
import { exactPath } from '../duckdb/exact-path.ts'
import { mirrorOf } from '../objects/mirror.ts'
import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import type { AddFile } from './actions.ts'
import { CannotRead, SchemaMismatch } from './delta-errors.ts'
import { vectorRelation } from './deletion-bits.ts'
import { partitionLiteral, partitionValue } from './partition-value.ts'
import { foundById } from './field-ids.ts'
import { inTodaysCalendar, oldCalendars, type OldCalendar } from './old-calendar.ts'
import { renamedNested } from './rename-nested.ts'
import { duckdbType } from './schema.ts'
import { anyField, usesType } from './protocol.ts'
import { COLUMN_ID, fieldNamed, physicalName, type StructField } from './schema-types.ts'
import { filesThatMayMatch, type FileFilter } from './skipping.ts'
import type { TableView } from './table-view.ts'
import { TYPE_CHANGES } from './type-widening.ts'
import { recordsOf } from './summaries.ts'
import { resolvePath } from './table-paths.ts'
import { filledUp } from './text-lengths.ts'

export interface ScanOptions {
  /** Only these columns, in this order. Default: all, in the schema's. */
  readonly columns?: readonly string[] | undefined
  /** A DuckDB condition on the table's columns. Files that cannot hold a matching row are left out, but for a scan with virtual columns. */
  readonly filter?: string | undefined
  /** Leaves out files that cannot hold a row for which this is true, and filters no rows. */
  readonly leavingOut?: FileFilter | undefined
  /** Only these files. Default: all of the snapshot. */
  readonly files?: Iterable<AddFile> | undefined
  /** Adds `__varve_file`, the index in {@link scanOrder} of the files, and `__varve_row`, the row's place in its file. */
  readonly virtual?: boolean | undefined
}

/** Files without deletion vectors first: the order that `__varve_file` counts in. */
export function scanOrder(files: Iterable<AddFile>): AddFile[] {
  const all = [...files]
  return [...all.filter(file => !file.deletionVector), ...all.filter(file => file.deletionVector)]
}

/**
 * A SELECT of a snapshot's rows for any connection of its database: partition values, column mapping, older schemas, widened types
 * and deletion vectors are all in the text. Reads the files by their path; nothing is opened while it is made, but deletion vectors.
 */
export async function scanSql(snapshot: TableView, options: ScanOptions): Promise<string> {
  const fields = options.columns ? options.columns.map(name => field(snapshot, name)) : snapshot.schema.fields
  for (const { name, type } of fields) if (usesType(type, 'variant')) throw new CannotRead(`Column ${name} of ${snapshot.root} is of type variant, which cannot be read here.`)
  if (options.leavingOut) return scanSql(snapshot, { ...options, leavingOut: undefined, files: await mayMatch(snapshot, options, options.leavingOut) })
  if (options.filter === undefined) return plainScan(snapshot, fields, scanOrder(options.files ?? snapshot.files), options)
  const { filter } = options
  const matching = await mayMatch(snapshot, options, { text: filter })
  const inner = await plainScan(snapshot, snapshot.schema.fields, scanOrder(options.virtual ? options.files ?? snapshot.files : matching), options)
  const columns = [...fields.map(({ name }) => quoteIdentifier(name)), ...(options.virtual ? ['__varve_file', '__varve_row'] : [])]
  return `select ${columns.join(', ') || '1'} from (${inner}) where (${options.filter})`
}

const mayMatch = (snapshot: TableView, { files = snapshot.files }: ScanOptions, filter: FileFilter): Promise<AddFile[]> => snapshot.database.use(connection => filesThatMayMatch(connection, snapshot, files, filter))

async function plainScan(snapshot: TableView, fields: readonly StructField[], files: readonly AddFile[], { virtual = false }: Pick<ScanOptions, 'virtual'>): Promise<string> {
  await mirrorOf(snapshot.root)?.bring(files.map(({ path }) => resolvePath(snapshot.root, path)))
  const branches: string[] = []
  const inFile = inFilesOf(snapshot, fields)
  for (const run of runsOf(files, await foundById(snapshot, inFile, files), await oldCalendars(snapshot, inFile, files))) {
    branches.push(await branch(snapshot, fields, run.files, { virtual, from: run.from, byId: run.byId, calendar: run.calendar, vectors: run.files[0]!.deletionVector ? await vectorRelation(snapshot.database, snapshot.root, run.files) : undefined }))
  }
  if (branches.length > 0) return branches.join(' union all ')
  const nulls = [...fields.map(({ name, type }) => `null::${duckdbType(type)} as ${quoteIdentifier(name)}`), ...(virtual ? ['null::bigint as __varve_file', 'null::bigint as __varve_row'] : [])]
  return `select ${nulls.join(', ') || '1'} where false`
}

/** Files that follow one another and are read alike. */
interface Run {
  readonly from: number
  readonly byId: boolean
  readonly calendar: OldCalendar | undefined
  readonly files: AddFile[]
}

function runsOf(files: readonly AddFile[], byId: readonly boolean[], calendars: readonly (OldCalendar | undefined)[]): readonly Run[] {
  const runs: Run[] = []
  for (const [i, file] of files.entries()) {
    const last = runs.at(-1)
    if (last && last.byId === byId[i] && isDeepStrictEqual(last.calendar, calendars[i]) && Boolean(last.files[0]!.deletionVector) === Boolean(file.deletionVector)) last.files.push(file)
    else runs.push({ from: i, byId: byId[i]!, calendar: calendars[i], files: [file] })
  }
  return runs
}

interface BranchOptions {
  readonly virtual: boolean
  readonly from: number
  readonly byId: boolean
  readonly calendar: OldCalendar | undefined
  readonly vectors?: string | undefined
}

async function branch(snapshot: TableView, fields: readonly StructField[], files: readonly AddFile[], { virtual, from, byId, calendar, vectors }: BranchOptions): Promise<string> {
  const mode = snapshot.mapping
  const partitioned = new Set(snapshot.partitionColumns)
  const valuesOf = (field: StructField) => files.map(file => partitionValue(file, field, mode))
  const varying = fields.filter(field => partitioned.has(field.name) && new Set(valuesOf(field)).size > 1)
  const selected = fields.map(field => {
    const name = quoteIdentifier(field.name)
    if (varying.includes(field)) return `${filledUp(`__p.${name}`, field)} as ${name}`
    if (partitioned.has(field.name)) return `${filledUp(partitionLiteral(valuesOf(field)[0], field.type), field)} as ${name}`
    if (field.type === 'void') return `null::integer as ${name}`
    const found = wasWidened(field) ? `case when __t.file_row_number >= 0 then __t.${inFiles(fields, field)} end` : `__t.${inFiles(fields, field)}`
    return `${filledUp(renamedNested(calendar ? inTodaysCalendar(found, field, calendar, snapshot) : found, field.type, mode), field)} as ${name}`
  })
  if (virtual) selected.push(`__t.file_index::bigint + ${from} as __varve_file`, '__t.file_row_number as __varve_row')
  const source = await parquetSource(snapshot, fields, files, byId)
  let tables = `${source} as __t`
  if (varying.length > 0) {
    const columns = varying.map(valuesOf)
    const rows = files.map((_, i) => `(${i}, ${varying.map((field, column) => partitionLiteral(columns[column]![i], field.type)).join(', ')})`)
    tables += ` join (values ${rows.join(', ')}) as __p(__i, ${varying.map(({ name }) => quoteIdentifier(name)).join(', ')}) on __t.file_index = __p.__i`
  }
  if (vectors !== undefined) tables += ` join ${vectors} as __d on __t.file_index + 1 = __d.place`
  const beyond = files.every(file => recordsOf(file) > 0) ? '' : '__t.file_row_number >= bit_length(__d.bits) or '
  const alive = vectors === undefined ? '' : ` where (${beyond}get_bit(__d.bits, __t.file_row_number::int) = 0)`
  return `select ${selected.join(', ') || '1'} from ${tables}${alive}`
}

/** Columns go through the scan under names of our own: some have the name of what DuckDB knows of every row, as `file_index`. */
const inFiles = (fields: readonly StructField[], field: StructField): string => `c${fields.indexOf(field)}`

/** DuckDB would cast a filter's constant to the type in the file, and miss rows: 2 is above 1.5, but not above 1.5 as an integer. So filters must not reach the file. */
const wasWidened = (field: StructField): boolean => anyField({ type: 'struct', fields: [field] }, metadata => TYPE_CHANGES in metadata)

/**
 * `schema` renames, casts and fills by name or field id without opening a footer. It takes away the row count, so that is told too: the
 * optimizer would build hash tables on the wrong side. And one file alone would be read by one thread, so an empty one stands beside it
 * where it has more than one row group.
 */
async function parquetSource(snapshot: TableView, all: readonly StructField[], files: readonly AddFile[], byId: boolean): Promise<string> {
  const mode = snapshot.mapping
  const fields = inFilesOf(snapshot, all)
  const entries = fields.map(field => {
    const key = byId ? String(Number(field.metadata?.[COLUMN_ID])) : quoteLiteral(physicalName(field, mode))
    return `${key}: {name: ${quoteLiteral(inFiles(all, field))}, type: ${quoteLiteral(duckdbType(field.type, mode))}, default_value: null}`
  })
  if (entries.length === 0) entries.push("'__none': {name: '__none', type: 'INTEGER', default_value: null}")
  const paths = files.map(file => resolvePath(snapshot.root, file.path))
  const rows = files.reduce((total, { stats }) => total + Number(/"numRecords"\s*:\s*(\d+)/.exec(stats ?? '')?.[1] ?? UNTOLD), 0)
  if (paths.length === 1 && rows >= ROW_GROUP) paths.push(await emptyFile(snapshot.database))
  return `read_parquet([${paths.map(exactPath).join(', ')}], schema=map {${entries.join(', ')}}, hive_partitioning=false, explicit_cardinality=${Math.max(1, rows)}${fields.some(({ type }) => usesType(type, 'binary')) ? '' : UNTOLD_TEXTS})`
}

const inFilesOf = (snapshot: TableView, fields: readonly StructField[]): StructField[] => fields.filter(({ name, type }) => !snapshot.partitionColumns.includes(name) && type !== 'void')

/** Texts of writers that did not say that they are. */
const UNTOLD_TEXTS = ', binary_as_string=true'

/** What DuckDB puts into one row group, and other writers hardly less. */
const ROW_GROUP = 100_000
/** Rows of a file whose statistics don't say. */
const UNTOLD = ROW_GROUP

const emptyFiles = new WeakMap<Database, Promise<string>>()

function emptyFile(database: Database): Promise<string> {
  const known = emptyFiles.get(database)
  if (known) return known
  const path = join(database.scratch, `empty-${process.pid}.parquet`)
  const made = database.use(c => c.run(`copy (select 1 as __none limit 0) to ${quoteLiteral(path)} (format parquet)`)).then(() => path)
  emptyFiles.set(database, made)
  return made
}

function field(snapshot: TableView, name: string): StructField {
  const found = fieldNamed(snapshot.schema, name)
  if (!found) throw new SchemaMismatch(`${snapshot.root} has no column ${name}.`, `It has ${snapshot.schema.fields.map(known => known.name).join(', ')}.`, name)
  return found
}
