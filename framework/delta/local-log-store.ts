import { randomUUID } from 'node:crypto'
import { closeSync, linkSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, unlinkSync, writeSync, copyFileSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import { LogFileMissing, StorageFailed } from './delta-errors.ts'
import { allSynced, sync } from './durable.ts'
import { SIDECARS } from './log-names.ts'
import type { LogEntry, LogStore } from './log-store.ts'

export interface LocalLogOptions {
  /** `full`: a commit that was reported survives a power cut. `none`: it survives the process only; for tests and scratch. */
  readonly sync?: 'full' | 'none' | undefined
}

/**
 * A log in a folder. A commit is written and synced under a hidden name, then linked to its own: `link` refuses a name that is taken, so
 * one writer wins and nobody sees half a file. The data files that were adopted before are synced by then. Small synchronous calls cost less
 * than libuv's pool, which queries keep busy; syncs go to the pool, because they wait for the disk and wait together.
 */
export class LocalLogStore implements LogStore {
  readonly place: string
  readonly #sync: boolean

  /** `root` is the table's folder; the log is in `_delta_log` below it. */
  constructor(readonly root: string, options: LocalLogOptions = {}) {
    this.place = join(root, '_delta_log')
    this.#sync = options.sync !== 'none'
  }

  async list(from = ''): Promise<LogEntry[]> {
    const names = this.#told('list', this.place, () => (isFolder(this.place) ? readdirSync(this.place) : []))
    return names.filter(name => name >= from && !name.startsWith('.')).sort().flatMap(name => this.#entry(name) ?? [])
  }

  async sidecars(): Promise<LogEntry[]> {
    const folder = join(this.place, SIDECARS)
    const names = this.#told('list', folder, () => (isFolder(folder) ? readdirSync(folder) : []))
    return names.filter(name => !name.startsWith('.')).sort().flatMap(name => this.#entry(`${SIDECARS}/${name}`) ?? [])
  }

  async stat(name: string): Promise<LogEntry | undefined> {
    return this.#entry(name)
  }

  async read(name: string): Promise<Uint8Array> {
    const content = await this.find(name)
    if (!content) throw new LogFileMissing(join(this.place, name))
    return content
  }

  async find(name: string): Promise<Uint8Array | undefined> {
    if (!this.#entry(name)) return undefined
    const path = join(this.place, name)
    try {
      return readFileSync(path)
    } catch (error) {
      if (isCode(error, 'ENOENT')) return undefined
      throw new StorageFailed('read', path, error)
    }
  }

  async putIfAbsent(name: string, content: string): Promise<boolean> {
    const path = join(this.place, name)
    const hidden = this.#writeHidden(path, content)
    crashpoint('commit-hidden')
    try {
      if (this.#sync) await Promise.all([sync(hidden), allSynced(this.root)])
      linkSync(hidden, path)
      crashpoint('commit-linked')
    } catch (error) {
      if (isCode(error, 'EEXIST')) return false
      throw new StorageFailed('write', path, error)
    } finally {
      takeAway(hidden)
    }
    if (this.#sync) await this.#outlives(path)
    return true
  }

  async put(name: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.place, name)
    await this.#replace(this.#writeHidden(path, content), path)
  }

  async putFile(name: string, source: string): Promise<void> {
    const path = join(this.place, name)
    const hidden = hiddenName(path)
    this.#told('write', path, () => {
      mkdirSync(dirname(path), { recursive: true })
      try {
        renameSync(source, hidden)
      } catch (error) {
        if (!isCode(error, 'EXDEV')) throw error
        copyFileSync(source, hidden)
        unlinkSync(source)
      }
    })
    await this.#replace(hidden, path)
  }

  async delete(name: string): Promise<void> {
    const path = join(this.place, name)
    this.#told('delete', path, () => rmSync(path, { force: true }))
  }

  async readable(name: string): Promise<string> {
    return join(this.place, name)
  }

  #entry(name: string): LogEntry | undefined {
    const path = `${this.place}/${name}`
    const found = this.#told('read', path, () => statOf(path))
    return found?.isFile() ? { name, bytes: found.size, modified: Math.floor(found.mtimeMs) } : undefined
  }

  #writeHidden(path: string, content: string | Uint8Array): string {
    const hidden = hiddenName(path)
    return this.#told('write', path, () => {
      mkdirSync(dirname(path), { recursive: true })
      const file = openSync(hidden, 'wx')
      try {
        const bytes = typeof content === 'string' ? Buffer.from(content) : content
        for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
      } catch (error) {
        rmSync(hidden, { force: true })
        throw error
      } finally {
        closeSync(file)
      }
      return hidden
    })
  }

  /** In place of what was there, in one step. */
  async #replace(hidden: string, path: string): Promise<void> {
    try {
      if (this.#sync) await sync(hidden)
      renameSync(hidden, path)
    } catch (error) {
      takeAway(hidden)
      throw new StorageFailed('write', path, error)
    }
    if (this.#sync) await this.#outlives(path)
  }

  /** Makes the name of a file survive a power cut. */
  async #outlives(path: string): Promise<void> {
    try {
      await sync(dirname(path))
    } catch (error) {
      throw new StorageFailed('sync', path, error)
    }
  }

  #told<T>(deed: 'list' | 'read' | 'write' | 'delete', path: string, work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw new StorageFailed(deed, path, error)
    }
  }
}

const isFolder = (path: string): boolean => statOf(path)?.isDirectory() ?? false

/** Below a file nothing is, as in a folder that is not there. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if (isCode(error, 'ENOTDIR')) return undefined
    throw error
  }
}

/** What is hidden is nobody's version: one that stays behind, where the folder can no longer be changed, is left to whoever cleans the log. */
function takeAway(hidden: string): void {
  try {
    unlinkSync(hidden)
  } catch (error) {
    if (!isCode(error, 'ENOENT') && !isCode(error, 'EACCES') && !isCode(error, 'EROFS')) throw error
  }
}

const hiddenName = (path: string) => join(dirname(path), `.${randomUUID()}.tmp`)
const isCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code
