import { createHash } from 'node:crypto'
import { join, relative, resolve, sep } from 'node:path'
import { LocalLogStore } from '../delta/local-log-store.ts'
import type { LogStore } from '../delta/log-store.ts'
import { S3LogStore } from '../delta/s3-log-store.ts'
import { byteCount } from '../delta/write-data-files.ts'
import { Mirror, mirrorOf, mount } from '../objects/mirror.ts'
import { isRemote, objectPlace, placeText } from '../objects/object-place.ts'
import { S3ObjectStore } from '../objects/s3-object-store.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { expanded } from './expanded.ts'
import type { AwsConfig, CacheConfig } from './aws-config.ts'

export interface LakeOptions {
  readonly aws: AwsConfig
  readonly cache: CacheConfig
  /** The project's folder. */
  readonly root: string
}

/** The lake of a project, and whatever tables elsewhere its assets read: each in its folder on this machine, with the log that counts for it. */
export class Lake {
  readonly #options: LakeOptions
  readonly #mounted = new Map<string, ReturnType<typeof mount>>()

  constructor(options: LakeOptions) {
    this.#options = options
  }

  /** The folder in which a lake's or a table's files are worked on. @throws {BadObjectPlace} where the location is elsewhere, but not on S3 */
  folderOf(location: string): string {
    if (!isRemote(location)) return location
    const place = placeText(objectPlace(location))
    const folder = lakeFolder(place, this.#options)
    if (!this.#mounted.has(folder)) {
      const storeAt = (uri: string) => new S3ObjectStore(objectPlace(uri), this.#aws)
      const limit = cacheLimit(this.#options.cache)
      this.#mounted.set(folder, mount(folder, () => new Mirror(folder, storeAt(place), { limit, storeAt })))
    }
    return folder
  }

  logOf(tableRoot: string): LogStore {
    const mirror = mirrorOf(tableRoot)
    return mirror ? new S3LogStore(mirror.objects, relative(mirror.folder, tableRoot).split(sep).join('/'), tableRoot) : new LocalLogStore(tableRoot)
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#mounted.values(), mounted => mounted.unmount()))
    this.#mounted.clear()
  }

  get #aws(): AwsConfig {
    const { aws } = this.#options
    return { ...aws, endpoint: s3Endpoint(aws) }
  }
}

/** The SDK knows these variables too, but not that a server of one's own has no host name for each bucket. */
export const s3Endpoint = ({ endpoint }: AwsConfig): string | undefined => endpoint ?? process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']

function cacheLimit({ size }: CacheConfig): number {
  const bytes = byteCount(size)
  if (bytes === undefined) throw new BadCacheSize(size)
  return bytes
}

export class BadCacheSize extends ExplainedError {
  readonly code = 'project/bad-cache-size'
  readonly hint = 'Write a number of bytes, as in size: 20GB.'
  constructor(readonly size: string) {
    super(`cache.size in the configuration comes to "${size}", which is no size.`)
  }
}

/** A lake's location as it is printed: an address without its last slash, or an absolute path. */
export const lakeLocation = (location: string, from: string): string => (isRemote(location) ? placeText(objectPlace(location)) : resolve(from, location))

/** The lake that the configuration names, in this environment. */
export const configuredLake = (written: string, root: string): string => lakeLocation(expanded(written, process.env, 'lake'), root)

/** The folder in which a lake's files are worked on. Its state file lies beside it. */
export function lakeFolder(location: string, { cache, root }: Pick<LakeOptions, 'cache' | 'root'>): string {
  if (!isRemote(location)) return location
  // For people by its name, and exactly by a digest.
  const name = location.slice('s3://'.length).replaceAll(/[^a-zA-Z0-9.-]+/g, '-').slice(0, 60)
  return join(resolve(root, cache.dir), `${name}-${createHash('sha256').update(location).digest('hex').slice(0, 8)}`, 'lake')
}
