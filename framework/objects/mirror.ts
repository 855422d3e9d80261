import { chmodSync, statSync, utimesSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { evict } from './evict.ts'
import type { LakeFile, LakeFiles } from './lake-files.ts'
import { ObjectMissing } from './object-errors.ts'
import { isRemote, objectPlace } from './object-place.ts'
import type { ObjectStore } from './object-store.ts'

export interface MirrorOptions {
  /** In bytes: what of the lake is kept on this machine when nobody is reading it. */
  readonly limit: number
  /** Opens another bucket, for tables whose logs name files there. */
  readonly storeAt: (uri: string) => ObjectStore
}

const AT_ONCE = 8
const HOUR = 3_600_000
/** So long a query may go on reading what was brought when it began. */
const LONGEST_QUERY = 3 * HOUR
/** What is in the lake as it is here may not be written, and may be taken away. What may be written is not in the lake yet. */
const KEPT = 0o444

/**
 * A folder of this machine in which the files of a lake that is elsewhere are worked on. Data files never change, so a copy that is here is
 * as good as the object; what is written here is brought to the lake before a commit names it. Copies that were not used for longest go
 * when the folder outgrows its limit.
 */
export class Mirror implements LakeFiles {
  readonly listsCheaply = true
  readonly #coming = new Map<string, Promise<void>>()
  readonly #written = new Set<string>()
  /** When each was used last, in milliseconds since 1970. */
  readonly #used = new Map<string, number>()
  #brought = 0

  constructor(readonly folder: string, readonly objects: ObjectStore, readonly options: MirrorOptions) {}

  /** Where a location of the lake, or of another bucket, is or would be on this machine. */
  pathOf(location: string): string {
    if (!isRemote(location)) return location
    const uri = location.replace(/^s3a:/, 's3:')
    if (uri.startsWith(`${this.objects.place}/`)) return join(this.folder, uri.slice(this.objects.place.length + 1))
    const { bucket, prefix } = objectPlace(uri)
    return join(this.folder, ELSEWHERE, bucket, prefix.slice(0, -1))
  }

  /** The address of a path of the mirror in the lake. */
  placeOf(path: string): string {
    const { objects, key } = this.#objectAt(path)
    return `${objects.place}/${key}`
  }

  async bring(paths: readonly string[]): Promise<void> {
    await atOnce([...new Set(paths)], AT_ONCE, path => {
      this.#used.set(path, Date.now())
      const known = statSync(path, { throwIfNoEntry: false })
      if (known) {
        const now = new Date()
        if (now.getTime() - known.mtimeMs > HOUR && (known.mode & 0o200) === 0) utimesSync(path, now, now)
        return Promise.resolve()
      }
      let coming = this.#coming.get(path)
      if (!coming) this.#coming.set(path, (coming = this.#fetch(path).finally(() => this.#coming.delete(path))))
      return coming
    })
    if (this.#brought > this.options.limit / 8) await this.shrink()
  }

  async #fetch(path: string): Promise<void> {
    const { objects, key } = this.#objectAt(path)
    const bytes = await objects.download(key, path)
    if (bytes === undefined) throw new ObjectMissing(`${objects.place}/${key}`)
    chmodSync(path, KEPT)
    this.#brought += bytes
  }

  wrote(path: string): void {
    this.#used.set(path, Date.now())
    this.#written.add(path)
  }

  async settle(folder: string, wanted: (name: string) => boolean = () => true): Promise<void> {
    const due = [...this.#written].filter(path => path.startsWith(folder + sep) && wanted(basename(path)))
    await atOnce(due, AT_ONCE, async path => {
      const { objects, key } = this.#objectAt(path)
      await objects.upload(key, path)
      chmodSync(path, KEPT)
      this.#written.delete(path)
      this.#brought += statSync(path).size
    })
  }

  async read(path: string): Promise<string | undefined> {
    const { objects, key } = this.#objectAt(path)
    const found = await objects.read(key)
    return found && Buffer.from(found.bytes).toString()
  }

  putIfAbsent(path: string, text: string): Promise<boolean> {
    const { objects, key } = this.#objectAt(path)
    return objects.putIfAbsent(key, text)
  }

  async replace(path: string, text: string): Promise<void> {
    const { objects, key } = this.#objectAt(path)
    await objects.put(key, text)
  }

  async update(path: string, change: (text: string | undefined) => string): Promise<void> {
    const { objects, key } = this.#objectAt(path)
    for (;;) {
      const now = await objects.read(key)
      const text = change(now && Buffer.from(now.bytes).toString())
      if (await (now ? objects.put(key, text, { ifMatch: now.etag }) : objects.putIfAbsent(key, text))) return
    }
  }

  async names(folder: string, from = ''): Promise<string[]> {
    const { objects, key } = this.#objectAt(folder)
    const before = from === '' ? undefined : `${key}/${from.slice(0, -1)}${String.fromCharCode(from.charCodeAt(from.length - 1) - 1)}~`
    return (await objects.list(`${key}/`, { flat: true, after: before })).map(entry => entry.key.slice(key.length + 1)).filter(name => name >= from)
  }

  async sizes(paths: readonly string[]): Promise<(number | undefined)[]> {
    const sizes = new Map<string, number | undefined>()
    await atOnce(paths, AT_ONCE, async path => {
      const { objects, key } = this.#objectAt(path)
      sizes.set(path, (await objects.stat(key))?.bytes)
    })
    return paths.map(path => sizes.get(path))
  }

  async below(folder: string, passOver: (name: string, depth: number) => boolean): Promise<LakeFile[]> {
    const { objects, key } = this.#objectAt(folder)
    const entries = await objects.list(`${key}/`)
    return entries.filter(entry => !entry.key.slice(key.length + 1).split('/').some(passOver)).map(entry => ({ path: join(folder, entry.key.slice(key.length + 1)), bytes: entry.bytes, modified: entry.modified }))
  }

  async remove(paths: readonly string[]): Promise<void> {
    // What never left this machine is in no lake.
    const there = paths.filter(path => !this.#written.delete(path))
    for (const path of paths) await rm(path, { force: true })
    const byStore = new Map<ObjectStore, string[]>()
    for (const path of there) {
      const { objects, key } = this.#objectAt(path)
      byStore.set(objects, [...(byStore.get(objects) ?? []), key])
    }
    for (const [objects, keys] of byStore) await objects.delete(keys)
  }

  async removeFolder(folder: string): Promise<void> {
    const there = await this.below(folder, () => false)
    for (const path of this.#written) if (path.startsWith(folder + sep)) this.#written.delete(path)
    await rm(folder, { recursive: true, force: true })
    if (there.length > 0) await this.remove(there.map(({ path }) => path))
  }

  /** Takes copies away until the folder is within its limit. What this process has read in the last hours, or another one lately, stays. */
  async shrink(): Promise<void> {
    this.#brought = 0
    const since = Date.now() - LONGEST_QUERY
    for (const [path, used] of this.#used) if (used < since && !this.#written.has(path)) this.#used.delete(path)
    await evict(this.folder, this.options.limit, path => this.#used.has(path))
  }

  /** @returns once the folder is within its limit, and connections are closed */
  async close(): Promise<void> {
    await this.shrink()
    await Promise.all([this.objects, ...this.#others.values()].map(store => store.close()))
  }

  #objectAt(path: string): { readonly objects: ObjectStore; readonly key: string } {
    const [first, bucket, ...rest] = relative(this.folder, path).split(sep)
    if (first !== ELSEWHERE || bucket === undefined) return { objects: this.objects, key: relative(this.folder, path).split(sep).join('/') }
    let objects = this.#others.get(bucket)
    if (!objects) this.#others.set(bucket, (objects = this.options.storeAt(`s3://${bucket}`)))
    return { objects, key: rest.join('/') }
  }

  readonly #others = new Map<string, ObjectStore>()
}

/** Copies of what lies in other buckets. */
const ELSEWHERE = '_elsewhere'

const mirrors = new Map<string, { readonly mirror: Mirror; mounted: number }>()

/**
 * Makes whatever works on files below a folder work on those of a lake elsewhere. Who mounts a folder that is mounted gets the same mirror: it stays until
 * the last one has unmounted it.
 */
export function mount(folder: string, make: () => Mirror): { readonly mirror: Mirror; unmount(): Promise<void> } {
  const known = mirrors.get(folder) ?? { mirror: make(), mounted: 0 }
  known.mounted += 1
  mirrors.set(folder, known)
  return {
    mirror: known.mirror,
    async unmount() {
      if ((known.mounted -= 1) > 0) return
      mirrors.delete(folder)
      await known.mirror.close()
    },
  }
}

/** The mirror that a path lies in; undefined where the path is no copy of something elsewhere. */
export function mirrorOf(path: string): Mirror | undefined {
  for (const [folder, { mirror }] of mirrors) if (path.startsWith(folder) && (path.length === folder.length || path[folder.length] === sep)) return mirror
  return undefined
}

/** The text with places of lakes elsewhere by their addresses, rather than by where they are mirrored. */
export function withAddresses(text: string): string {
  let told = text
  for (const [folder, { mirror }] of mirrors) told = told.replaceAll(folder, mirror.objects.place)
  return told
}

async function atOnce<T>(items: readonly T[], many: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items[Symbol.iterator]()
  await Promise.all(Array.from({ length: Math.min(many, items.length) }, async () => {
    for (const item of waiting) await work(item)
  }))
}
