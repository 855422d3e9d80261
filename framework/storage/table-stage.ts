import { rm } from 'node:fs/promises'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { brokenBy, CAST_FAILED } from '../definition/row-rules.ts'
import { slicePromises } from '../definition/slice-promises.ts'
import type { Merge, Scd2, WriteMode } from '../definition/write-mode.ts'
import { adoptFiles, placePrefix, stagingFolder } from '../delta/adopt-files.ts'
import { addContent, contentHash, contentHashes, contentHashOf, contentHashText, noContent, subtractContent, type ContentHash } from '../delta/content-hash.ts'
import type { DeltaTable } from '../delta/delta-table.ts'
import { CannotWrite } from '../delta/delta-errors.ts'
import { stageMerge } from '../delta/merge.ts'
import { stageMergeInto } from '../delta/complete-merge.ts'
import { valuesGiven } from '../delta/own-values.ts'
import { deltaSchemaOf } from '../delta/schema.ts'
import type { StructType } from '../delta/schema-types.ts'
import { Snapshot } from '../delta/snapshot.ts'
import { append, newSchema, newTable, overwrite, overwritePartitions } from '../delta/stage.ts'
import type { TableChange } from '../delta/table-change.ts'
import { resolvePath } from '../delta/table-paths.ts'
import type { Connection } from '../duckdb/connection.ts'
import { filesAt } from '../objects/lake-files.ts'
import type { Database } from '../duckdb/database.ts'
import type { EngineSession, WriteJob, Written } from '../engines/engine.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { StepCounts } from '../vocabulary/run-event.ts'
import { quoteIdentifier, sqlText } from '../vocabulary/sql.ts'
import type { DataVersion } from '../vocabulary/version.ts'
import { sliceFilter } from '../partitions/slice-filter.ts'
import type { Candidate } from './candidate.ts'
import { changedSlices } from './changed-slices.ts'
import { filesInTable, promisedBefore, schemaWith } from './files-in-table.ts'
import type { StepSlices } from './inputs.ts'
import { keyedChange, NotByKeys } from './keyed-change.ts'
import { forget, quarantinedRows } from './quarantine.ts'
import { released } from './released.ts'
import { replaceSlices } from './replace-slices.ts'
import { historySchema, stageScd2 } from './scd2.ts'
import { rejectionsOf, rowRulesOf, sift, type Sifted } from './sift.ts'
import { columnsOfFilter, sliceCondition } from './slice-condition.ts'
import { NoSuchColumn } from './storage-errors.ts'
import { candidate, inPlaceOf, madeAs, recordedContent, withPromise, type Staged } from './table-candidate.ts'
import type { TableSettings } from './table-settings.ts'
import { columnsOfMode, partitionColumnsOf, PUBLISHED, queryFor, readsWritten } from './write-modes.ts'
import { relationOf } from './written.ts'

export interface TableStageRequest {
  readonly definition: AssetDefinition
  readonly table: DeltaTable
  readonly settings: TableSettings
  /** Where rows go that break a promise. */
  readonly quarantine: DeltaTable
  /** Rows in quarantine, by their ids, that are to be run again. */
  readonly release?: readonly string[] | undefined
  readonly session: EngineSession
  readonly database: Database
  /** What is recorded of the version that is published now. */
  readonly last: Materialization | undefined
  /** Rows of all that is read; undefined where what is written came from no table. */
  readonly rowsIn: number | undefined
  /** When the run began. */
  readonly now: Date
  readonly signal: AbortSignal
  readonly onProgress: WriteJob['onProgress']
  /** The lists of columns, by their digests, by which the table's content is told besides as a whole. */
  readonly cuts: ReadonlyMap<string, readonly string[]>
  /** Nothing is merged into what the table holds: it is made anew, and the versions before stay as they are. */
  readonly rebuild: boolean
  /** The slices to make; undefined where the asset has none. */
  readonly slices: StepSlices | undefined
  /** Has the engine write: the author's query, or rows. `wrap` turns a query into what the write mode and the slices need. */
  readonly write: (wrap: ((query: string) => Promise<string>) | undefined, job: WriteJob, whole?: boolean) => Promise<Written>
  /** What names a row of what is made, where a part of it may be made. */
  readonly key?: readonly string[] | undefined
}

