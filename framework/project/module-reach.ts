import { isPureGlobal, isPureName, MUTATORS, REVEALING, FRESH_CALLS, UNKNOWABLE } from './pure-names.ts'

/** What evaluating a module, and calling what it exports, can depend on besides its own text and that of the modules it imports. */
export interface ModuleReach {
  /** The first thing found that hangs on more than source text: a clock, the environment, a package, a state that is kept between calls. Absent: there is none. */
  readonly impure?: string | undefined
  /** By the words of its imports, the names that it uses in nothing but thunks for the framework, as in `@Upstream(() => Name)`, and in types: of those it needs the keys only. */
  readonly upstreams: Readonly<Record<string, readonly string[]>>
  /** The words of all other imports. */
  readonly modules: readonly string[]
}

export interface Node {
  readonly type: string
  readonly [name: string]: unknown
}

/**
 * Finds that of a parsed module. It may find more than there is, never less, in code that does not set out to deceive: names are compared without a look at their
 * scopes, so that a variable that is called `process` counts as the one of Node.
 */
export function moduleReach(program: Node): ModuleReach {
  return new Reading(program).reach()
}

interface Import {
  readonly local: string
  readonly imported: string | undefined
  readonly word: string
}

class Reading {
  readonly #imports: Import[] = []
  readonly #used = new Set<string>()
  readonly #names = new Set<string>()
  readonly #top = new Set<string>()
  readonly #fresh = new Map<string, boolean>()
  readonly #modules = new Set<string>()
  /** Of the functions that are being walked through, the innermost last: the new objects that each has declared so far. */
  readonly #functions: Set<string>[] = []
  #impure: string | undefined

  constructor(readonly program: Node) {}

