import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { Writable, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { SourceFile } from '../definition/file-asset.ts'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import { JsonScan } from './json-scan.ts'
import { EmptyFile, MalformedFile, UnreadableFile } from './landing-errors.ts'
import { RecordCount } from './record-count.ts'
import { Utf8Check } from './utf8-check.ts'

/** What is known of a source file once all its bytes were seen. */
export interface InspectedFile {
  /** SHA-256 of the bytes as stored, in hex. */
  readonly sha256: string
  /** As stored. */
  readonly bytes: number
  /** The first bytes of what the file says once it is unpacked: enough for a header. */
  readonly head: string
  /** How many records there are; undefined of Parquet. */
  readonly records: number | undefined
  /** Of JSON: all keys that any object has. */
  readonly keys: readonly string[]
  /** Of the keys whose values are objects, their keys. */
  readonly nested: Readonly<Record<string, readonly string[]>>
  /** Of the longest record, in bytes or signs. */
  readonly longest: number
  /** The first place that is no JSON object, or no record of as many fields as the header has. */
  readonly malformed: { readonly line: number; readonly text: string } | undefined
}

const HEAD = 256 * 1024

/**
 * Reads a file to its end, counts and hashes its bytes, and unpacks it where it is packed, so that a truncated archive is found
 * before anything is written.
 * @throws {UnreadableFile} {@link EmptyFile} {@link MalformedFile}
 */
export async function inspectFile(file: SourceFile): Promise<InspectedFile> {
  const hash = createHash('sha256')
  const head: Buffer[] = []
  let bytes = 0
  let unpacked = 0
  const text = file.format === 'parquet' ? undefined : new Utf8Check()
  const json = file.format === 'json-lines' || file.format === 'json-array' ? new JsonScan(file.format) : undefined
  const csv = file.format === 'csv' ? new RecordCount() : undefined
  const look = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (unpacked < HEAD) head.push(chunk.subarray(0, HEAD - unpacked))
      unpacked += chunk.length
      text?.add(chunk)
      json?.add(chunk)
      csv?.add(chunk)
      done()
    },
  })
  async function* seen(source: Readable): AsyncGenerator<Buffer> {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  try {
    if (file.gzip) await pipeline(file.open(), seen, createGunzip(), look)
    else await pipeline(file.open(), seen, look)
  } catch (error) {
    if (!isReadFailure(error)) throw error
    throw new UnreadableFile(file.location, file.gzip ? gzipProblem(error as Error) : (error as Error).message)
  }
  if (unpacked === 0) throw new EmptyFile(file.location)
  text?.end()
  if (text?.badLine !== undefined) throw new MalformedFile(file.location, `line ${text.badLine} is not UTF-8`, text.badLine, 'Have the source export it as UTF-8; nothing of it was taken in.')
  json?.end()
  csv?.end()
  return { sha256: hash.digest('hex'), bytes, head: Buffer.concat(head).toString('utf8'), records: json?.records ?? csv?.records, keys: [...(json?.keys ?? [])], nested: Object.fromEntries([...(json?.nested ?? [])].map(([key, inner]) => [key, [...inner]])), longest: json?.longest ?? csv?.longest ?? 0, malformed: json?.problem ?? csv?.problem }
}

const isReadFailure = (error: unknown): boolean => /^(Z_|E(ACCES|NOENT|PERM|IO|ISDIR)$)/.test((error as NodeJS.ErrnoException).code ?? '')

const gzipProblem = (error: Error): string => (/unexpected end/.test(error.message) ? 'the gzip archive ends in the middle' : /incorrect header/.test(error.message) ? 'it is named .gz but is no gzip archive' : `the gzip archive is damaged (${error.message})`)

/** Copies a file's bytes as they are to where they shall lie, durably. @returns the SHA-256 of what was copied, in hex */
export async function copyFile(file: SourceFile, path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const target = await open(path, 'w')
  try {
    for await (const chunk of file.open() as AsyncIterable<Buffer>) {
      signal.throwIfAborted()
      hash.update(chunk)
      await target.write(chunk)
      crashpoint('file-half-copied')
    }
    await target.sync()
    return hash.digest('hex')
  } finally {
    await target.close()
  }
}
