import { join } from 'node:path'
import { ASIDE_ONLY, brokenBy, CAST_FAILED } from '../definition/row-rules.ts'
import type { CheckDefinition } from '../definition/check-definition.ts'
import { adoptFiles, placePrefix, stagingFolder } from '../delta/adopt-files.ts'
import { addContent, contentHashText, schemaDigest, subtractContent, type ContentHash } from '../delta/content-hash.ts'
import { evolve } from '../delta/evolve-schema.ts'
import { hasOwnValue } from '../delta/own-values.ts'
import { columnsOf, deltaSchemaOf } from '../delta/schema.ts'
import type { StructType } from '../delta/schema-types.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import { append, newTable, overwrite, overwritePartitions } from '../delta/stage.ts'
import type { TableChange } from '../delta/table-change.ts'
import { widensTypes } from '../delta/type-widening.ts'
import { NotTranslated } from '../engines/engine-errors.ts'
import type { AuthoredWork, MadeTable, Question, RowSum, TableJob, TableMaker } from '../engines/engine.ts'
import { filesAt } from '../objects/lake-files.ts'
import type { DataVersion } from '../vocabulary/version.ts'
import type { Candidate } from './candidate.ts'
import { mergedThere, mergeHindrance, mergeJob } from './merge-there.ts'
import { forget } from './quarantine.ts'
import { historySchema } from './scd2.ts'
import { rejectionsOf, rowRulesOf, sift, type Sifted } from './sift.ts'
import { changeOfSlices, columnsOfSlices, inSlicesOrNone, replacedThere, sliceHindrance, slicesJob } from './slices-there.ts'
import { NoSuchColumn, NotAnInstant } from './storage-errors.ts'
import { candidate, inPlaceOf, madeAs, recordedContent, withPromise, type Staged } from './table-candidate.ts'
import type { TableStageRequest } from './table-stage.ts'
import { removeUnpublished } from './unpublished-files.ts'
import { columnsOfMode, partitionColumnsOf } from './write-modes.ts'

/** What an author wrote, for an engine whose rows may stay where it makes them. */
export interface WorkThere {
  readonly work: AuthoredWork
  readonly questions: readonly Question[]
  /** Why the rows must come here, whatever the table is. */
  readonly comes: string | undefined
  readonly say: (message: string) => void
}

/** By this name questions know the rows that a job made. */
export const CHANGED = 'varve changed'

/**
 * Has an engine make the next version's files where they stay: of the rows only those come here that are taken out of the table. Undefined
 * where that can't be done: then they come here, and it is said why.
 */
export async function stageThere(request: TableStageRequest, { work, questions, comes, say }: WorkThere): Promise<Candidate | undefined> {
  const { tables } = request.session
  if (!tables) return undefined
  const base = await request.table.find()
  const over = request.rebuild ? undefined : base
  const reason = comes ?? hindrance(request, over) ?? (request.slices && sliceHindrance(request.slices, await tables.columnsOf(work)))
  if (reason !== undefined) return void say(`the rows come here, because ${reason}`)
  try {
    return await stage(request, tables, base, over, { work, questions, comes, say })
  } catch (error) {
    if (!(error instanceof NotTranslated)) throw error
    return void say(`the rows come here, because a promise that takes rows out can't be translated: ${error.objections.map(({ construct }) => construct).join(', ')}`)
  }
}

/** Why rows must be looked at here; undefined where they need not. */
function hindrance({ definition, release, slices }: TableStageRequest, over: Snapshot | undefined): string | undefined {
  const { mode } = definition.write
  if (release) return 'rows of the quarantine go with them'
  if (over && over.mapping !== 'none') return 'the table maps its columns to other names'
  if (over && over.schema.fields.some(hasOwnValue)) return 'the table gives some columns their values'
  if (over && (mode === 'append' || slices) && over.partitionColumns.length > 0) return 'the table is partitioned by someone else'
  const unmerged = over && (mode === 'merge' || mode === 'scd2') ? mergeHindrance(over) : undefined
  if (unmerged !== undefined) return unmerged
  const other = rejecting(definition.checks).find(({ rule: { kind } }) => kind === 'relationship')
  return other && `"${other.name}" takes rows out by the rows of another table`
}

const rejecting = (checks: readonly CheckDefinition[]): readonly CheckDefinition[] => checks.filter(({ rejects }) => rejects !== undefined)

