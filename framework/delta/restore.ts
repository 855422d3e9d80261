import { filesAt } from '../objects/lake-files.ts'
import { isRemote } from '../objects/object-place.ts'
import { fileKey, removeOf, type Metadata } from './actions.ts'
import { CannotWrite } from './delta-errors.ts'
import { vectorFile } from './deletion-vector.ts'
import { withLaterMarks } from './identity-column.ts'
import type { Snapshot } from './snapshot.ts'
import type { TableChange } from './table-change.ts'
import { resolvePath } from './table-paths.ts'

/** The table as an earlier version had it, as the next version: no row is computed or copied. @throws {CannotWrite} where VACUUM took a file that it needs */
export async function restore(base: Snapshot, to: Snapshot, now = Date.now()): Promise<TableChange> {
  const back = [...to.files].filter(file => !base.files.has(fileKey(file)))
  const gone = [...base.files].filter(file => !to.files.has(fileKey(file)))
  const paths = back.flatMap(file => [resolvePath(base.root, file.path), ...(file.deletionVector ? [vectorFile(base.root, file.deletionVector) ?? []].flat() : [])]).filter(path => !isRemote(path))
  const sizes = await filesAt(base.root).sizes(paths)
  const missing = paths.find((_, i) => sizes[i] === undefined)
  if (missing !== undefined) throw new CannotWrite(`Version ${to.version} of ${base.root} cannot be restored: ${missing} is no longer there.`, 'Restore a version that is younger than the last vacuum.')
  const schema = withLaterMarks(to.schema, base.schema)
  const metadata: Metadata = schema === to.schema ? to.metadata : { ...to.metadata, schemaString: JSON.stringify(schema) }
  const same = JSON.stringify(metadata) === JSON.stringify(base.metadata)
  return {
    adds: back.map(file => ({ ...file, dataChange: true })), removes: gone.map(file => removeOf(file, now)), ...(same ? {} : { metadata }),
    reads: { kind: 'whole table' }, metrics: { numRestoredFiles: back.length, numRemovedFiles: gone.length },
  }
}
