import { accessSync, constants, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'

/** Makes sure that the lake can be written before anything else happens. @throws {LakeNotWritable} */
export function ensureWritableLake(lake: string): void {
  try {
    mkdirSync(lake, { recursive: true })
    accessSync(lake, constants.W_OK | constants.X_OK)
    // Permission bits say nothing of a read-only mount or a full disk.
    const probe = join(lake, `.writable-${process.pid}`)
    writeFileSync(probe, 'x')
    rmSync(probe)
  } catch (error) {
    throw new LakeNotWritable(lake, error as NodeJS.ErrnoException)
  }
}

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
