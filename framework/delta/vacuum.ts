import { existsSync, readdirSync, realpathSync, rmdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { filesAt } from '../objects/lake-files.ts'
import { mirrorOf } from '../objects/mirror.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { DeletionVectorDescriptor } from './actions.ts'
import { CannotWrite, StorageFailed } from './delta-errors.ts'
import { vectorFile } from './deletion-vector.ts'
import { checkWritable } from './protocol.ts'
import { placeOf } from './writing.ts'
import { physicalName } from './schema-types.ts'
import type { Snapshot } from './snapshot.ts'
import { maintenanceProperties } from './table-properties.ts'
import { resolvePath } from './table-paths.ts'

export interface VacuumOptions {
  /** How long a file that no version needs any more is kept. Default `delta.deletedFileRetentionDuration`, else a week. */
  readonly retentionHours?: number | undefined
  /** Says that a retention of less than a week is meant: readers of old versions and running writers may lose files. */
  readonly force?: 'files of running writers may be lost' | undefined
  readonly dryRun?: boolean | undefined
  /** The newest version once the files have been looked at: what it came to need meanwhile, as a restore brings back old files, stays too. */
  readonly newest?: (() => Promise<Snapshot>) | undefined
  readonly now?: Date | undefined
}

export interface Vacuumed {
  readonly files: readonly string[]
  readonly bytes: number
  readonly deleted: boolean
}

/** So long files are kept at least, unless less is meant: a reader or writer that takes longer is none that runs. */
export const SHORTEST_SAFE_RETENTION_HOURS = 168
const HOUR = 3_600_000

/**
 * Takes away files below the table's root that no version within the retention needs: tombstones' files, orphans of writers that died, old
 * change data, and old staging folders. Only files older than the retention go, so a running writer keeps what it has not committed yet. What belongs to
 * another table in a folder below is not this table's to take.
 */
export async function vacuum(snapshot: Snapshot, options: VacuumOptions = {}): Promise<Vacuumed> {
  checkWritable(snapshot.protocol, snapshot.metadata, snapshot.schema, snapshot.root)
  const hours = options.retentionHours ?? maintenanceProperties(snapshot.properties).deletedFileRetention / HOUR
  if (hours < SHORTEST_SAFE_RETENTION_HOURS && !options.force) throw new CannotWrite(`A retention of ${hours} hours is less than the ${SHORTEST_SAFE_RETENTION_HOURS} that keep running readers and writers safe.`, "Keep 168 hours or more, or pass force: 'files of running writers may be lost'.")
  const cutoff = (options.now ?? new Date()).getTime() - hours * HOUR
  const needed = neededFiles(snapshot, cutoff)
  const partitionFolders = snapshot.partitionColumns.map(column => `${physicalName(snapshot.schema.fields.find(field => field.name === column)!, snapshot.mapping)}=`)
  const isHidden = (name: string, depth: number) => {
    const own = depth === 0 && name === '_change_data'
    return /^[._]/.test(name) && !own && !partitionFolders.some(prefix => name.startsWith(prefix))
  }
  const files = filesAt(snapshot.root)
  try {
    // Below staging nothing is hidden: a writer may have had whole tables of its own there.
    const staging = join(snapshot.root, '_staging')
    const staged = mirrorOf(snapshot.root) || existsSync(staging) ? await files.below(staging, () => false) : []
    const own = (await files.below(snapshot.root, isHidden)).filter(({ path, modified }) => modified < cutoff && !isOfTableBelow(snapshot.root, path))
    const listed = [...own, ...staged].filter(({ path, modified }) => !needed.has(path) && modified < cutoff)
    const since = listed.length > 0 ? await options.newest?.() : undefined
    const neededSince = since && since.version !== snapshot.version ? neededFiles(since, cutoff) : undefined
    const found = listed.filter(({ path }) => !neededSince?.has(path))
    if (!options.dryRun) {
      await files.remove(found.map(({ path }) => path))
      removeEmptyFolders(staging, cutoff)
    }
    return { files: found.map(({ path }) => mirrorOf(path)?.placeOf(path) ?? path).sort(), bytes: found.reduce((total, { bytes }) => total + bytes, 0), deleted: !options.dryRun }
  } catch (error) {
    throw error instanceof ExplainedError ? error : new StorageFailed('vacuum', placeOf(error) ?? snapshot.root, error)
  }
}

function neededFiles({ root, files, state }: Snapshot, cutoff: number): ReadonlySet<string> {
  const needed = new Set<string>()
  const keep = (file: { readonly path: string; readonly deletionVector?: DeletionVectorDescriptor | undefined }) => {
    needed.add(resolvePath(root, file.path))
    const vector = file.deletionVector && vectorFile(root, file.deletionVector)
    if (vector) needed.add(vector)
  }
  for (const file of files) keep(file)
  for (const tombstone of state.tombstones) if ((tombstone.deletionTimestamp ?? 0) >= cutoff) keep(tombstone)
  for (const path of needed) if (!path.startsWith(`${root}/`)) needed.add(asBelow(root, path))
  return needed
}

/** A file that is named by another way that leads to it, as by the place that a link points to: its path below the root, where it is there. */
function asBelow(root: string, path: string): string {
  try {
    const way = relative(realpathSync(root), realpathSync(dirname(path)))
    return way.startsWith('..') || way.startsWith('/') ? path : join(root, way, basename(path))
  } catch {
    return path
  }
}

function isOfTableBelow(root: string, path: string): boolean {
  for (let folder = dirname(path); folder.length > root.length; folder = dirname(folder)) if (existsSync(join(folder, '_delta_log'))) return true
  return false
}

/** Of a writer that died. A folder that was just made may be waiting for its first file. */
function removeEmptyFolders(folder: string, cutoff: number): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (!entry.isDirectory() || statSync(path).birthtimeMs >= cutoff) continue
    removeEmptyFolders(path, cutoff)
    if (readdirSync(path).length === 0) rmdirSync(path)
  }
}
