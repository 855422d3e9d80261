import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { ResolverFactory } from 'rolldown/experimental'
import { parseSync } from 'rolldown/utils'
import { fileStamp } from './cache.ts'
import { moduleFacts, type ModuleFacts } from './module-digest.ts'

/** How a module hangs together with the other local ones. Paths are relative to the project. */
export interface ModuleLinks {
  readonly stamp: string
  /** What it imports, by the words that it says it with: local modules only. */
  readonly imports: Readonly<Record<string, string>>
  /** The names that it exports by itself. */
  readonly names: readonly string[]
  /** Of these words it exports all. */
  readonly stars: readonly string[]
}

/**
 * The links of all local modules that the entries reach. Modules that have not changed since they were `known` are not read again.
 * @param facts is filled with the facts of those that were read, since to parse a module once is enough
 */
export async function moduleLinks(root: string, entries: readonly string[], known: Readonly<Record<string, ModuleLinks>> = {}, facts?: Map<string, ModuleFacts>): Promise<Record<string, ModuleLinks>> {
  const links: Record<string, ModuleLinks> = {}
  const reached = new Set(entries)
  const resolve = resolver(root, reached)
  let parsed = 0
  for (const path of reached) {
    const stamp = fileStamp(join(root, path))
    const before = known[path]
    const now = before?.stamp === stamp ? before : linksOf(root, path, stamp, resolve, facts)
    links[path] = now
    // The parser's memory is only given back between two turns of the event loop.
    if (now !== before && (parsed += 1) % 100 === 0) await setImmediate()
    for (const other of Object.values(now.imports)) reached.add(other)
  }
  return links
}

/** Every name that a module exports, those of the modules that it exports all of included. */
export function exportedNames(links: Readonly<Record<string, ModuleLinks>>, path: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(path)) return []
  seen.add(path)
  const { names, stars, imports } = links[path]!
  const others = stars.flatMap(word => (imports[word] === undefined ? [] : exportedNames(links, imports[word]!, seen)))
  return [...new Set([...names, ...others.filter(name => name !== 'default')])]
}

export type Resolve = (from: string, word: string) => string | undefined

/** @throws {NotToBeCut} where the bundler may see it otherwise */
export function linksOf(root: string, path: string, stamp: string, resolve: Resolve, facts?: Map<string, ModuleFacts>): ModuleLinks {
  const source = readFileSync(join(root, path), 'utf8')
  const parsed = parseSync(path, source)
  const { module, errors } = parsed
  // The bundler tells of these what is wrong, and of an import that waits for its moment it knows more.
  if (errors.length > 0 || module.dynamicImports.length > 0) throw new NotToBeCut(path)
  facts?.set(path, moduleFacts(join(root, path), source, parsed))
  const exported = module.staticExports.flatMap(({ entries }) => entries).filter(({ isType }) => !isType)
  const words = new Set([...module.staticImports.filter(({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType)).map(({ moduleRequest }) => moduleRequest.value), ...exported.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])])
  const imports = Object.fromEntries([...words].flatMap(word => {
    const found = resolve(path, word)
    return found === undefined ? [] : [[word, found]]
  }))
  const stars = exported.filter(({ exportName, importName }) => exportName.kind === 'None' && importName.kind === 'AllButDefault').map(({ moduleRequest }) => moduleRequest!.value)
  if (stars.some(word => imports[word] === undefined)) throw new NotToBeCut(path)
  return { stamp, imports, stars, names: exported.flatMap(({ exportName }) => (exportName.kind === 'Default' ? 'default' : exportName.kind === 'Name' ? exportName.name! : [])) }
}

/** As the bundler resolves; most words name a neighbour that is known by then. */
export function resolver(root: string, known: ReadonlySet<string>): Resolve {
  const words = new ResolverFactory({
    extensions: ['.tsx', '.ts', '.jsx', '.js', '.json'],
    extensionAlias: { '.js': ['.ts', '.tsx', '.js'], '.mjs': ['.mts', '.mjs'], '.cjs': ['.cts', '.cjs'] },
    conditionNames: ['node', 'import', 'module', 'default'],
  })
  return (from, word) => {
    if (!/^[./#]/.test(word) || word === '#framework') return undefined
    const near = join(dirname(from), `${word}.ts`)
    if (word.startsWith('.') && known.has(near)) return near
    const { path } = words.sync(join(root, dirname(from)), word)
    if (path === undefined || path === null) throw new NotToBeCut(from)
    const local = relative(root, path)
    return local.startsWith('..') || path.includes('/node_modules/') ? undefined : local
  }
}

/** A project that is better bundled as a whole. */
export class NotToBeCut extends Error {
  constructor(path: string) {
    super(`${path} can't be bundled apart from the others`)
  }
}
