import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { definitionIn } from '../definition/asset.ts'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Cut, CutBundle } from './bundle-segments.ts'
import { FRAMEWORK, closureDigest, type BundleFacts } from './bundle-facts.ts'
import { fileStamp, readJson, replaceFile } from './cache.ts'
import type { SegmentSizes } from './module-segments.ts'
import { keepSegments } from './segment-files.ts'
import * as framework from '../index.ts'

/** What came of a project's TypeScript. */
export interface LoadedAssets {
  readonly definitions: readonly AssetDefinition[]
  /** The digest of the module that declares an asset and of all local modules it reaches; undefined where none does. Found when it is asked for: a query needs none. */
  readonly moduleDigest: (key: AssetKey) => string | undefined
  /** What the modules named besides the assets export, by path. */
  readonly others: ReadonlyMap<string, Readonly<Record<string, unknown>>>
}

/** Which projects are bundled in segments, and how long those are. */
export interface Cutting {
  /** So many modules that are named. */
  readonly from: number
  readonly sizes?: SegmentSizes | undefined
}

/** Changes whenever a bundle made by an older version of this room must not be used. */
const BUNDLE_VERSION = '3'

/**
 * Loads every asset under `assets/`, and the other modules that are named. The bundle is kept in the cache folder and made again
 * only when a source file has changed.
 */
export async function loadAssets(root: string, cacheFolder: string, otherModules: readonly string[] = [], cutting: Cutting = { from: 400 }): Promise<LoadedAssets> {
  const assetFiles = sourceFiles(root, 'assets')
  const entries = [...assetFiles, ...otherModules]
  const { code, facts } = await bundle(root, cacheFolder, entries, cutting)
  const modules = await importBundle(code)
  const declared = new Map<AssetDefinition, string>()
  for (const file of assetFiles) {
    for (const value of Object.values(modules[file]!)) {
      const definition = definitionIn(value)
      if (definition && !declared.has(definition)) declared.set(definition, file)
    }
  }
  const assetModules = new Set(declared.values())
  const files = new Map([...declared].map(([{ key }, file]) => [key, file]))
  const moduleDigest = (key: AssetKey) => {
    const file = files.get(key)
    return file === undefined ? undefined : closureDigest(facts, file, path => path !== file && assetModules.has(path))
  }
  return { definitions: [...declared].map(([definition, file]) => withPlace(definition, file, facts)), moduleDigest, others: new Map(otherModules.map(path => [path, modules[path]!])) }
}

function sourceFiles(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) throw new NoAssetsFolder(root)
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return files.filter(file => /\.[mc]?[jt]s$/.test(file) && !/\.(d|test|types)\.[mc]?ts$/.test(file)).map(file => `${folder}/${file.replaceAll('\\', '/')}`).sort()
}

/** The place where the cache keeps one bundle: the newest is the only one worth keeping. */
async function bundle(root: string, cacheFolder: string, entries: readonly string[], cutting: Cutting): Promise<{ readonly code: string; readonly facts: BundleFacts }> {
  const factsPath = join(cacheFolder, 'assets.json')
  const kept = readJson(factsPath) as Kept | undefined
  const usable = kept?.version === version() ? kept : undefined
  if (usable && usable.entries === entries.join('\n') && isCurrent(root, usable.facts) && existsSync(join(cacheFolder, usable.code))) return { code: join(cacheFolder, usable.code), facts: usable.facts }
  const { code, facts } = (entries.length >= cutting.from ? await inSegments(root, cacheFolder, entries, usable, cutting.sizes) : undefined) ?? (await asAWhole(root, cacheFolder, entries, usable))
  replaceFile(factsPath, JSON.stringify({ version: version(), entries: entries.join('\n'), code, facts } satisfies Kept))
  return { code: join(cacheFolder, code), facts }
}

async function asAWhole(root: string, cacheFolder: string, entries: readonly string[], usable: Kept | undefined): Promise<Pick<Kept, 'code' | 'facts'>> {
  const { bundleAssets } = await import('./bundle-assets.ts')
  const made = await bundleAssets(root, entries, Object.keys(framework), usable?.facts)
  replaceFile(join(cacheFolder, 'assets.mjs'), made.code)
  return { code: 'assets.mjs', facts: made.facts }
}

