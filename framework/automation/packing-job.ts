import type { AssetKey } from '../vocabulary/asset-key.ts'
import { Bell } from './bell.ts'
import type { Job } from './daemon.ts'

/** A table whose newest version came to be in many small files. */
export interface ScatteredTable {
  readonly asset: AssetKey
  readonly tableVersion: number
}

/** Has tables packed as soon as a run left them in many small files, and does not wait for the time of the maintenance. What could not be packed is not tried again before its table changes. */
export class PackingJob implements Job {
  readonly name = 'the packing of small files'
  readonly bell = new Bell()
  readonly #scattered: () => Promise<readonly ScatteredTable[]>
  readonly #pack: (assets: readonly AssetKey[]) => Promise<readonly string[]>
  readonly #say: (message: string) => void
  readonly #tried = new Map<AssetKey, number>()
  #working: Promise<void> | undefined

  /** @param pack packs the tables, and tells what came of it in lines */
  constructor(scattered: () => Promise<readonly ScatteredTable[]>, pack: (assets: readonly AssetKey[]) => Promise<readonly string[]>, say: (message: string) => void) {
    this.#scattered = scattered
    this.#pack = pack
    this.#say = say
  }

  async look(): Promise<number> {
    if (this.#working) return Infinity
    const news = (await this.#scattered()).filter(({ asset, tableVersion }) => this.#tried.get(asset) !== tableVersion)
    if (news.length > 0) this.#working = this.#work(news)
    return Infinity
  }

  async settle(): Promise<void> {
    await this.#working
  }

  async #work(tables: readonly ScatteredTable[]): Promise<void> {
    for (const { asset, tableVersion } of tables) this.#tried.set(asset, tableVersion)
    try {
      for (const line of await this.#pack(tables.map(({ asset }) => asset))) this.#say(line)
    } catch (error) {
      this.#say(`small files could not be packed: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      this.#working = undefined
      // Runs may have ended meanwhile.
      this.bell.ring()
    }
  }
}
