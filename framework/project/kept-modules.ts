import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { KeptAsset } from '../definition/kept-asset.ts'
import type { ParsedQuery } from '../graph/parsed-query.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CodeVersion } from '../vocabulary/version.ts'
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
  /** As `keptDefinition` takes it. */
  readonly query: string
  readonly code: CodeVersion
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
    let file: Buffer
    try {
      file = readFileSync(this.#path)
    } catch {
      return undefined
    }
    let from = file.indexOf(NEWLINE) + 1
    if (from === 0 || file.toString('utf8', 0, from - 1) !== this.context) return undefined
    const modules = new Map<string, KeptModule>()
    try {
      // A writer that was killed leaves its last line without an end.
      for (let to = file.indexOf(NEWLINE, from); to >= 0; from = to + 1, to = file.indexOf(NEWLINE, from)) {
        const module = new ReadModule(file, from, to)
        modules.set(module.path, module)
        this.#lines += 1
      }
    } catch {
      return undefined
    }
    return modules
  }

  write(modules: Iterable<KeptModule>): void {
    replaceFile(this.#path, linesOf(this.context, modules))
  }

  /** Of many more lines than modules the file is made anew. */
  add(changed: readonly KeptModule[], all: ReadonlyMap<string, KeptModule>): void {
    if (changed.length === 0) return
    if (this.#lines + changed.length > 2 * all.size + 100) return this.write(new Map([...all, ...changed.map(module => [module.path, module] as const)]).values())
    mkdirSync(dirname(this.#path), { recursive: true })
    appendFileSync(this.#path, changed.map(lineOf).join(''))
  }
}

function* linesOf(context: string, modules: Iterable<KeptModule>): Generator<string> {
  yield `${context}\n`
  for (const module of modules) yield lineOf(module)
}

const NEWLINE = 10
const TAB = 9

/** What each load asks for; the rest stands behind a tab in the same line, and stays bytes until somebody asks. Neither holds a tab or a newline, as JSON. */
interface Line extends Omit<KeptModule, 'facts' | 'words' | 'exports' | 'assets'> {
  readonly assets?: readonly Omit<KeptLogic, 'parsed' | 'query'>[]
  /** The length of the rest, in bytes. */
  readonly rest: number
}

interface Rest extends Pick<KeptModule, 'facts' | 'words' | 'exports'> {
  readonly parsed: readonly ParsedQuery[]
  readonly queries: readonly string[]
}

function lineOf(module: KeptModule): string {
  if (module instanceof ReadModule) return module.text
  const { path, stamp, solid, exports, declares, facts, words, assets } = module
  const rest = JSON.stringify({ facts, words, exports, parsed: assets?.map(({ parsed }) => parsed) ?? [], queries: assets?.map(({ query }) => query) ?? [] } satisfies Rest)
  const line: Line = { path, stamp, solid, declares, rest: Buffer.byteLength(rest), ...(assets && { assets: assets.map(({ asset, code }) => ({ asset, code })) }) }
  return `${JSON.stringify(line)}\t${rest}\n`
}

class ReadModule implements KeptModule {
  readonly path: string
  readonly stamp: string
  readonly solid: readonly string[]
  readonly declares: boolean
  readonly assets: readonly KeptLogic[] | undefined

  constructor(readonly file: Buffer, readonly from: number, readonly to: number) {
    const tab = file.indexOf(TAB, from)
    const line = JSON.parse(file.toString('utf8', from, tab)) as Line
    if (to - tab - 1 !== line.rest) throw new Error('the line is torn')
    this.path = line.path
    this.stamp = line.stamp
    this.solid = line.solid
    this.declares = line.declares
    this.assets = line.assets?.map(({ asset, code }, i) => new ReadLogic(this, i, asset, code))
  }

  get facts(): KeptModule['facts'] {
    return this.rest.facts
  }

  get words(): KeptModule['words'] {
    return this.rest.words
  }

  get exports(): KeptModule['exports'] {
    return this.rest.exports
  }

  get rest(): Rest {
    return JSON.parse(this.file.toString('utf8', this.file.indexOf(TAB, this.from) + 1, this.to)) as Rest
  }

  /** The line as it is in the file: its assets may have become definitions. */
  get text(): string {
    return this.file.toString('utf8', this.from, this.to + 1)
  }
}

class ReadLogic implements KeptLogic {
  constructor(readonly module: ReadModule, readonly i: number, readonly asset: KeptAsset, readonly code: CodeVersion) {}

  get query(): string {
    return this.module.rest.queries[this.i]!
  }

  get parsed(): ParsedQuery {
    return this.module.rest.parsed[this.i]!
  }
}
