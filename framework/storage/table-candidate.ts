import { join } from 'node:path'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { AddFile } from '../delta/actions.ts'
import { contentHashOf, contentHashText, isSameContent, type ContentHash } from '../delta/content-hash.ts'
import { columnsOf } from '../delta/schema.ts'
import type { StructType } from '../delta/schema-types.ts'
import { Snapshot } from '../delta/snapshot.ts'
import { overwrite } from '../delta/stage.ts'
import { recordsOf } from '../delta/summaries.ts'
import { isEmpty, type TableChange } from '../delta/table-change.ts'
import { resolvePath } from '../delta/table-paths.ts'
import { filesAt } from '../objects/lake-files.ts'
import { sliceFilter } from '../partitions/slice-filter.ts'
import type { SliceSet } from '../partitions/slice-set.ts'
import type { StepCounts } from '../vocabulary/run-event.ts'
import type { DataVersion } from '../vocabulary/version.ts'
import type { Candidate, Provenance } from './candidate.ts'
import { columnFacts } from './column-facts.ts'
import { confirm } from './confirmation.ts'
import { enterQuarantine, forget, type QuarantineEntry } from './quarantine.ts'
import type { Sifted } from './sift.ts'
import { smallFilesWarning } from './small-files.ts'
import { PublishConflict } from './storage-errors.ts'
import type { TableStageRequest } from './table-stage.ts'
import { removeUnpublished } from './unpublished-files.ts'
import { mergedBy, operationOf, REBUILD } from './write-modes.ts'

/** A change that was thought out, and what it makes of the content. */
export interface Staged {
  readonly change: TableChange
  readonly content: ContentHash
  /** The published content, told by the same function, where it is known that nobody wrote since. */
  readonly before?: ContentHash | undefined
  readonly rowsOut: number
  /** Rows of the batch that gave way to another of the same key. */
  readonly repeated?: number | undefined
  /** Rows took the place of others by this key, where all of the table was to be made. */
  readonly byKey?: readonly string[] | undefined
  /** Of slices: they came out as they were. */
  readonly sameAsBefore?: boolean | undefined
  /** Of slices: those that did not. */
  readonly changedSlices?: SliceSet | undefined
}

/** A change of a table as the candidate for its next version. */
export function candidate(request: TableStageRequest, base: Snapshot | undefined, { change, content, rowsOut, sameAsBefore, changedSlices, before, byKey }: Staged, cuts: Candidate['cuts'], { counts, rejections, aside }: Pick<Candidate, 'rejections'> & Pick<Sifted, 'aside'> & { readonly counts: Omit<StepCounts, 'rowsIn' | 'rowsOut'> }): Candidate {
  const { definition, table, last, rowsIn, quarantine } = request
  const told = contentHashText(content) as DataVersion
  // What equals the rows that were there goes by the name that they have, whichever engine gave it.
  const dataVersion = before && last && isSameContent(before, content) ? last.dataVersion : told
  const after = Snapshot.candidate(table.root, request.database, change, base)
  const recorded = last?.tableVersion === base?.version ? last : undefined
  const unchanged = base !== undefined && request.slices === undefined && (isEmpty(change) || (recorded?.dataVersion === dataVersion && change.metadata === undefined))
  const smallFiles = unchanged ? undefined : smallFilesWarning(definition.key, after, request.settings.smallFiles)
  const made = counts.accepted! + counts.rejected + counts.deduplicated!
  const settles = settledBy(request, after)
  const added = () => {
    const published = new Set([...(base?.files ?? [])].map(({ path }) => path))
    return change.adds.filter(({ path }) => !published.has(path)).map(({ path }) => resolvePath(table.root, path))
  }
  const discardFiles = () => removeUnpublished(table, added())
  const discard = async () => {
    await discardFiles()
    await forget(aside)
  }
  return {
    asset: definition.key,
    dataVersion,
    content: dataVersion === told ? undefined : told,
    counts: { rowsIn: rowsIn ?? made, rowsOut, ...counts, read: counts.read ?? made },
    held: smallFiles ? [smallFiles] : [],
    rejections,
    cuts,
    rows: content.rows,
    tableBytes: after.files.bytes,
    files: change.adds.length,
    bytes: change.adds.reduce((total, { size }) => total + size, 0),
    sameAsBefore: sameAsBefore ?? unchanged,
    changedSlices,
    unchanged,
    relation: () => after.scanSql(),
    columns: columnsOf(after.schema),
    // A file that is named again, with other marks, only hides more of its rows.
    added: base && recorded && change.metadata === undefined ? addedTo(base, unchanged ? [] : change.adds, after) : undefined,
    changed: () => after.scanSql({ files: unchanged ? [] : [...change.adds] }),
    facts: column => columnFacts(after, column),
    discard,
    async publish(provenance: Provenance) {
      // First what was taken out, so that no row is ever in neither: entering it twice changes nothing.
      await enterQuarantine(quarantine, definition.key, { aside, run: provenance.run, at: provenance.at, settles })
      if (unchanged) {
        await filesAt(table.root).remove(added())
        await confirm(join(table.root, '_varve'), { ...provenance, tableVersion: base.version })
        return base.version
      }
      const outcome = await table.commit(change, base, { ...(request.rebuild ? REBUILD : byKey ? mergedBy(byKey) : operationOf(definition.write)), provenance, timestamp: new Date(provenance.at), always: request.slices !== undefined, nobodyBetween: true })
      if (outcome.status === 'conflict') {
        await discardFiles()
        throw new PublishConflict(definition.key, outcome.version, outcome.reason)
      }
      return outcome.version
    },
  }
}

