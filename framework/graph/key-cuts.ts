import { inlined, isAggregate, isSettled, isThere, type Tree } from './settled-query.ts'

/** A place of a query where rows come in: a table that it names, or a query within it that is looked at as a whole, as if it were a table. */
export interface Leaf {
  /** The table, as the query names it; undefined of a query within it. */
  readonly table: string | undefined
  /** Of a query within it: its tree. */
  readonly query: Tree | undefined
  /** All tables that its rows come from. */
  readonly tables: readonly string[]
  /** In lower case. */
  readonly columns: readonly string[]
  /** Where it stands in the tree. */
  readonly place: Tree
}

/**
 * How a query is cut by a value: its rows of that value are what it gives over the rows of its leaves whose column here has the value.
 * A leaf without a column is read as it is.
 */
export interface Cut {
  readonly columns: ReadonlyMap<Leaf, string | undefined>
  readonly lookups: readonly Lookup[]
}

/** Rows of a leaf find rows of others by columns: where those of such values change, what concerns are the values that the leaf has beside them. */
export interface Lookup {
  readonly leaf: Leaf
  readonly driver: string
  readonly via: readonly string[]
  /** Leaves, by the columns that are cut by the values which are looked up, in the order of `via`. */
  readonly of: ReadonlyMap<Leaf, readonly string[]>
}

export interface Cuttable {
  /** The query without common table expressions; leaves are places in it. */
  readonly tree: Tree
  readonly leaves: readonly Leaf[]
  /** All ways to cut it. */
  readonly cuts: readonly Cut[]
  /** The column of a leaf that the query hands on as it is, under this name. */
  origin(name: string): Origin | undefined
}

export interface Origin {
  readonly leaf: Leaf
  readonly column: string
}

/**
 * The ways to cut a query by a column, so that what a value's rows come to can be told without the rows of other values: by equal joins,
 * groups and windows that all part by the column. Read off a tree that DuckDB's parser made; undefined where the form proves none, or where
 * the same rows need not give the same answer. Cutting comes before and after each part of the query to the same, which is the proof.
 * @param columnsOf a table's columns; undefined where they are not known
 */
export function cuttable(node: Tree, columnsOf: (table: string) => readonly string[] | undefined): Cuttable | undefined {
  const tree = inlined(node)
  if (!tree || !isSettled(tree, { windows: true })) return undefined
  try {
    const root = new Analysis(columnsOf).query(tree)
    const cuts = root.ways().flatMap(way => way() ?? [])
    return cuts.length === 0 ? undefined : { tree, leaves: root.leaves, cuts, origin: name => root.origin(name) }
  } catch (error) {
    if (error instanceof Unproven) return undefined
    throw error
  }
}

class Unproven extends Error {}

/** What a query gives, or what stands behind FROM. */
interface Relation {
  readonly names: readonly string[]
  readonly leaves: readonly Leaf[]
  cut(name: string): Cut | undefined
  /** The column of a leaf that is handed on as it is. */
  origin(name: string): Origin | undefined
}

interface Query extends Relation {
  ways(): readonly (() => Cut | undefined)[]
}

interface Reference {
  readonly member: string
  readonly name: string
}

interface Scope {
  readonly members: ReadonlyMap<string, Relation>
  readonly leaves: readonly Leaf[]
  /** Columns that both sides of a join share. */
  readonly shared: ReadonlyMap<string, Reference>
  cut(of: Reference): Cut | undefined
}

class Analysis {
  readonly #columnsOf: (table: string) => readonly string[] | undefined
  #unnamed = 0

  constructor(columnsOf: (table: string) => readonly string[] | undefined) {
    this.#columnsOf = columnsOf
  }

  query(node: Tree): Query {
    return node['type'] === 'SET_OPERATION_NODE' ? this.#union(node) : this.#select(node)
  }

