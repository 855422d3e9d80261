import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { definitionIn } from '../definition/asset.ts'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { placedDefinition } from '../definition/placed-definition.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { fingerprint } from '../vocabulary/version.ts'
import type { RenderedFragment } from './asset-queries.ts'
import type { Cut, CutBundle } from './bundle-segments.ts'
import { closureDigest, closureOf, type BundleFacts } from './bundle-facts.ts'
import { fileStamp, readJson, replaceFile } from './cache.ts'
import { importBundle, type BundledModules } from './import-bundle.ts'
import { keptModules, type CodeOf } from './keeping.ts'
import type { KeptContext } from './kept-context.ts'
import { loadKept, reachedFrom, type KeptLoad } from './kept-load.ts'
import { KeptModules, type KeptLogic, type KeptModule } from './kept-modules.ts'
import type { SegmentSizes } from './module-segments.ts'
import { keepSegments } from './segment-files.ts'
import * as framework from '../index.ts'

/** What came of a project's TypeScript. */
export interface LoadedAssets {
  readonly definitions: readonly AssetDefinition[]
  /** The digest of the module that declares an asset and of all local modules it reaches; undefined where none does, and of SQL assets, which are known by their queries. */
  readonly moduleDigest: (key: AssetKey) => string | undefined
  /** What the modules named besides the assets export, by path. */
  readonly others: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  /** The assets of which nothing was evaluated. */
  readonly kept: ReadonlyMap<AssetKey, KeptLogic>
  /** Whether a class that was not loaded was asked for more than its key, so that nothing of this can be trusted. */
  readonly touched: () => boolean
  /** Keeps what was found out of the assets that are not kept, once their queries and those of their checks have been found good. */
  readonly keep: (rendered: readonly RenderedFragment[], codeOf: CodeOf) => void
}

/** Which projects are bundled in segments, and how long those are. */
export interface Cutting {
  /** So many modules that are named. */
  readonly from: number
  readonly sizes?: SegmentSizes | undefined
}

/** Changes whenever a bundle made by an older version of this room must not be used. */
const BUNDLE_VERSION = '8'

export interface Loading {
  /** The modules that are named besides the assets. */
  readonly others?: readonly string[]
  readonly cutting?: Cutting | undefined
  /** Names all that assets can depend on besides modules: the configuration, the framework. Absent: nothing is kept, and nothing that was is used. */
  readonly context?: KeptContext | undefined
  /** Whether nothing that was kept is to be used. */
  readonly whole?: boolean
}

/**
 * Loads every asset under `assets/`, and the other modules that are named. The bundle is kept in the cache folder and made again
 * only when a source file has changed. Of a large project what its modules came to is kept too: then only those are evaluated that have changed, or that hang on more than
 * source text.
 */
export async function loadAssets(root: string, cacheFolder: string, { others = [], cutting = { from: 400 }, context, whole = false }: Loading = {}): Promise<LoadedAssets> {
  const assetFiles = sourceFiles(root, 'assets')
  const entries = [...assetFiles, ...others]
  const store = context !== undefined && entries.length >= cutting.from ? new KeptModules(cacheFolder, fingerprint(version(), context.digest), context.profile) : undefined
  const known = store?.read()
  const kept = known && !whole ? await fromKept(root, cacheFolder, assetFiles, others, store!, known) : undefined
  return kept ?? asABundle(root, cacheFolder, assetFiles, others, cutting, store, known)
}

/** Undefined where it can't be done, or something is wrong: then the whole is loaded, and that tells what. */
async function fromKept(root: string, cacheFolder: string, assetFiles: readonly string[], others: readonly string[], store: KeptModules, known: ReadonlyMap<string, KeptModule>): Promise<LoadedAssets | undefined> {
  let load: KeptLoad | undefined
  try {
    load = await loadKept(root, cacheFolder, assetFiles, others, known)
  } catch {
    return undefined
  }
  if (!load) return undefined
  const { kept, looked, all, evaluated, touched } = load
  const declared = declaredIn(assetFiles.filter(file => evaluated[file]), evaluated, path => all.get(path)?.facts)
  const changed = new Set(looked.map(({ path }) => path))
  // What TypeScript carries out is known by the modules that the bundler saw, which are looked at as a whole.
  if (looked.length > 0 && [...declared].some(([{ kind }, file]) => kind !== 'sql' && [...(reachedFrom([file], all) ?? [])].some(path => changed.has(path)))) return undefined
  const keep = (rendered: readonly RenderedFragment[], codeOf: CodeOf) => {
    if (looked.length === 0) return
    const renewed = [...new Set([...looked, ...[...declared.values()].map(file => all.get(file)!)])]
    store.add(keptModules({ modules: renewed, evaluated, declared: byFile(declared), others: all }, rendered, codeOf), all)
  }
  const digest = await digestsOf(root, declared, path => all.get(path)?.facts, path => all.get(path)?.declares ?? false)
  return { definitions: [...kept.keys(), ...declared.keys()], moduleDigest: digest, others: new Map(others.map(path => [path, evaluated[path]!])), kept: new Map([...kept].map(([{ key }, logic]) => [key, logic])), touched, keep }
}

