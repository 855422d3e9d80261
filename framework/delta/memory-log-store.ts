import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogFileMissing } from './delta-errors.ts'
import { SIDECARS } from './log-names.ts'
import type { LogEntry, LogStore } from './log-store.ts'

/** A log in memory. Each operation first waits for `turn`, so that a test can decide in which order writers come. */
export class MemoryLogStore implements LogStore {
  readonly place = 'memory'
  readonly #files: Map<string, { readonly content: Uint8Array; readonly modified: number }>

  /** Stores made `from` another share its files. */
  constructor(readonly turn: (operation: string) => Promise<void> = async () => {}, from?: MemoryLogStore) {
    this.#files = from ? from.#files : new Map()
  }

  async list(from = ''): Promise<LogEntry[]> {
    await this.turn('list')
    return [...this.#files.keys()].filter(name => name >= from && !name.includes('/')).sort().map(name => this.#entry(name)!)
  }

  async sidecars(): Promise<LogEntry[]> {
    await this.turn('list')
    return [...this.#files.keys()].filter(name => name.startsWith(`${SIDECARS}/`)).sort().map(name => this.#entry(name)!)
  }

  async stat(name: string): Promise<LogEntry | undefined> {
    await this.turn('stat')
    return this.#entry(name)
  }

  async read(name: string): Promise<Uint8Array> {
    const content = await this.find(name)
    if (!content) throw new LogFileMissing(name)
    return content
  }

  async find(name: string): Promise<Uint8Array | undefined> {
    await this.turn('read')
    return this.#files.get(name)?.content
  }

  async putIfAbsent(name: string, content: string): Promise<boolean> {
    await this.turn('putIfAbsent')
    if (this.#files.has(name)) return false
    this.#files.set(name, { content: Buffer.from(content), modified: Date.now() })
    return true
  }

  async put(name: string, content: string | Uint8Array): Promise<void> {
    await this.turn('put')
    this.#files.set(name, { content: Buffer.from(content), modified: Date.now() })
  }

  async putFile(name: string, path: string): Promise<void> {
    await this.put(name, readFileSync(path))
    rmSync(path)
  }

  async delete(name: string): Promise<void> {
    await this.turn('delete')
    this.#files.delete(name)
  }

  async readable(name: string): Promise<string> {
    const path = join(mkdtempSync(join(tmpdir(), 'varve-log-')), name.replaceAll('/', '_'))
    writeFileSync(path, await this.read(name))
    return path
  }

  #entry(name: string): LogEntry | undefined {
    const file = this.#files.get(name)
    return file && { name, bytes: file.content.length, modified: file.modified }
  }
}