  #union(node: Tree): Query {
    if (node['setop_type'] !== 'UNION' || (node['modifiers'] as Tree[]).some(({ type }) => type !== 'DISTINCT_MODIFIER')) throw new Unproven()
    const [left, right] = [this.query(node['left'] as Tree), this.query(node['right'] as Tree)]
    const cutAt = (place: number) => merged(once(left.names, place) && left.cut(left.names[place]!), once(right.names, place) && right.cut(right.names[place]!))
    return {
      names: left.names, leaves: [...left.leaves, ...right.leaves],
      cut: name => cutAt(left.names.indexOf(name)),
      origin: () => undefined,
      ways: () => left.names.map((_, place) => () => cutAt(place)),
    }
  }

  #select(node: Tree): Query {
    if (node['type'] !== 'SELECT_NODE' || node['aggregate_handling'] !== 'STANDARD_HANDLING') throw new Unproven()
    if ((node['modifiers'] as Tree[]).some(({ type }) => type !== 'DISTINCT_MODIFIER')) throw new Unproven()
    const scope = this.#from(node['from_table'] as Tree)
    const items = (node['select_list'] as Tree[]).flatMap(item => outputs(item, scope))
    const expressions = [node['select_list'], node['where_clause'], node['having'], node['qualify'], node['group_expressions']]
    const aliases = new Set(items.map(({ name }) => name))
    for (const each of expressions) requireKnown(each, scope, aliases)
    const found = { windows: collected(expressions, ({ class: kind }) => kind === 'WINDOW'), aggregates: collected(expressions, tree => tree['class'] === 'FUNCTION' && isAggregate(String(tree['function_name']))) }
    if (collected(expressions, ({ class: kind }) => kind === 'SUBQUERY').length > 0) throw new Opaque(items.map(({ name }) => name))
    const groups = node['group_expressions'] as Tree[]
    const sets = node['group_sets'] as number[][]
    const grouped = groups.length > 0 || found.aggregates.length > 0 || isThere(node['having'])
    if (grouped && (sets.length !== 1 || sets[0]!.length !== groups.length || groups.length === 0)) throw new Opaque(items.map(({ name }) => name))
    const groupedBy = groups.map(group => groupOf(group, items, node['select_list'] as Tree[], scope))
    const parts = found.windows.map(window => (window['partitions'] as Tree[]).map(part => plainReference(part, scope)))
    const distinct = isThere(node['modifiers'])
    const passes = (of: Reference) => (!distinct || items.some(item => item.of && same(item.of, of))) && (!grouped || groupedBy.some(group => group && same(group, of))) && parts.every(part => part.some(each => each && same(each, of)))
    const cutBy = (of: Reference) => (passes(of) ? scope.cut(of) : undefined)
    const names = items.map(({ name }) => name)
    const referred = (name: string) => (names.filter(each => each === name).length === 1 ? items[names.indexOf(name)]!.of : undefined)
    return {
      names, leaves: scope.leaves,
      cut: name => { const of = referred(name); return of && cutBy(of) },
      origin: name => { const of = referred(name); return of && originIn(scope, of) },
      ways: () => [...scope.members].flatMap(([member, { names: known }]) => known.map(name => () => cutBy({ member, name }))),
    }
  }

  #from(from: Tree): Scope {
    switch (from['type']) {
      case 'BASE_TABLE': return alone(this.#aliasOf(from), this.#table(from))
      case 'SUBQUERY': return alone(this.#aliasOf(from), this.#within(from))
      case 'JOIN': return this.#join(from)
      default: throw new Unproven()
    }
  }

  /** A subquery need not have a name; then nothing calls it by one. */
  #aliasOf(from: Tree): string {
    return String(from['alias'] || from['table_name'] || `unnamed ${(this.#unnamed += 1)}`).toLowerCase()
  }

  #table(from: Tree): Relation {
    const table = [from['catalog_name'], from['schema_name'], from['table_name']].filter(Boolean).join('.')
    const columns = this.#columnsOf(table)
    if (!columns || isThere(from['column_name_alias'])) throw new Unproven()
    return relationOf({ table, query: undefined, tables: [table], columns: columns.map(name => name.toLowerCase()), place: from })
  }

  #within(from: Tree): Relation {
    if (isThere(from['column_name_alias'])) throw new Unproven()
    const { node } = from['subquery'] as { node: Tree }
    try {
      return this.query(node)
    } catch (error) {
      // It is looked at as a whole. What is chosen in it by an order that leaves a choice could be chosen otherwise the next time.
      if (!(error instanceof Opaque) || new Set(error.names).size < error.names.length || !isSettled(node, { windows: false })) throw error instanceof Opaque ? new Unproven() : error
      const tables = collected(node, ({ type }) => type === 'BASE_TABLE').map(each => [each['catalog_name'], each['schema_name'], each['table_name']].filter(Boolean).join('.'))
      if (tables.some(table => !this.#columnsOf(table))) throw new Unproven()
      return relationOf({ table: undefined, query: node, tables: [...new Set(tables)], columns: error.names, place: from })
    }
  }

  #join(join: Tree): Scope {
    const type = String(join['join_type'])
    if (!['REGULAR', 'CROSS'].includes(String(join['ref_type'])) || !['INNER', 'LEFT'].includes(type)) throw new Unproven()
    const [left, right] = [this.#from(join['left'] as Tree), this.#from(join['right'] as Tree)]
    const members = new Map([...left.members, ...right.members])
    if (members.size < left.members.size + right.members.size) throw new Unproven()
    const using = ((join['using_columns'] ?? []) as string[]).map(name => name.toLowerCase())
    const shared = new Map([...left.shared, ...right.shared])
    const pairs: [Reference, Reference][] = []
    for (const name of using) {
      const [a, b] = [resolved([name], left), resolved([name], right)]
      if (!a || !b) throw new Unproven()
      pairs.push([a, b])
      shared.set(name, a)
    }
    const scope: Scope = { members, leaves: [...left.leaves, ...right.leaves], shared, cut: of => (left.members.has(of.member) ? cutIn(left, right, pairs, of) : type === 'INNER' ? cutIn(right, left, pairs.map(([a, b]) => [b, a] as const), of) : undefined) }
    requireKnown(join['condition'], scope, new Set())
    if (collected(join['condition'], ({ class: kind, function_name: name }) => kind === 'SUBQUERY' || kind === 'WINDOW' || isAggregate(String(name))).length > 0) throw new Unproven()
    for (const equal of conjuncts(join['condition'])) {
      const [a, b] = [plainReference(equal['left'], scope), plainReference(equal['right'], scope)]
      if (!a || !b) continue
      if (left.members.has(a.member) && right.members.has(b.member)) pairs.push([a, b])
      if (left.members.has(b.member) && right.members.has(a.member)) pairs.push([b, a])
    }
    return scope
  }
}

