import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadAssets } from '../../framework/project/load-assets.ts'

let root: string
let cache: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'varve-written-'))
  cache = join(root, '.varve', 'cache')
  write('package.json', '{ "type": "module", "imports": { "#lib/*": "./lib/*.ts" } }')
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'))
  write('assets/bronze/orders.ts', "import { Asset, SqlAsset, sql } from 'varve'\n@Asset({ key: 'bronze/orders' })\nexport class Orders extends SqlAsset { query() { return sql`select 1 as id` } }")
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

/** What `lib/main.ts` exports, as plain values, where each segment holds so many modules. */
async function exported(cutting: { readonly from: number; readonly most?: number }): Promise<unknown> {
  rmSync(cache, { recursive: true, force: true })
  const sizes = cutting.most === undefined ? undefined : { least: cutting.most, most: cutting.most }
  const { others } = await loadAssets(root, cache, { others: ['lib/main.ts'], cutting: { from: cutting.from, sizes } })
  return others.get('lib/main.ts')!['result']
}

const bundled = () => {
  const [folder] = readdirSync(join(cache, 'segments'))
  const files = readdirSync(join(cache, 'segments', folder!)).filter(name => /^s\w+\.mjs$/.test(name)).map(name => readFileSync(join(cache, 'segments', folder!, name), 'utf8'))
  return files.filter(text => !text.includes('varve$module')).flatMap(text => [...text.matchAll(/^\/\/ (lib\/\S+)$/gm)].map(([, path]) => path!)).sort()
}

interface Case {
  readonly modules: Readonly<Record<string, string>>
  /** Those that are left to the bundler where each module is a segment of its own. */
  readonly left?: readonly string[]
}

