import { AccessDenied, ObjectStoreFailed } from './object-errors.ts'
import type { ObjectPlace } from './object-place.ts'
import type { ListOptions, ObjectEntry, ObjectStore } from './object-store.ts'
import { requestTrouble } from './request-trouble.ts'
import { S3Requests, type S3RequestOptions } from './s3-requests.ts'
import { S3Transfers } from './s3-transfers.ts'

export interface S3Options extends S3RequestOptions {
  /** In bytes: larger files go and come in parts. S3 wants 5 MiB at least of all parts of an upload but the last. */
  readonly partSize?: number | undefined
}

const DELETED_AT_ONCE = 1000

/** Objects of S3, or of what speaks like it. Every answer that leaves open whether something was done is looked into before it is believed. */
export class S3ObjectStore implements ObjectStore {
  readonly place: string
  readonly #requests: S3Requests
  readonly #transfers: S3Transfers

  constructor(at: ObjectPlace, options: S3Options = {}) {
    this.#requests = new S3Requests(at, options)
    this.#transfers = new S3Transfers(this.#requests, options.partSize)
    this.place = this.#requests.place
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
    const page = await this.#requests.ask('list', prefix, ({ client, sdk }) => client.send(new sdk.ListObjectsV2Command({
      ...this.#requests.bucket, Prefix: this.#requests.key(prefix), ...(flat ? { Delimiter: '/' } : {}), ...(token === undefined ? after === undefined ? {} : { StartAfter: this.#requests.key(after) } : { ContinuationToken: token }),
    })))
    const entries = (page.Contents ?? []).flatMap(({ Key, Size = 0, LastModified, ETag = '' }) =>
      (Key === undefined || Key.endsWith('/') ? [] : [{ key: this.#requests.keyBelow(Key), bytes: Size, modified: LastModified?.getTime() ?? 0, etag: ETag }]))
    return { entries, next: page.IsTruncated ? page.NextContinuationToken : undefined }
  }

  async stat(key: string): Promise<ObjectEntry | undefined> {
    const found = await this.#requests.unlessAbsent(this.#requests.ask('look at', key, ({ client, sdk }) => client.send(new sdk.HeadObjectCommand(this.#requests.object(key)))))
    return found && { key, bytes: found.ContentLength ?? 0, modified: found.LastModified?.getTime() ?? 0, etag: found.ETag ?? '' }
  }

  async read(key: string): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined> {
    return this.#requests.unlessAbsent(this.#requests.ask('read', key, async ({ client, sdk }) => {
      const { Body, ETag = '' } = await client.send(new sdk.GetObjectCommand(this.#requests.object(key)))
      return { bytes: await Body!.transformToByteArray(), etag: ETag }
    }))
  }

  async putIfAbsent(key: string, content: string | Uint8Array): Promise<boolean> {
    return this.#putUnder(key, content, { IfNoneMatch: '*' })
  }

  async put(key: string, content: string | Uint8Array, { ifMatch }: { readonly ifMatch?: string | undefined } = {}): Promise<boolean> {
    return this.#putUnder(key, content, ifMatch === undefined ? {} : { IfMatch: ifMatch })
  }

  upload(key: string, path: string): Promise<void> {
    return this.#transfers.upload(key, path)
  }

  download(key: string, path: string): Promise<number | undefined> {
    return this.#transfers.download(key, path)
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += DELETED_AT_ONCE) {
      const Objects = keys.slice(from, from + DELETED_AT_ONCE).map(key => ({ Key: this.#requests.key(key) }))
      const { Errors = [] } = await this.#requests.ask('delete', keys[from]!, ({ client, sdk }) => client.send(new sdk.DeleteObjectsCommand({ ...this.#requests.bucket, Delete: { Objects, Quiet: true } })))
      const [first] = Errors
      if (first) throw first.Code === 'AccessDenied' ? new AccessDenied('delete', `s3://${this.#requests.bucket.Bucket}/${first.Key}`, first.Message ?? 'access denied') : new ObjectStoreFailed('delete', `s3://${this.#requests.bucket.Bucket}/${first.Key}`, first.Message ?? first.Code, 1)
    }
  }

  /** How the object lies encrypted; undefined where there is none. */
  async encryption(key: string): Promise<{ readonly algorithm?: string | undefined; readonly key?: string | undefined } | undefined> {
    const found = await this.#requests.unlessAbsent(this.#requests.ask('look at', key, ({ client, sdk }) => client.send(new sdk.HeadObjectCommand(this.#requests.object(key)))))
    return found && { algorithm: found.ServerSideEncryption, key: found.SSEKMSKeyId }
  }

  /** Closes the connections that are kept open. */
  close(): Promise<void> {
    return this.#requests.close()
  }

  /** Writes under a condition. Where an answer was lost, what the key holds now tells whether the write was carried out. */
  async #putUnder(key: string, content: string | Uint8Array, condition: { readonly IfNoneMatch?: string; readonly IfMatch?: string }): Promise<boolean> {
    const Body = typeof content === 'string' ? Buffer.from(content) : content
    let unsure = false
    const isOurs = async () => unsure && Buffer.compare((await this.read(key))?.bytes ?? Buffer.of(), Body) === 0
    try {
      await this.#requests.ask('write', key, ({ client, sdk }) => client.send(new sdk.PutObjectCommand({ ...this.#requests.object(key), ...this.#requests.encryption, ...condition, Body })), () => (unsure = true))
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
}
