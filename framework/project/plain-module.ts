import { moduleRunnerTransform } from 'rolldown/experimental'
import { transform } from 'rolldown/utils'

/** A module as the body of a function: what it imports are objects under names of their own, what it exports are expressions over what it declares. */
export interface PlainModule {
  readonly imports: readonly PlainImport[]
  /** The expression behind each name; those that it exports all of another module are not among them. */
  readonly exports: ReadonlyMap<string, string>
  /** The imports of which it exports all, by their locals. */
  readonly stars: readonly string[]
  readonly body: string
  /** Whether evaluating it may take more than one turn. */
  readonly waits: boolean
  /** Whether none of its exports can become another value once it was evaluated. */
  readonly settled: boolean
}

export interface PlainImport {
  /** Of a module whose imports can't become other values it may be a pattern that takes their names out of the object. */
  readonly local: string
  readonly word: string
  /** Absent where the module is imported as a whole, or for what it does. */
  readonly names?: readonly string[] | undefined
}

/**
 * Compiles a TypeScript module by itself, which takes less than to link it into a bundle.
 * @param isSettled whether nothing that comes by this word can become another value once the module begins
 * @returns undefined where a bundler may see it otherwise, or has to say what is wrong with it
 */
export async function plainModule(path: string, source: string, isSettled: (word: string) => boolean = () => false): Promise<PlainModule | undefined> {
  if (!/\.m?[jt]s$/.test(path) || source.startsWith('#!')) return undefined
  const { code, errors } = await transform(path, source, { decorator: { legacy: true }, target: 'es2022', tsconfig: false })
  if (errors.length > 0 || OTHERWISE.test(code) || assignsImports(code)) return undefined
  const unpacked = unpackedOnce(code, isSettled)
  if (unpacked) return unpacked
  const linked = await moduleRunnerTransform(path, code)
  return linked.errors.length > 0 ? undefined : taken(path, linked.code)
}

/** What becomes another thing in a function, what the compiler's second half drops or mistakes (attributes of imports, a default beside a namespace), and the names that are given out below. */
const OTHERWISE = /\brequire\s*\(|\beval\s*\(|\b__dirname\b|\b__filename\b|varve\$|__vite_ssr_|^import [^{*\n]*, \* as |^(?:import|export)\b[^\n]*" with \{/m

/** That is a mistake, of which a bundler knows the place. It may be found where there is none, as in a text. */
function assignsImports(code: string): boolean {
  const names = new Set([...code.matchAll(IMPORTED)].flatMap(([, clause]) => [...clause!.matchAll(LOCAL)].map(([name]) => name)))
  if (names.size === 0) return false
  // Operators are looked for first and names beside them, since there are few of the ones and many of the others.
  for (const { 0: operator, index } of code.matchAll(OPERATOR)) {
    const start = startOfName(code, index)
    if (names.has(code.slice(start, index)) && code[start - 1] !== '.' && !DECLARED.test(code.slice(Math.max(0, start - 6), start))) return true
    if (operator === '++' || operator === '--') if (names.has(nameAt(code, index + 2))) return true
  }
  return false
}

const IMPORTED = /^import ([^"\n]+) from "/gm
const LOCAL = /[\p{ID_Continue}$]+(?=\s*(?:[,}]|$))/gu
const OPERATOR = /\+\+|--| [-+*/%&|^<>?]{0,3}=(?![=>])/g
const DECLARED = /(?<![\w$])(?:const|let|var) $/
const NAME = /[\p{ID_Continue}$]*/uy

function startOfName(code: string, end: number): number {
  let start = end
  while (start > 0 && /[\p{ID_Continue}$\uD800-\uDFFF]/u.test(code[start - 1]!)) start -= 1
  return start
}

function nameAt(code: string, start: number): string {
  NAME.lastIndex = start
  return NAME.exec(code)![0]
}

const NAMED_IMPORT = /import (?:\{ ([\p{ID_Continue}$, ]+) \}|([\p{ID_Continue}$]+)) from "([^"\\\n]+)";\n/uy
const LAST_EXPORT = /(?<=^|\n)export \{ ([\p{ID_Continue}$, ]+) \};\n$/u

/**
 * The module as most are: names from modules that are settled in front, one list of exports at the end, and neither word anywhere between. Its names stand for what they stood for,
 * so that nothing has to be written anew. Undefined of any other.
 */
function unpackedOnce(code: string, isSettledWord: (word: string) => boolean): PlainModule | undefined {
  const imports: PlainImport[] = []
  const end = LAST_EXPORT.exec(code)
  if (!end) return undefined
  let at = 0
  for (NAMED_IMPORT.lastIndex = 0; ; at = NAMED_IMPORT.lastIndex) {
    const [, list, whole, word] = NAMED_IMPORT.exec(code) ?? []
    if (word === undefined) break
    if (!isSettledWord(word)) return undefined
    const pairs = list === undefined ? [['default', whole!]] : pairsIn(list)
    imports.push({ local: `{ ${pairs.map(([name, local]) => (name === local ? name : `${name}: ${local}`)).join(', ')} }`, word, names: pairs.map(([name]) => name!) })
  }
  const body = code.slice(at, end.index)
  if (/\bimport\b|^\s*export\b/m.test(body)) return undefined
  const exports = new Map(pairsIn(end[1]!).map(([local, name]) => [name ?? local!, local!] as const))
  return { imports, exports, stars: [], body, waits: /\bawait\b/.test(body), settled: [...exports.values()].every(isSettled(body)) }
}

/** `a as b, c`, which names itself. */
const pairsIn = (list: string): string[][] => list.split(', ').map(each => each.split(' as ')).map(([a, b]) => [a!, b ?? a!])

const EXPORT = /Object\.defineProperty\(__vite_ssr_exports__, "([^"\\\n]+)", \{\n\tenumerable: true,\n\tconfigurable: true,\n\tget\(\) \{\n\t\treturn ([\p{ID_Continue}$.]+);\n\t\}\n\}\);\n/uy
const IMPORT = /const (__vite_ssr_import_\d+__) = await __vite_ssr_import__\("([^"\\\n]+)"(?:, \{ importedNames: \[([^\]]*)\] \})?\);\n/y
const STAR = /__vite_ssr_exportAll__\((__vite_ssr_import_\d+__)\);\n/y

