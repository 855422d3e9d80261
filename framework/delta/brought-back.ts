import { randomUUID } from 'node:crypto'
import { constants, copyFileSync, linkSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { mirrorOf } from '../objects/mirror.ts'
import { isRemote } from '../objects/object-place.ts'
import { fileKey, type AddFile, type DeletionVectorDescriptor } from './actions.ts'
import { vectorFile } from './deletion-vector.ts'
import { beginSync } from './durable.ts'
import type { Snapshot } from './snapshot.ts'
import { resolvePath } from './table-paths.ts'
import { maintenanceProperties } from './table-properties.ts'
import { SHORTEST_SAFE_RETENTION_HOURS } from './vacuum.ts'
import { z85 } from './z85.ts'

const HOUR = 3_600_000

/** The files that a VACUUM may take away while they are brought back: their tombstones are about as old as it asks, or no longer told. What lies outside the table's folder is not its to take. */
export function endangered(base: Snapshot, back: readonly AddFile[], now: number): AddFile[] {
  const kept = Math.min(maintenanceProperties(base.properties).deletedFileRetention, SHORTEST_SAFE_RETENTION_HOURS * HOUR) - TIME_TO_COMMIT
  return back.filter(file => (base.state.tombstones.get(fileKey(file))?.deletionTimestamp ?? 0) < now - kept && placesOf(base.root, file).some(path => path.startsWith(`${base.root}/`)))
}

/** Files whose tombstones have not so long to go count as old: until it is committed, a file that is brought back is not needed yet. */
const TIME_TO_COMMIT = HOUR

/** Where the file and its deletion vector lie. */
export const placesOf = (root: string, { path, deletionVector }: AddFile): string[] => [resolvePath(root, path), ...[(deletionVector && vectorFile(root, deletionVector)) ?? []].flat()]

/**
 * The same files under names that no VACUUM has listed: it may have looked through the folder and the log before, and take away what it found any moment. A second name
 * costs nothing, and the file itself becomes young first, so that a VACUUM which lists that name keeps it. @throws with ENOENT where a file is gone already
 */
export function renewed(root: string, files: readonly AddFile[]): AddFile[] {
  const vectors = new Map<string, string>()
  return files.map(file => {
    const path = `${file.path.slice(0, file.path.lastIndexOf('/') + 1)}part-${randomUUID()}.parquet`
    if (!isBelow(root, resolvePath(root, file.path))) return { ...file, ...renewedVector(root, file.deletionVector, vectors) }
    nameAgain(root, resolvePath(root, file.path), resolvePath(root, path))
    return { ...file, path, ...renewedVector(root, file.deletionVector, vectors) }
  })
}

function renewedVector(root: string, vector: DeletionVectorDescriptor | undefined, known: Map<string, string>): { readonly deletionVector?: DeletionVectorDescriptor } {
  const place = vector && vectorFile(root, vector)
  if (!vector || place === undefined || !isBelow(root, place)) return {}
  const uuid = known.get(place) ?? randomUUID()
  if (!known.has(place)) nameAgain(root, place, join(root, `deletion_vector_${uuid}.bin`))
  known.set(place, uuid)
  return { deletionVector: { ...vector, storageType: 'u', pathOrInlineDv: z85(Buffer.from(uuid.replaceAll('-', ''), 'hex')) } }
}

const isBelow = (root: string, path: string) => !isRemote(path) && !mirrorOf(root) && path.startsWith(`${root}/`)

function nameAgain(root: string, place: string, other: string): void {
  const now = new Date()
  utimesSync(place, now, now)
  try {
    linkSync(place, other)
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    copyFileSync(place, other, constants.COPYFILE_EXCL)
    beginSync(root, other)
  }
  beginSync(root, dirname(other))
}

const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV', 'ENOSYS'])