/** Has an engine make the files of an asset's next table version, and thinks out the change that they are. */
export async function stageTable(request: TableStageRequest): Promise<Candidate> {
  try {
    return await stageOnce(request, false)
  } catch (error) {
    if (!(error instanceof NotByKeys)) throw error
    return stageOnce(request, true)
  }
}

async function stageOnce(request: TableStageRequest, whole: boolean): Promise<Candidate> {
  const { definition, table, session, onProgress, quarantine, rebuild } = request
  const base = await table.find()
  const over = rebuild ? undefined : base
  if (over && definition.write.mode === 'append') await session.add({ name: PUBLISHED, relation: () => over.scanSql() })
  const [folder, accepted] = [stagingFolder(table.root), stagingFolder(table.root)]
  const partitionBy = partitionColumnsOf(definition.write)
  const rules = rowRulesOf(definition, request.now)
  // What becomes part of the table as it was written needs no move.
  const asWritten = rules.length === 0 && partitionBy.length === 0 && !readsWritten(definition.write)
  const place = asWritten ? { folder: table.root, prefix: placePrefix() } : undefined
  let all: Written | undefined
  let sifted: Sifted | undefined
  try {
    let made: number | undefined
    all = await request.write(wrapper(request, over !== undefined, rows => (made = rows)), { folder, place, partitionBy, onProgress }, whole)
    const { columns, rows } = all
    if (rules.some(({ casts }) => casts) && !columns.some(({ name }) => name === CAST_FAILED)) throw new NoSuchColumn(definition, CAST_FAILED, columns.map(column => column.name))
    sifted = await sift(session, all, rules, { accepted: { folder: accepted, partitionBy, onProgress }, aside: stagingFolder(quarantine.root) })
    if (sifted.rejected > 0) await rm(folder, { recursive: true, force: true })
    // What is kept aside is told of all that is made.
    if (all.before && sifted.rejected > 0) throw new NotByKeys()
    const written = sifted.accepted
    for (const name of columnsOfMode(definition.write)) if (!written.columns.some(column => column.name === name)) throw new NoSuchColumn(definition, name, written.columns.map(column => column.name))
    const change = await changeOf(definition.write, written, over, request, all.before)
    const before = base && request.slices === undefined && request.last?.tableVersion === base.version ? await contentOf(base, request) : undefined
    const staged = { ...change, before, ...(base && rebuild && { change: inPlaceOf(base, change.change, definition) }) }
    // Adopted files have left the folder, and it went with them; a merge and a history only read what they were given.
    if (all.before || (!asWritten && (readsWritten(definition.write) || written.files.length === 0))) for (const each of [folder, accepted, ...(all.before ? [`${folder}-before`] : [])]) await rm(each, { recursive: true, force: true })
    const deduplicated = (made ?? rows) - rows + (staged.repeated ?? 0) + (all.chosen?.duplicates ?? 0)
    return candidate(all.before ? { ...request, rowsIn: undefined } : request, base, staged, await cutsOf(request, base, staged), { ...sifted, rejections: rejectionsOf(sifted), counts: { read: all.chosen?.read, accepted: written.rows - (staged.repeated ?? 0), rejected: sifted.rejected, deduplicated } })
  } catch (error) {
    for (const each of [folder, accepted, `${folder}-before`]) await rm(each, { recursive: true, force: true })
    if (place && all && !all.before) await filesAt(table.root).remove(all.files.map(({ path }) => path))
    await forget(sifted?.aside)
    throw error
  }
}

/** What was made elsewhere, as the whole of the next version. */
export interface Whole {
  readonly relation: () => Promise<string>
  /** A SELECT of the rows that are kept aside. */
  readonly aside: string | undefined
  readonly rowsIn: number
  readonly counts: Omit<StepCounts, 'rowsIn' | 'rowsOut'>
  readonly rejections: NonNullable<Candidate['rejections']>
}

