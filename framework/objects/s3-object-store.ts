import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { clientSettings, loadSdk, type AwsSettings } from './aws-settings.ts'
import { AccessDenied, CredentialsExpired, NoBucket, NoCredentials, NoRegion, NoRoom, ObjectDamaged, ObjectStoreFailed } from './object-errors.ts'
import { placeText, type ObjectPlace } from './object-place.ts'
import type { ListOptions, ObjectEntry, ObjectStore } from './object-store.ts'
import { PATIENCE, pauseAfter, type Patience } from './patience.ts'
import { requestTrouble } from './request-trouble.ts'

type Sdk = typeof import('@aws-sdk/client-s3')

export interface S3Options extends AwsSettings {
  readonly credentials?: S3ClientConfig['credentials'] | undefined
  readonly patience?: Patience | undefined
  /** In bytes: larger files go and come in parts. S3 wants 5 MiB at least of all parts of an upload but the last. */
  readonly partSize?: number | undefined
}

const PART = 8 * 1024 * 1024
const PARTS_AT_ONCE = 4
const DELETED_AT_ONCE = 1000
const REQUEST_MS = 60_000
const DIGEST = 'varve-sha256'

/** Objects of S3, or of what speaks like it. Every answer that leaves open whether something was done is looked into before it is believed. */
export class S3ObjectStore implements ObjectStore {
  readonly place: string
  readonly #at: ObjectPlace
  readonly #options: S3Options
  readonly #patience: Patience
  #opened: Promise<{ readonly sdk: Sdk; readonly client: S3Client }> | undefined

