import { filesAt } from '../objects/lake-files.ts'
import { mirrorOf } from '../objects/mirror.ts'
import { isRemote } from '../objects/object-place.ts'
import { fileKey, removeOf, type Metadata } from './actions.ts'
import { endangered, placesOf, renewed } from './brought-back.ts'
import { CannotWrite } from './delta-errors.ts'
import { withLaterMarks } from './identity-column.ts'
import type { Snapshot } from './snapshot.ts'
import type { TableChange } from './table-change.ts'

export interface RestoreOptions {
  /** Default: now. */
  readonly now?: number | undefined
  /** Says of a table in an object store that no VACUUM is at work: files that are older than its retention have no second names there. */
  readonly force?: 'files that a vacuum takes meanwhile may be lost' | undefined
}

/**
 * The table as an earlier version had it, as the next version: no row is computed or copied. A VACUUM may be at work meanwhile.
 * @throws {CannotWrite} where VACUUM took a file that it needs, or could take one that cannot be kept from it
 */
export async function restore(base: Snapshot, to: Snapshot, { now = Date.now(), force }: RestoreOptions = {}): Promise<TableChange> {
  const back = [...to.files].filter(file => !base.files.has(fileKey(file)))
  const gone = [...base.files].filter(file => !to.files.has(fileKey(file)))
  const paths = back.flatMap(file => placesOf(base.root, file)).filter(path => !isRemote(path))
  const sizes = await filesAt(base.root).sizes(paths)
  const missing = paths.find((_, i) => sizes[i] === undefined)
  if (missing !== undefined) throw notThere(base, to, missing)
  const old = new Set(endangered(base, back, now))
  if (old.size > 0 && mirrorOf(base.root) && !force) {
    throw new CannotWrite(`Version ${to.version} of ${base.root} needs ${old.size === 1 ? 'a file' : `${old.size} files`} older than the retention, which a vacuum may be about to take away.`, "Where no vacuum is at work, pass force: 'files that a vacuum takes meanwhile may be lost'.")
  }
  const schema = withLaterMarks(to.schema, base.schema)
  const metadata: Metadata = schema === to.schema ? to.metadata : { ...to.metadata, schemaString: JSON.stringify(schema) }
  const same = JSON.stringify(metadata) === JSON.stringify(base.metadata)
  const adds = mirrorOf(base.root) ? back : [...back.filter(file => !old.has(file)), ...secondNames(base, to, [...old])]
  return {
    adds: adds.map(file => ({ ...file, dataChange: true })), removes: gone.map(file => removeOf(file, now)), ...(same ? {} : { metadata }),
    reads: { kind: 'whole table' }, metrics: { numRestoredFiles: back.length, numRemovedFiles: gone.length },
  }
}

function secondNames(base: Snapshot, to: Snapshot, files: Parameters<typeof renewed>[1]): ReturnType<typeof renewed> {
  try {
    return renewed(base.root, files)
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    throw code === 'ENOENT' && path !== undefined ? notThere(base, to, path) : error
  }
}

const notThere = (base: Snapshot, to: Snapshot, path: string) => new CannotWrite(`Version ${to.version} of ${base.root} cannot be restored: ${path} is no longer there.`, 'Restore a version that is younger than the last vacuum.')