function addedTo(base: Snapshot, adds: readonly AddFile[], after: Snapshot): NonNullable<Candidate['added']> {
  const published = new Set([...base.files].map(({ path }) => path))
  const files = adds.filter(({ path }) => !published.has(path))
  return { to: base.version, rows: files.reduce((total, file) => total + recordsOf(file), 0), relation: () => after.scanSql({ files }) }
}

/** What is made as a whole, a table or a slice, holds what its inputs give: a row that is not rejected any longer is in it, or gone from them. */
function settledBy({ definition, rebuild, slices, release }: TableStageRequest, { schema }: Snapshot): QuarantineEntry['settles'] {
  if (definition.write.mode !== 'overwrite' && !rebuild) return release ?? []
  if (!slices || slices.all) return 'all'
  const types = new Map(columnsOf(schema).map(({ name, type }) => [name, type]))
  return { filter: sliceFilter(slices.partitions, slices.set), typeOf: name => types.get(name) ?? 'VARCHAR' }
}

/** The published content as its commit tells it, by a function; undefined where it was told by another one, or someone else wrote since. */
export function recordedContent(base: Snapshot, { last }: Pick<TableStageRequest, 'last'>, by?: string): ContentHash | undefined {
  if (last?.tableVersion !== base.version) return undefined
  return contentHashOf(last.dataVersion, by) ?? (last.content === undefined ? undefined : contentHashOf(last.content, by))
}

/** A table that rows are only added to from now on says so, for whoever else writes to it. */
export function withPromise(base: Snapshot, change: TableChange): TableChange {
  if (change.adds.length === 0 || base.properties[APPEND_ONLY] === 'true') return change
  const metadata = change.metadata ?? base.metadata
  return { ...change, metadata: { ...metadata, configuration: { ...metadata.configuration, [APPEND_ONLY]: 'true' } } }
}

/** What would have been a table's first version, as the next version of one that is there. A promise that rows are only added ends with it. */
export function inPlaceOf(base: Snapshot, first: TableChange, definition: AssetDefinition): TableChange {
  const { schemaString, partitionColumns } = first.metadata!
  const change = overwrite(base, first.adds, { schema: JSON.parse(schemaString) as StructType, partitionColumns })
  const { [APPEND_ONLY]: only, ...configuration } = (change.metadata ?? base.metadata).configuration
  return only === undefined ? change : { ...change, metadata: { ...(change.metadata ?? base.metadata), configuration: definition.write.mode === 'append' ? { ...configuration, [APPEND_ONLY]: 'false' } : configuration } }
}

/** What a table is made with. */
export const madeAs = ({ definition: { write }, settings: { profile, properties, targetFileSize } }: TableStageRequest) => ({
  profile,
  properties: { ...properties, ...(write.mode === 'append' && { [APPEND_ONLY]: 'true' }), ...(targetFileSize !== undefined && { 'delta.targetFileSize': String(targetFileSize) }) },
})

const APPEND_ONLY = 'delta.appendOnly'
