import { chmod, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ObjectEntry, ObjectStore } from '../objects/object-store.ts'
import { LogFileMissing } from './delta-errors.ts'
import { filesAt } from '../objects/lake-files.ts'
import { SIDECARS } from './log-names.ts'
import type { LogEntry, LogStore } from './log-store.ts'

/**
 * A log of objects. One writer wins a version because a put is carried out only where there is no object yet (`If-None-Match: *`), and each
 * put makes the whole object or nothing. Where the answer to a put is lost, the object is read back: a commit knows its own by the `txnId`
 * that no other has.
 */
export class S3LogStore implements LogStore {
  readonly place: string
  readonly listsCheaply = true
  readonly #log: string

  /** `table` is the table's key below the store's place, empty where it is that place itself; `root` the folder of this machine in which its files are worked on. */
  constructor(readonly objects: ObjectStore, table: string, readonly root: string) {
    this.#log = `${table === '' ? '' : `${table}/`}_delta_log/`
    this.place = `${objects.place}/${this.#log.slice(0, -1)}`
  }

  async list(from = ''): Promise<LogEntry[]> {
    const entries = await this.objects.list(this.#log, { flat: true, after: from === '' ? undefined : `${this.#log}${justBefore(from)}` })
    return this.#entries(entries).filter(({ name }) => name >= from)
  }

  async listWhole(): Promise<LogEntry[] | undefined> {
    const entries = await this.objects.listWhole(this.#log, { flat: true })
    return entries && this.#entries(entries)
  }

  async sidecars(): Promise<LogEntry[]> {
    return this.#entries(await this.objects.list(`${this.#log}${SIDECARS}/`, { flat: true }))
  }

  #entries(entries: readonly ObjectEntry[]): LogEntry[] {
    return entries.map(({ key, bytes, modified }) => ({ name: key.slice(this.#log.length), bytes, modified })).filter(({ name }) => !name.startsWith('.'))
  }

  async stat(name: string): Promise<LogEntry | undefined> {
    const found = await this.objects.stat(`${this.#log}${name}`)
    return found && { name, bytes: found.bytes, modified: found.modified }
  }

  async read(name: string): Promise<Uint8Array> {
    const content = await this.find(name)
    if (!content) throw new LogFileMissing(`${this.place}/${name}`)
    return content
  }

  async find(name: string): Promise<Uint8Array | undefined> {
    return (await this.objects.read(`${this.#log}${name}`))?.bytes
  }

  async putIfAbsent(name: string, content: string): Promise<boolean> {
    // What the commit names must be there before the commit is. Files of vectors are named by their ids, so all of those are kept.
    const named = new Set([...content.matchAll(/"path":"([^"]+)"/g)].map(([, path]) => decodeURIComponent(basename(path!))))
    await filesAt(this.root).settle(this.root, name => named.has(name) || name.endsWith('.bin'))
    return this.objects.putIfAbsent(`${this.#log}${name}`, content)
  }

  async put(name: string, content: string | Uint8Array): Promise<void> {
    await this.objects.put(`${this.#log}${name}`, content)
  }

  async putFile(name: string, path: string): Promise<void> {
    await this.objects.upload(`${this.#log}${name}`, path)
    await rm(path, { force: true })
  }

  async delete(name: string): Promise<void> {
    await this.objects.delete([`${this.#log}${name}`])
  }

  /** Kept under a name of its content, so that a log that was taken away and made anew is never read from an old copy. */
  async readable(name: string): Promise<string> {
    const found = await this.objects.stat(`${this.#log}${name}`)
    if (!found) throw new LogFileMissing(`${this.place}/${name}`)
    const path = join(this.root, '_delta_log', `${found.etag.replace(/[^0-9a-zA-Z]/g, '')}-${basename(name)}`)
    if ((await stat(path).catch(() => undefined))?.size === found.bytes) return path
    if ((await this.objects.download(`${this.#log}${name}`, path)) === undefined) throw new LogFileMissing(`${this.place}/${name}`)
    await chmod(path, 0o444)
    return path
  }
}

/** The greatest text that sorts before a name as far as a list that starts after it is concerned: nothing that a log holds lies between. */
const justBefore = (name: string): string => `${name.slice(0, -1)}${String.fromCharCode(name.charCodeAt(name.length - 1) - 1)}~`
