import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, linkSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, unlinkSync, writeSync, copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import { LogFileMissing, StorageFailed } from './delta-errors.ts'
import { allSynced, sync } from './durable.ts'
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
    if (!existsSync(this.place)) return []
    const names = this.#told('list', this.place, () => readdirSync(this.place)).filter(name => name >= from && !name.startsWith('.')).sort()
    return names.flatMap(name => this.#entry(name) ?? [])
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
    const path = join(this.place, name)
    if (!existsSync(path)) return undefined
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
      unlinkSync(hidden)
    }
    if (this.#sync) await sync(dirname(path))
    return true
  }

  async put(name: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.place, name)
    const hidden = this.#writeHidden(path, content)
    if (this.#sync) await sync(hidden)
    this.#told('write', path, () => renameSync(hidden, path))
    if (this.#sync) await sync(dirname(path))
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
    if (this.#sync) await sync(hidden)
    this.#told('write', path, () => renameSync(hidden, path))
    if (this.#sync) await sync(dirname(path))
  }

  async delete(name: string): Promise<void> {
    rmSync(join(this.place, name), { force: true })
  }

  async readable(name: string): Promise<string> {
    return join(this.place, name)
  }

  #entry(name: string): LogEntry | undefined {
    const found = statSync(join(this.place, name), { throwIfNoEntry: false })
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

  #told<T>(deed: 'list' | 'write', path: string, work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw new StorageFailed(deed, path, error)
    }
  }
}

const hiddenName = (path: string) => join(dirname(path), `.${randomUUID()}.tmp`)
const isCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code
