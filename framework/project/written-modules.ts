import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileStamp } from './cache.ts'
import { NotToBeCut } from './module-imports.ts'
import { plainModule, type PlainModule } from './plain-module.ts'

export interface Writing {
  readonly root: string
  /** Paths, what is imported first: no two may import each other. */
  readonly modules: readonly string[]
  readonly stampOf: (path: string) => string
  /** The local modules that a module imports, by its words. */
  readonly wordsOf: (path: string) => Readonly<Record<string, string>>
  /** A module that stands elsewhere: what it is called in `head`, and the names that it exports. */
  readonly outside: (path: string) => Outside
  readonly frameworkNames: ReadonlySet<string>
}

export interface Outside {
  readonly object: string
  readonly names: readonly string[]
  /** Whether none of its exports can become another value. */
  readonly settled: boolean
}

export interface WrittenModules {
  /** Statements that evaluate the modules in their order. Packages are imported in front. */
  readonly code: string
  readonly modules: ReadonlyMap<string, WrittenModule>
}

/** Its object is as that of `import * as`. */
export interface WrittenModule extends Outside {
  /** The local modules that it imports. */
  readonly imports: readonly string[]
}

/**
 * Writes modules one after the other into one text, each as a function of its own, without a bundler.
 * @returns undefined where one of them has to be bundled
 * @throws {NotToBeCut} where one imports what there is not
 */
export async function writtenModules(writing: Writing): Promise<WrittenModules | undefined> {
  if (process.sourceMapsEnabled) return undefined
  const { root, modules: paths, stampOf, wordsOf, outside } = writing
  const here = new Set(paths)
  const isSettled = (path: string, word: string) => {
    if (FACES.has(word) || HELPERS[word] !== undefined) return true
    const other = wordsOf(path)[word]
    return other !== undefined && (here.has(other) || outside(other).settled)
  }
  const compiled = await Promise.all(paths.map(path => {
    const file = join(root, path)
    const source = readFileSync(file, 'utf8')
    return fileStamp(file) === stampOf(path) ? plainModule(file, source, word => isSettled(path, word)) : undefined
  }))
  const text = new Text(writing)
  for (const [i, path] of paths.entries()) if (!compiled[i] || !text.add(path, compiled[i])) return undefined
  return text.written()
}

/** A package's words, as the bundler is told them. */
const PACKAGE = /^(?![./#\0]|varve:|varve$|@oxc-project\/)/
const FACES: ReadonlySet<string> = new Set(['varve', '#framework'])
const HELPERS: Readonly<Record<string, string>> = { '@oxc-project/runtime/helpers/decorate': 'varve$decorate', '@oxc-project/runtime/helpers/decorateParam': 'varve$decorateParam' }

/** What any such text begins with: the objects of modules, and decorators as TypeScript has them. */
const HEAD = `const varve$face = globalThis[Symbol.for('varve.framework')]
const varve$module = getters => {
  const module = Object.create(null)
  for (const name of Object.keys(getters).sort()) Object.defineProperty(module, name, { enumerable: true, get: getters[name] })
  return Object.preventExtensions(Object.defineProperty(module, Symbol.toStringTag, { value: 'Module' }))
}
const varve$decorate = { default(decorators, target, ...place) {
  const [key, descriptor] = place
  if (place.length === 0) return Reflect.decorate(decorators, target)
  const decorated = Reflect.decorate(decorators, target, key, descriptor === null ? Object.getOwnPropertyDescriptor(target, key) : descriptor)
  if (place.length > 1 && decorated) Object.defineProperty(target, key, decorated)
  return decorated
} }
const varve$decorateParam = { default: (index, decorator) => (target, key) => void decorator(target, key, index) }
`

class Text {
  readonly #writing: Writing
  readonly #modules = new Map<string, WrittenModule>()
  readonly #parts: string[] = []
  readonly #packages = new Map<string, { readonly object: string; readonly names: Set<string> }>()

  constructor(writing: Writing) {
    this.#writing = writing
  }

  add(path: string, { imports, exports, stars, body, waits, settled }: PlainModule): boolean {
    const words = this.#writing.wordsOf(path)
    const objects = new Map<string, Outside>()
    for (const { local, word, names } of imports) {
      const from = this.#imported(path, words, word, names)
      if (!from || (local.startsWith('{') && !from.settled)) return false
      objects.set(local, from)
    }
    const getters = [...exports].map(([name, expression]) => `${JSON.stringify(name)}: () => ${expression}`)
    const all = new Set(exports.keys())
    for (const star of stars) {
      const { object, names } = objects.get(star)!
      // Nobody can tell what a package will export; and of two modules that export one name, neither counts.
      if (object.startsWith('varve$p') || names.some(name => name !== 'default' && !exports.has(name) && all.has(name))) return false
      for (const name of names) {
        if (name === 'default' || all.has(name)) continue
        all.add(name)
        getters.push(`${JSON.stringify(name)}: () => ${star}[${JSON.stringify(name)}]`)
      }
    }
    const borrowed = [...exports.values()].flatMap(expression => objects.get(expression.split('.')[0]!) ?? [])
    const object = `varve$m${this.#modules.size}`
    const head = imports.map(({ local }) => `const ${local} = ${objects.get(local)!.object};\n`).join('')
    const made = `varve$module({ ${getters.join(', ')} })`
    const text = `${head}${body}`
    this.#parts.push(waits ? `// ${path}\nlet ${object}\nawait (async () => {\n${text}${object} = ${made}\n})()\n` : `// ${path}\nconst ${object} = (() => {\n${text}return ${made}\n})()\n`)
    this.#modules.set(path, { object, names: [...all].sort(), imports: [...new Set(imports.flatMap(({ word }) => words[word] ?? []))], settled: settled && borrowed.every(from => from.settled) })
    return true
  }

  written(): WrittenModules {
    const packages = [...this.#packages].map(([word, { object, names }]) => {
      const from = JSON.stringify(word)
      // The names are asked for so that Node says which of them there is not.
      return `import * as ${object} from ${from}\n${names.size === 0 ? '' : `import { ${[...names].map((name, i) => `${name} as ${object}$${i}`).join(', ')} } from ${from}\n`}`
    })
    return { code: `${packages.join('')}${HEAD}${this.#parts.join('')}`, modules: this.#modules }
  }

  /** Undefined where the bundler has to say what is wrong with it. */
  #imported(importer: string, words: Readonly<Record<string, string>>, word: string, names: readonly string[] | undefined): Outside | undefined {
    if (HELPERS[word] !== undefined) return { object: HELPERS[word], names: [], settled: true }
    if (FACES.has(word)) {
      if (names?.every(name => this.#writing.frameworkNames.has(name)) === false) throw new NotToBeCut(importer)
      return { object: 'varve$face', names: [...this.#writing.frameworkNames], settled: true }
    }
    const path = words[word]
    if (path !== undefined) {
      const from = this.#modules.get(path) ?? this.#writing.outside(path)
      if (names?.every(name => from.names.includes(name)) === false) throw new NotToBeCut(importer)
      return from
    }
    if (!PACKAGE.test(word) || names?.every(name => /^[\w$]+$/.test(name)) === false) return undefined
    const known = this.#packages.get(word) ?? { object: `varve$p${this.#packages.size}`, names: new Set() }
    this.#packages.set(word, known)
    for (const name of names ?? []) known.names.add(name)
    return { object: known.object, names: [], settled: false }
  }
}
