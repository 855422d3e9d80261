import type { Metadata, Protocol } from './actions.ts'
import { BrokenLog } from './delta-errors.ts'
import { checksumName } from './log-names.ts'
import type { LogStore } from './log-store.ts'
import type { Snapshot } from './snapshot.ts'

/** What a writer noted of a version beside the log, in `<version>.crc`: https://github.com/delta-io/delta/blob/master/PROTOCOL.md#version-checksum-file */
export interface VersionChecksum {
  readonly numFiles: number
  readonly tableSizeBytes: number
  /** The commit that it is of. */
  readonly txnId?: string | undefined
  readonly metadata?: Metadata | undefined
  readonly protocol?: Protocol | undefined
}

/** The checksum of a version. @returns undefined where there is none, or none that can be read: it is optional */
export async function readChecksum(store: LogStore, version: number): Promise<VersionChecksum | undefined> {
  try {
    const found = await store.find(checksumName(version))
    if (!found) return undefined
    const checksum = JSON.parse(Buffer.from(found).toString()) as Partial<VersionChecksum>
    return typeof checksum.numFiles === 'number' && typeof checksum.tableSizeBytes === 'number' ? (checksum as VersionChecksum) : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

/** How a snapshot differs from its version's checksum; undefined where it does not, where there is none, and where the checksum is of another commit that once had the version. */
export async function checksumDifference(store: LogStore, snapshot: Snapshot): Promise<string | undefined> {
  const checksum = await readChecksum(store, snapshot.version)
  const { txnId } = snapshot.commitInfo ?? {}
  const ofAnother = checksum?.txnId && txnId && checksum.txnId !== txnId
  return checksum && !ofAnother ? differenceOf(checksum, snapshot) : undefined
}

/**
 * Who reads a version takes the log's word, as the protocol has it. Who writes on it would make for good what may be a log with something missing, so
 * then a difference is an error, as it is in the protocol's reference. @throws {BrokenLog}
 */
export async function checkIntact(store: LogStore, snapshot: Snapshot): Promise<void> {
  const difference = await checksumDifference(store, snapshot)
  if (difference === undefined) return
  throw new BrokenLog(`${snapshot.root} is not written to: at version ${snapshot.version} ${difference}.`, `Restore the log from a backup. If the log is right and the checksum is not, take ${checksumName(snapshot.version)} away.`)
}

function differenceOf(checksum: VersionChecksum, { files, metadata, protocol }: Snapshot): string | undefined {
  if (checksum.numFiles !== files.count) return `it has ${files.count} files, but its checksum says ${checksum.numFiles}`
  if (checksum.tableSizeBytes !== files.bytes) return `its files have ${files.bytes} bytes, but its checksum says ${checksum.tableSizeBytes}`
  if (checksum.metadata && (checksum.metadata.id !== metadata.id || checksum.metadata.schemaString !== metadata.schemaString)) return 'its schema is not that of its checksum'
  const { minReaderVersion, minWriterVersion } = checksum.protocol ?? protocol
  return minReaderVersion === protocol.minReaderVersion && minWriterVersion === protocol.minWriterVersion ? undefined : 'its protocol is not that of its checksum'
}