/** Undefined where it can't be done: then the whole is tried, and that tells what is wrong. */
async function inSegments(root: string, cacheFolder: string, entries: readonly string[], usable: Kept | undefined, sizes: SegmentSizes | undefined): Promise<Pick<Kept, 'code' | 'facts'> | undefined> {
  const { bundleSegments } = await import('./bundle-segments.ts')
  const cutPath = join(cacheFolder, 'segments.json')
  const before = usable && existsSync(join(cacheFolder, usable.code)) ? dirname(usable.code) : undefined
  const known = before === undefined || before === '.' ? undefined : { facts: usable!.facts, cut: readJson(cutPath) as Cut | undefined }
  let made: CutBundle
  try {
    made = await bundleSegments(root, entries, Object.keys(framework), known, sizes)
  } catch {
    return undefined
  }
  const folder = keepSegments(cacheFolder, before, made.files)
  replaceFile(cutPath, JSON.stringify(made.cut))
  return { code: `${folder}/${[...made.files.keys()][0]!}`, facts: made.facts }
}

interface Kept {
  readonly version: string
  readonly entries: string
  /** Where the bundle is, or begins, below the cache's folder. */
  readonly code: string
  readonly facts: BundleFacts
}

const version = (): string => `${BUNDLE_VERSION} ${process.version} ${process.sourceMapsEnabled} ${Object.keys(framework).join()}`

const isCurrent = (root: string, { modules }: BundleFacts): boolean => Object.entries(modules).every(([file, { stamp }]) => stamp === fileStamp(join(root, file)))

async function importBundle(path: string): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>> {
  ;(globalThis as Record<symbol, unknown>)[FRAMEWORK] = framework
  try {
    const { modules } = (await import(`${pathToFileURL(path).href}?${statSync(path).mtimeMs}`)) as { modules: Record<string, Record<string, unknown>> }
    return modules
  } catch (error) {
    const place = placeOfThrow(error as Error, path)
    if (error instanceof ExplainedError) throw error.place || !place ? error : Object.assign(error, { place })
    throw new AssetsDoNotLoad(error as Error, place)
  }
}

function withPlace(definition: AssetDefinition, file: string, facts: BundleFacts): AssetDefinition {
  const declared = facts.modules[file]?.classes.find(({ name }) => name === definition.declaredAs)
  const place: Place = { file, line: declared?.line }
  return Object.freeze({ ...definition, place, description: definition.description || (declared?.doc ?? '') })
}

export class NoAssetsFolder extends ExplainedError {
  readonly code = 'project/no-assets-folder'
  readonly hint = 'Run varve in the folder that holds package.json and assets/, or make a project: npx varve init my-lake'
  constructor(readonly root: string) {
    super(`There is no folder assets/ in ${root}.`)
  }
}

export class AssetsDoNotLoad extends ExplainedError {
  readonly code = 'project/assets-do-not-load'
  readonly hint: string
  constructor(override readonly cause: Error, override readonly place: Place | undefined) {
    super(`The assets can't be loaded: ${cause.message.split('\n')[0]}`)
    this.hint = /before initialization/.test(cause.message)
      ? 'Two modules import each other and one uses the other while it is still loading. Refer to upstreams by thunk, @Upstream(() => Orders), and extend no class from within such a circle.'
      : 'It was thrown while the modules were imported. What a module does when it is imported must not fail; the work belongs into query() or rows().'
  }
}

/** The author's module that threw, as far as the stack tells: the bundler heads each with its path. */
function placeOfThrow({ stack = '' }: Error, bundle: string): Place | undefined {
  const folder = dirname(bundle)
  for (const [, name, line] of stack.matchAll(new RegExp(`${basename(folder)}/([\\w-]+\\.mjs)[^:\\s]*:(\\d+):\\d+`, 'g'))) {
    const lines = readFileSync(join(folder, name!), 'utf8').split('\n').slice(0, Number(line))
    const module = lines.flatMap(text => /^\/\/ (\S+\.[mc]?[jt]s)$/.exec(text)?.[1] ?? []).at(-1)
    if (module !== undefined && !module.startsWith('\\0')) return { file: module }
  }
  return undefined
}