const CASES: Readonly<Record<string, Case>> = {
  'defaults: a class, a function, a value, one without a name': { modules: {
    'lib/class.ts': 'export default class Named { static word = "class" }',
    'lib/function.ts': 'export default function called() { return "function" }',
    'lib/value.ts': 'export default { word: "value" }',
    'lib/nameless.ts': 'export default () => "nameless"',
    'lib/main.ts': "import Named from './class'\nimport called from './function'\nimport { default as value } from './value'\nimport nameless from './nameless'\nexport const result = [Named.word, Named.name, called(), value.word, nameless()]",
  } },
  'a module under a name, in the order of its names': { modules: {
    'lib/names.ts': 'export const b = 2\nexport const a = 1\nexport function c() { return 3 }',
    'lib/main.ts': "import * as names from './names'\nexport const result = [Object.keys(names), names.c(), 'd' in names, Object.prototype.toString.call(names), Object.isExtensible(names)]",
  } },
  'exports of exports, all of them and under other names': { modules: {
    'lib/deep.ts': 'export const one = 1\nexport const two = 2\nexport default 3',
    'lib/barrel.ts': "export * from './deep'\nexport { default as three, one as uno } from './deep'\nexport * as deep from './deep'\nexport const two = 'mine'",
    'lib/main.ts': "import * as barrel from './barrel'\nexport const result = [barrel.one, barrel.two, barrel.three, barrel.uno, barrel.deep.two, Object.keys(barrel)]",
  } },
  'enumerations, namespaces and constants of enumerations': { modules: {
    'lib/enums.ts': "export enum Color { Red, Green = 'g' }\nexport const enum Size { Small = 1, Large = Small * 10 }",
    'lib/spaces.ts': 'export namespace Shapes { export const sides = 4; export namespace Deep { export const x = sides + 1 } }',
    'lib/main.ts': "import { Color, Size } from './enums'\nimport { Shapes } from './spaces'\nexport const result = [Color.Red, Color[0], Color.Green, Size.Large, Shapes.sides, Shapes.Deep.x]",
  }, left: ['lib/spaces.ts'] },
  'types that are imported like values': { modules: {
    'lib/types.ts': 'export interface Shape { readonly sides: number }\nexport type Word = string\nexport const word: Word = "typed"',
    'lib/main.ts': "import { word, Shape, type Word } from './types'\nimport type * as all from './types'\nconst shape: Shape = { sides: 3 }\nexport type { Word }\nexport const result = [word satisfies Word, shape.sides, ({} as all.Shape).sides]",
  } },
  'imports for what they do, in their order': { modules: {
    'lib/list.ts': 'export const list: string[] = []',
    'lib/first.ts': "import { list } from './list'\nlist.push('first')",
    'lib/second.ts': "import './first'\nimport { list } from './list'\nlist.push('second')",
    'lib/main.ts': "export const result = list\nlist.push('main')\nimport './second'\nimport './first'\nimport { list } from './list'",
  } },
  'a variable that changes after it was imported': { modules: {
    'lib/count.ts': 'export let count = 0\nexport const more = () => { count += 1 }',
    'lib/reader.ts': "import { count } from './count'\nexport const seen = () => count",
    'lib/again.ts': "export { count as again } from './count'",
    'lib/main.ts': "import { count, more } from './count'\nimport * as all from './count'\nimport { again } from './again'\nimport { seen } from './reader'\nmore()\nmore()\nconst result = [count, all.count, again, seen()]\nexport { result }",
  }, left: ['lib/again.ts', 'lib/count.ts'] },
  'names that are listed at the end, beside texts that end so too': { modules: {
    'lib/plain.ts': 'const ends = `\nexport { ends };\n\n`\nconst begins = "begins"\nexport { ends, begins as default, begins }',
    'lib/main.ts': "import begins, { ends, begins as start } from './plain'\nimport whole from './plain'\nimport { ends as others } from './plain'\nconst local = (ends: number) => ({ ends, others })\nconst result = [begins, ends, start, whole, local(1)]\nexport { result }",
  } },
  'circles': { modules: {
    'lib/even.ts': "import { odd } from './odd'\nexport const even = (n: number): boolean => n === 0 || odd(n - 1)",
    'lib/odd.ts': "import { even } from './even'\nexport function odd(n: number): boolean { return n !== 0 && even(n - 1) }",
    'lib/main.ts': "import { even } from './even'\nexport const result = [even(4), even(5)]",
  }, left: ['lib/even.ts', 'lib/odd.ts'] },
  'names that are shadowed, and those of the files around them': { modules: {
    'lib/names.ts': 'export const value = 1\nexport const modules = 2\nexport const all = 3\nexport const m0 = 4',
    'lib/main.ts': "import { value, modules, all, m0 } from './names'\nconst own = (value: number) => ({ value, modules })\nconst varve = 'word'\nexport const result = [own(7), value, all, m0, varve, (() => { const value = 'inner'; return { value } })()]",
  } },
  'assignments to what only looks like an import': { modules: {
    'lib/names.ts': 'export const value = 1\nexport const other = { value: 2, count: 3 }\nexport const near = 4',
    'lib/main.ts': "import { value, other, near } from './names'\nother.value = 5\nother.count++\nconst own = () => { let value = 6; const near = () => value === 6; return [value, near()] }\nconst myvalue = { near: 7 }\nmyvalue.near += 1\nexport const result = [value, other, near, own(), myvalue]",
  } },
  'packages, with what they export as a whole, by name and by default': { modules: {
    'lib/path.ts': "export { sep } from 'node:path'",
    'lib/main.ts': "import path, { join as joined } from 'node:path'\nimport * as url from 'node:url'\nimport { sep } from './path'\nexport const result = [path.join('a', 'b'), joined('c', 'd'), typeof url.fileURLToPath, sep]",
  }, left: ['lib/path.ts'] },
  'a default beside a namespace': { modules: {
    'lib/both.ts': "export default 'default'\nexport const named = 'named'",
    'lib/main.ts': "import word, * as all from './both'\nexport const result = [word, all.named, all.default]",
  }, left: ['lib/main.ts'] },
  'what waits before it is there': { modules: {
    'lib/slow.ts': 'export const slow = await new Promise<string>(resolve => setTimeout(resolve, 5, "waited"))\nexport const then = (resolve: (word: string) => void) => resolve("never asked")',
    'lib/main.ts': "import * as all from './slow'\nexport const result = [all.slow, typeof all.then]",
  } },
  'decorators of classes, methods, fields, accessors and parameters': { modules: {
    'lib/decorators.ts': `export const seen: string[] = []
export const onClass = (word: string) => <T extends new (...a: never[]) => object>(target: T) => { seen.push(\`class \${word} \${target.name}\`) }
export const replacing = (target: new () => object) => class extends target { readonly replaced = true } as never
export const onMember = (target: object, key: string, descriptor?: PropertyDescriptor) => { seen.push(\`\${key} \${typeof descriptor?.value} \${typeof descriptor?.get}\`) }
export const doubling = (_: object, __: string, descriptor: PropertyDescriptor) => ({ ...descriptor, value: () => 2 * descriptor.value() })
export const onParameter = (_: object, key: string | undefined, index: number) => { seen.push(\`parameter \${index} of \${key}\`) }`,
    'lib/main.ts': `import { doubling, onClass, onMember, onParameter, replacing, seen } from './decorators'
@onClass('outer') @onClass('inner')
class Both { @onMember field = 1; @onMember method() {} @onMember get got() { return 1 } @doubling counted() { return 21 } constructor(@onParameter readonly a?: number, @onParameter readonly b?: number) {} static called(@onParameter _: number) {} }
@replacing
class Replaced {}
export const result = [seen, new Both().counted(), Object.keys(new Both()), (new Replaced() as { replaced?: boolean }).replaced, Replaced.name]`,
  } },
  'private and static members, accessors, and what is used up': { modules: {
    'lib/main.ts': `class Kept { static #count = 0; #own = 1; accessor seen = 2; static { Kept.#count = 5 } sum() { return Kept.#count + this.#own + this.seen } }
const log: string[] = []
function used() { using open = { [Symbol.dispose]: () => { log.push('closed') } }; log.push('open'); return open }
used()
export const result = [new Kept().sum(), log]`,
  }, left: ['lib/main.ts'] },
  'where it is, texts that look like code, and a regular expression': { modules: {
    'lib/main.ts': `const text = \`
import { x } from './nowhere'
export const y = 1
const __vite_like = await import("x")
\`
export const result = [typeof import.meta.url, text.length, /export \\{ a \\}/.test('export { a }')]`,
  } },
  'a neighbour by other words': { modules: {
    'lib/near.ts': 'export const near = "near"',
    'lib/index.ts': "export { near as index } from './near.js'",
    'lib/main.ts': "import { near } from './near.ts'\nimport { near as js } from './near.js'\nimport { near as mapped } from '#lib/near'\nimport { index } from '.'\nexport const result = [near, js, mapped, index]",
  } },
}