/** Takes off what stands before the module's own statements: its exports and its imports, in that order. */
function taken(path: string, code: string): PlainModule | undefined {
  const exports = new Map<string, string>()
  const imports: PlainImport[] = []
  const stars: string[] = []
  let at = 0
  const next = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(code) ?? undefined
    at += found?.[0].length ?? 0
    return found
  }
  for (let found = next(EXPORT); found; found = next(EXPORT)) exports.set(found[1]!, named(found[2]!))
  for (;;) {
    const found = next(IMPORT)
    if (found) {
      imports.push({ local: named(found[1]!), word: found[2]!, names: found[3] === undefined ? undefined : (JSON.parse(`[${found[3]}]`) as string[]) })
      continue
    }
    const star = next(STAR)
    if (!star) break
    stars.push(named(star[1]!))
  }
  const rest = code.slice(at)
  if (UNTAKEN.test(rest)) return undefined
  const body = named(rest)
  // Without a word of a module it may be one of the old kind, which a bundler knows.
  if (exports.size + imports.length === 0 && (/\.m?js$/.test(path) || /\b(?:module|exports)\b/.test(body))) return undefined
  return { imports, exports, stars, body, waits: /\bawait\b/.test(body), settled: [...exports.values()].every(isSettled(body)) }
}

/** Under names of our own, since a test runner may compile it once more. */
const named = (code: string): string => code.replaceAll('__vite_ssr_import_meta__', 'import.meta').replaceAll('__vite_ssr_', 'varve$')

const UNTAKEN = /__vite_ssr_(?:exports__|import__|exportAll__|dynamic_import__)/

/** A class under decorators and an enumeration are variables, of which nobody would make another thing. */
const LIKE_A_CONSTANT = /^(?:let|var) [\p{ID_Continue}$]+ = (?:class\b|\/\* @__PURE__ \*\/ function\()/gmu

function isSettled(body: string): (expression: string) => boolean {
  const rest = body.replaceAll(LIKE_A_CONSTANT, '')
  if (!/^(?:let|var)\b/m.test(rest)) return () => true
  const constants = new Set([...body.matchAll(/^(?:const|class|(?:async )?function\*?) ([\p{ID_Continue}$]+)/gmu), ...body.matchAll(/^(?:let|var) ([\p{ID_Continue}$]+) = (?:class\b|\/\* @__PURE__ \*\/ function\()/gmu)].map(([, name]) => name!))
  return expression => expression.startsWith('varve$import_') || constants.has(expression)
}
