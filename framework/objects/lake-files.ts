import { localFiles } from './local-files.ts'
import { mirrorOf } from './mirror.ts'

export interface LakeFile {
  /** On this machine, where it is or would be. */
  readonly path: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/**
 * The files of a lake, by their paths on this machine. In a lake that is a folder these are the files. In one that is elsewhere they are
 * where its {@link Mirror} keeps copies, and what is asked and done here is asked of and done to the lake itself.
 */
export interface LakeFiles {
  /** Whether one look at names costs less than two looks at files: so it is where each is a request. */
  readonly listsCheaply: boolean
  /** Makes sure that the files can be read at their paths. */
  bring(paths: readonly string[]): Promise<void>
  /** Notes a file that was written here: {@link settle} keeps it. */
  wrote(path: string): void
  /** Makes what was written below a folder durable in the lake; only those files whose last names are wanted. */
  settle(folder: string, wanted?: (name: string) => boolean): Promise<void>
  /** A small file's text, or undefined where there is none. */
  read(path: string): Promise<string | undefined>
  /** Makes the file with all of its text, unless the name is taken. @returns whether it was made by this call */
  putIfAbsent(path: string, text: string): Promise<boolean>
  /** Makes or replaces the file in one step. */
  replace(path: string, text: string): Promise<void>
  /** Replaces a small file's text by what becomes of it. Where someone else replaced it meanwhile, what becomes of theirs. */
  update(path: string, change: (text: string | undefined) => string): Promise<void>
  /** The names of the files in a folder, from a name on, in order. */
  names(folder: string, from?: string): Promise<string[]>
  /** The size of each file in bytes, undefined where it is not there. */
  sizes(paths: readonly string[]): Promise<(number | undefined)[]>
  /** All files below a folder, but those in folders that are passed over. */
  below(folder: string, passOver: (name: string, depth: number) => boolean): Promise<LakeFile[]>
  remove(paths: readonly string[]): Promise<void>
  removeFolder(folder: string): Promise<void>
}

/** The files of the lake that a path lies in. */
export const filesAt = (path: string): LakeFiles => mirrorOf(path) ?? localFiles
