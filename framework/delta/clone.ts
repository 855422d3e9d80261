import { randomUUID } from 'node:crypto'
import { mirrorOf } from '../objects/mirror.ts'
import { isRemote } from '../objects/object-place.ts'
import type { AddFile, DeletionVectorDescriptor } from './actions.ts'
import { vectorFile } from './deletion-vector.ts'
import type { Snapshot } from './snapshot.ts'
import type { TableChange } from './table-change.ts'
import { resolvePath } from './table-paths.ts'

/**
 * The first version of a table that holds what another one holds at a version, by reference: no file is copied, and each is named by where it lies. The two
 * tables go their own ways from there. VACUUM of the clone takes nothing of the other table; VACUUM of the other one knows nothing of the clone, and takes
 * files that only the clone still needs.
 */
export function shallowClone(source: Snapshot, now = Date.now()): TableChange {
  const adds = [...source.files].map((file): AddFile => ({ ...file, path: placeAsPath(resolvePath(source.root, file.path)), dataChange: true, deletionVector: vectorElsewhere(source.root, file.deletionVector) }))
  const configuration = Object.fromEntries(Object.entries(source.properties).filter(([name]) => !name.startsWith('delta.inCommitTimestampEnablement')))
  return {
    adds, removes: [], metadata: { ...source.metadata, id: randomUUID(), createdTime: now, configuration }, protocol: source.protocol,
    domainMetadata: [...source.domains.values()], reads: { kind: 'nothing' }, metrics: { numCopiedFiles: 0, sourceNumOfFiles: adds.length, sourceTableSize: source.files.bytes },
  }
}

function vectorElsewhere(root: string, vector: DeletionVectorDescriptor | undefined): DeletionVectorDescriptor | undefined {
  const file = vector && vectorFile(root, vector)
  return vector && file !== undefined ? { ...vector, storageType: 'p', pathOrInlineDv: placeAsPath(file) } : vector
}

/** As the log names a file by its whole place: letter by letter as Java's URI has it, since Spark finds the file of a deleted row by this very text. */
function placeAsPath(path: string): string {
  const place = mirrorOf(path)?.placeOf(path) ?? path
  return isRemote(place) ? place.replace(/^(\w+:\/\/[^/]+\/)(.*)$/, (_, bucket: string, key: string) => bucket + quoted(key)) : `file:${quoted(place)}`
}

const quoted = (path: string): string => path.replace(/[\p{Z}\p{Cc}"#%<>?[\\\]^`{|}]/gu, encodeURIComponent)
