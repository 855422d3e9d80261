import { readFileSync } from 'node:fs'
import { minifySync, parseSync, transformSync, type ParseResult } from 'rolldown/utils'
import { fingerprint } from '../vocabulary/version.ts'
import { moduleReach, type ModuleReach } from './module-reach.ts'

/** What is told of one source module: for code versions, for messages, for `varve list`. */
export interface ModuleFacts {
  /**
   * Of what the module does: comments, types, formatting, the options of `@Asset` and the methods under `@Check` are not in it. Absent of a module that
   * declares nothing but SQL assets, which are known by their queries: see {@link moduleDigest}.
   */
  readonly digest?: string | undefined
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

/**
 * Reads a TypeScript module. A module that can't be parsed has facts of its bare text: the bundler tells what is wrong with it.
 * @param parsed the module as the parser saw it, where somebody has parsed it
 */
export function moduleFacts(path: string, source: string, { program, errors }: ParseResult = parseSync(path, source)): ModuleFacts {
  if (errors.length > 0) return { digest: fingerprint(source), classes: [] }
  const { classes, notLogic, onlyQueries } = declarationsIn(program as unknown as Program, source)
  return { ...(!onlyQueries && { digest: digestOf(path, source, notLogic) }), classes, reach: moduleReach(program as unknown as Program) }
}

/**
 * The digest of a module whose facts have none, from its file. That is asked for where it is a helper of an asset that TypeScript makes, or declares one under another name, which is rare;
 * to make the digests of ten thousand takes a third of what it takes to read them.
 */
export function moduleDigest(path: string): string {
  const source = readFileSync(path, 'utf8')
  const { program, errors } = parseSync(path, source)
  return errors.length > 0 ? fingerprint(source) : digestOf(path, source, declarationsIn(program as unknown as Program, source).notLogic)
}

type Program = Node & { readonly body: readonly Node[] }

/** The classes of a module, the parts of it that are no logic of an asset's, and whether it declares SQL assets and nothing else. */
function declarationsIn({ body }: Program, source: string): { readonly classes: readonly ClassFacts[]; readonly notLogic: readonly Node[]; readonly onlyQueries: boolean } {
  const classes: ClassFacts[] = []
  const notLogic: Node[] = []
  let onlyQueries = body.length > 0
  for (const statement of body) {
    const declared = (statement['declaration'] as Node | null | undefined) ?? statement
    if (declared.type !== 'ClassDeclaration') {
      onlyQueries &&= statement.type === 'ImportDeclaration'
      continue
    }
    const decorators = declared['decorators'] as readonly Node[]
    const start = Math.min(statement.start, ...decorators.map(decorator => decorator.start))
    classes.push({ name: (declared['id'] as { name: string } | null)?.name ?? 'default', line: lineOf(source, (declared['id'] as Node | null)?.start ?? start), doc: docBefore(source, start) })
    const asset = decorators.filter(decorator => calls(decorator, 'Asset'))
    onlyQueries &&= statement.type === 'ExportNamedDeclaration' && asset.length > 0 && (declared['superClass'] as { name?: string } | null)?.name === 'SqlAsset'
    notLogic.push(...asset)
    for (const member of (declared['body'] as { body: readonly Node[] }).body) {
      if ((member['decorators'] as readonly Node[] | undefined)?.some(decorator => calls(decorator, 'Check'))) notLogic.push(member)
    }
  }
  return { classes, notLogic, onlyQueries }
}

const digestOf = (path: string, source: string, notLogic: readonly Node[]): string => fingerprint(canonical(path, without(source, notLogic)))

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
