import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { definitionIn } from '../definition/asset.ts'
import type { AssetClass, AssetDefinition } from '../definition/asset-definition.ts'
import { keptDefinition } from '../definition/kept-asset.ts'
import { standInFor } from '../definition/stand-in.ts'
import * as framework from '../index.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { fingerprint } from '../vocabulary/version.ts'
import { replaceFile } from './cache.ts'
import { changedModules } from './changed-modules.ts'
import { importBundle, type BundledModules } from './import-bundle.ts'
import type { KeptLogic, KeptModule } from './kept-modules.ts'
import { circlesOf } from './module-segments.ts'

/** What came of loading a project of which most is kept: only some of its modules were evaluated. */
export interface KeptLoad {
  /** Of the modules that were not evaluated. */
  readonly kept: ReadonlyMap<AssetDefinition, KeptLogic>
  /** The modules that were looked at anew, with what is known of them so far. */
  readonly looked: readonly KeptModule[]
  /** All modules, as they are now. */
  readonly all: ReadonlyMap<string, KeptModule>
  /** What the modules that were evaluated export, by path. */
  readonly evaluated: BundledModules
  /** Whether a class that was not loaded was asked for more than its key, so that nothing of this can be trusted. */
  readonly touched: () => boolean
}

/**
 * Loads what has changed, and what hangs on more than source text; of all else what is kept is taken. A class that such a module only names as an upstream
 * is stood in for.
 * @returns undefined where the whole project is better loaded
 */
export async function loadKept(root: string, cacheFolder: string, assetFiles: readonly string[], otherModules: readonly string[], known: ReadonlyMap<string, KeptModule>): Promise<KeptLoad | undefined> {
  const looked = await changedModules(root, [...assetFiles, ...otherModules], known)
  if (!looked) return undefined
  const all = new Map([...known, ...looked.map(module => [module.path, module] as const)])
  const affected = reaching(new Set(looked.map(({ path }) => path)), all)
  const live = [...new Set([...assetFiles.filter(path => affected.has(path) || !all.get(path)?.assets), ...otherModules])]
  const definitions = keptDefinitions(assetFiles, new Set(live), all)
  if (live.length === 0) return { kept: definitions, looked, all, evaluated: {}, touched: () => false }
  const whole = reachedFrom(live, all)
  if (!whole || whole.size > 100 + all.size / 4) return undefined
  const byKey = new Map([...definitions.keys()].map(definition => [definition.key, definition]))
  const code = join(cacheFolder, 'kept', `${fingerprint(JSON.stringify([live, [...whole].map(path => [path, all.get(path)!.stamp])]))}.mjs`)
  if (!existsSync(code)) await makeLive(root, code, live, whole, all)
  const standIns = standInsOf(code, (path, name) => byKey.get(all.get(path)!.exports[name]!))
  const evaluated = await importBundle(code)
  if (keysMoved(evaluated, all)) return undefined
  return { kept: definitions, looked, all, evaluated, touched: () => standIns.touched }
}

function keptDefinitions(assetFiles: readonly string[], live: ReadonlySet<string>, all: ReadonlyMap<string, KeptModule>): Map<AssetDefinition, KeptLogic> {
  return new Map(assetFiles.filter(path => !live.has(path)).flatMap(path => all.get(path)!.assets!.map(logic => [keptDefinition(logic.asset, () => logic.query), logic] as const)))
}

/** The modules that are evaluated otherwise when one of these is. */
function reaching(changed: ReadonlySet<string>, all: ReadonlyMap<string, KeptModule>): ReadonlySet<string> {
  const found = new Set(changed)
  if (found.size === 0) return found
  const readers = new Map<string, string[]>()
  for (const { path, solid } of all.values()) {
    for (const other of solid) {
      const list = readers.get(other)
      if (list) list.push(path)
      else readers.set(other, [path])
    }
  }
  for (const path of found) for (const reader of readers.get(path) ?? []) found.add(reader)
  return found
}

/** The modules that these evaluate; undefined where one of them is not known. */
export function reachedFrom(paths: readonly string[], all: ReadonlyMap<string, Pick<KeptModule, 'solid'>>): ReadonlySet<string> | undefined {
  const found = new Set(paths)
  for (const path of found) {
    const module = all.get(path)
    if (!module) return undefined
    for (const other of module.solid) found.add(other)
  }
  return found
}

async function makeLive(root: string, code: string, live: readonly string[], whole: ReadonlySet<string>, all: ReadonlyMap<string, KeptModule>): Promise<void> {
  const text = (await writtenLive(root, live, whole, all)) ?? (await bundledLive(root, live, whole, all))
  mkdirSync(join(code, '..'), { recursive: true })
  forgetOld(join(code, '..'))
  replaceFile(code, text)
}

