import type { Snapshot } from '../delta/snapshot.ts'
import { addContent, schemaDigest, subtractContent, type ContentHash } from '../delta/content-hash.ts'
import { DuplicateKeys, NullKey } from '../delta/delta-errors.ts'
import { stageMerge } from '../delta/merge.ts'
import type { StructType } from '../delta/schema-types.ts'
import { resolvePath } from '../delta/table-paths.ts'
import type { Written } from '../engines/engine.ts'
import { filesAt } from '../objects/lake-files.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { changedSlices } from './changed-slices.ts'
import type { Staged } from './table-candidate.ts'
import type { TableStageRequest } from './table-stage.ts'
import { relationOf } from './written.ts'

/** A part of a table can't take the place of what was there: all of it has to be made. */
export class NotByKeys extends Error {}

/**
 * Rows in the place of those that had the keys before, of a table of which a key names one row. Keys that no row has any longer go.
 * @throws {NotByKeys} where the table does not hold those very keys, or the rows would share one with each other or with a row that stays
 */
export async function keyedChange(key: readonly string[], written: Written, before: Written, base: Snapshot, content: ContentHash, schema: StructType, { database, table, slices, signal }: TableStageRequest): Promise<Staged> {
  if (schemaDigest(schema) !== schemaDigest(base.schema)) throw new NotByKeys()
  const rows = relationOf(written)
  const same = key.map(name => `now.${quoteIdentifier(name)} = had.${quoteIdentifier(name)}`).join(' and ')
  const source = `select *, false as ${GONE} from (${rows}) union all by name select had.*, true as ${GONE} from (${relationOf(before)}) as had where not exists (select 1 from (${rows}) as now where ${same})`
  try {
    const { change, content: told, metrics } = await database.use(connection => stageMerge(connection, base, source, { on: key, deleteWhen: GONE, signal }))
    if (metrics.updated + metrics.deleted + metrics.unchanged !== before.rows) {
      const published = new Set([...base.files].map(({ path }) => path))
      await filesAt(table.root).remove(change.adds.filter(({ path }) => !published.has(path)).map(({ path }) => resolvePath(table.root, path)))
      throw new NotByKeys()
    }
    const staged = { change, content: subtractContent(addContent(content, told.added), told.removed), rowsOut: metrics.inserted + metrics.updated, byKey: key }
    if (!slices) return staged
    if (metrics.inserted + metrics.updated + metrics.deleted === 0) return { ...staged, sameAsBefore: true }
    const removed = `select t.* from (${await base.scanSql()}) as t where exists (select 1 from (${relationOf(before)}) as had where ${key.map(name => `had.${quoteIdentifier(name)} = t.${quoteIdentifier(name)}`).join(' and ')})`
    return { ...staged, sameAsBefore: false, changedSlices: await database.use(connection => changedSlices(connection, slices, removed, rows, base.schema, signal)) }
  } catch (error) {
    throw error instanceof DuplicateKeys || error instanceof NullKey ? new NotByKeys() : error
  }
}

const GONE = '__varve_is_gone'
