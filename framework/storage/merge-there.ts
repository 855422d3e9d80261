import { dirname } from 'node:path'
import type { Merge, Scd2 } from '../definition/write-mode.ts'
import { keepsChangeData } from '../delta/change-data.ts'
import { DuplicateKeys, NullKey } from '../delta/delta-errors.ts'
import type { AddFile } from '../delta/actions.ts'
import { stageMadeMerge } from '../delta/made-merge.ts'
import { WORTH_REWRITING } from '../delta/merge.ts'
import { allowsVectors } from '../delta/protocol.ts'
import { fieldNamed, type StructType } from '../delta/schema-types.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import { newTable } from '../delta/stage.ts'
import { recordsOf } from '../delta/summaries.ts'
import type { TableChange } from '../delta/table-change.ts'
import { resolvePath } from '../delta/table-paths.ts'
import { hasOneType } from '../delta/type-widening.ts'
import type { MadeTable, MergeJob } from '../engines/engine.ts'
import { filesAt } from '../objects/lake-files.ts'
import { quoteLiteral } from '../vocabulary/sql.ts'
import { madeAs } from './table-candidate.ts'
import type { TableStageRequest } from './table-stage.ts'

/** Why a batch must meet the table's rows here; undefined where it need not. */
export function mergeHindrance(over: Snapshot): string | undefined {
  if (keepsChangeData(over)) return 'the table keeps a feed of its changes'
  if (over.partitionColumns.length > 0) return 'the table is partitioned by someone else'
  if (allowsVectors(over.protocol, over.properties)) return undefined
  if ([...over.files].some(({ deletionVector }) => deletionVector)) return 'rows of the table are marked as deleted, and no more may be'
  return hasOneType(over) ? undefined : 'some of the table\'s files have narrower types than the table'
}

/** Whether Spark's reader of Delta tables tells a row's place in its file: it does so where rows may be marked as deleted. */
const numbersRows = ({ protocol }: Snapshot): boolean => (protocol.readerFeatures ?? []).includes('deletionVectors')

/** What is asked of an engine that merges where the rows are. */
export function mergeJob(write: Merge | Scd2, over: Snapshot | undefined, schema: StructType, now: Date): MergeJob {
  const own = (names: readonly string[]) => names.map(name => fieldNamed(schema, name)?.name ?? name)
  const files = [...(over?.files ?? [])].map(file => ({ path: resolvePath(over!.root, file.path), rows: recordsOf(file), marked: file.deletionVector !== undefined }))
  const how = { files, marking: over && allowsVectors(over.protocol, over.properties) ? WORTH_REWRITING : 0, direct: over !== undefined && hasOneType(over), numbered: over !== undefined && numbersRows(over) }
  if (write.mode === 'merge') return { on: own(write.on), newerBy: write.newerBy === undefined ? undefined : own([write.newerBy])[0], ignoring: own(write.ignoring), ...how }
  const { on, changedBy, compare, deletes } = write
  const history = { on: own(on), changedBy: changedBy === undefined ? undefined : own([changedBy])[0], compare: compare === undefined || compare === 'all' ? compare : own(compare), deletes, now: now.toISOString().replace('T', ' ').replace('Z', '') }
  return { on: [...own(on), 'valid_from'], ignoring: [], history, ...how }
}

/** The change that a job's merge comes to. Of old rows only their places come here. @throws {NullKey} {DuplicateKeys} */
export async function mergedThere({ table, database, definition, ...request }: TableStageRequest, { merged, read }: MadeTable, over: Snapshot | undefined, written: readonly AddFile[], schema: StructType): Promise<TableChange> {
  const { came, touched, places, updated, refused } = merged!
  if (refused) throw new (refused.why === 'null-key' ? NullKey : DuplicateKeys)(refused.keys, refused.count, refused.examples)
  if (!over) return newTable({ schema, ...madeAs({ definition, ...request, table, database }), files: written })
  const lake = filesAt(table.root)
  if (places) await lake.bring(places)
  try {
    const gone = places && `select * from read_parquet([${places.map(quoteLiteral).join(', ')}])`
    return await database.use(connection => stageMadeMerge(connection, over, { written, files: [...over.files], touched, gone, schema, rows: { read, inserted: came.rows - updated, updated } }))
  } finally {
    if (places?.[0] !== undefined) await lake.removeFolder(dirname(places[0]))
  }
}