/** Undefined where they have to be bundled. */
async function writtenLive(root: string, live: readonly string[], whole: ReadonlySet<string>, all: ReadonlyMap<string, KeptModule>): Promise<string | undefined> {
  const circles = [...circlesOf(live, path => Object.values(all.get(path)!.words).filter(other => whole.has(other)))]
  if (circles.some(({ length }) => length > 1)) return undefined
  const { writtenModules } = await import('./written-modules.ts')
  const standIns = new Map<string, string>()
  const written = await writtenModules({
    root,
    modules: circles.flat(),
    stampOf: path => all.get(path)!.stamp,
    wordsOf: path => all.get(path)!.words,
    frameworkNames: new Set(Object.keys(framework)),
    outside: path => {
      const object = standIns.get(path) ?? `varve$s${standIns.size}`
      standIns.set(path, object)
      return { object, names: Object.keys(all.get(path)?.exports ?? {}), settled: true }
    },
  })
  if (!written) return undefined
  const objects = [...standIns].map(([path, object]) => `const ${object} = { ${Object.keys(all.get(path)?.exports ?? {}).map(name => `${JSON.stringify(name)}: globalThis[Symbol.for('varve.stand-in')](${JSON.stringify(path)}, ${JSON.stringify(name)})`).join(', ')} }\n`)
  return `${objects.join('')}${written.code}export const modules = { ${live.map(path => `${JSON.stringify(path)}: ${written.modules.get(path)!.object}`).join(', ')} }\n`
}

async function bundledLive(root: string, live: readonly string[], whole: ReadonlySet<string>, all: ReadonlyMap<string, KeptModule>): Promise<string> {
  const { entryModule, FACE, faceModule, packed } = await import('./bundle-assets.ts')
  const start = 'varve:live'
  const standIns = [...new Set([...whole].flatMap(path => Object.values(all.get(path)!.words)))].filter(path => !whole.has(path))
  return packed({
    root,
    modules: { [start]: entryModule(root, live), [FACE]: faceModule(Object.keys(framework)), ...Object.fromEntries(standIns.map(path => [`varve:stand-in/${path}`, standInModule(path, all.get(path))])) },
    resolveId: {
      filter: { id: /^(varve$|varve:|[./#])/ },
      handler: (id, importer) => {
        if (id === 'varve' || id === '#framework') return FACE
        if (id.startsWith('varve:')) return id
        const path = importer === undefined ? undefined : all.get(importer.slice(root.length + 1))?.words[id]
        if (path === undefined) return undefined
        return whole.has(path) ? join(root, path) : `varve:stand-in/${path}`
      },
    },
    parsed: new Map(),
  })
}

const STAND_IN = Symbol.for('varve.stand-in')
const HOUR = 3_600_000

const standInModule = (path: string, module: KeptModule | undefined): string =>
  [`const standIn = globalThis[Symbol.for('varve.stand-in')]`, ...Object.keys(module?.exports ?? {}).map((name, i) => `const s${i} = standIn(${JSON.stringify(path)}, ${JSON.stringify(name)})\nexport { s${i} as ${name} }`)].join('\n')

interface StandIns {
  touched: boolean
}

/** By bundle: a process evaluates each once, however often it loads the project. */
const KNOWN = new Map<string, StandIns>()

function standInsOf(code: string, definitionOf: (path: string, name: string) => AssetDefinition | undefined): StandIns {
  const standIns = KNOWN.get(code) ?? { touched: false }
  KNOWN.set(code, standIns)
  const touch = () => {
    standIns.touched = true
  }
  const standIn = (path: string, name: string): AssetClass | undefined => {
    const definition = definitionOf(path, name)
    if (!definition) touch()
    return definition && standInFor(definition, touch)
  }
  ;(globalThis as Record<symbol, unknown>)[STAND_IN] = standIn
  return standIns
}

/** Whether a class that others name as their upstream has another key than it had, or is gone. */
function keysMoved(evaluated: BundledModules, all: ReadonlyMap<string, KeptModule>): boolean {
  return Object.entries(evaluated).some(([path, exported]) => Object.entries(all.get(path)!.exports).some(([name, key]: [string, AssetKey]) => definitionIn(exported[name])?.key !== key))
}

/** Another process may be about to read what is young. */
function forgetOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const modified = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs
    if (modified !== undefined && modified < Date.now() - HOUR) rmSync(join(folder, name), { force: true })
  }
}

