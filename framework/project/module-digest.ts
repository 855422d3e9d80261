import { minifySync, parseSync, transformSync } from 'rolldown/utils'
import { fingerprint } from '../vocabulary/version.ts'
import { moduleReach, type ModuleReach } from './module-reach.ts'

/** What is told of one source module: for code versions, for messages, for `varve list`. */
export interface ModuleFacts {
  /** Of what the module does: comments, types, formatting, the options of `@Asset` and the methods under `@Check` are not in it. */
  readonly digest: string
  /** The classes it declares at top level. */
  readonly classes: readonly ClassFacts[]
  /** Absent of what can't be parsed. */
  readonly reach?: ModuleReach | undefined
}

export interface ClassFacts {
  readonly name: string
  /** Counts from 1. */
  readonly line: number
  /** The text of the doc comment above the class, or empty. */
  readonly doc: string
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [name: string]: unknown
}

/** Reads a TypeScript module. A module that can't be parsed has facts of its bare text: the bundler tells what is wrong with it. */
export function moduleFacts(path: string, source: string): ModuleFacts {
  const { program, errors } = parseSync(path, source)
  if (errors.length > 0) return { digest: fingerprint(source), classes: [] }
  const body = (program as unknown as { body: readonly Node[] }).body
  const classes: ClassFacts[] = []
  const notLogic: Node[] = []
  for (const statement of body) {
    const declared = (statement['declaration'] as Node | null | undefined) ?? statement
    if (declared.type !== 'ClassDeclaration') continue
    const decorators = declared['decorators'] as readonly Node[]
    const start = Math.min(statement.start, ...decorators.map(decorator => decorator.start))
    classes.push({ name: (declared['id'] as { name: string } | null)?.name ?? 'default', line: lineOf(source, (declared['id'] as Node | null)?.start ?? start), doc: docBefore(source, start) })
    notLogic.push(...decorators.filter(decorator => calls(decorator, 'Asset')))
    for (const member of (declared['body'] as { body: readonly Node[] }).body) {
      if ((member['decorators'] as readonly Node[] | undefined)?.some(decorator => calls(decorator, 'Check'))) notLogic.push(member)
    }
  }
  return { digest: fingerprint(canonical(path, without(source, notLogic))), classes, reach: moduleReach(program as unknown as Node) }
}

function canonical(path: string, source: string): string {
  const { code, errors } = transformSync(path, source, { decorator: { legacy: true } })
  return errors.length > 0 ? source : minifySync(path, code, { mangle: false, compress: false }).code
}

function calls(decorator: Node, name: string): boolean {
  const called = decorator['expression'] as { type: string; callee?: { name?: string } }
  return called.type === 'CallExpression' && called.callee?.name === name
}

function without(source: string, nodes: readonly Node[]): string {
  let kept = ''
  let at = 0
  for (const { start, end } of nodes.toSorted((a, b) => a.start - b.start)) {
    kept += source.slice(at, Math.max(at, start))
    at = Math.max(at, end)
  }
  return kept + source.slice(at)
}

function docBefore(source: string, position: number): string {
  const before = source.slice(0, position).trimEnd()
  if (!before.endsWith('*/')) return ''
  const open = before.lastIndexOf('/**')
  if (open < 0) return ''
  return before.slice(open + 3, -2).split('\n').map(line => line.trim().replace(/^\*\s?/, '')).join(' ').replaceAll(/\s+/g, ' ').trim()
}

const lineOf = (source: string, position: number): number => source.slice(0, position).split('\n').length
