import { parseSync } from 'rolldown/utils'
import { describe, expect, it } from 'vitest'
import { moduleReach, type Node } from '../../framework/project/module-reach.ts'
import { PURE_FACE, WORLDLY_FACE } from '../../framework/project/pure-names.ts'
import * as face from '../../framework/index.ts'

function reachOf(source: string) {
  const { program, errors } = parseSync('module.ts', source)
  expect(errors).toEqual([])
  return moduleReach(program as unknown as Node)
}

const ASSET = `import { Asset, SqlAsset, Upstream, sql, type QueryContext } from 'varve'
import { Orders } from './orders'
import { Customers as People } from '#assets/customers'
import { COLUMNS } from '../columns'
@Asset({ key: 'silver/a' })
export class A extends SqlAsset {
  @Upstream(() => Orders, { partitions: samePartition() }) readonly orders!: Orders
  @Upstream(() => People) readonly people!: People
  query({ dialect }: QueryContext) { return sql\`select \${COLUMNS[0]} from \${this.orders} join \${this.people} using (id) -- \${dialect}\` }
}`

describe('what a module reaches', () => {
  it('tells the classes of which it needs the keys only from the modules that it needs', () => {
    expect(reachOf(ASSET.replace('samePartition()', 'undefined'))).toEqual({ upstreams: { './orders': ['Orders'], '#assets/customers': ['Customers'] }, modules: ['../columns'] })
  })

  it('takes thunks of checks for what they are, and those of functions by the same name for what they may be', () => {
    expect(reachOf("import { relationship } from 'varve'\nimport { Orders } from './orders'\nexport const x = relationship('id', () => Orders, 'id')")).toEqual({ upstreams: { './orders': ['Orders'] }, modules: [] })
    expect(reachOf("const relationship = (f: () => { name: string }) => f().name\nimport { Orders } from './orders'\nexport const x = relationship(() => Orders)").modules).toEqual(['./orders'])
  })

  it('needs the module of a class of which it does more than name it as an upstream', () => {
    for (const more of ['export const key = Orders.name', 'export class B extends Orders {}', 'export { Orders }', 'export const all = [Orders]', 'export const one = new Orders()']) expect(reachOf(`${ASSET}\n${more}`).modules).toContain('./orders')
    expect(reachOf(`${ASSET}\ntype T = Orders\nexport const isIt = (x: Orders): x is Orders => Boolean(x as Orders)`).modules).toEqual(['../columns'])
    expect(reachOf(`import { Upstream } from 'varve'\nimport * as all from './orders'\n@Asset({}) class A { @Upstream(() => all.Orders) readonly orders!: all.Orders }`).modules).toEqual(['./orders'])
    expect(reachOf(`import './orders'\nexport * from './more'\nexport { x } from './x'\nimport type { Y } from './y'\nexport type { Z } from './z'`).modules).toEqual(['./orders', './more', './x'])
  })

  it.each([
    ['the clock', 'export const x = new Date()'],
    ['the environment', 'export const x = () => process.env.SCHEMA'],
    ['chance', 'export const x = () => Math.random()'],
    ['chance by another name', 'const { random } = Math\nexport const x = random()'],
    ['all that there is', 'export const x = globalThis'],
    ['a name that is nowhere declared', 'export const x = SOMETHING'],
    ['a function made of text', "export const x = (() => {}).constructor('return process')()"],
    ['a function made of text, destructured', "const { constructor } = () => {}\nexport const x = constructor('return process')()"],
    ['a function made of text, by a computed name', "export const x = (() => {})['constructor']"],
    ['where the module lies', 'export const x = import.meta.url'],
    ['a module that waits', "export const x = () => import('./x')"],
    ['time that passes', 'export const x = await Promise'],
    ['a stack', 'export const x = new Error().stack'],
    ['the language of the machine', "export const x = ['b', 'a'].toSorted((a, b) => a.localeCompare(b))"],
    ['its arguments', 'export function x() { return arguments[0] }'],
    ['a count', 'let n = 0\nexport const x = () => (n += 1)'],
    ['a count of another kind', 'let n = 0\nexport const x = () => n++'],
    ['a count in an object', 'const state = { n: 0 }\nexport const x = () => { state.n++ }'],
    ['a count in a class', 'export class A { static n = 0; next() { A.n += 1 } }'],
    ['a count in an instance', 'export class A { n = 0; next() { this.n += 1 } }'],
    ['a list that grows', 'const seen = []\nexport const x = name => seen.push(name)'],
    ['a map that is filled', 'const seen = new Map()\nexport const x = name => seen.set(name, 1)'],
    ['a list of somebody', 'export const x = list => list.sort()'],
    ['a list in a closure', 'const make = () => { const seen = []; return name => seen.push(name) }\nexport const x = make()'],
    ['an alias of a list', 'const seen = []\nexport function x(name) { const list = seen; list.push(name) }'],
    ['what is taken away', 'const seen = { a: 1 }\nexport const x = () => { delete seen.a }'],
    ['what is assigned into', 'const seen = {}\nexport const x = () => Object.assign(seen, { a: 1 })'],
    ['a pattern of assignment', 'const seen = {}\nexport const x = () => { [seen.a] = [1] }'],
    ['a loop that assigns', 'const seen = {}\nexport const x = () => { for (seen.a of [1]) ; }'],
    ['an iterator', 'const it = [1, 2].values()\nexport const x = () => [...it]'],
    ['a generator', 'function* count() { yield 1 }\nexport const x = count()'],
    ['a regular expression with a memory', 'const word = /a/g\nexport const x = text => word.test(text)'],
    ['a service', "import { Resource } from 'varve'\nexport class A { @Resource(() => B) readonly b!: B }\nclass B {}"],
    ['what a text cannot keep', "import { customMapping } from 'varve'\nexport const x = customMapping({ name: 'x', needs: s => [s] })"],
    ['the framework as a whole', "import * as varve from 'varve'\nexport const x = varve"],
    ['what decorates a parameter', 'export class A { constructor(@(process.env.STRICT ? strict : loose) a: number) {} }\nconst strict = () => {}\nconst loose = () => {}'],
    ['a list that grows by a detour', 'const seen = []\nexport const x = name => seen.push.call(seen, name)'],
    ['a list that others are put into', 'const seen = []\nexport const x = names => [].push.apply(seen, names)'],
    ['a set that is filled by a function of its own', 'const seen = new Set()\nconst see = seen.add.bind(seen)\nexport const x = name => see(name)'],
    ['what fills a set, destructured', 'const seen = new Set()\nconst { add } = seen\nexport const x = name => Reflect.apply(add, seen, [name])'],
    ['a namespace', 'namespace N { export const x = 1 }\nexport const y = N.x'],
  ])('hangs on more than its text: %s', (_, source) => {
    expect(reachOf(source).impure).toEqual(expect.any(String))
  })

  it.each([
    ['constants and functions of them', "export const A = ['a', 'b']\nexport const list = (names: readonly string[]) => names.map(name => `${name}_id`).join(', ')"],
    ['what is new in a call', 'export function x(names: string[]) { const all = [...names]\nall.push("z")\nall.sort()\nconst by = new Map<string, number>()\nby.set("a", 1)\nlet n = 0\nn += 1\nreturn [all, by, n] }'],
    ['copies that are sorted', 'export const x = (o: object, l: string[]) => [Object.keys(o).sort(), l.filter(Boolean).reverse(), [...l].sort()]'],
    ['numbers', 'export const x = Math.max(1, Math.round(2.5)) + Number("1") + parseInt("2")'],
    ['types, enums and labels', 'enum E { A = 1 }\ninterface I { process: string }\nexport const x = (y: unknown) => { outer: for (const a of [y as I]) { if (a.process) break outer }\nreturn E.A }'],
    ['names of properties', 'export const x = { process: 1, Date: 2, sort: 3 }\nexport const y = x.process + x.Date'],
    ['patterns that look at a whole text', 'export const x = (text: string) => text.replace(/a/g, "b")'],
    ['a class with a constructor', 'export class Base { constructor(readonly name: string) {} get shout() { return this.name.toUpperCase() } }'],
  ])('hangs on its text only: %s', (_, source) => {
    expect(reachOf(source).impure).toBeUndefined()
  })

  it('knows of everything on the face of the framework whether it hands over more than text', () => {
    expect(Object.keys(face).toSorted()).toEqual([...PURE_FACE, ...WORLDLY_FACE].toSorted())
  })
})
