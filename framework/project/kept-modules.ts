import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { KeptAsset } from '../definition/kept-asset.ts'
import type { ParsedQuery } from '../graph/parsed-query.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { BundleFacts } from './bundle-facts.ts'
import { replaceFile } from './cache.ts'

/** A module as it was when it was last evaluated. Paths are relative to the project. */
export interface KeptModule {
  readonly path: string
  /** Of its file, when it was read. */
  readonly stamp: string
  readonly facts: BundleFacts['modules'][string]
  /** The local modules that it imports, by the words that it says it with. */
  readonly words: Readonly<Record<string, string>>
  /** The modules of which it needs more than the keys of assets. */
  readonly solid: readonly string[]
  /** The keys of the assets whose classes it exports, by the names under which it does. */
  readonly exports: Readonly<Record<string, AssetKey>>
  /** Whether it is the module that declares an asset. */
  readonly declares: boolean
  /** What it declares. Absent where it has to be evaluated to know that, every time. */
  readonly assets?: readonly KeptLogic[] | undefined
}

/** An asset of which nothing has to be evaluated, and its query as the parser saw it. */
export interface KeptLogic {
  readonly asset: KeptAsset
  /** Of its query. */
  readonly canonical: string
  readonly parsed: ParsedQuery
}

/** A file of lines for each profile: what all of it hangs on, then a module each. Of several lines of one module the last holds. */
export class KeptModules {
  readonly #path: string
  #lines = 0

  constructor(cacheFolder: string, readonly context: string, profile: string) {
    this.#path = join(cacheFolder, `kept-${encodeURIComponent(profile)}.jsonl`)
  }

  /** Undefined where nothing is kept that holds in this context. */
  read(): Map<string, KeptModule> | undefined {
    let lines: string[]
    try {
      lines = readFileSync(this.#path, 'utf8').split('\n')
    } catch {
      return undefined
    }
    if (lines.shift() !== this.context) return undefined
    // A writer that was killed leaves its last line without an end.
    lines.pop()
    this.#lines = lines.length
    try {
      return new Map(lines.map(line => new ReadModule(JSON.parse(line) as Line)).map(module => [module.path, module]))
    } catch {
      return undefined
    }
  }

  write(modules: Iterable<KeptModule>): void {
    replaceFile(this.#path, `${this.context}\n${[...modules].map(lineOf).join('')}`)
  }

  /** Of many more lines than modules the file is made anew. */
  add(changed: readonly KeptModule[], all: ReadonlyMap<string, KeptModule>): void {
    if (changed.length === 0) return
    if (this.#lines + changed.length > 2 * all.size + 100) return this.write(new Map([...all, ...changed.map(module => [module.path, module] as const)]).values())
    mkdirSync(dirname(this.#path), { recursive: true })
    appendFileSync(this.#path, changed.map(lineOf).join(''))
  }
}

/** A line: what is not always asked for stays text in it. */
interface Line extends Omit<KeptModule, 'facts' | 'words' | 'assets'> {
  readonly facts: string
  readonly words: string
  readonly assets?: readonly (Omit<KeptLogic, 'parsed'> & { readonly parsed: string })[]
}

function lineOf({ path, stamp, solid, exports, declares, facts, words, assets }: KeptModule): string {
  const line: Line = { path, stamp, solid, exports, declares, facts: JSON.stringify(facts), words: JSON.stringify(words), ...(assets && { assets: assets.map(({ asset, canonical, parsed }) => ({ asset, canonical, parsed: JSON.stringify(parsed) })) }) }
  return `${JSON.stringify(line)}\n`
}

class ReadModule implements KeptModule {
  readonly path: string
  readonly stamp: string
  readonly solid: readonly string[]
  readonly exports: KeptModule['exports']
  readonly declares: boolean
  readonly assets: readonly KeptLogic[] | undefined

  constructor(readonly line: Line) {
    this.path = line.path
    this.stamp = line.stamp
    this.solid = line.solid
    this.exports = line.exports
    this.declares = line.declares
    this.assets = line.assets?.map(logic => new ReadLogic(logic))
  }

  get facts(): KeptModule['facts'] {
    return JSON.parse(this.line.facts) as KeptModule['facts']
  }

  get words(): KeptModule['words'] {
    return JSON.parse(this.line.words) as KeptModule['words']
  }
}

class ReadLogic implements KeptLogic {
  readonly asset: KeptAsset
  readonly canonical: string

  constructor(readonly line: NonNullable<Line['assets']>[number]) {
    this.asset = line.asset
    this.canonical = line.canonical
  }

  get parsed(): ParsedQuery {
    return JSON.parse(this.line.parsed) as ParsedQuery
  }
}
