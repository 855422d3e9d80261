import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { ExplainedError, type Place } from '../vocabulary/errors.ts'
import type { BundleFacts } from './bundle-facts.ts'
import { moduleFacts } from './module-digest.ts'

export interface Bundle {
  /** One ES module; its export `modules` maps each entry's path to what it exports. */
  readonly code: string
  readonly facts: BundleFacts
}

const ENTRY = 'varve:entries'
const FACE = 'varve:framework'
const FRAMEWORK_NAMES = new Set(['#framework', 'varve'])

/**
 * Bundles the entries and every local module that they reach into one file. Packages stay imports; the framework is handed over
 * through a symbol, so that its classes are the running ones.
 * @throws {AssetsDoNotCompile} with file, line and column.
 */
export async function bundleAssets(root: string, entries: readonly string[], frameworkNames: readonly string[]): Promise<Bundle> {
  const { rolldown } = await import('rolldown')
  const imports = new Map<string, readonly string[]>()
  try {
    const build = await rolldown({
      input: ENTRY,
      cwd: root,
      platform: 'node',
      logLevel: 'silent',
      treeshake: false,
      transform: { decorator: { legacy: true }, target: 'es2022' },
      tsconfig: false,
      external: id => !id.startsWith('.') && !id.startsWith('/') && !id.startsWith('#') && !id.startsWith('varve:') && !id.startsWith('\0') && !id.startsWith('@oxc-project/') && !FRAMEWORK_NAMES.has(id),
      plugins: [
        {
          name: 'varve',
          resolveId: (id: string) => (id === ENTRY ? ENTRY : FRAMEWORK_NAMES.has(id) ? FACE : null),
          load: (id: string) => (id === ENTRY ? entryModule(root, entries) : id === FACE ? faceModule(frameworkNames) : null),
          moduleParsed: info => void imports.set(info.id, info.importedIds),
        },
      ],
    })
    const { output } = await build.generate({ format: 'esm', sourcemap: 'inline', codeSplitting: false })
    await build.close()
    return { code: output[0].code, facts: factsOf(root, imports) }
  } catch (error) {
    throw compileError(root, error)
  }
}

function entryModule(root: string, entries: readonly string[]): string {
  const lines = entries.map((entry, i) => `import * as m${i} from ${JSON.stringify(join(root, entry))}`)
  return `${lines.join('\n')}\nexport const modules = { ${entries.map((entry, i) => `${JSON.stringify(entry)}: m${i}`).join(', ')} }`
}

const faceModule = (names: readonly string[]): string => `const framework = globalThis[Symbol.for('varve.framework')]\n${names.map(name => `export const ${name} = framework.${name}`).join('\n')}`

function factsOf(root: string, imports: ReadonlyMap<string, readonly string[]>): BundleFacts {
  const local = (id: string) => id.startsWith(root) && !id.includes('/node_modules/')
  const modules: Record<string, BundleFacts['modules'][string]> = {}
  for (const id of [...imports.keys()].filter(local).sort()) {
    const { digest, classes } = moduleFacts(id, readFileSync(id, 'utf8'))
    modules[relative(root, id)] = { digest, classes, imports: imports.get(id)!.filter(local).map(other => relative(root, other)).sort() }
  }
  return { modules }
}

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