async function asABundle(root: string, cacheFolder: string, assetFiles: readonly string[], others: readonly string[], cutting: Cutting, store: KeptModules | undefined, known: ReadonlyMap<string, KeptModule> | undefined): Promise<LoadedAssets> {
  const { code, facts } = await bundle(root, cacheFolder, [...assetFiles, ...others], cutting)
  const modules = await importBundle(code)
  const declared = declaredIn(assetFiles, modules, path => facts.modules[path])
  const assetModules = new Set(declared.values())
  const keep = (rendered: readonly RenderedFragment[], codeOf: CodeOf) => {
    const all = Object.entries(facts.modules)
    if (known?.size === all.length && all.every(([path, { stamp }]) => known.get(path)?.stamp === stamp)) return
    const links = dirname(code) === cacheFolder ? undefined : (readJson(join(cacheFolder, 'segments.json')) as Cut | undefined)?.links
    if (!store || !links || !all.every(([path]) => links[path])) return
    store.write(keptModules({ modules: all.map(([path, each]) => ({ path, stamp: each.stamp, facts: each, words: links[path]!.imports })), evaluated: modules, declared: byFile(declared), others: new Map() }, rendered, codeOf))
  }
  return { definitions: [...declared.keys()], moduleDigest: await digestsOf(root, declared, path => facts.modules[path], path => assetModules.has(path)), others: new Map(others.map(path => [path, modules[path]!])), kept: new Map(), touched: () => false, keep }
}

/** Which of the files declares each asset. */
function declaredIn(files: readonly string[], modules: BundledModules, factsOf: FactsOf): Map<AssetDefinition, string> {
  const declared = new Map<AssetDefinition, string>()
  for (const file of files) {
    for (const value of Object.values(modules[file]!)) {
      const definition = definitionIn(value)
      if (definition && !declared.has(definition)) declared.set(definition, file)
    }
  }
  return new Map([...declared].map(([definition, file]) => [withPlace(definition, file, factsOf(file)), file]))
}

function byFile(declared: ReadonlyMap<AssetDefinition, string>): Map<string, AssetDefinition[]> {
  const files = new Map<string, AssetDefinition[]>()
  for (const [definition, file] of declared) files.set(file, [...(files.get(file) ?? []), definition])
  return files
}

type FactsOf = (path: string) => BundleFacts['modules'][string] | undefined

async function digestsOf(root: string, declared: ReadonlyMap<AssetDefinition, string>, factsOf: FactsOf, declares: (path: string) => boolean): Promise<LoadedAssets['moduleDigest']> {
  const closures = new Map([...declared].filter(([{ kind }]) => kind !== 'sql').map(([{ key }, file]) => [key, closureOf(path => factsOf(path)?.imports ?? [], file, path => path !== file && declares(path))]))
  const digests = new Map([...new Set([...closures.values()].flat())].map(path => [path, factsOf(path)?.digest]))
  const unknown = [...digests].filter(([path, digest]) => digest === undefined && factsOf(path)).map(([path]) => path)
  if (unknown.length > 0) {
    const { moduleDigest } = await import('./module-digest.ts')
    for (const path of unknown) digests.set(path, moduleDigest(join(root, path)))
  }
  return key => {
    const closure = closures.get(key)
    return closure && closureDigest(closure, path => digests.get(path) ?? '')
  }
}

function sourceFiles(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) throw new NoAssetsFolder(root)
  return filesBelow(root, folder).filter(file => /\.[mc]?[jt]s$/.test(file) && !/\.(d|test|types)\.[mc]?ts$/.test(file)).sort()
}

/** Paths with `/`, whatever the system says. Links are followed to files, as the bundler does, and not to folders. */
const filesBelow = (root: string, folder: string): string[] => readdirSync(join(root, folder), { withFileTypes: true }).flatMap(each => (each.isDirectory() ? filesBelow(root, `${folder}/${each.name}`) : [`${folder}/${each.name}`]))

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

function withPlace(definition: AssetDefinition, file: string, facts: BundleFacts['modules'][string] | undefined): AssetDefinition {
  const declared = facts?.classes.find(({ name }) => name === definition.declaredAs)
  return placedDefinition(definition, { file, line: declared?.line }, declared?.doc ?? '')
}

export class NoAssetsFolder extends ExplainedError {
  readonly code = 'project/no-assets-folder'
  readonly hint = 'Run varve in the folder that holds package.json and assets/, or make a project: npx varve init my-lake'
  constructor(readonly root: string) {
    super(`There is no folder assets/ in ${root}.`)
  }
}
