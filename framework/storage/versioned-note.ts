import { dirname, join } from 'node:path'
import { filesAt } from '../objects/lake-files.ts'

const TRIES = 10

/**
 * A small JSON file that shows the newest of the records which commits of a table left. Each version's record is made once, by who committed
 * it, in a folder of its own; the file shows the one of the highest version: whoever comes late moves nothing back.
 */
export class VersionedNote<T extends { readonly version: number }> {
  readonly #path: string
  readonly #records: string

  constructor(path: string, records: string) {
    this.#path = path
    this.#records = records
  }

  async write(record: T): Promise<void> {
    const files = filesAt(dirname(this.#path))
    // A table that begins anew counts its versions anew.
    if (record.version === 0) await files.removeFolder(this.#records)
    await files.putIfAbsent(join(this.#records, `${String(record.version).padStart(20, '0')}.json`), text(record))
    for (let attempt = 1, shown = ''; attempt <= TRIES; attempt += 1) {
      const newest = (await files.names(this.#records)).findLast(name => /^\d{20}\.json$/.test(name))
      if (newest === undefined || newest === shown) return
      await files.replace(this.#path, (await files.read(join(this.#records, newest))) ?? text(record))
      shown = newest
    }
  }

  /** Writes this record in place of whatever there was. */
  async restore(record: T): Promise<void> {
    await filesAt(dirname(this.#path)).removeFolder(this.#records)
    await this.write(record)
  }

  async read(): Promise<T | undefined> {
    const found = await filesAt(dirname(this.#path)).read(this.#path)
    return found === undefined ? undefined : (JSON.parse(found) as T)
  }

  /** Takes it away, with all records. */
  async forget(): Promise<void> {
    const files = filesAt(dirname(this.#path))
    await files.removeFolder(this.#records)
    await files.remove([this.#path])
  }
}

const text = (record: object): string => `${JSON.stringify(record, null, 2)}\n`
