import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { ResolverFactory } from 'rolldown/experimental'
import { parseSync } from 'rolldown/utils'
import { fileStamp } from './cache.ts'
import { moduleFacts, type ModuleFacts } from './module-digest.ts'
import { nameOf, namesIn, wordOf, type Node } from './module-reach.ts'

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
  const { program, errors } = parsed
  // The bundler tells of these what is wrong, and of an import that waits for its moment it knows more.
  if (errors.length > 0 || (MAYBE_DYNAMIC.test(source) && parsed.module.dynamicImports.length > 0)) throw new NotToBeCut(path)
  facts?.set(path, moduleFacts(join(root, path), source, parsed))
  const { words, names, stars } = wordsIn(program.body as unknown as readonly Node[])
  // What the parser handed out outlives its use until memory is looked through as a whole: let go of here, most of it is given back at once.
  program.body = []
  const imports = Object.fromEntries([...words].flatMap(word => {
    const found = resolve(path, word)
    return found === undefined ? [] : [[word, found]]
  }))
  if (stars.some(word => imports[word] === undefined)) throw new NotToBeCut(path)
  return { stamp, imports, stars, names }
}

const MAYBE_DYNAMIC = /\bimport\s*[(./]/

/** What a module says of others, types aside. Taken from its tree: the parser has a list of it too, which takes as long to hand over as the tree. */
export function wordsIn(body: readonly Node[]): Pick<ModuleLinks, 'names' | 'stars'> & { readonly words: ReadonlySet<string> } {
  const words = new Set<string>()
  const names: string[] = []
  const stars: string[] = []
  const types = new Set<string | undefined>()
  for (const statement of body) {
    switch (statement.type) {
      case 'ImportDeclaration': {
        const specifiers = statement['specifiers'] as Node[]
        const ofTypes = statement['importKind'] === 'type' ? specifiers : specifiers.filter(({ importKind }) => importKind === 'type')
        for (const { local } of ofTypes) types.add(nameOf(local))
        if (statement['importKind'] !== 'type' && (specifiers.length === 0 || specifiers.length > ofTypes.length)) words.add(wordOf(statement))
        break
      }
      case 'ExportAllDeclaration':
        if (statement['exportKind'] === 'type') break
        words.add(wordOf(statement))
        if (statement['exported']) names.push(nameOf(statement['exported'])!)
        else stars.push(wordOf(statement))
        break
      case 'ExportDefaultDeclaration':
        if ((statement['declaration'] as Node).type !== 'TSInterfaceDeclaration') names.push('default')
        break
      case 'ExportNamedDeclaration': {
        if (statement['exportKind'] === 'type') break
        const specifiers = (statement['specifiers'] as Node[]).filter(({ exportKind, local }) => exportKind !== 'type' && (statement['source'] || !types.has(nameOf(local))))
        if (statement['source'] && specifiers.length > 0) words.add(wordOf(statement))
        names.push(...specifiers.map(each => nameOf(each['exported'])!), ...namesOf(statement['declaration'] as Node | null))
      }
    }
  }
  return { words, names, stars }
}

function namesOf(declaration: Node | null): readonly string[] {
  if (!declaration) return []
  if (declaration.type === 'VariableDeclaration') return (declaration['declarations'] as { id: Node }[]).flatMap(({ id }) => namesIn(id))
  return [nameOf(declaration['id']) ?? '']
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
