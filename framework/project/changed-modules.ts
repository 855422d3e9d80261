import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileStamp } from './cache.ts'
import type { KeptModule } from './kept-modules.ts'
import type { ModuleFacts } from './module-digest.ts'

/** More than so many are better loaded with all the others. */
const MANY = 200

/**
 * The modules that are new or not as they were, looked at again. What they export is not known before they are evaluated; those that were there before
 * are taken to export what they did.
 * @returns undefined where a module is gone, or there are too many
 */
export async function changedModules(root: string, entries: readonly string[], known: ReadonlyMap<string, KeptModule>): Promise<KeptModule[] | undefined> {
  const changed: string[] = []
  for (const module of known.values()) {
    const path = module.path
    // Joined by hand: of ten thousand, `join` takes as long as the look at the file.
    const file = `${root}/${path}`
    if (fileStamp(file) === module.stamp) continue
    if (!statSync(file, { throwIfNoEntry: false })) return undefined
    changed.push(path)
  }
  const todo = new Set([...changed, ...entries.filter(path => !known.has(path))])
  if (todo.size > MANY) return undefined
  if (todo.size === 0) return []
  const { linksOf, resolver } = await import('./module-imports.ts')
  const resolve = resolver(root, new Set([...known.keys(), ...entries]))
  const found: KeptModule[] = []
  for (const path of todo) {
    const stamp = fileStamp(join(root, path))
    const read = new Map<string, ModuleFacts>()
    const links = linksOf(root, path, stamp, resolve, read)
    const facts = read.get(path)!
    for (const other of Object.values(links.imports)) if (!known.has(other)) todo.add(other)
    const before = known.get(path)
    const module = { path, stamp, words: links.imports, facts: { ...facts, stamp, imports: [...new Set(Object.values(links.imports))].sort() }, exports: before?.exports ?? {}, declares: before?.declares ?? false }
    found.push({ ...module, solid: solidImports(module, other => known.get(other)?.exports) })
  }
  return found
}

/** The local modules of which a module needs more than the keys of the assets that they export. */
export function solidImports({ facts: { reach }, words }: Pick<KeptModule, 'facts' | 'words'>, exportsOf: (path: string) => KeptModule['exports'] | undefined): string[] {
  if (!reach) return [...new Set(Object.values(words))]
  const named = Object.entries(reach.upstreams).filter(([word, names]) => {
    const exported = words[word] === undefined ? undefined : exportsOf(words[word])
    return !names.every(name => exported && name in exported)
  })
  return [...new Set([...reach.modules, ...named.map(([word]) => word)].flatMap(word => words[word] ?? []))]
}

/** Whether a module's evaluation hangs on nothing but its text and that of its local modules. */
export function isPure({ facts: { reach }, words }: Pick<KeptModule, 'facts' | 'words'>): boolean {
  return reach !== undefined && reach.impure === undefined && [...reach.modules, ...Object.keys(reach.upstreams)].every(word => words[word] !== undefined)
}
