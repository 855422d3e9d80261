import { parseSync } from 'rolldown/utils'
import { expect, test } from 'vitest'
import { wordsIn } from '../../framework/project/module-imports.ts'

/** The parser's own list of a module's imports and exports. */
function listed(source: string) {
  const { module } = parseSync('a.ts', source)
  const exported = module.staticExports.flatMap(({ entries }) => entries).filter(({ isType }) => !isType)
  const imports = module.staticImports.filter(({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType))
  return {
    words: [...new Set([...imports.map(({ moduleRequest }) => moduleRequest.value), ...exported.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])])].sort(),
    stars: exported.filter(({ exportName, importName }) => exportName.kind === 'None' && importName.kind === 'AllButDefault').map(({ moduleRequest }) => moduleRequest!.value).sort(),
    names: exported.flatMap(({ exportName }) => (exportName.kind === 'Default' ? 'default' : exportName.kind === 'Name' ? exportName.name! : [])).sort(),
  }
}

const SOURCES = [
  "import type X from 'a'", "import {} from 'a'", "import 'a'", "import { type A } from 'a'", "import { type A, B } from 'a'", "import D, * as N from 'a'", "import D, { type T } from 'a'", "import x from 'a' with { type: 'json' }",
  "export * from 'a'", "export * as n from 'a'", "export type * from 'a'", "export { a } from 'a'", "export { type a } from 'a'", "export { default } from 'a'", "export { default as x, y as default } from 'a'", "export {} from 'a'", "export { a as 's t' } from 'a'", 'export {}',
  'const a = 1; export { a, a as default }', 'type T = 1; export { type T }', "export type { T } from 'a'", "import { type T } from 'a'; export { T }", "import type T from 'a'; export { T }", "import { T } from 'a'; export { T as U }", 'export type T = 1', 'export interface I {}',
  'export declare const x: number', 'export declare class C {}', 'export abstract class C {}', 'export enum E { A }', 'export declare enum E { A }', 'export namespace N { export const a = 1 }', 'export declare namespace N {}',
  'export default interface I {}', 'export default class X {}', 'export default function () {}', 'export default 1', 'export const { a, b: [c, ...d], ...e } = x', 'export let a = 1, b = 2', 'export var [x = 1] = []', 'export async function* g() {}', 'export function f(a: string): void; export function f() {}',
  "export import a = require('a')", 'import a = N.b; export import c = N.d', 'declare global { var x: number }', '@d export class A {}', '@d export default class A {}',
]

test.each(SOURCES)('%s', source => {
  const { words, stars, names } = wordsIn(parseSync('a.ts', source).program.body as never)
  expect({ words: [...words].sort(), stars: [...stars].sort(), names: [...names].sort() }).toEqual(listed(source))
})