/** A query of which no value's rows can be told apart, though the whole can be had by itself. */
class Opaque extends Unproven {
  readonly names: readonly string[]

  constructor(names: readonly string[]) {
    super()
    this.names = names
  }
}

const relationOf = (leaf: Leaf): Relation => ({
  names: leaf.columns, leaves: [leaf],
  cut: name => (leaf.columns.includes(name) ? { columns: new Map([[leaf, name]]), lookups: [] } : undefined),
  origin: name => (leaf.columns.includes(name) ? { leaf, column: name } : undefined),
})

const alone = (alias: string, relation: Relation): Scope => ({ members: new Map([[alias, relation]]), leaves: relation.leaves, shared: new Map(), cut: ({ name }) => relation.cut(name) })
const same = (a: Reference, b: Reference): boolean => a.member === b.member && a.name === b.name
const once = (names: readonly string[], place: number): boolean => place >= 0 && place < names.length && names.filter(name => name === names[place]).length === 1
const originIn = ({ members }: Scope, { member, name }: Reference): Origin | undefined => members.get(member)?.origin(name)

function merged(a: Cut | undefined | false, b: Cut | undefined | false): Cut | undefined {
  return a && b ? { columns: new Map([...a.columns, ...b.columns]), lookups: [...a.lookups, ...b.lookups] } : undefined
}

/** A join cut by a column of its side that keeps its rows. The other side is cut by a column that has to equal it; else it is looked up, or read as it is. */
function cutIn(own: Scope, other: Scope, pairs: readonly (readonly [Reference, Reference])[], of: Reference): Cut | undefined {
  const cut = own.cut(of)
  if (!cut) return undefined
  const origin = originIn(own, of)
  const from = pairs.map(([a, b]) => ({ a, b, origin: originIn(own, a) }))
  for (const { a, b, origin: known } of from) {
    if (!same(a, of) && !(origin && known && known.leaf === origin.leaf && known.column === origin.column)) continue
    const beside = other.cut(b)
    if (beside) return merged(cut, beside)
  }
  const asItIs = { columns: new Map([...cut.columns, ...other.leaves.map(leaf => [leaf, undefined] as const)]), lookups: cut.lookups }
  const found = from.flatMap(({ b, origin: known }) => {
    const beside = origin && known?.leaf === origin.leaf ? other.cut(b) : undefined
    return !beside || beside.lookups.length > 0 || [...beside.columns.values()].includes(undefined) ? [] : [{ via: known!.column, of: beside.columns as ReadonlyMap<Leaf, string> }]
  })
  if (!origin || found.length === 0) return asItIs
  const looked = new Map(other.leaves.map(leaf => [leaf, found.map(each => each.of.get(leaf)!)] as const))
  return { ...asItIs, lookups: [...cut.lookups, { leaf: origin.leaf, driver: origin.column, via: found.map(({ via }) => via), of: looked }] }
}

