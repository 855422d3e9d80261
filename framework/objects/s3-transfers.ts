import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NoRoom, ObjectDamaged, ObjectStoreFailed } from './object-errors.ts'
import { requestTrouble } from './request-trouble.ts'
import { nameOf, type S3Requests } from './s3-requests.ts'

const PART = 8 * 1024 * 1024
const PARTS_AT_ONCE = 4
const DIGEST = 'varve-sha256'

/** Files to S3 and from there: large ones in parts, and none that is not whole. */
export class S3Transfers {
  readonly #requests: S3Requests
  readonly #partSize: number

  /** @param partSize in bytes; larger files go and come in parts */
  constructor(requests: S3Requests, partSize = PART) {
    this.#requests = requests
    this.#partSize = partSize
  }

  async upload(key: string, path: string): Promise<void> {
    const { size } = await stat(path)
    const Metadata = { [DIGEST]: await digestOf(path) }
    if (size <= this.#partSize) {
      const file = await open(path, 'r')
      try {
        const Body = await file.readFile()
        await this.#requests.ask('write', key, ({ client, sdk }) => client.send(new sdk.PutObjectCommand({ ...this.#requests.object(key), ...this.#requests.encryption, Metadata, Body })))
      } finally {
        await file.close()
      }
      return
    }
    const { UploadId } = await this.#requests.ask('write', key, ({ client, sdk }) => client.send(new sdk.CreateMultipartUploadCommand({ ...this.#requests.object(key), ...this.#requests.encryption, Metadata })))
    try {
      const Parts = await this.#uploadParts(key, UploadId, path, size)
      await this.#requests.ask('write', key, ({ client, sdk }) => client.send(new sdk.CompleteMultipartUploadCommand({ ...this.#requests.object(key), UploadId, MultipartUpload: { Parts } }))).catch(async error => {
        // The answer to an earlier attempt may have been lost: then the upload is done, and no longer known.
        if ((await this.#digestAt(key)) !== Metadata[DIGEST]) throw requestTrouble(error) === 'absent' ? new ObjectStoreFailed('write', `${this.#requests.place}/${key}`, error, 1, true) : error
      })
    } catch (error) {
      await this.#requests.ask('give up', key, ({ client, sdk }) => client.send(new sdk.AbortMultipartUploadCommand({ ...this.#requests.object(key), UploadId }))).catch(() => undefined)
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

  async #uploadParts(key: string, UploadId: string | undefined, path: string, size: number) {
    const parts = Array.from({ length: Math.ceil(size / this.#partSize) }, (_, i) => i + 1)
    const done: { PartNumber: number; ETag: string | undefined }[] = []
    const file = await open(path, 'r')
    try {
      await atOnce(parts, PARTS_AT_ONCE, async PartNumber => {
        const Body = await bytesAt(file, (PartNumber - 1) * this.#partSize, Math.min(this.#partSize, size - (PartNumber - 1) * this.#partSize))
        const { ETag } = await this.#requests.ask('write', key, ({ client, sdk }) => client.send(new sdk.UploadPartCommand({ ...this.#requests.object(key), UploadId, PartNumber, Body })))
        done.push({ PartNumber, ETag })
      })
    } finally {
      await file.close()
    }
    return done.sort((a, b) => a.PartNumber - b.PartNumber)
  }

  /** By ranges, the first of which tells how large the whole is; the others only fit while it still is the same object. */
  async #downloadTo(key: string, file: FileHandle): Promise<number | undefined> {
    const range = (from: number, IfMatch?: string) => this.#requests.ask('read', key, async ({ client, sdk }) => {
      const answer = await client.send(new sdk.GetObjectCommand({ ...this.#requests.object(key), Range: `bytes=${from}-${from + this.#partSize - 1}`, ...(IfMatch ? { IfMatch } : {}) }))
      return { ...answer, bytes: await answer.Body!.transformToByteArray() }
    })
    const first = await this.#requests.unlessAbsent(range(0)).catch(error => {
      if (nameOf(error) === 'InvalidRange') return 'empty' as const
      throw error
    })
    if (first === undefined || first === 'empty') return first && 0
    const size = Number(/\/(\d+)$/.exec(first.ContentRange ?? '')?.[1] ?? first.bytes.length)
    await file.write(first.bytes, 0, first.bytes.length, 0)
    const place = `${this.#requests.place}/${key}`
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

  async #digestAt(key: string): Promise<string | undefined> {
    return (await this.#requests.unlessAbsent(this.#requests.ask('look at', key, ({ client, sdk }) => client.send(new sdk.HeadObjectCommand(this.#requests.object(key))))))?.Metadata?.[DIGEST]
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

/** Works on so many at once. After a failure none is begun, and those that were are waited for. */
async function atOnce<T>(items: readonly T[], many: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items[Symbol.iterator]()
  const failures: unknown[] = []
  await Promise.all(Array.from({ length: Math.min(many, items.length) }, async () => {
    for (const item of waiting) {
      await work(item).catch(error => void failures.push(error))
      if (failures.length > 0) return
    }
  }))
  if (failures.length > 0) throw failures[0]
}
