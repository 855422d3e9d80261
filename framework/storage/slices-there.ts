import { join } from 'node:path'
import { slicePromises } from '../definition/slice-promises.ts'
import { brokenBy } from '../definition/row-rules.ts'
import { fileKey, removeOf, type AddFile } from '../delta/actions.ts'
import { adoptFiles, placePrefix } from '../delta/adopt-files.ts'
import type { StructType } from '../delta/schema-types.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import { newSchema } from '../delta/stage.ts'
import { recordsOf } from '../delta/summaries.ts'
import type { TableChange } from '../delta/table-change.ts'
import { resolvePath } from '../delta/table-paths.ts'
import { hasOneType } from '../delta/type-widening.ts'
import type { DescribedColumn } from '../duckdb/connection.ts'
import type { MadeTable, SlicesJob } from '../engines/engine.ts'
import { dimensionsOf } from '../partitions/partitions.ts'
import { sliceFilter } from '../partitions/slice-filter.ts'
import { inDialects, join as joined, sql, type SqlFragment } from '../vocabulary/sql.ts'
import { MOST_PLACES, placesOf, slicesAt } from './changed-slices.ts'
import type { StepSlices } from './inputs.ts'
import { columnsOfFilter, sliceCondition, SPARK } from './slice-condition.ts'
import { filesOfSlices } from './slices-in-files.ts'
import type { Staged } from './table-candidate.ts'

const plain = (text: string): SqlFragment => ({ strings: [text], values: [] })

const typeIn = (columns: readonly DescribedColumn[], name: string): string => columns.find(column => column.name === name)?.type ?? 'VARCHAR'

/** Why rows can't be told by their slices elsewhere: names of slices are texts, and not every engine has the same for a value. */
export function sliceHindrance({ partitions }: StepSlices, columns: readonly DescribedColumn[]): string | undefined {
  const other = dimensionsOf(partitions).find(({ partitions: { kind, column } }) => kind !== 'time' && !/^(VARCHAR|DATE|BOOLEAN|U?(TINY|SMALL|BIG)?INT(EGER)?)$/.test(typeIn(columns, column)))
  return other && `slices go by ${other.partitions.column}, of which other engines may have other texts`
}

/** The columns that tell which slice a row is of. */
export const columnsOfSlices = ({ partitions, set }: StepSlices): readonly string[] => columnsOfFilter(sliceFilter(partitions, set))

/** Holds for the rows of the slices, by their columns' types. */
export function inSlices({ partitions, set }: StepSlices, columns: readonly DescribedColumn[]): SqlFragment {
  const said = (words?: typeof SPARK) => plain(sliceCondition(sliceFilter(partitions, set), name => typeIn(columns, name), words))
  return inDialects(said(), { spark: said(SPARK) })
}

/** As {@link inSlices}, and for rows that name no slice: they are let through to be kept aside. */
export function inSlicesOrNone(slices: StepSlices, columns: readonly DescribedColumn[]): SqlFragment {
  return joined([inSlices(slices, columns), ...slicePromises(slices.partitions).map(promise => brokenBy(promise)!)].map(condition => sql`(${condition})`), ' or ')
}

/** What is asked of an engine that puts slices in their place where the rows are. */
export function slicesJob(slices: StepSlices, over: Snapshot, schema: StructType, columns: readonly DescribedColumn[]): SlicesJob {
  const mixed = filesOfSlices(over, sliceFilter(slices.partitions, slices.set)).filter(({ standing }) => standing === 'mixed')
  return {
    where: inSlices(slices, columns),
    mixed: mixed.map(({ file }) => ({ path: resolvePath(over.root, file.path), rows: recordsOf(file), marked: file.deletionVector !== undefined })),
    direct: hasOneType(over),
    folder: join(over.root, placePrefix().slice(0, -1)),
    by: placesOf(slices, schema),
    most: MOST_PLACES,
  }
}

/** The change that putting slices in their place comes to: of the rows that were there nothing comes here. */
export function replacedThere(slices: StepSlices, { slices: told }: MadeTable, over: Snapshot, written: readonly AddFile[], schema: StructType): TableChange {
  const kept = adoptFiles(over.root, told!.kept, schema, over.partitionColumns, { properties: over.properties })
  const gone = filesOfSlices(over, sliceFilter(slices.partitions, slices.set)).map(({ file }) => file)
  const now = Date.now()
  return {
    adds: [...written, ...kept],
    removes: gone.map(file => removeOf(file, now)),
    ...newSchema(over, schema),
    reads: { kind: 'files', keys: gone.map(fileKey) },
    metrics: { numAddedFiles: written.length + kept.length, numRemovedFiles: gone.length },
  }
}

/** Which of the slices came out as others, and whether any did. */
export function changeOfSlices(slices: StepSlices, { slices: told, content, gone }: MadeTable, over: Snapshot, schema: StructType): Pick<Staged, 'sameAsBefore' | 'changedSlices'> {
  const same = schema === over.schema && gone!.rows === content.rows && gone!.sum === content.sum
  return { sameAsBefore: same, changedSlices: same || schema !== over.schema ? undefined : slicesAt(slices, placesOf(slices, schema), told!.changed) }
}
