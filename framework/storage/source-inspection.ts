import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { Writable, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { SourceFile } from '../definition/file-asset.ts'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import { JsonScan } from './json-scan.ts'
import { EmptyFile, MalformedFile, SourceChanged, UnreadableFile } from './landing-errors.ts'
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
  let isArchive = false
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
      if (bytes === 0) isArchive = chunk[0] === 0x1f && chunk[1] === 0x8b
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  const gunzip = file.gzip ? createGunzip() : undefined
  try {
    if (gunzip) await pipeline(file.open(), seen, gunzip, look)
    else await pipeline(file.open(), seen, look)
  } catch (error) {
    if (!isReadFailure(error)) throw error
    throw new UnreadableFile(file.location, readProblem(error as NodeJS.ErrnoException, isArchive))
  }
  // Zeros behind an archive are passed over without a word.
  if (gunzip && gunzip.bytesWritten < bytes) throw new UnreadableFile(file.location, BEHIND)
  if (unpacked === 0) throw new EmptyFile(file.location)
  text?.end()
  if (text && looksLikeUtf16(Buffer.concat(head))) throw new MalformedFile(file.location, 'it is UTF-16, and not UTF-8', 1, 'Have the source export it as UTF-8; nothing of it was taken in.')
  if (text?.badLine !== undefined) throw new MalformedFile(file.location, `line ${text.badLine} is not UTF-8`, text.badLine, 'Have the source export it as UTF-8; nothing of it was taken in.')
  json?.end()
  csv?.end()
  return { sha256: hash.digest('hex'), bytes, head: Buffer.concat(head).toString('utf8'), records: json?.records ?? csv?.records, keys: [...(json?.keys ?? [])], nested: Object.fromEntries([...(json?.nested ?? [])].map(([key, inner]) => [key, [...inner]])), longest: json?.longest ?? csv?.longest ?? 0, malformed: json?.problem ?? csv?.problem }
}

const isReadFailure = (error: unknown): boolean => /^(Z_|E(ACCES|NOENT|PERM|IO|ISDIR|NOTDIR|LOOP)$)/.test((error as NodeJS.ErrnoException).code ?? '')

const BEHIND = 'behind the end of the gzip archive stand bytes that belong to none'

function readProblem({ code = '', message }: NodeJS.ErrnoException, isArchive: boolean): string {
  if (code === 'ENOENT') return 'it is gone'
  if (code === 'EISDIR') return 'it is a folder'
  if (!code.startsWith('Z_')) return message
  if (/unexpected end/.test(message)) return 'the gzip archive ends in the middle'
  if (!/incorrect header/.test(message)) return `the gzip archive is damaged (${message})`
  return isArchive ? BEHIND : 'it is named .gz but is no gzip archive'
}

/** Whether a text begins with UTF-16's mark, or has zeros in every other of its first bytes and in no other, as Latin letters have them there. */
function looksLikeUtf16(head: Buffer): boolean {
  if (head.length >= 2 && ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))) return true
  const begin = head.subarray(0, Math.min(head.length, 256) & ~1)
  const zeros = [0, 0]
  for (let i = 0; i < begin.length; i += 1) if (begin[i] === 0) zeros[i % 2]! += 1
  return begin.length > 1 && Math.max(...zeros) > begin.length / 4 && Math.min(...zeros) === 0
}

/** Copies a file's bytes as they are to where they shall lie, durably. @returns the SHA-256 of what was copied, in hex. @throws {SourceChanged} */
export async function copyFile(file: SourceFile, path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const target = await open(path, 'w')
  try {
    for await (const chunk of readOf(file)) {
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

/** @throws {SourceChanged} where the file can't be read any longer */
async function* readOf(file: SourceFile): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of file.open() as AsyncIterable<Buffer>) yield chunk
  } catch (error) {
    if (!isReadFailure(error)) throw error
    throw new SourceChanged(file.location, readProblem(error as NodeJS.ErrnoException, true))
  }
}
