import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesAt } from '../objects/lake-files.ts'
import type { DynamicPartitions } from '../partitions/partitions.ts'
import { checkKey } from '../partitions/static-partitions.ts'

/** The keys of dynamic partitions, as they were registered: a file of the lake under `_state/partitions/`. */
export class DynamicKeys {
  readonly #folder: string
  readonly #known = new Map<string, readonly string[]>()

  /** `lake` is the folder in which the lake's files are worked on. */
  constructor(lake: string) {
    this.#folder = join(lake, '_state', 'partitions')
  }

  of({ name }: Pick<DynamicPartitions, 'name'>): readonly string[] {
    const known = this.#known.get(name)
    if (known) return known
    const path = this.#path(name)
    return keysIn(existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  }

  /** Looks again at the keys of a lake that is elsewhere: {@link of} answers by what was seen last. */
  async look(names: Iterable<string>): Promise<void> {
    const files = filesAt(this.#folder)
    if (files.listsCheaply) await Promise.all([...new Set(names)].map(async name => this.#known.set(name, keysIn(await files.read(this.#path(name))))))
  }

  /** Registers keys that are not yet known, and tells how many those were. */
  async add(name: string, keys: readonly string[]): Promise<number> {
    for (const key of keys) checkKey(key)
    let added = 0
    await filesAt(this.#folder).update(this.#path(name), text => {
      const known = keysIn(text)
      const all = [...new Set([...known, ...keys])].sort()
      added = all.length - known.length
      return `${JSON.stringify({ keys: all })}\n`
    })
    await this.look([name])
    return added
  }

  #path(name: string): string {
    return join(this.#folder, `${encodeURIComponent(name)}.json`)
  }
}

const keysIn = (text: string | undefined): readonly string[] => (text === undefined ? [] : (JSON.parse(text) as { readonly keys: readonly string[] }).keys)
