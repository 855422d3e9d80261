import { join } from 'node:path'
import { fingerprint } from '../vocabulary/version.ts'
import { faceModule, factsOf, packed, type Parsed } from './bundle-assets.ts'
import type { BundleFacts } from './bundle-facts.ts'
import { exportedNames, moduleLinks, NotToBeCut, type ModuleLinks } from './module-imports.ts'
import type { ModuleFacts } from './module-digest.ts'
import { segmentsOf, type Segment, type SegmentSizes } from './module-segments.ts'

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
  const standIns = new Map<string, string>()
  const standInFor = (path: string): string => {
    const known = standIns.get(path) ?? standIn(links, path, places.get(path)!)
    standIns.set(path, known)
    return known
  }
  const files = new Map<string, string | undefined>([['main.mjs', mainModule(segments)], [FACE_FILE, known?.cut ? undefined : faceModule(frameworkNames)]])
  const keys: Record<string, string> = {}
  const modules: Record<string, BundleFacts['modules'][string]> = {}
  for (const { name, modules: own } of segments) {
    const imported = [...new Set(own.flatMap(path => Object.values(links[path]!.imports)))].filter(path => places.get(path)!.segment !== name)
    const outside = imported.map(path => [`varve:module/${path}`, standInFor(path)] as const)
    const key = fingerprint(JSON.stringify([own.map(path => [path, links[path]!.stamp, isEntry.has(path)]), outside]))
    keys[name] = key
    if (known?.cut?.keys[name] === key && own.every(path => known.facts.modules[path])) {
      files.set(`${name}.mjs`, undefined)
      for (const path of own) modules[path] = known.facts.modules[path]!
      continue
    }
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
    files.set(`${name}.mjs`, code.replaceAll(/(["'])varve-segment:(\w+)\1/g, '$1./$2.mjs$1').replaceAll(/^(import [^'"]*|export \* from )(["'])(?:varve|#framework)\2/gm, `$1$2./${FACE_FILE}$2`))
    for (const path of own) if (!parsed.has(join(root, path))) throw new NotToBeCut(path)
    if (parsed.size !== own.length) throw new NotToBeCut([...parsed.keys()].find(path => !inside.has(path.slice(root.length + 1)))!)
    const plain = new Map([...parsed].map(([id, { stamp, imports }]) => [id, { stamp, imports: imports.map(other => (other.startsWith('varve:module/') ? join(root, other.slice('varve:module/'.length)) : other)) }]))
    Object.assign(modules, factsOf(root, plain, known?.facts, path => (links[path]!.stamp === plain.get(join(root, path))!.stamp ? read.get(path) : undefined)).modules)
  }
  return { files, facts: { modules: Object.fromEntries(Object.entries(modules).sort(([a], [b]) => (a < b ? -1 : 1))) }, cut: { links, keys } }
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
  return `${lines.join('\n')}\nexport const modules = { ${own.flatMap((path, i) => (isEntry.has(path) ? [`${JSON.stringify(path)}: m${i}`] : [])).join(', ')} }`
}

const mainModule = (segments: readonly Segment[]): string =>
  `${segments.map(({ name }, i) => `import { modules as s${i} } from './${name}.mjs'`).join('\n')}\nexport const modules = Object.assign({}, ${segments.map((_, i) => `s${i}`).join(', ')})\n`

function plainNames(links: Cut['links'], path: string): readonly string[] {
  const names = exportedNames(links, path)
  if (!names.every(name => /^[\w$]+$/.test(name))) throw new NotToBeCut(path)
  return names
}
