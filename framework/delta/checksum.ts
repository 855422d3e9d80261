import { BrokenLog, LogFileMissing } from './delta-errors.ts'
import { checksumName } from './log-names.ts'
import type { LogStore } from './log-store.ts'
import type { Snapshot } from './snapshot.ts'

/** What a writer noted of a version beside the log, in `<version>.crc`. */
export interface VersionChecksum {
  readonly numFiles: number
  readonly tableSizeBytes: number
}

/** The checksum of a version. @returns undefined where there is none, or none that can be read: it is optional */
export async function readChecksum(store: LogStore, version: number): Promise<VersionChecksum | undefined> {
  try {
    const { numFiles, tableSizeBytes } = JSON.parse(Buffer.from(await store.read(checksumName(version))).toString()) as Partial<VersionChecksum>
    return typeof numFiles === 'number' && typeof tableSizeBytes === 'number' ? { numFiles, tableSizeBytes } : undefined
  } catch (error) {
    if (error instanceof LogFileMissing || error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

/** Holds a snapshot against its version's checksum. @returns whether there was one @throws {BrokenLog} where they differ: then something is missing from the log */
export async function verifyChecksum(store: LogStore, snapshot: Snapshot): Promise<boolean> {
  const checksum = await readChecksum(store, snapshot.version)
  if (!checksum) return false
  const { count, bytes } = snapshot.files
  if (checksum.numFiles === count && checksum.tableSizeBytes === bytes) return true
  throw new BrokenLog(`Version ${snapshot.version} of ${snapshot.root} has ${count} files with ${bytes} bytes, but its checksum says ${checksum.numFiles} with ${checksum.tableSizeBytes}.`)
}
