import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Stored {
  readonly body: Buffer
  readonly etag: string
  readonly modified: Date
  readonly headers: Readonly<Record<string, string>>
}

interface Answer {
  readonly status: number
  readonly body?: string | Buffer | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * The part of S3's protocol that the lake is built on, in this process: conditional puts, ranges, lists, parts, deletion. Held to the same
 * contract as moto's server. What a bucket is configured to be is data for the tests to set.
 */
export class ObjectServer {
  readonly #buckets = new Map<string, Map<string, Stored>>()
  readonly #uploads = new Map<string, { readonly key: string; readonly headers: Stored['headers']; readonly parts: Map<number, Buffer> }>()
  /** By bucket and sub-resource, as in `lake?encryption`: the XML that a look at it gives. */
  readonly configured = new Map<string, string>()
  /** As some stores do that speak only a part of the protocol. */
  ignoreConditions = false
  #server: Server | undefined
  #ids = 0

  static async start(...buckets: string[]): Promise<ObjectServer> {
    const server = new ObjectServer()
    for (const bucket of buckets) server.#buckets.set(bucket, new Map())
    await server.#listen()
    return server
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server!.address() as AddressInfo).port}`
  }

  /** What a bucket holds, by key. */
  objects(bucket: string): Map<string, Stored> {
    return this.#buckets.get(bucket)!
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise(resolve => this.#server?.close(resolve))
  }

  async #listen(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    this.#server = server
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { status, body = '', headers = {} } = this.#answer(request, Buffer.concat(chunks))
    const length = request.method === 'HEAD' && headers['content-length'] ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    response.writeHead(status, { 'x-amz-request-id': String((this.#ids += 1)), ...length, ...headers })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  #answer(request: IncomingMessage, body: Buffer): Answer {
    const url = new URL(request.url!, this.endpoint)
    const [, name = '', ...rest] = url.pathname.split('/')
    const bucket = this.#buckets.get(name)
    if (!bucket) return failure(404, 'NoSuchBucket')
    const key = rest.map(decodeURIComponent).join('/')
    if (key === '') return this.#bucketAnswer(request, name, bucket, url.searchParams, body)
    const one = (header: string) => request.headers[header] as string | undefined
    const kept = Object.fromEntries(Object.entries(request.headers).filter(([header]) => /^x-amz-(meta-|server-side-encryption)/.test(header))) as Record<string, string>
    const upload = url.searchParams.get('uploadId')
    switch (request.method) {
      case 'PUT': {
        if (upload !== null) {
          const known = this.#uploads.get(upload)
          if (!known) return failure(404, 'NoSuchUpload')
          known.parts.set(Number(url.searchParams.get('partNumber')), body)
          return { status: 200, headers: { etag: etagOf(body) } }
        }
        const there = bucket.get(key)
        if (one('if-none-match') === '*' && there && !this.ignoreConditions) return failure(412, 'PreconditionFailed')
        if (one('if-match') !== undefined && !there) return failure(404, 'NoSuchKey')
        if (one('if-match') !== undefined && one('if-match') !== there!.etag) return failure(412, 'PreconditionFailed')
        const stored = { body, etag: etagOf(body), modified: new Date(), headers: kept }
        bucket.set(key, stored)
        return { status: 200, headers: { etag: stored.etag } }
      }
      case 'POST': {
        if (url.searchParams.has('uploads')) {
          const id = `upload-${(this.#ids += 1)}`
          this.#uploads.set(id, { key, headers: kept, parts: new Map() })
          return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
        }
        const known = this.#uploads.get(upload ?? '')
        if (!known) return failure(404, 'NoSuchUpload')
        this.#uploads.delete(upload!)
        const whole = Buffer.concat([...known.parts].sort(([a], [b]) => a - b).map(([, part]) => part))
        bucket.set(key, { body: whole, etag: etagOf(whole), modified: new Date(), headers: known.headers })
        return xml(`<CompleteMultipartUploadResult><ETag>${escaped(etagOf(whole))}</ETag></CompleteMultipartUploadResult>`)
      }
      case 'DELETE':
        if (upload !== null) this.#uploads.delete(upload)
        else bucket.delete(key)
        return { status: 204 }
      default: {
        const found = bucket.get(key)
        if (!found) return failure(404, 'NoSuchKey')
        if (one('if-match') !== undefined && one('if-match') !== found.etag) return failure(412, 'PreconditionFailed')
        const headers = { ...found.headers, etag: found.etag, 'last-modified': found.modified.toUTCString() }
        const range = /^bytes=(\d+)-(\d+)$/.exec(one('range') ?? '')
        if (request.method === 'HEAD') return { status: 200, headers: { ...headers, 'content-length': String(found.body.length) } }
        if (!range) return { status: 200, body: found.body, headers }
        const [from, to] = [Number(range[1]), Math.min(Number(range[2]), found.body.length - 1)]
        if (from >= found.body.length) return failure(416, 'InvalidRange')
        return { status: 206, body: found.body.subarray(from, to + 1), headers: { ...headers, 'content-range': `bytes ${from}-${to}/${found.body.length}` } }
      }
    }
  }

  #bucketAnswer(request: IncomingMessage, name: string, bucket: Map<string, Stored>, query: URLSearchParams, body: Buffer): Answer {
    if (request.method === 'HEAD') return { status: 200 }
    if (request.method === 'POST' && query.has('delete')) {
      for (const [, key] of body.toString().matchAll(/<Key>(.*?)<\/Key>/g)) bucket.delete(unescaped(key!))
      return xml('<DeleteResult></DeleteResult>')
    }
    const [resource = ''] = query.keys()
    if (request.method === 'PUT') {
      this.configured.set(`${name}?${resource}`, body.toString())
      return { status: 200 }
    }
    if (query.get('list-type') !== '2') {
      const known = this.configured.get(`${name}?${resource}`)
      return known === undefined ? failure(404, MISSING[resource] ?? 'NoSuchConfiguration') : xml(known)
    }
    const prefix = query.get('prefix') ?? ''
    const after = query.get('continuation-token') ?? query.get('start-after') ?? ''
    const most = Number(query.get('max-keys') ?? 1000)
    const matching = [...bucket.keys()].filter(key => key.startsWith(prefix) && Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    const flat = query.get('delimiter') === '/' ? matching.filter(key => !key.slice(prefix.length).includes('/')) : matching
    const page = flat.slice(0, most)
    const contents = page.map(key => {
      const { body: { length }, etag, modified } = bucket.get(key)!
      return `<Contents><Key>${escaped(key)}</Key><LastModified>${modified.toISOString()}</LastModified><ETag>${escaped(etag)}</ETag><Size>${length}</Size></Contents>`
    })
    const more = flat.length > most ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${escaped(page.at(-1)!)}</NextContinuationToken>` : '<IsTruncated>false</IsTruncated>'
    return xml(`<ListBucketResult><Name>${name}</Name>${more}${contents.join('')}</ListBucketResult>`)
  }
}

const MISSING: Readonly<Record<string, string>> = { encryption: 'ServerSideEncryptionConfigurationNotFoundError', lifecycle: 'NoSuchLifecycleConfiguration', replication: 'ReplicationConfigurationNotFoundError', policy: 'NoSuchBucketPolicy' }

const xml = (text: string): Answer => ({ status: 200, body: `<?xml version="1.0" encoding="UTF-8"?>${text}`, headers: { 'content-type': 'application/xml' } })
const failure = (status: number, code: string): Answer => ({ ...xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`), status })
const etagOf = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
const unescaped = (text: string) => text.replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&')