describe('modules that are written one by one do what a bundle of them does', () => {
  test.each(Object.entries(CASES))('%s', async (_, { modules, left = [] }) => {
    for (const [path, text] of Object.entries(modules)) write(path, text)
    const whole = await exported({ from: Infinity })
    expect(whole).toBeDefined()
    expect(await exported({ from: 0, most: 1 })).toEqual(whole)
    expect(bundled()).toEqual(left)
    expect(await exported({ from: 0, most: 100 })).toEqual(whole)
  })
})

describe('what is wrong is said as a bundle says it', () => {
  test.each(Object.entries({
    'a name that a neighbour does not export': { 'lib/near.ts': 'export const near = 1', 'lib/main.ts': "import { nar } from './near'\nexport const result = nar" },
    'a name that the framework does not export': { 'lib/main.ts': "import { sqll } from 'varve'\nexport const result = sqll" },
    'a package that there is not': { 'lib/main.ts': "import { x } from 'no-such-package-here'\nexport const result = x" },
    'a type that is made': { 'lib/near.ts': 'export interface Near { readonly x: number }', 'lib/main.ts': "import { Near } from './near'\nexport const result = new Near()" },
    'two imports of one name': { 'lib/near.ts': 'export const near = 1', 'lib/main.ts': "import { near } from './near'\nimport { near } from './near'\nexport const result = near" },
    'an upstream that is used before it is there': { 'lib/near.ts': "import { result } from './main'\nexport const near = [result]", 'lib/main.ts': "import { near } from './near'\nexport const result = near" },
    'a module that throws': { 'lib/bad.ts': "export const x = 1\nthrow new TypeError('on purpose')", 'lib/main.ts': "import { x } from './bad'\nexport const result = x" },
    'an import that is assigned': { 'lib/near.ts': 'export let near = 1', 'lib/main.ts': "import { near } from './near'\nexport const result = () => { near += 2 }" },
    'an import that is assigned under another name': { 'lib/near.ts': 'export let near = 1', 'lib/main.ts': "import { near as n$1 } from './near'\nexport const result = () => { n$1 ??= 2 }" },
    'an import that is counted up': { 'lib/near.ts': 'export let näher = 1', 'lib/main.ts': "import { näher } from './near'\nexport const result = () => näher++" },
    'an import that is counted down beforehand': { 'lib/near.ts': 'export default 1', 'lib/main.ts': "import near from './near'\nexport const result = () => --near" },
    'a name that is declared twice': { 'lib/main.ts': 'const a = 1\nconst a = 2\nexport const result = a' },
  }))('%s', async (_, modules) => {
    for (const [path, text] of Object.entries(modules)) write(path, text)
    const mistake = async (cutting: Parameters<typeof exported>[0]) => {
      try {
        await exported(cutting)
      } catch (error) {
        const { code, message, place } = error as { code?: string; message: string; place?: object }
        return { code, message: message.replaceAll(/imported from \S+/g, ''), place }
      }
      throw new Error('nothing was thrown')
    }
    expect(await mistake({ from: 0, most: 1 })).toEqual(await mistake({ from: Infinity }))
  })
})

test('a variable of another segment that may change from now on is seen to change', async () => {
  const sizes = { least: 1, most: 1 }
  const seen = async () => {
    const { others } = await loadAssets(root, cache, { others: ['lib/main.ts'], cutting: { from: 0, sizes } })
    return (others.get('lib/main.ts')!['seen'] as () => number)()
  }
  write('lib/count.ts', 'const more = () => {}\nconst count = 0\nexport { count, more }')
  write('lib/main.ts', "import { count, more } from './count'\nconst seen = () => { more(); return count }\nexport { seen }")
  expect(await seen()).toBe(0)
  expect(bundled()).toEqual([])
  write('lib/count.ts', 'const more = () => { count += 1 }\nlet count = 0\nexport { count, more }')
  expect(await seen()).toBe(1)
})