function outputs(item: Tree, scope: Scope): { name: string; of: Reference | undefined }[] {
  if (item['type'] !== 'STAR') {
    const of = plainReference(item, scope)
    return [{ name: String(item['alias'] || (item['class'] === 'COLUMN_REF' ? (item['column_names'] as string[]).at(-1) : '')).toLowerCase(), of }]
  }
  if (item['columns'] || isThere(item['expr']) || ['replace_list', 'qualified_exclude_list', 'rename_list'].some(name => isThere(item[name])) || scope.shared.size > 0) throw new Unproven()
  const only = String(item['relation_name'] ?? '').toLowerCase()
  const without = new Set(((item['exclude_list'] ?? []) as unknown[]).map(each => String(each).toLowerCase()))
  if (only && !scope.members.has(only)) throw new Unproven()
  return [...scope.members].filter(([member]) => !only || member === only).flatMap(([member, { names }]) => names.filter(name => !without.has(name)).map(name => ({ name, of: { member, name } })))
}

/** What a column's name stands for; undefined of a field of a column, or of what is no column here. */
function resolved(names: readonly string[], { members, shared }: Scope): Reference | undefined {
  const [first, second] = names.map(name => name.toLowerCase())
  if (names.length === 2 && members.get(first!)?.names.includes(second!)) return { member: first!, name: second! }
  if (names.length !== 1) return undefined
  const merged = shared.get(first!)
  if (merged) return merged
  const holders = [...members].filter(([, { names: known }]) => known.includes(first!))
  if (holders.length > 1) throw new Unproven()
  return holders[0] && { member: holders[0][0], name: first! }
}

function plainReference(expression: unknown, scope: Scope): Reference | undefined {
  const { class: kind, column_names: names } = (expression ?? {}) as { class?: string; column_names?: string[] }
  return kind === 'COLUMN_REF' ? resolved(names!, scope) : undefined
}

/** Names of nothing here are of something around the query: then it is no query by itself. */
function requireKnown(expression: unknown, scope: Scope, aliases: ReadonlySet<string>, own: ReadonlySet<string> = new Set()): void {
  if (Array.isArray(expression)) return expression.forEach(each => requireKnown(each, scope, aliases, own))
  if (typeof expression !== 'object' || expression === null) return
  const tree = expression as Tree
  // What a subquery names is looked at only as a whole.
  if (tree['class'] === 'SUBQUERY') return requireKnown(tree['child'], scope, aliases, own)
  if (tree['class'] === 'LAMBDA') {
    const parameters = collected(tree['lhs'], ({ class: kind }) => kind === 'COLUMN_REF').map(({ column_names: names }) => String((names as string[]).at(-1)).toLowerCase())
    return requireKnown(tree['expr'], scope, aliases, new Set([...own, ...parameters]))
  }
  if (tree['class'] === 'COLUMN_REF') {
    const names = (tree['column_names'] as string[]).map(name => name.toLowerCase())
    const field = names.length > 1 && (own.has(names[0]!) || aliases.has(names[0]!) || resolved([names[0]!], scope) || (scope.members.has(names[0]!) && scope.members.get(names[0]!)!.names.includes(names[1]!)))
    if (!field && !resolved(names, scope) && !(names.length === 1 && (own.has(names[0]!) || aliases.has(names[0]!)))) throw new Unproven()
    return
  }
  for (const each of Object.values(tree)) requireKnown(each, scope, aliases, own)
}

/** What a group stands for: a column under its own name, or the place of one. A name that an item has taken too stands for nothing that is known. */
function groupOf(group: Tree, items: readonly { name: string; of: Reference | undefined }[], list: readonly Tree[], scope: Scope): Reference | undefined {
  if (group['type'] === 'VALUE_CONSTANT') {
    const place = (group['value'] as { value?: unknown }).value
    return typeof place === 'number' && !list.some(({ type }) => type === 'STAR') ? items[place - 1]?.of : undefined
  }
  const of = plainReference(group, scope)
  const names = (group['column_names'] ?? []) as string[]
  return of && (names.length > 1 || items.every(item => item.name !== of.name || (item.of && same(item.of, of)))) ? of : undefined
}

function conjuncts(condition: unknown): Tree[] {
  const tree = condition as Tree | null
  if (tree?.['type'] === 'CONJUNCTION_AND') return (tree['children'] as Tree[]).flatMap(conjuncts)
  return tree?.['type'] === 'COMPARE_EQUAL' ? [tree] : []
}

function collected(value: unknown, is: (tree: Tree) => boolean): Tree[] {
  if (Array.isArray(value)) return value.flatMap(each => collected(each, is))
  if (typeof value !== 'object' || value === null) return []
  const tree = value as Tree
  return [...(is(tree) ? [tree] : []), ...Object.values(tree).flatMap(each => collected(each, is))]
}
