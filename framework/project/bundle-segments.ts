import { join, relative } from 'node:path'
import { fingerprint } from '../vocabulary/version.ts'
import { faceModule, factsOf, isLocal, packed, type Parsed } from './bundle-assets.ts'
import type { BundleFacts } from './bundle-facts.ts'
import { exportedNames, moduleLinks, NotToBeCut, type ModuleLinks } from './module-imports.ts'
import type { ModuleFacts } from './module-digest.ts'
import { segmentsOf, type Segment, type SegmentSizes } from './module-segments.ts'
import { writtenModules } from './written-modules.ts'

/** A bundle in files that import each other. */
export interface CutBundle {
  /** By the file's name; undefined where it is as it was before. The first is to be imported, and exports `modules` as a whole bundle does. */
  readonly files: ReadonlyMap<string, string | undefined>
  readonly facts: BundleFacts
  readonly cut: Cut
}

/** What was found out of a cut bundle, for the next time. */
export interface Cut {
  readonly links: Readonly<Record<string, ModuleLinks>>
  /** By segment, what its file was made of. */
  readonly keys: Readonly<Record<string, string>>
  /** The segments that the bundler made: what their modules export may become another value. */
  readonly bundled: readonly string[]
}

/**
 * Bundles a project of many modules in segments: where a module changed, only its segment is bundled anew, and at no time is all of the project in memory.
 * A segment finds the modules of those before it under names of their own, through a small module that stands for each.
 * @param known what was learnt the last time
 * @throws where it can't be done so, or does not compile: then it is bundled as a whole, which says what is wrong
 */
export async function bundleSegments(root: string, entries: readonly string[], frameworkNames: readonly string[], known?: { readonly facts: BundleFacts; readonly cut: Cut | undefined }, sizes?: SegmentSizes): Promise<CutBundle> {
  const read = new Map<string, ModuleFacts>()
  const links = await moduleLinks(root, entries, known?.cut?.links, read)
  const segments = segmentsOf(entries, path => Object.values(links[path]!.imports), sizes)
  const places = new Map(segments.flatMap(segment => segment.modules.map((path, i) => [path, { segment: segment.name, name: `m${i}` }] as const)))
  const isEntry = new Set(entries)
  const faces = new Set(frameworkNames)
  const standIns = new Map<string, string>()
  const standInFor = (path: string): string => {
    const known = standIns.get(path) ?? standIn(links, path, places.get(path)!)
    standIns.set(path, known)
    return known
  }
  const files = new Map<string, string | undefined>([['main.mjs', mainModule(segments)], [FACE_FILE, known?.cut ? undefined : faceModule(frameworkNames)]])
  const keys: Record<string, string> = {}
  const bundled = new Set<string>()
  const modules: Record<string, BundleFacts['modules'][string]> = {}
  for (const { name, modules: own } of segments) {
    const imported = [...new Set(own.flatMap(path => Object.values(links[path]!.imports)))].filter(path => places.get(path)!.segment !== name)
    const outside = imported.map(path => [`varve:module/${path}`, standInFor(path)] as const)
    const key = fingerprint(JSON.stringify([own.map(path => [path, links[path]!.stamp, isEntry.has(path)]), outside, imported.filter(path => bundled.has(places.get(path)!.segment))]))
    keys[name] = key
    if (known?.cut?.keys[name] === key && own.every(path => known.facts.modules[path])) {
      files.set(`${name}.mjs`, undefined)
      if (known.cut.bundled.includes(name)) bundled.add(name)
      for (const path of own) modules[path] = known.facts.modules[path]!
      continue
    }
    const segment: SegmentAt = { root, name, own, links, isEntry, places, frameworkNames: faces, outside: new Map(outside), bundled }
    const written = await writtenSegment(segment)
    if (!written) bundled.add(name)
    const { code, imports } = written ?? (await bundledSegment(segment))
    files.set(`${name}.mjs`, code)
    const parsed = new Map(own.map(path => [join(root, path), { stamp: links[path]!.stamp, imports: imports.get(path)!.map(other => join(root, other)) }]))
    Object.assign(modules, factsOf(root, parsed, known?.facts, path => read.get(path)).modules)
  }
  return { files, facts: { modules: Object.fromEntries(Object.entries(modules).sort(([a], [b]) => (a < b ? -1 : 1))) }, cut: { links, keys, bundled: [...bundled] } }
}

interface SegmentAt {
  readonly root: string
  readonly name: string
  /** Its modules, what is imported first. */
  readonly own: readonly string[]
  readonly links: Cut['links']
  readonly isEntry: ReadonlySet<string>
  readonly places: ReadonlyMap<string, Place>
  readonly frameworkNames: ReadonlySet<string>
  /** The modules that stand for those of other segments, by their ids. */
  readonly outside: ReadonlyMap<string, string>
  /** Those of the segments before it that the bundler made. */
  readonly bundled: ReadonlySet<string>
}

interface MadeSegment {
  readonly code: string
  /** By module, the local modules that it imports. */
  readonly imports: ReadonlyMap<string, readonly string[]>
}