/** By this name the rows are found that were made elsewhere. */
const WHOLE = 'varve whole'

/** Stages rows that keep to the write mode already as all that the table is to hold. */
export async function stageWhole(request: TableStageRequest, { relation, aside, rowsIn, counts, rejections }: Whole): Promise<Candidate> {
  const { definition, table, session, quarantine, onProgress } = request
  const base = await table.find()
  const partitionBy = partitionColumnsOf(definition.write)
  await session.add({ name: WHOLE, relation })
  const written = await session.writeQuery(`select * from ${quoteIdentifier(WHOLE)}`, { folder: stagingFolder(table.root), partitionBy, onProgress })
  let kept: Written | undefined
  try {
    kept = aside === undefined ? undefined : await session.writeQuery(aside, { folder: stagingFolder(quarantine.root), partitionBy: [] })
    const first = await firstVersion(written, deltaSchemaOf(written.columns), request)
    const staged = { ...first, before: base && request.last?.tableVersion === base.version ? await contentOf(base, request) : undefined, ...(base && { change: inPlaceOf(base, first.change, definition) }) }
    return candidate({ ...request, rebuild: true, rowsIn }, base, staged, await cutsOf(request, base, staged), { counts, rejections, aside: kept })
  } catch (error) {
    await filesAt(table.root).remove(written.files.map(({ path }) => path))
    await forget(kept)
    throw error
  }
}

/** What is put around the author's query: the filter of the slices, so that none leaks rows into another, and what the write mode needs. */
function wrapper({ definition, slices, session, release, quarantine }: TableStageRequest, published: boolean, tell: (made: number) => void): ((query: string) => Promise<string>) | undefined {
  const { write } = definition
  if (!slices && write.mode !== 'append' && !release) return undefined
  return async query => {
    const own = slices ? await sliced(definition, slices, session, query) : query
    const all = release ? await released(own, write, session, await quarantinedRows(quarantine, { ids: release })) : own
    // What a keyed append leaves out is seen nowhere else.
    if (write.mode === 'append' && write.key.length > 0) tell(await session.count(all))
    return queryFor(write, all, published)
  }
}

async function sliced(definition: AssetDefinition, { partitions, set }: StepSlices, session: EngineSession, query: string): Promise<string> {
  const columns = await session.columns(query)
  const filter = sliceFilter(partitions, set)
  for (const name of columnsOfFilter(filter)) if (!columns.some(column => column.name === name)) throw new NoSuchColumn(definition, name, columns.map(column => column.name))
  // Those that name no slice are let through to be kept aside.
  const lost = slicePromises(partitions).map(promise => sqlText(brokenBy(promise)!, quoteIdentifier))
  return `select * from (${query}) where (${sliceCondition(filter, name => columns.find(column => column.name === name)!.type)}) or ${lost.join(' or ')}`
}

