import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Writable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { SourceFile } from '../definition/file-asset.ts'
import { EmptyFile, UnreadableFile } from './landing-errors.ts'
import { RecordCount } from './record-count.ts'

/** What is known of a source file once all its bytes were seen. */
export interface InspectedFile {
  /** SHA-256 of the bytes as stored, in hex. */
  readonly sha256: string
  /** As stored. */
  readonly bytes: number
  /** The first bytes of what the file says once it is unpacked: enough for a header. */
  readonly head: string
  /** How many records there are; undefined for a format that is not told apart line by line. */
  readonly records: number | undefined
}

const HEAD = 256 * 1024

/**
 * Reads a file to its end, counts and hashes its bytes, and unpacks it where it is packed, so that a truncated archive is found
 * before anything is written. `copy` gets the bytes as they come.
 * @throws {UnreadableFile} {@link EmptyFile}
 */
export async function inspectFile(file: SourceFile, signal: AbortSignal, copy?: (bytes: Buffer) => Promise<void>): Promise<InspectedFile> {
  const hash = createHash('sha256')
  const head: Buffer[] = []
  let bytes = 0
  let unpacked = 0
  const count = RecordCount.of(file.format)
  const keepHead = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (unpacked < HEAD) head.push(chunk.subarray(0, HEAD - unpacked))
      unpacked += chunk.length
      count?.add(chunk)
      done()
    },
  })
  async function* seen(source: Readable): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
      await copy?.(chunk)
      yield chunk
    }
  }
  try {
    if (file.gzip) await pipeline(file.open(), seen, createGunzip(), keepHead, { signal })
    else await pipeline(file.open(), seen, keepHead, { signal })
  } catch (error) {
    if (signal.aborted || !isReadFailure(error)) throw error
    throw new UnreadableFile(file.location, file.gzip ? gzipProblem(error as Error) : (error as Error).message)
  }
  if (unpacked === 0) throw new EmptyFile(file.location)
  return { sha256: hash.digest('hex'), bytes, head: Buffer.concat(head).toString('utf8'), records: count?.records }
}

const isReadFailure = (error: unknown): boolean => /^(Z_|E(ACCES|NOENT|PERM|IO|ISDIR)$)/.test((error as NodeJS.ErrnoException).code ?? '')

const gzipProblem = (error: Error): string => (/unexpected end/.test(error.message) ? 'the gzip archive ends in the middle' : /incorrect header/.test(error.message) ? 'it is named .gz but is no gzip archive' : `the gzip archive is damaged (${error.message})`)
