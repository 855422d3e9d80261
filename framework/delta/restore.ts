import { existsSync } from 'node:fs'
import { fileKey, removeOf } from './actions.ts'
import { CannotWrite } from './delta-errors.ts'
import { vectorFile } from './deletion-vector.ts'
import type { Snapshot } from './snapshot.ts'
import type { TableChange } from './table-change.ts'
import { resolvePath } from './table-paths.ts'

/** The table as an earlier version had it, as the next version: no row is computed or copied. @throws {CannotWrite} where VACUUM took a file that it needs */
export function restore(base: Snapshot, to: Snapshot, now = Date.now()): TableChange {
  const back = [...to.files].filter(file => !base.files.has(fileKey(file)))
  const gone = [...base.files].filter(file => !to.files.has(fileKey(file)))
  for (const file of back) {
    const missing = [resolvePath(base.root, file.path), ...(file.deletionVector ? [vectorFile(base.root, file.deletionVector) ?? []].flat() : [])].find(path => !/^[a-z0-9]+:\/\//.test(path) && !existsSync(path))
    if (missing !== undefined) throw new CannotWrite(`Version ${to.version} of ${base.root} cannot be restored: ${missing} is no longer there.`, 'Restore a version that is younger than the last vacuum.')
  }
  const same = JSON.stringify(to.metadata) === JSON.stringify(base.metadata)
  return {
    adds: back.map(file => ({ ...file, dataChange: true })), removes: gone.map(file => removeOf(file, now)), ...(same ? {} : { metadata: to.metadata }),
    reads: { kind: 'whole table' }, metrics: { numRestoredFiles: back.length, numRemovedFiles: gone.length },
  }
}
