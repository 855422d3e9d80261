import { accessSync, constants, existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'

/** Makes sure that the lake can be written, or made, before anything else happens; leaves nothing behind. @throws {LakeNotWritable} */
export function ensureWritableLake(lake: string): void {
  try {
    const folder = nearestThere(lake)
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error(), { code: folder === lake ? 'EEXIST' : 'ENOTDIR' })
    accessSync(folder, constants.W_OK | constants.X_OK)
    // Permission bits say nothing of a read-only mount or a full disk.
    const probe = join(folder, `.writable-${process.pid}`)
    writeFileSync(probe, 'x')
    rmSync(probe)
  } catch (error) {
    throw new LakeNotWritable(lake, error as NodeJS.ErrnoException)
  }
}

/** The folder itself, or the first of those above it that is there. */
const nearestThere = (folder: string): string => (existsSync(folder) || folder === dirname(folder) ? folder : nearestThere(dirname(folder)))

export class LakeNotWritable extends ExplainedError {
  readonly code = 'project/lake-not-writable'
  readonly hint = 'Choose another folder with --lake DIR, VARVE_LAKE or `lake` in the configuration, or change its permissions.'
  override readonly place: Place
  constructor(lake: string, { code, message }: NodeJS.ErrnoException) {
    super(`The lake folder ${lake} can't be written: ${PROBLEMS[code ?? ''] ?? message}.`)
    this.place = { file: lake }
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'it is a file',
  ENOENT: 'it does not exist and could not be made',
}
