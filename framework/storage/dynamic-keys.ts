import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DynamicPartitions } from '../partitions/partitions.ts'
import { checkKey } from '../partitions/static-partitions.ts'

/** The keys of dynamic partitions, as they were registered: a file of the lake under `_state/partitions/`. */
export class DynamicKeys {
  readonly #folder: string

  constructor(lake: string) {
    this.#folder = join(lake, '_state', 'partitions')
  }

  of({ name }: Pick<DynamicPartitions, 'name'>): readonly string[] {
    const path = this.#path(name)
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { readonly keys: readonly string[] }).keys : []
  }

  /** Registers keys that are not yet known, and tells how many those were. */
  add(name: string, keys: readonly string[]): number {
    for (const key of keys) checkKey(key)
    const known = this.of({ name })
    const all = [...new Set([...known, ...keys])].sort()
    const path = this.#path(name)
    mkdirSync(dirname(path), { recursive: true })
    const temporary = `${path}.${process.pid}.tmp`
    writeFileSync(temporary, `${JSON.stringify({ keys: all })}\n`)
    renameSync(temporary, path)
    return all.length - known.length
  }

  #path(name: string): string {
    return join(this.#folder, `${encodeURIComponent(name)}.json`)
  }
}