  reach(): ModuleReach {
    for (const statement of this.program['body'] as Node[]) this.#topLevel(statement)
    for (const name of this.#top) this.#declared(name, false)
    this.#declare(this.program)
    this.#visit(this.program, undefined)
    const upstreams: Record<string, string[]> = {}
    for (const { local, imported, word } of this.#imports) {
      if (FACE.has(word)) continue
      if (imported === undefined || this.#used.has(local)) this.#modules.add(word)
      else (upstreams[word] ??= []).push(imported)
    }
    for (const { imported, word, local } of this.#imports) if (FACE.has(word) && this.#used.has(local) && !isPureName(imported)) this.#found(`${imported ?? word} of the framework`)
    return { ...(this.#impure !== undefined && { impure: this.#impure }), upstreams, modules: [...this.#modules] }
  }

  #found(what: string): void {
    this.#impure ??= what
  }

  #topLevel(statement: Node): void {
    switch (statement.type) {
      case 'ImportDeclaration': {
        if (statement['importKind'] === 'type') return
        const word = wordOf(statement)
        const specifiers = statement['specifiers'] as Node[]
        if (specifiers.length === 0) this.#modules.add(word)
        for (const each of specifiers) {
          if (each['importKind'] === 'type') continue
          const local = nameOf(each['local'])!
          this.#imports.push({ local, word, imported: each.type === 'ImportSpecifier' ? nameOf(each['imported']) : each.type === 'ImportDefaultSpecifier' ? 'default' : undefined })
          this.#top.add(local)
        }
        return
      }
      case 'ExportAllDeclaration': case 'ExportNamedDeclaration': {
        if (statement['exportKind'] !== 'type' && statement['source']) this.#modules.add(wordOf(statement))
        if (statement['declaration']) this.#topLevel(statement['declaration'] as Node)
        return
      }
      case 'ExportDefaultDeclaration':
        return this.#topLevel(statement['declaration'] as Node)
      case 'FunctionDeclaration': case 'ClassDeclaration': case 'TSEnumDeclaration':
        return void this.#top.add(nameOf(statement['id']) ?? '')
      case 'VariableDeclaration':
        for (const { id, init } of statement['declarations'] as { id: Node; init: Node | null }[]) {
          for (const name of namesIn(id)) this.#top.add(name)
          if (init && calledProperty(init) !== undefined && ITERATORS.has(calledProperty(init)!) && nameOf(objectOf(init)) !== 'Object') this.#found('an iterator that is kept')
        }
    }
  }

  /** Every name that is declared anywhere, and whether all that go by it begin as a new object of their own. */
  #declare(node: Node): void {
    if (LEAVES.has(node.type)) return
    if (node.type === 'VariableDeclarator') {
      const id = node['id'] as Node
      for (const name of namesIn(id)) this.#declared(name, id.type === 'Identifier' && isFresh(node['init'] as Node | null))
    }
    if (FUNCTIONS.has(node.type)) for (const parameter of node['params'] as Node[]) for (const name of namesIn(parameter)) this.#declared(name, false)
    if (node.type === 'CatchClause' && node['param']) for (const name of namesIn(node['param'] as Node)) this.#declared(name, false)
    if (node['id'] && node.type !== 'VariableDeclarator') this.#declared(nameOf(node['id']) ?? '', false)
    for (const child of children(node)) this.#declare(child)
  }

  #declared(name: string, fresh: boolean): void {
    this.#names.add(name)
    this.#fresh.set(name, fresh && (this.#fresh.get(name) ?? true))
  }

  #visit(node: Node, parent: Node | undefined): void {
    switch (node.type) {
      case 'ImportDeclaration': case 'ExportAllDeclaration':
        return
      case 'ExportNamedDeclaration':
        if (node['source'] || node['exportKind'] === 'type') return
        break
      case 'ExportSpecifier':
        return this.#visit(node['local'] as Node, node)
      case 'Identifier':
        for (const each of (node['decorators'] as Node[] | undefined) ?? []) this.#visit(each, node)
        return this.#reference(node['name'] as string)
      case 'MemberExpression':
        return this.#member(node, parent)
      case 'Property': case 'MethodDefinition': case 'PropertyDefinition': case 'AccessorProperty': {
        if (node['computed']) this.#visit(node['key'] as Node, node)
        else if (node.type === 'Property' && (REVEALING.has(keyName(node['key']) ?? '') || (parent?.type === 'ObjectPattern' && MUTATORS.has(keyName(node['key']) ?? '')))) this.#found(`.${keyName(node['key'])}`)
        for (const each of [...((node['decorators'] as Node[] | undefined) ?? []), node['value'] as Node | null]) if (each) this.#visit(each, node)
        return
      }
      case 'LabeledStatement':
        return this.#visit(node['body'] as Node, node)
      case 'BreakStatement': case 'ContinueStatement':
        return
      case 'MetaProperty': case 'ImportExpression': case 'AwaitExpression':
        return this.#found(node.type === 'MetaProperty' ? 'import.meta' : node.type === 'ImportExpression' ? 'import()' : 'await')
      case 'AssignmentExpression':
        this.#written(node['left'] as Node)
        break
      case 'UpdateExpression':
        this.#written(node['argument'] as Node)
        break
      case 'ForOfStatement': case 'ForInStatement':
        if ((node['left'] as Node).type !== 'VariableDeclaration') this.#written(node['left'] as Node)
        break
      case 'UnaryExpression':
        if (node['operator'] === 'delete') this.#found('delete')
        break
      case 'Literal': {
        const { flags } = (node['regex'] as { flags: string } | undefined) ?? { flags: '' }
        if (/[gy]/.test(flags) && !(parent?.type === 'CallExpression' && WHOLE_TEXT.has(calledProperty(parent) ?? ''))) this.#found('a regular expression that remembers where it was')
        return
      }
      case 'CallExpression':
        if (this.#asksKey(node['callee'] as Node)) {
          this.#visit(node['callee'] as Node, node)
          for (const each of node['arguments'] as Node[]) if (!isThunk(each)) this.#visit(each, node)
          return
        }
        if (MUTATORS.has(calledProperty(node) ?? '') && !this.#isOwn(objectOf(node)!)) this.#found(`.${calledProperty(node)}()`)
        if (calledProperty(node) === 'assign' && (node['arguments'] as Node[])[0]?.type !== 'ObjectExpression') this.#found('.assign()')
        break
      case 'VariableDeclarator':
        if (isFresh(node['init'] as Node | null)) for (const name of namesIn(node['id'] as Node)) this.#functions.at(-1)?.add(name)
        break
      case 'TSEnumDeclaration':
        for (const { initializer } of (node['body'] as unknown as { members: { initializer: Node | null }[] }).members) if (initializer) this.#visit(initializer, node)
        return
      case 'TSAsExpression': case 'TSSatisfiesExpression': case 'TSNonNullExpression': case 'TSTypeAssertion': case 'TSInstantiationExpression':
        return this.#visit(node['expression'] as Node, parent)
      case 'TSParameterProperty':
        return this.#visit(node['parameter'] as Node, node)
      default:
        if (/^(TS|JSX)/.test(node.type)) return TYPES.test(node.type) ? undefined : this.#found(node.type)
    }
    const isFunction = FUNCTIONS.has(node.type)
    if (isFunction && node['generator']) this.#found('a generator')
    if (isFunction) this.#functions.push(new Set())
    for (const child of children(node)) this.#visit(child, node)
    if (isFunction) this.#functions.pop()
  }

  #reference(name: string): void {
    this.#used.add(name)
    if (UNKNOWABLE.has(name)) this.#found(name)
    else if (!this.#names.has(name) && !isPureGlobal(name)) this.#found(name)
  }

  #member(node: Node, parent: Node | undefined): void {
    const object = node['object'] as Node
    const property = node['property'] as Node
    const name = propertyName(node)
    if (name !== undefined && REVEALING.has(name)) this.#found(`.${name}`)
    // Called in its place it is looked at with the call; handed on, nobody knows what it will change.
    if (name !== undefined && MUTATORS.has(name) && !(parent?.type === 'CallExpression' && unwrapped(parent['callee'] as Node) === node)) this.#found(`.${name}`)
    const of = nameOf(object)
    if (of === 'Math' || of === 'Object') {
      if (name === undefined || !isPureName(`${of}.${name}`)) this.#found(`${of}.${name ?? '?'}`)
    } else this.#visit(object, node)
    if (node['computed']) this.#visit(property, parent)
  }