  constructor(at: ObjectPlace, options: S3Options = {}) {
    this.place = placeText(at)
    this.#at = at
    this.#options = options
    this.#patience = options.patience ?? PATIENCE
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ObjectEntry[]> {
    const entries: ObjectEntry[] = []
    for (let token: string | undefined; ;) {
      const page = await this.#page(prefix, options, token)
      entries.push(...page.entries)
      if (page.next === undefined) return entries
      token = page.next
    }
  }

  async listWhole(prefix: string, options: ListOptions = {}): Promise<ObjectEntry[] | undefined> {
    const { entries, next } = await this.#page(prefix, options, undefined)
    return next === undefined ? entries : undefined
  }

  async #page(prefix: string, { after, flat = false }: ListOptions, token: string | undefined): Promise<{ readonly entries: ObjectEntry[]; readonly next?: string | undefined }> {
    const page = await this.#ask('list', prefix, ({ client, sdk }) => client.send(new sdk.ListObjectsV2Command({
      ...this.#bucket, Prefix: this.#key(prefix), ...(flat ? { Delimiter: '/' } : {}), ...(token === undefined ? after === undefined ? {} : { StartAfter: this.#key(after) } : { ContinuationToken: token }),
    })))
    const entries = (page.Contents ?? []).flatMap(({ Key, Size = 0, LastModified, ETag = '' }) =>
      (Key === undefined || Key.endsWith('/') ? [] : [{ key: Key.slice(this.#at.prefix.length), bytes: Size, modified: LastModified?.getTime() ?? 0, etag: ETag }]))
    return { entries, next: page.IsTruncated ? page.NextContinuationToken : undefined }
  }

  async stat(key: string): Promise<ObjectEntry | undefined> {
    const found = await this.#unlessAbsent(this.#ask('look at', key, ({ client, sdk }) => client.send(new sdk.HeadObjectCommand(this.#object(key)))))
    return found && { key, bytes: found.ContentLength ?? 0, modified: found.LastModified?.getTime() ?? 0, etag: found.ETag ?? '' }
  }

  async read(key: string): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined> {
    return this.#unlessAbsent(this.#ask('read', key, async ({ client, sdk }) => {
      const { Body, ETag = '' } = await client.send(new sdk.GetObjectCommand(this.#object(key)))
      return { bytes: await Body!.transformToByteArray(), etag: ETag }
    }))
  }

  async putIfAbsent(key: string, content: string | Uint8Array): Promise<boolean> {
    return this.#putUnder(key, content, { IfNoneMatch: '*' })
  }

  async put(key: string, content: string | Uint8Array, { ifMatch }: { readonly ifMatch?: string | undefined } = {}): Promise<boolean> {
    return this.#putUnder(key, content, ifMatch === undefined ? {} : { IfMatch: ifMatch })
  }

  async upload(key: string, path: string): Promise<void> {
    const { size } = await stat(path)
    const Metadata = { [DIGEST]: await digestOf(path) }
    if (size <= this.#partSize) {
      const file = await open(path, 'r')
      try {
        const Body = await file.readFile()
        await this.#ask('write', key, ({ client, sdk }) => client.send(new sdk.PutObjectCommand({ ...this.#object(key), ...this.#encryption, Metadata, Body })))
      } finally {
        await file.close()
      }
      return
    }
    const { UploadId } = await this.#ask('write', key, ({ client, sdk }) => client.send(new sdk.CreateMultipartUploadCommand({ ...this.#object(key), ...this.#encryption, Metadata })))
    try {
      const Parts = await this.#uploadParts(key, UploadId, path, size)
      await this.#ask('write', key, ({ client, sdk }) => client.send(new sdk.CompleteMultipartUploadCommand({ ...this.#object(key), UploadId, MultipartUpload: { Parts } }))).catch(async error => {
        // The answer to an earlier attempt may have been lost: then the upload is done, and no longer known.
        if ((await this.stat(key))?.bytes !== size) throw error
      })
    } catch (error) {
      await this.#ask('give up', key, ({ client, sdk }) => client.send(new sdk.AbortMultipartUploadCommand({ ...this.#object(key), UploadId }))).catch(() => undefined)
      throw error
    }
  }

  async download(key: string, path: string): Promise<number | undefined> {
    await mkdir(dirname(path), { recursive: true })
    const hidden = `${path}.${randomUUID()}.part`
    const file = await open(hidden, 'wx+')
    try {
      const bytes = await this.#downloadTo(key, file).catch(error => {
        throw (error as NodeJS.ErrnoException).code === 'ENOSPC' ? new NoRoom(path) : error
      })
      if (bytes !== undefined) await rename(hidden, path)
      return bytes
    } finally {
      await file.close()
      await rm(hidden, { force: true })
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += DELETED_AT_ONCE) {
      const Objects = keys.slice(from, from + DELETED_AT_ONCE).map(key => ({ Key: this.#key(key) }))
      const { Errors = [] } = await this.#ask('delete', keys[from]!, ({ client, sdk }) => client.send(new sdk.DeleteObjectsCommand({ ...this.#bucket, Delete: { Objects, Quiet: true } })))
      const [first] = Errors
      if (first) throw first.Code === 'AccessDenied' ? new AccessDenied('delete', `s3://${this.#at.bucket}/${first.Key}`, first.Message ?? 'access denied') : new ObjectStoreFailed('delete', `s3://${this.#at.bucket}/${first.Key}`, first.Message ?? first.Code, 1)
    }
  }

  /** How the object lies encrypted; undefined where there is none. */
  async encryption(key: string): Promise<{ readonly algorithm?: string | undefined; readonly key?: string | undefined } | undefined> {
    const found = await this.#unlessAbsent(this.#ask('look at', key, ({ client, sdk }) => client.send(new sdk.HeadObjectCommand(this.#object(key)))))
    return found && { algorithm: found.ServerSideEncryption, key: found.SSEKMSKeyId }
  }

  /** Closes the connections that are kept open. */
  async close(): Promise<void> {
    const opened = this.#opened
    this.#opened = undefined
    if (opened) (await opened).client.destroy()
  }

  get #partSize(): number {
    return this.#options.partSize ?? PART
  }

  get #bucket() {
    return { Bucket: this.#at.bucket }
  }

  #object(key: string) {
    return { Bucket: this.#at.bucket, Key: this.#key(key) }
  }

  #key(key: string): string {
    return `${this.#at.prefix}${key}`
  }

  get #encryption() {
    const { kmsKey } = this.#options
    return kmsKey === undefined ? {} : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKey }
  }

  /** Writes under a condition. Where an answer was lost, what the key holds now tells whether the write was carried out. */
  async #putUnder(key: string, content: string | Uint8Array, condition: { readonly IfNoneMatch?: string; readonly IfMatch?: string }): Promise<boolean> {
    const Body = typeof content === 'string' ? Buffer.from(content) : content
    let unsure = false
    const isOurs = async () => unsure && Buffer.compare((await this.read(key))?.bytes ?? Buffer.of(), Body) === 0
    try {
      await this.#ask('write', key, ({ client, sdk }) => client.send(new sdk.PutObjectCommand({ ...this.#object(key), ...this.#encryption, ...condition, Body })), () => (unsure = true))
      return true
    } catch (error) {
      const trouble = requestTrouble(error instanceof ObjectStoreFailed ? error.cause : error)
      if (trouble === 'precondition') return isOurs()
      // What an `IfMatch` would replace is gone.
      if (trouble === 'absent' && condition.IfMatch !== undefined) return false
      if (trouble === 'again' && (await isOurs().catch(() => false))) return true
      throw error
    }
  }

  async #uploadParts(key: string, UploadId: string | undefined, path: string, size: number) {
    const parts = Array.from({ length: Math.ceil(size / this.#partSize) }, (_, i) => i + 1)
    const done: { PartNumber: number; ETag: string | undefined }[] = []
    const file = await open(path, 'r')
    try {
      await atOnce(parts, PARTS_AT_ONCE, async PartNumber => {
        const Body = await bytesAt(file, (PartNumber - 1) * this.#partSize, Math.min(this.#partSize, size - (PartNumber - 1) * this.#partSize))
        const { ETag } = await this.#ask('write', key, ({ client, sdk }) => client.send(new sdk.UploadPartCommand({ ...this.#object(key), UploadId, PartNumber, Body })))
        done.push({ PartNumber, ETag })
      })
    } finally {
      await file.close()
    }
    return done.sort((a, b) => a.PartNumber - b.PartNumber)
  }

  /** By ranges, the first of which tells how large the whole is; the others only fit while it still is the same object. */
  async #downloadTo(key: string, file: FileHandle): Promise<number | undefined> {
    const range = (from: number, IfMatch?: string) => this.#ask('read', key, async ({ client, sdk }) => {
      const answer = await client.send(new sdk.GetObjectCommand({ ...this.#object(key), Range: `bytes=${from}-${from + this.#partSize - 1}`, ...(IfMatch ? { IfMatch } : {}) }))
      return { ...answer, bytes: await answer.Body!.transformToByteArray() }
    })
    const first = await this.#unlessAbsent(range(0)).catch(error => {
      if (nameOf(error) === 'InvalidRange') return 'empty' as const
      throw error
    })
    if (first === undefined || first === 'empty') return first && 0
    const size = Number(/\/(\d+)$/.exec(first.ContentRange ?? '')?.[1] ?? first.bytes.length)
    await file.write(first.bytes, 0, first.bytes.length, 0)
    const place = `${this.place}/${key}`
    const starts = Array.from({ length: Math.max(0, Math.ceil(size / this.#partSize) - 1) }, (_, i) => (i + 1) * this.#partSize)
    await atOnce(starts, PARTS_AT_ONCE, async from => {
      const { bytes } = await range(from, first.ETag).catch(error => {
        throw requestTrouble(error) === 'precondition' ? new ObjectDamaged(place, 'another object took its place while it was read') : error
      })
      await file.write(bytes, 0, bytes.length, from)
    })
    const here = (await file.stat()).size
    if (here !== size) throw new ObjectDamaged(place, `${here} bytes came where ${size} were promised`)
    const digest = first.Metadata?.[DIGEST]
    if (digest !== undefined && (await digestOfOpen(file)) !== digest) throw new ObjectDamaged(place, 'its SHA-256 differs')
    return size
  }

  async #unlessAbsent<T>(asked: Promise<T>): Promise<T | undefined> {
    return asked.catch(error => {
      if (requestTrouble(error) === 'absent') return undefined
      throw error
    })
  }

  /** Makes a request, again and again while the store is busy. `unsure` is told when an attempt may have been carried out although it failed. */
  async #ask<T>(deed: string, key: string, request: (opened: { readonly sdk: Sdk; readonly client: S3Client }) => Promise<T>, unsure: () => void = () => undefined): Promise<T> {
    const opened = await (this.#opened ??= this.#open())
    const place = `${this.place}/${key}`
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request(opened)
      } catch (error) {
        switch (requestTrouble(error)) {
          case 'absent': case 'precondition': throw error
          case 'no-bucket': throw new NoBucket(this.#at.bucket)
          case 'denied': throw new AccessDenied(deed, place, messageOf(error))
          case 'expired': throw new CredentialsExpired(deed, place)
          case 'no-credentials': throw new NoCredentials(messageOf(error))
          case 'other':
            if (nameOf(error) === 'InvalidRange') throw error
            if (/region is missing/i.test(messageOf(error))) throw new NoRegion()
            throw new ObjectStoreFailed(deed, place, error, attempt)
          case 'again':
            unsure()
            break
          case 'conflict':
            break
        }
        if (attempt >= this.#patience.attempts) throw new ObjectStoreFailed(deed, place, error, attempt)
        await pauseAfter(attempt, this.#patience)
      }
    }
  }

  async #open(): Promise<{ readonly sdk: Sdk; readonly client: S3Client }> {
    const sdk = await loadSdk('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'))
    const { credentials, endpoint } = this.#options
    const client = new sdk.S3Client({
      ...clientSettings(this.#options),
      ...(credentials === undefined ? {} : { credentials }),
      // A server of one's own has no host name for each bucket.
      ...(endpoint === undefined ? {} : { forcePathStyle: true }),
      maxAttempts: 1,
      followRegionRedirects: true,
      requestHandler: { requestTimeout: REQUEST_MS, connectionTimeout: 10_000, throwOnRequestTimeout: true },
    })
    return { sdk, client }
  }
}

async function bytesAt(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, length - at, from + at)
    if (bytesRead === 0) throw new Error('The file became shorter while it was read')
    at += bytesRead
  }
  return bytes
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex')
}

async function digestOfOpen(file: FileHandle): Promise<string> {
  const hash = createHash('sha256')
  const { size } = await file.stat()
  for (let at = 0; at < size; at += 1024 * 1024) hash.update(await bytesAt(file, at, Math.min(1024 * 1024, size - at)))
  return hash.digest('hex')
}

async function atOnce<T>(items: readonly T[], many: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items[Symbol.iterator]()
  await Promise.all(Array.from({ length: Math.min(many, items.length) }, async () => {
    for (const item of waiting) await work(item)
  }))
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')
const messageOf = (error: unknown): string => (error instanceof Error ? error.message.replace(/\.$/, '') : String(error))