/** Undefined where it has to be bundled: its modules import each other in a circle, or one of them is none that can stand in a function. */
async function writtenSegment({ root, name, own, links, isEntry, places, frameworkNames, bundled }: SegmentAt): Promise<MadeSegment | undefined> {
  const before = new Set<string>()
  for (const path of own) {
    if (Object.values(links[path]!.imports).some(other => places.get(other)!.segment === name && !before.has(other))) return undefined
    before.add(path)
  }
  const others = new Set<string>()
  const written = await writtenModules({
    root,
    modules: own,
    frameworkNames,
    stampOf: path => links[path]!.stamp,
    wordsOf: path => links[path]!.imports,
    outside: path => {
      const { segment } = places.get(path)!
      others.add(segment)
      return { object: `varve$${segment}[${JSON.stringify(path)}]`, names: plainNames(links, path), settled: !bundled.has(segment) }
    },
  })
  if (!written) return undefined
  const modules = own.map(path => [path, written.modules.get(path)!] as const)
  // What other segments import of it are values, and the names that they know it by.
  if (!modules.every(([path, { names, settled }]) => settled && [...plainNames(links, path)].sort().join() === names.join())) return undefined
  const exported = modules.flatMap(([, { object, names }], i) => names.map(each => `export const m${i}$${each} = ${object}.${each}\n`))
  const listed = (paths: typeof modules) => `{ ${paths.map(([path, { object }]) => `${JSON.stringify(path)}: ${object}`).join(', ')} }`
  return {
    code: `${[...others].map(each => `import { all as varve$${each} } from './${each}.mjs'\n`).join('')}${written.code}${exported.join('')}export const all = ${listed(modules)}\nexport const modules = ${listed(modules.filter(([path]) => isEntry.has(path)))}\n`,
    imports: new Map(modules.map(([path, { imports }]) => [path, imports])),
  }
}

async function bundledSegment({ root, name, own, links, isEntry, outside }: SegmentAt): Promise<MadeSegment> {
  const start = `varve:segment/${name}`
  const inside = new Set(own)
  const parsed = new Map<string, Parsed>()
  const code = await packed({
    root,
    modules: { [start]: startModule(root, own, links, isEntry), ...Object.fromEntries(outside) },
    // Each call from the bundler costs more than all else that it does for a module: the framework's face is a file of its own, and of paths nothing is asked.
    external: FACES,
    resolveId: {
      filter: { id: /^(varve:|[.#])/ },
      handler: (id, importer) => {
        if (id.startsWith('varve:')) return id
        const path = importer === undefined ? undefined : links[importer.slice(root.length + 1)]?.imports[id]
        if (path === undefined) return undefined
        return inside.has(path) ? join(root, path) : `varve:module/${path}`
      },
    },
    parsed,
  })
  for (const path of own) if (parsed.get(join(root, path))?.stamp !== links[path]!.stamp) throw new NotToBeCut(path)
  if (parsed.size !== own.length) throw new NotToBeCut([...parsed.keys()].find(path => !inside.has(path.slice(root.length + 1)))!)
  return {
    code: code.replaceAll(/(["'])varve-segment:(\w+)\1/g, '$1./$2.mjs$1').replaceAll(/^(import [^'"]*|export \* from )(["'])(?:varve|#framework)\2/gm, `$1$2./${FACE_FILE}$2`),
    imports: new Map(own.map(path => [path, parsed.get(join(root, path))!.imports.flatMap(other => (other.startsWith('varve:module/') ? other.slice('varve:module/'.length) : isLocal(root, other) ? relative(root, other) : []))])),
  }
}

const FACES = ['varve', '#framework']
const FACE_FILE = 'framework.mjs'

interface Place {
  readonly segment: string
  readonly name: string
}

/** Stands for a module of another segment: its exports are those. */
function standIn(links: Cut['links'], path: string, { segment, name }: Place): string {
  const names = plainNames(links, path)
  return names.length === 0 ? `import 'varve-segment:${segment}'` : `export { ${names.map(each => `${name}$${each} as ${each}`).join(', ')} } from 'varve-segment:${segment}'`
}

function startModule(root: string, own: readonly string[], links: Cut['links'], isEntry: ReadonlySet<string>): string {
  const lines = own.map((path, i) => {
    const from = JSON.stringify(join(root, path))
    const names = plainNames(links, path)
    return [`import * as m${i} from ${from}`, ...(names.length === 0 ? [] : [`export { ${names.map(each => `${each} as m${i}$${each}`).join(', ')} } from ${from}`])].join('\n')
  })
  return `${lines.join('\n')}\nexport const all = { ${own.map((path, i) => `${JSON.stringify(path)}: m${i}`).join(', ')} }\nexport const modules = { ${own.flatMap((path, i) => (isEntry.has(path) ? [`${JSON.stringify(path)}: m${i}`] : [])).join(', ')} }`
}

const mainModule = (segments: readonly Segment[]): string =>
  `${segments.map(({ name }, i) => `import { modules as s${i} } from './${name}.mjs'`).join('\n')}\nexport const modules = Object.assign({}, ${segments.map((_, i) => `s${i}`).join(', ')})\n`

function plainNames(links: Cut['links'], path: string): readonly string[] {
  const names = exportedNames(links, path)
  if (!names.every(name => /^[\w$]+$/.test(name))) throw new NotToBeCut(path)
  return names
}