/** @param before of a part of what is made, the keys that its rows had */
async function changeOf(write: WriteMode, written: Written, base: Snapshot | undefined, request: TableStageRequest, before: Written | undefined): Promise<Staged> {
  const { table } = request
  const schema = deltaSchemaOf(written.columns)
  const partitionColumns = partitionColumnsOf(write)
  const adopt = (as: StructType, by = partitionColumns) => filesInTable(request.database, table.root, written, base, as, by, request.signal)
  const hashOf = async (change: TableChange, as: StructType, over: Snapshot | undefined): Promise<ContentHash> =>
    hash(request, await Snapshot.candidate(table.root, request.database, change, over).scanSql({ files: [...change.adds] }), as)

  if (write.mode === 'scd2') return recorded(write, base, written, schema, request, before)
  if (before) return keyedChange(request.key!, written, before, base!, await contentOf(base!, request), schema, request)
  if (!base) return write.mode === 'merge' ? merged(write, undefined, written, schema, request) : firstVersion(written, schema, request)
  switch (write.mode) {
    case 'overwrite': {
      if (request.slices) return replacedSlices(request.slices, written, base, schema, request)
      const next = promisedBefore(base, schema)
      const change = overwrite(base, await adopt(next), { schema: next, partitionColumns })
      return { change, content: await hashOf(change, next, base), rowsOut: written.rows }
    }
    case 'append': {
      const { files, table: next } = schemaWith(base, schema, written.rows)
      const change = withPromise(base, append(base, await adopt(files, base.partitionColumns), next))
      const added = await hashOf(change, next, base)
      return { change, content: next === base.schema ? addContent(await contentOf(base, request), added) : await hash(request, await base.with(change).scanSql(), next), rowsOut: written.rows }
    }
    case 'overwrite-partition': {
      const { files, table: next } = schemaWith(base, schema, written.rows)
      const change = overwritePartitions(base, await adopt(files), undefined, next)
      if (next !== base.schema) return { change, content: await hash(request, await base.with(change).scanSql(), next), rowsOut: written.rows }
      const gone = change.removes.map(({ path }) => path)
      const removed = gone.length === 0 ? noContent(next) : await hash(request, await base.scanSql({ files: [...base.files].filter(({ path }) => gone.includes(path)) }), next)
      return { change, content: addContent(subtractContent(await contentOf(base, request), removed), await hashOf(change, next, base)), rowsOut: written.rows }
    }
    case 'merge':
      return merged(write, base, written, schema, request)
  }
}

async function merged(write: Merge, base: Snapshot | undefined, written: Written, schema: StructType, request: TableStageRequest): Promise<Staged> {
  const { table, database, signal } = request
  const source = relationOf(written)
  if (!base && (await database.use(connection => oneRowPerKey(connection, source, write.on)))) return firstVersion(written, schema, request)
  const next = base ? schemaWith(base, schema, 0).files : schema
  const { on, newerBy, ignoring } = write
  const staged = await database.use(connection =>
    base ? stageMergeInto(connection, base, source, { on, newerBy, ignoring, schema: next, signal }) : stageMerge(connection, { root: table.root, schema, ...madeAs(request) }, source, { on, newerBy, ignoring, signal }),
  )
  const { change, content, metrics } = staged
  const before = !base ? noContent(next) : next === base.schema ? await contentOf(base, request) : undefined
  return {
    change,
    content: before ? subtractContent(addContent(before, content.added), content.removed) : await hash(request, await base!.with(change).scanSql(), next),
    rowsOut: metrics.inserted + metrics.updated,
    repeated: metrics.deduplicated,
  }
}

/** The rows as versions, in the history that the table holds. */
async function recorded(write: Scd2, base: Snapshot | undefined, written: Written, schema: StructType, request: TableStageRequest, before: Written | undefined): Promise<Staged> {
  const { table, database, definition, signal, now } = request
  const full = historySchema(definition.key, schema)
  const next = base ? schemaWith(base, full, 0).files : full
  const [own] = valuesGiven(next, full.fields.map(({ name }) => name))
  if (own !== undefined) throw new CannotWrite(`${table.root} gives its column ${own} values itself, which a history of rows cannot have.`, `Select ${own} in the query, or drop the column.`)
  const { change, content, metrics } = await database.use(connection => stageScd2(connection, base ?? { root: table.root, schema: full, ...madeAs(request) }, relationOf(written), write, { key: definition.key, schema: next, now, signal, had: before && relationOf(before) }))
  const known = !base ? noContent(next) : next === base.schema ? await contentOf(base, request) : undefined
  return {
    change,
    content: known ? subtractContent(addContent(known, content.added), content.removed) : await hash(request, await base!.with(change).scanSql(), next),
    rowsOut: metrics.inserted + metrics.updated,
    repeated: metrics.deduplicated,
  }
}

