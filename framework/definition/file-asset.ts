import type { Readable } from 'node:stream'
import { AbstractAsset } from './abstract-asset.ts'

/** How the bytes of a landed file are read as rows. */
export type FileFormat = (typeof FORMATS)[number]
export const FORMATS = ['csv', 'json-lines', 'json-array', 'parquet'] as const

/** One file of a source, as the source has it now. */
export interface SourceFile {
  readonly name: string
  /** Where a person finds it: a path or an address. */
  readonly location: string
  readonly format: FileFormat
  readonly gzip: boolean
  /** In bytes, as stored. */
  readonly size: number
  /** Cheap to tell, and different whenever the bytes are: size and modification time, or an ETag. */
  readonly identity: string
  open(): Readable
}

/** Raw files as they came, kept byte for byte: landing. What reads it sees rows of text. */
export abstract class FileAsset extends AbstractAsset {
  /** What the source has now. An empty list means that it has nothing for us, which is an error unless {@link optional}. */
  abstract files(): readonly SourceFile[] | Promise<readonly SourceFile[]>
  /** Whether the source may have no file at all. */
  readonly optional: boolean = false
  /**
   * Of messages, which must not hold each other up: the column that takes the text of a line which is no JSON object. The row has nothing
   * else, so that a promise about its key rejects it. A file that can't be taken in at all is left out with a warning, as long as another can.
   */
  readonly malformed: string | undefined
}
