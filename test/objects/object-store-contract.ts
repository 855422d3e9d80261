import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { S3ObjectStore } from '../../framework/objects/s3-object-store.ts'
import type { Asked, DisturbedProxy } from '../rig/disturbed-proxy.ts'

const PART = 5 * 1024 * 1024
const QUICK = { attempts: 5, firstPause: 2 }
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }

/** What every server that is taken for S3 must let the store keep. The proxy stands before the server and may disturb. */
export function objectStoreContract(kind: string, proxyOf: () => DisturbedProxy, bucket: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'varve-objects-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  let made = 0
  const open = (kmsKey?: string) => new S3ObjectStore({ bucket, prefix: `run-${(made += 1)}/` }, { endpoint: proxyOf().endpoint, region: 'eu-central-1', credentials: CREDENTIALS, patience: QUICK, partSize: PART, kmsKey })
  const text = async (store: S3ObjectStore, key: string) => Buffer.from((await store.read(key))!.bytes).toString()
  /** Disturbs the first requests of a kind. */
  const first = (n: number, of: (asked: Asked) => boolean, what: ReturnType<DisturbedProxy['disturb']>) => {
    let left = n
    proxyOf().disturb = asked => (of(asked) && (left -= 1) >= 0 ? what : undefined)
  }
  const isPut = ({ method }: Asked) => method === 'PUT'

  describe(`a store of objects on ${kind}`, () => {
    beforeEach(() => {
      proxyOf().disturb = () => undefined
      proxyOf().take()
    })

    it('makes, reads, looks at and takes away objects, whatever their names', async () => {
      const store = open()
      const keys = ['a b/ü=1%20/x+y.json', 'plain', "it's <&> (1)*!"]
      for (const key of keys) expect(await store.put(key, key)).toBe(true)
      for (const key of keys) expect(await text(store, key)).toBe(key)
      expect((await store.list('')).map(({ key, bytes }) => [key, bytes])).toEqual(keys.map(key => [key, Buffer.byteLength(key)] as [string, number]).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
      expect(await store.stat('plain')).toMatchObject({ key: 'plain', bytes: 5 })
      await store.delete(keys)
      expect([await store.list(''), await store.stat('plain'), await store.read('plain')]).toEqual([[], undefined, undefined])
      await store.delete(keys)
    })

    it('lists one folder from a name on, over as many pages as it takes', async () => {
      const store = open()
      const names = Array.from({ length: 1203 }, (_, i) => `f/${String(i).padStart(5, '0')}`)
      for (let at = 0; at < names.length; at += 50) await Promise.all(names.slice(at, at + 50).map(name => store.put(name, '')))
      await store.put('f/sub/deep', '')
      expect((await store.list('f/', { flat: true })).map(({ key }) => key)).toEqual(names)
      expect((await store.list('f/', { flat: true, after: 'f/01000' })).map(({ key }) => key)).toEqual(names.slice(1001))
      expect((await store.list('f/', { after: 'f/01201' })).map(({ key }) => key)).toEqual(['f/01202', 'f/sub/deep'])
    })

    it('makes a key once, and lets exactly one of many writers have it', async () => {
      const store = open()
      expect(await store.putIfAbsent('k', 'one')).toBe(true)
      expect(await store.putIfAbsent('k', 'two')).toBe(false)
      expect(await text(store, 'k')).toBe('one')
      const won = await Promise.all(Array.from({ length: 16 }, (_, i) => store.putIfAbsent('race', `writer ${i}`)))
      expect(won.filter(Boolean)).toHaveLength(1)
      expect(await text(store, 'race')).toBe(`writer ${won.indexOf(true)}`)
    })

    it('replaces only what was read, where it is asked to', async () => {
      const store = open()
      await store.put('w', '1')
      const { etag } = (await store.read('w'))!
      expect(await store.put('w', '2', { ifMatch: etag })).toBe(true)
      expect(await store.put('w', '3', { ifMatch: etag })).toBe(false)
      expect(await store.put('gone', '3', { ifMatch: etag })).toBe(false)
      expect(await text(store, 'w')).toBe('2')
    })

    it('waits and tries again while the store is busy', async () => {
      const store = open()
      first(3, isPut, { kind: 'refuse', status: 503, code: 'SlowDown' })
      expect(await store.putIfAbsent('k', 'busy')).toBe(true)
      first(2, isPut, { kind: 'refuse', status: 409, code: 'ConditionalRequestConflict' })
      expect(await store.putIfAbsent('l', 'conflict')).toBe(true)
      first(2, () => true, { kind: 'cut', carriedOut: false })
      expect(await text(store, 'k')).toBe('busy')
      first(100, () => true, { kind: 'refuse', status: 503, code: 'SlowDown' })
      await expect(store.read('k')).rejects.toMatchObject({ code: 'objects/failed', message: expect.stringContaining('although it was tried 5 times: SlowDown') as string })
    })

    it.each([
      ['the connection is cut after it', { kind: 'cut', carriedOut: true }],
      ['an error is answered after it', { kind: 'refuse', status: 500, code: 'InternalError', carriedOut: true }],
      ['it is answered with 503 although it was carried out', { kind: 'refuse', status: 503, code: 'SlowDown', carriedOut: true }],
    ] as const)('knows its own put when %s', async (_, what) => {
      const store = open()
      first(1, isPut, what)
      expect(await store.putIfAbsent('own', 'token 1')).toBe(true)
      expect(await text(store, 'own')).toBe('token 1')
      first(1, isPut, what)
      expect(await store.putIfAbsent('own', 'token 2')).toBe(false)
      const { etag } = (await store.read('own'))!
      first(1, isPut, what)
      expect(await store.put('own', 'token 3', { ifMatch: etag })).toBe(true)
    })

    it('knows its own put even when every answer to it was lost', async () => {
      const store = open()
      first(100, isPut, { kind: 'cut', carriedOut: true })
      expect(await store.putIfAbsent('own', 'token')).toBe(true)
    })

    it('takes files up and down, in one piece or in parts, and brings the same bytes back', async () => {
      const store = open()
      for (const [name, size] of [['none', 0], ['small', 1000], ['exact', PART], ['large', PART * 2 + 12_345]] as const) {
        const bytes = randomBytes(size)
        writeFileSync(join(folder, 'up'), bytes)
        await store.upload(`files/${name}`, join(folder, 'up'))
        expect(await store.download(`files/${name}`, join(folder, 'down', name))).toBe(size)
        expect(digest(readFileSync(join(folder, 'down', name)))).toBe(digest(bytes))
      }
      expect(await store.download('files/other', join(folder, 'down', 'other'))).toBeUndefined()
      expect(readdirSync(join(folder, 'down')).sort()).toEqual(['exact', 'large', 'none', 'small'])
    })

    it('finishes an upload in parts though answers are lost on the way', async () => {
      const store = open()
      const bytes = randomBytes(PART + 1)
      writeFileSync(join(folder, 'up'), bytes)
      let cut = 0
      proxyOf().disturb = ({ method, path }) => (((method === 'PUT' && path.includes('partNumber=1')) || (method === 'POST' && path.includes('uploadId='))) && (cut += 1) % 2 === 1 ? { kind: 'cut', carriedOut: true } : undefined)
      await store.upload('parts', join(folder, 'up'))
      proxyOf().disturb = () => undefined
      await store.download('parts', join(folder, 'down-parts'))
      expect(digest(readFileSync(join(folder, 'down-parts')))).toBe(digest(bytes))
    })

    it('takes no older file of the same size for its own, where an upload in parts is not known any more', async () => {
      const store = open()
      writeFileSync(join(folder, 'old'), randomBytes(PART + 1))
      writeFileSync(join(folder, 'up'), randomBytes(PART + 1))
      await store.upload('same', join(folder, 'old'))
      proxyOf().disturb = ({ method, path }) => (method === 'POST' && path.includes('uploadId=') ? { kind: 'refuse', status: 404, code: 'NoSuchUpload' } : undefined)
      await expect(store.upload('same', join(folder, 'up'))).rejects.toMatchObject({ code: 'objects/failed', transient: true })
    })

    it('leaves no file behind where credentials expire in the middle of an upload in parts, and takes it up with new ones', async () => {
      const store = open()
      writeFileSync(join(folder, 'up'), randomBytes(PART * 6))
      let begun = 0
      proxyOf().disturb = ({ method, path }) => {
        if (/partNumber=1|uploads/.test(path) || (method !== 'PUT' && method !== 'DELETE')) return undefined
        begun += 1
        return { kind: 'refuse', status: 400, code: 'ExpiredToken' }
      }
      await expect(store.upload('expired', join(folder, 'up'))).rejects.toMatchObject({ code: 'objects/credentials-expired' })
      const then = begun
      await new Promise(resolve => setTimeout(resolve, 50))
      expect(begun).toBe(then)
      proxyOf().disturb = () => undefined
      expect(await store.stat('expired')).toBeUndefined()
      await store.upload('expired', join(folder, 'up'))
      expect((await store.stat('expired'))?.bytes).toBe(PART * 6)
    })

    it('goes on where the clock of this machine is wrong, once S3 has told the time', async () => {
      const store = open()
      const date = new Date(Date.now() + 3_600_000)
      first(1, isPut, { kind: 'refuse', status: 403, code: 'RequestTimeTooSkewed', date })
      expect(await store.putIfAbsent('late', 'x')).toBe(true)
      const other = open()
      await other.put('late', 'x')
      first(1, ({ method }) => method === 'HEAD', { kind: 'refuse', status: 403, code: 'RequestTimeTooSkewed', date: new Date(date.getTime() + 7_200_000) })
      expect((await other.stat('late'))?.bytes).toBe(1)
    })

    it('says that a later try may go well where the store stays busy, and not where a put may have been carried out', async () => {
      const store = open()
      first(100, () => true, { kind: 'refuse', status: 503, code: 'SlowDown' })
      await expect(store.read('k')).rejects.toMatchObject({ code: 'objects/failed', transient: true })
      await expect(store.putIfAbsent('k', 'x')).rejects.toMatchObject({ code: 'objects/failed', transient: false })
      first(100, isPut, { kind: 'refuse', status: 409, code: 'ConditionalRequestConflict' })
      await expect(store.putIfAbsent('k', 'x')).rejects.toMatchObject({ code: 'objects/failed', transient: true })
    })

    it('never gives out a file that another one replaced while it came', async () => {
      const store = open()
      const [old, young] = [randomBytes(PART * 2), randomBytes(PART * 2)]
      writeFileSync(join(folder, 'old'), old)
      writeFileSync(join(folder, 'young'), young)
      await store.upload('f', join(folder, 'old'))
      let replaced: Promise<unknown> | undefined
      proxyOf().disturb = ({ method, path }) => {
        if (method === 'GET' && path.includes('/f') && !replaced) {
          replaced = new S3ObjectStore({ bucket, prefix: `run-${made}/` }, { endpoint: proxyOf().endpoint, region: 'eu-central-1', credentials: CREDENTIALS, partSize: PART * 4 }).upload('f', join(folder, 'young'))
        }
        return method === 'GET' ? { kind: 'late', ms: 50 } : undefined
      }
      const came = await store.download('f', join(folder, 'which')).then(() => digest(readFileSync(join(folder, 'which'))), error => (error as { code: string }).code)
      await replaced
      expect([digest(old), digest(young), 'objects/damaged']).toContain(came)
    })

    it('encrypts whatever it writes with the key that it is given', async () => {
      const key = 'arn:aws:kms:eu-central-1:123456789012:key/0b1c'
      const store = open(key)
      writeFileSync(join(folder, 'up'), randomBytes(PART + 1))
      await store.putIfAbsent('a', 'x')
      await store.put('b', 'x')
      await store.upload('c', join(folder, 'up'))
      for (const name of ['a', 'b', 'c']) expect(await store.encryption(name)).toEqual({ algorithm: 'aws:kms', key })
    })

    it('says what is wrong in words that can be acted on', async () => {
      const store = open()
      first(1, () => true, { kind: 'refuse', status: 403, code: 'AccessDenied' })
      await expect(store.put('k', '')).rejects.toMatchObject({ code: 'objects/access-denied' })
      first(1, () => true, { kind: 'refuse', status: 400, code: 'ExpiredToken' })
      await expect(store.put('k', '')).rejects.toMatchObject({ code: 'objects/credentials-expired', hint: expect.stringContaining('varve retry') as string })
      proxyOf().disturb = () => undefined
      await expect(new S3ObjectStore({ bucket: 'not-there', prefix: '' }, { endpoint: proxyOf().endpoint, region: 'eu-central-1', credentials: CREDENTIALS }).list('')).rejects.toMatchObject({ code: 'objects/no-bucket' })
    })
  })
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