/** The slices' rows in place of those that were there, of the same slices and of no other. */
async function replacedSlices(slices: StepSlices, written: Written, base: Snapshot, schema: StructType, request: TableStageRequest): Promise<Staged> {
  const { table, database, signal } = request
  const { files: next, table: counted } = schemaWith(base, schema, written.rows)
  const adds = await filesInTable(database, table.root, written, base, next, base.partitionColumns, signal)
  const { change, removed } = await database.use(connection => replaceSlices(connection, base, next, adds, sliceFilter(slices.partitions, slices.set), signal))
  if (counted !== base.schema) return { change: { ...change, ...newSchema(base, counted) }, content: await hash(request, await base.with(change).scanSql(), next), rowsOut: written.rows, sameAsBefore: false }
  const before = await hash(request, removed, next)
  const made = await Snapshot.candidate(table.root, database, { ...change, adds, removes: [] }, base).scanSql({ files: adds })
  const after = await hash(request, made, next)
  const content = addContent(subtractContent(await contentOf(base, request), before), after)
  if (before.sum !== after.sum || before.rows !== after.rows) {
    return { change, content, rowsOut: written.rows, sameAsBefore: false, changedSlices: await database.use(connection => changedSlices(connection, slices, removed, made, next, signal)) }
  }
  // The same rows again: the files that are there stay, and only the provenance is new.
  await filesAt(table.root).remove(change.adds.map(({ path }) => resolvePath(table.root, path)))
  return { change: { ...change, adds: [], removes: [], metrics: {} }, content, rowsOut: written.rows, sameAsBefore: true }
}

/** The files as they were written are the table: there is nothing yet that they could be merged with. */
async function firstVersion(written: Written, schema: StructType, request: TableStageRequest): Promise<Staged> {
  const { table, definition, database } = request
  const partitionColumns = partitionColumnsOf(definition.write)
  const change = newTable({ schema, partitionColumns, ...madeAs(request), files: adoptFiles(table.root, written.files, schema, partitionColumns) })
  return { change, content: await hash(request, await Snapshot.candidate(table.root, database, change).scanSql(), schema), rowsOut: written.rows }
}

async function oneRowPerKey(connection: Connection, source: string, key: readonly string[]): Promise<boolean> {
  const columns = key.map(quoteIdentifier)
  const [row] = await connection.rows<{ good: boolean }>(`select count(*) = count(distinct (${columns.join(', ')})) and coalesce(bool_and(${columns.map(name => `${name} is not null`).join(' and ')}), true) as good from (${source})`)
  return row!.good
}

function hash({ database, signal }: TableStageRequest, relation: string, schema: StructType): Promise<ContentHash> {
  return database.use(connection => contentHash(connection, relation, schema, signal))
}

/** The content of what is published: as its commit recorded it, or found by a scan. */
async function contentOf(base: Snapshot, request: TableStageRequest): Promise<ContentHash> {
  return recordedContent(base, request) ?? hash(request, await base.scanSql(), base.schema)
}

/** The content as its readers see it. Lists that name a column which is not there, or all that are, tell nothing. */
async function cutsOf({ cuts, table, database, signal, definition, last }: TableStageRequest, base: Snapshot | undefined, { change }: Staged): Promise<Candidate['cuts']> {
  const after = Snapshot.candidate(table.root, database, change, base)
  const names = after.schema.fields.map(({ name }) => name)
  const lists = [...cuts].filter(([, columns]) => columns.length < names.length && columns.every(column => names.includes(column)))
  if (lists.length === 0 || definition.partitions) return undefined
  const schema = { ...after.schema, fields: after.schema.fields.filter(({ name }) => lists.some(([, columns]) => columns.includes(name))) }
  // What is only added to is told by what came.
  const known = base && change.metadata === undefined && change.removes.length === 0 && last?.tableVersion === base.version ? lists.map(([digest]) => contentHashOf(last.cuts?.[digest] ?? '')) : []
  const told = known.length > 0 && known.every(each => each !== undefined)
  const relation = await after.scanSql({ columns: schema.fields.map(({ name }) => name), ...(told && { files: [...change.adds] }) })
  const { cut } = await database.use(connection => contentHashes(connection, relation, schema, lists.map(([, columns]) => columns), signal))
  return Object.fromEntries(lists.map(([digest], i) => [digest, contentHashText(told ? addContent(known[i]!, cut[i]!) : cut[i]!) as DataVersion]))
}
