import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'
import type { BundleFacts } from './bundle-facts.ts'
import { fileStamp } from './cache.ts'
import { moduleFacts, type ModuleFacts } from './module-digest.ts'

export interface Bundle {
  /** One ES module; its export `modules` maps each entry's path to what it exports. With its source map, where Node was told to go by those. */
  readonly code: string
  readonly facts: BundleFacts
}

const ENTRY = 'varve:entries'
/** The module that hands over the framework. */
export const FACE = 'varve:framework'

/**
 * Bundles the entries and every local module that they reach into one file. Packages stay imports; the framework is handed over
 * through a symbol, so that its classes are the running ones.
 * @param known what was learnt the last time: modules that have not changed since are not looked at again
 * @throws {AssetsDoNotCompile} with file, line and column.
 */
export async function bundleAssets(root: string, entries: readonly string[], frameworkNames: readonly string[], known?: BundleFacts): Promise<Bundle> {
  const parsed = new Map<string, Parsed>()
  try {
    const code = await packed({
      root,
      modules: { [ENTRY]: entryModule(root, entries), [FACE]: faceModule(frameworkNames) },
      resolveId: { filter: { id: /^(varve|varve:entries|#framework)$/ }, handler: id => (id === ENTRY ? ENTRY : FACE) },
      parsed,
    })
    return { code, facts: factsOf(root, parsed, known) }
  } catch (error) {
    throw compileError(root, error)
  }
}

export interface Packing {
  readonly root: string
  /** The texts of modules that no file holds, by their ids; the first is where it begins. */
  readonly modules: Readonly<Record<string, string>>
  readonly resolveId: { readonly filter: { readonly id: RegExp }; handler(id: string, importer: string | undefined): string | undefined }
  /** Is filled with the local modules that were read. */
  readonly parsed: Map<string, Parsed>
  /** The words that stay imports as they are, besides those of packages. */
  readonly external?: readonly string[] | undefined
}

/** One ES module of all that the first module reaches. Packages stay imports. */
export async function packed({ root, modules, resolveId, parsed, external = [] }: Packing): Promise<string> {
  const { rolldown } = await import('rolldown')
  const build = await rolldown({
    input: Object.keys(modules)[0]!,
    cwd: root,
    platform: 'node',
    logLevel: 'silent',
    treeshake: false,
    transform: { decorator: { legacy: true }, target: 'es2022' },
    tsconfig: false,
    // Patterns and not functions: each call from the bundler costs more than what it asks.
    external: [/^(?![./#\0]|varve:|varve$|@oxc-project\/)/, ...external],
    plugins: [
      {
        name: 'varve',
        resolveId,
        load: { filter: { id: /^varve:/ }, handler: (id: string) => modules[id] },
        moduleParsed: ({ id, importedIds }) => void (isLocal(root, id) && parsed.set(id, { stamp: fileStamp(id), imports: importedIds })),
      },
    ],
  })
  const { output } = await build.generate({ format: 'esm', sourcemap: process.sourceMapsEnabled ? 'inline' : false, codeSplitting: false, minify: false })
  await build.close()
  return output[0].code
}

export function entryModule(root: string, entries: readonly string[]): string {
  const lines = entries.map((entry, i) => `import * as m${i} from ${JSON.stringify(join(root, entry))}`)
  return `${lines.join('\n')}\nexport const modules = { ${entries.map((entry, i) => `${JSON.stringify(entry)}: m${i}`).join(', ')} }`
}

export const faceModule = (names: readonly string[]): string => `const framework = globalThis[Symbol.for('varve.framework')]\n${names.map(name => `export const ${name} = framework.${name}`).join('\n')}`

export interface Parsed {
  readonly stamp: string
  readonly imports: readonly string[]
}

/** @param read the facts of a module, where it was read already as it is now */
export function factsOf(root: string, parsed: ReadonlyMap<string, Parsed>, known: BundleFacts | undefined, read: (path: string) => ModuleFacts | undefined = () => undefined): BundleFacts {
  const modules: Record<string, BundleFacts['modules'][string]> = {}
  for (const id of [...parsed.keys()].sort()) {
    const { stamp, imports } = parsed.get(id)!
    const path = relative(root, id)
    const before = known?.modules[path]
    const { digest, classes, reach } = before?.stamp === stamp ? before : (read(path) ?? moduleFacts(id, readFileSync(id, 'utf8')))
    modules[path] = { stamp, digest, classes, reach, imports: imports.filter(other => isLocal(root, other)).map(other => relative(root, other)).sort() }
  }
  return { modules }
}

export const isLocal = (root: string, id: string): boolean => id.startsWith(root) && !id.includes('/node_modules/')

interface BundlerLog {
  readonly message?: string
  readonly code?: string
  readonly id?: string
  readonly loc?: { readonly file?: string; readonly line: number; readonly column: number }
}

function compileError(root: string, error: unknown): unknown {
  const logs = (error as { errors?: readonly BundlerLog[] }).errors
  const first = logs?.[0]
  if (!first) return error
  const file = first.loc?.file ?? first.id
  return new AssetsDoNotCompile(sentence(first.message ?? String(error)), file && { file: relative(root, file), line: first.loc?.line, column: first.loc && first.loc.column + 1 })
}

/** The bundler's message without its picture of the code. */
const sentence = (message: string): string => stripVTControlCharacters(message).split('\n').find(line => line.trim() !== '')!.replace(/^\[\w+\]\s*/, '').replace(/^Error:\s*/, '')

export class AssetsDoNotCompile extends ExplainedError {
  readonly code = 'project/assets-do-not-compile'
  readonly hint = 'Mend the file; `npx tsc --noEmit` tells more.'
  override readonly place: Place | undefined
  constructor(problem: string, place: Place | undefined | '') {
    super(`The assets don't compile: ${problem}`)
    this.place = place || undefined
  }
}