async function stage(request: TableStageRequest, tables: TableMaker, base: Snapshot | undefined, over: Snapshot | undefined, { work, questions, say }: WorkThere): Promise<Candidate> {
  const { definition, table, now, slices } = request
  const { write, key } = definition
  const promised = await tables.columnsOf(work)
  const casts = rejecting(definition.checks).some(({ rule: { kind } }) => kind === 'castable')
  for (const name of [...columnsOfMode(write), ...(slices ? columnsOfSlices(slices) : []), ...(casts ? [CAST_FAILED] : [])]) if (!promised.some(column => column.name === name)) throw new NoSuchColumn(definition, name, promised.map(column => column.name))
  if (write.mode === 'scd2' && write.changedBy !== undefined) refuseNoInstant(definition, write.changedBy, promised)
  const lasting = deltaSchemaOf(casts ? promised.filter(({ name }) => !ASIDE_ONLY.includes(name)) : promised)
  const own = write.mode === 'scd2' ? historySchema(key, lasting) : lasting
  const schema = over && (write.mode !== 'overwrite' || slices) ? evolve(over.schema, own, 'add', widensTypes(over)) : own
  const partitionBy = partitionColumnsOf(write)
  const known = over && recordedContent(over, request, tables.hash)
  const before = known?.schema === schemaDigest(schema) ? known : undefined
  const indexed = Number(((over?.properties ?? madeAs(request).properties) as Readonly<Record<string, string>>)['delta.dataSkippingNumIndexedCols'] ?? 32)
  const lists = listsOf(request, schema)
  const staging = stagingFolder(table.root)
  const job: TableJob = {
    subject: key, folder: join(table.root, placePrefix().slice(0, -1)), staging, columns: columnsOf(schema), partitionBy, indexed: indexed < 0 ? 10_000 : indexed,
    rejects: rejecting(definition.checks).map(check => brokenBy(check, now)!),
    key: write.mode === 'append' && write.key.length > 0 ? write.key : undefined,
    where: slices && inSlicesOrNone(slices, promised),
    slices: slices && over && slicesJob(slices, over, schema, columnsOf(schema)),
    merge: write.mode === 'merge' || write.mode === 'scd2' ? mergeJob(write, over, schema, now) : undefined,
    base: over && { location: table.root, version: over.version, columns: columnsOf(over.schema) },
    rest: !over || write.mode === 'overwrite' ? 'none' : write.mode === 'append' ? 'all' : 'other partitions',
    hashes: [...(over && !before && comparable(request, over, schema) ? ['base' as const] : []), ...(over && (slices || write.mode === 'overwrite-partition') ? ['gone' as const] : [])],
    cuts: lists.map(([, columns]) => columns), names: { own: key, changed: CHANGED }, questions, say,
  }
  const made = await tables.make(work, job)
  let sifted: Sifted | undefined
  try {
    sifted = await siftedThere(request, made, job, promised)
    const adds = adoptFiles(table.root, made.files, schema, partitionBy, { properties: over?.properties })
    const change = job.merge ? await mergedThere(request, made, over, adds, schema) : job.slices ? replacedThere(slices!, made, over!, adds, schema) : changeOf(request, adds, over, schema, partitionBy)
    const staged = contentsOf({ change: base && request.rebuild ? inPlaceOf(base, change, definition) : change, made, before, schema, by: tables.hash }, request)
    const told = job.slices ? await settledSlices(request, staged, made, over!, schema) : staged
    const cuts = lists.length === 0 ? undefined : Object.fromEntries(lists.map(([digest, columns], i) => [digest, cutText(request, staged, digest, sumHash(made.cuts[i]!, cutTo(schema, columns), tables.hash))]))
    const repeated = made.merged?.repeated ?? made.read - made.content.rows
    return candidate(request, base, told, cuts, { ...sifted, rejections: rejectionsOf(sifted), counts: { accepted: made.read - repeated, rejected: made.rejected.rows, deduplicated: repeated } })
  } catch (error) {
    await removeUnpublished(table, [...made.files, ...(made.slices?.kept ?? [])].map(({ path }) => path))
    await forget(sifted?.aside)
    throw error
  }
}

/** Slices that came out as they were keep their files: only the provenance is new. */
async function settledSlices({ table, slices }: TableStageRequest, staged: Staged, made: MadeTable, over: Snapshot, schema: StructType): Promise<Staged> {
  const told = { ...staged, before: undefined, ...changeOfSlices(slices!, made, over, schema) }
  if (!told.sameAsBefore) return told
  await removeUnpublished(table, [...made.files, ...made.slices!.kept].map(({ path }) => path))
  return { ...told, change: { ...staged.change, adds: [], removes: [], metrics: {} } }
}