  #written(target: Node): void {
    const inner = unwrapped(target)
    if (inner.type === 'Identifier') {
      if (this.#top.has(inner['name'] as string)) this.#found(`${inner['name'] as string} =`)
    } else if (inner.type !== 'MemberExpression' || !this.#isOwn(inner['object'] as Node)) this.#found('an assignment to what others see')
  }

  /** Whether it is a function of the framework that asks a thunk for nothing but the key of an asset. */
  #asksKey(callee: Node): boolean {
    const name = nameOf(callee)
    return this.#imports.some(({ local, imported, word }) => local === name && FACE.has(word) && ASK_KEYS.has(imported ?? ''))
  }

  /** Whether the object is new in this very call: what is done to it is forgotten with the call, or seen by who asked for it only. */
  #isOwn(object: Node): boolean {
    const inner = unwrapped(object)
    if (inner.type !== 'Identifier') return isFresh(inner)
    const name = inner['name'] as string
    return (this.#functions.at(-1)?.has(name) ?? false) && (this.#fresh.get(name) ?? false)
  }
}

const FACE = new Set(['varve', '#framework'])
const ASK_KEYS = new Set(['Upstream', 'relationship', 'sumEquals'])
const ITERATORS = new Set(['values', 'entries', 'keys', 'matchAll'])
const WHOLE_TEXT = new Set(['replace', 'replaceAll', 'matchAll', 'match', 'split'])
/** They declare nothing, and there are more of them than of all others. Not so identifiers: a parameter's decorators hang on it. */
const LEAVES = new Set(['Literal', 'TemplateElement', 'ThisExpression'])
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])
/** What types leave nothing of when they are taken away. */
const TYPES = /^TS(Type\w*|Interface\w*|AbstractMethodDefinition|AbstractPropertyDefinition|EmptyBodyFunctionExpression|IndexSignature|DeclareFunction|ClassImplements|\w+Keyword)$/
/** The parts of nodes in which types stand, and what a walk has no use for. */
const SKIPPED = new Set(['type', 'start', 'end', 'typeAnnotation', 'typeArguments', 'typeParameters', 'returnType', 'superTypeArguments', 'implements', 'loc', 'range'])

/** A list and no generator: a walk through ten thousand modules asks this of each node twice. */
function children(node: Node): readonly Node[] {
  const found: Node[] = []
  for (const name in node) {
    const value = node[name]
    if (typeof value !== 'object' || value === null || SKIPPED.has(name)) continue
    if (Array.isArray(value)) {
      for (const each of value) if (isNode(each)) found.push(each)
    } else if (isNode(value)) found.push(value)
  }
  return found
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

function unwrapped(node: Node): Node {
  return /^(TSAsExpression|TSNonNullExpression|TSSatisfiesExpression|ParenthesizedExpression)$/.test(node.type) ? unwrapped(node['expression'] as Node) : node
}

function isFresh(node: Node | null): boolean {
  if (!node) return false
  const { type, ...rest } = unwrapped(node)
  if (type === 'ArrayExpression' || type === 'ObjectExpression' || type === 'NewExpression') return true
  return type === 'CallExpression' && FRESH_CALLS.has(calledProperty({ type, ...rest }) ?? '')
}

export const nameOf = (node: unknown): string | undefined => (isNode(node) && node.type === 'Identifier' ? (node['name'] as string) : isNode(node) && node.type === 'Literal' ? String(node['value']) : undefined)
const keyName = nameOf
export const wordOf = (statement: Node): string => (statement['source'] as { value: string }).value

/** The names that a pattern binds. */
export function namesIn(pattern: Node): string[] {
  switch (pattern.type) {
    case 'Identifier': return [pattern['name'] as string]
    case 'ObjectPattern': return (pattern['properties'] as Node[]).flatMap(each => namesIn((each.type === 'RestElement' ? each['argument'] : each['value']) as Node))
    case 'ArrayPattern': return (pattern['elements'] as (Node | null)[]).flatMap(each => (each ? namesIn(each) : []))
    case 'AssignmentPattern': return namesIn(pattern['left'] as Node)
    case 'RestElement': return namesIn(pattern['argument'] as Node)
    case 'TSParameterProperty': return namesIn(pattern['parameter'] as Node)
    default: return []
  }
}

function propertyName(member: Node): string | undefined {
  const property = member['property'] as Node
  if (!member['computed']) return nameOf(property)
  return property.type === 'Literal' ? String(property['value']) : undefined
}

const memberOf = (call: Node): Node | undefined => {
  const callee = call['callee']
  return isNode(callee) && unwrapped(callee).type === 'MemberExpression' ? unwrapped(callee) : undefined
}

/** `sort` of `names.sort()`. */
const calledProperty = (call: Node): string | undefined => {
  const member = memberOf(call)
  return member && propertyName(member)
}

const objectOf = (call: Node): Node | undefined => memberOf(call)?.['object'] as Node | undefined

/** `() => Orders` */
const isThunk = (node: Node): boolean => node.type === 'ArrowFunctionExpression' && (node['params'] as Node[]).length === 0 && (node['body'] as Node).type === 'Identifier'