function refuseNoInstant({ key }: TableStageRequest['definition'], name: string, columns: TableJob['columns']): void {
  const type = columns.find(column => column.name.toLowerCase() === name.toLowerCase())?.type ?? 'missing'
  if (!/^(DATE|TIMESTAMP)/.test(type)) throw new NotAnInstant(key, name, type)
}

/** Whether the published rows have to be told once more, by this engine's function. */
const comparable = ({ definition: { write }, last, slices }: TableStageRequest, over: Snapshot, schema: StructType): boolean =>
  write.mode !== 'overwrite' || slices !== undefined || (last?.tableVersion === over.version && schemaDigest(over.schema) === schemaDigest(schema))

function changeOf(request: TableStageRequest, adds: TableChange['adds'], over: Snapshot | undefined, schema: StructType, partitionColumns: readonly string[]): TableChange {
  if (!over) return newTable({ schema, partitionColumns, ...madeAs(request), files: adds })
  switch (request.definition.write.mode) {
    case 'append': return withPromise(over, append(over, adds, schema))
    case 'overwrite-partition': return overwritePartitions(over, adds, undefined, schema)
    case 'overwrite': return overwrite(over, adds, { schema, partitionColumns })
    case 'merge': case 'scd2': throw new Error(`What ${request.definition.key} made was not merged`)
  }
}

const sumHash = ({ rows, sum }: RowSum, schema: StructType, by: string): ContentHash => ({ by, schema: schemaDigest(schema), rows, sum })

function contentsOf({ change, made, before, schema, by }: { readonly change: TableChange; readonly made: MadeTable; readonly before: ContentHash | undefined; readonly schema: StructType; readonly by: string }, { definition, slices }: TableStageRequest): Staged {
  const came = made.merged?.came ?? made.content
  const gone = made.merged?.went ?? made.gone
  const added = sumHash(came, schema, by)
  const published = before ?? (made.base && sumHash(made.base, schema, by))
  const rowsOut = came.rows
  if (!published || (definition.write.mode === 'overwrite' && !slices)) return { change, content: added, before: published, rowsOut }
  const left = gone ? subtractContent(published, sumHash(gone, schema, by)) : published
  return { change, content: addContent(left, added), before: published, rowsOut }
}

/** Rows that break a promise come here, and no other: the quarantine keeps them as it keeps all. */
async function siftedThere(request: TableStageRequest, { rejected, content }: MadeTable, { staging, say }: TableJob, columns: TableJob['columns']): Promise<Sifted> {
  const rules = rowRulesOf(request.definition, request.now)
  const rejections = rules.map((rule, i) => ({ rule, rows: rejected.rules[i] ?? 0, of: rejected.of }))
  const accepted = { files: [], columns, rows: content.rows }
  if (rejected.rows === 0) return { accepted, rejected: 0, rejections }
  const lake = filesAt(request.table.root)
  await lake.bring(rejected.files)
  const bytes = (await lake.sizes(rejected.files)).reduce<number>((total, size) => total + (size ?? 0), 0)
  say(`${rejected.rows} rows that break promises come here for the quarantine (${Math.ceil(bytes / 1024)} KiB)`)
  const written = { files: rejected.files.map(path => ({ path, bytes: 0, rows: 0, partitionValues: {}, columnStats: {} })), columns, rows: rejected.rows }
  const { aside } = await sift(request.session, written, rules, { accepted: { folder: `${staging}-kept`, partitionBy: [] }, aside: stagingFolder(request.quarantine.root) })
  await lake.removeFolder(`${staging}-apart`)
  return { accepted, rejected: rejected.rows, rejections, aside }
}

function listsOf({ cuts, definition }: TableStageRequest, schema: StructType): [string, readonly string[]][] {
  const names = schema.fields.map(({ name }) => name)
  return definition.partitions ? [] : [...cuts].filter(([, columns]) => columns.length < names.length && columns.every(column => names.includes(column)))
}

const cutTo = (schema: StructType, names: readonly string[]): StructType => ({ type: 'struct', fields: schema.fields.filter(({ name }) => names.includes(name)) })

/** Of rows that stayed the same the name stays as well, whichever engine gave it. */
function cutText({ last }: TableStageRequest, { before, content }: Staged, digest: string, cut: ContentHash): DataVersion {
  const same = before !== undefined && before.sum === content.sum && before.rows === content.rows
  return (same ? last?.cuts?.[digest] : undefined) ?? (contentHashText(cut) as DataVersion)
}
