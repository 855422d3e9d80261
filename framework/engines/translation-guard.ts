import type { ForeignDialect } from '../vocabulary/sql.ts'
import { castRefusal, typeText, type PlanType } from './translatable-casts.ts'
import { FUNCTIONS, NODES, REFUSED, type Refusal } from './translatable.ts'
import { patternRefusal } from './translatable-pattern.ts'

/** Something in a query that another engine would answer otherwise. */
export interface Objection extends Refusal {
  readonly construct: string
}

/** A node of DuckDB's own parse tree or bound plan, as JSON. */
export interface Tree {
  readonly [name: string]: unknown
}

/** What of a query cannot be translated. Looks at what was parsed; {@link boundObjections} at what the types make of it. */
export function parsedObjections(tree: unknown, dialect: ForeignDialect): Objection[] {
  const found: Objection[] = []
  walk(tree, (node, parents) => {
    const { type } = node
    if (typeof type === 'string' && IS_NODE.test(type) && (node['class'] !== undefined || IS_PART.test(type)) && !NODES[type]?.includes(dialect)) found.push(unknownNode(node, type, dialect))
    else found.push(...ofNode(node, dialect, parents))
  })
  return once(found)
}

/** What of a query changes its meaning by the types of its columns, though its text could be translated: casts above all, the unwritten ones too. */
export function boundObjections(plan: unknown, tree: unknown, dialect: ForeignDialect): Objection[] {
  const explicit = new Set<unknown>()
  walk(tree, node => {
    if (node['type'] === 'OPERATOR_CAST') explicit.add(node['query_location'])
  })
  const found: Objection[] = []
  walk(plan, (node, parents) => {
    if (isOwn(node)) return false
    if (node['expression_class'] === 'BOUND_CAST') {
      const child = node['child'] as Tree
      const refusal = castRefusal(typeOf(child), node['return_type'] as PlanType, { dialect, constant: child['expression_class'] === 'BOUND_CONSTANT' })
      if (refusal) found.push({ construct: `the cast of ${typeText(typeOf(child))} to ${typeText(node['return_type'] as PlanType)}`, ...refusal })
      const by = parents.at(-1)
      if (by?.['name'] === '/' && !explicit.has(node['query_location'] ?? 0) && /^(DECIMAL|HUGEINT)/.test(typeOf(child).id)) found.push({ construct: 'the division of decimals', why: 'DuckDB divides them as doubles, other engines as decimals', instead: 'Cast both sides to double.' })
    }
    found.push(...ofDates(node, dialect))
    if (dialect === 'trino' && /^(BOUND_COMPARISON|BOUND_AGGREGATE)$/.test(String(node['expression_class'])) && JSON.stringify(node).includes('"id":"DOUBLE"') && !/^(sum|avg|count)/.test(String(node['name']))) found.push({ construct: 'the comparison of doubles', why: 'NaN equals itself and is the greatest in DuckDB, and is neither in Trino' })
    if (dialect === 'trino' && node['expression_class'] === 'BOUND_COMPARISON' && /"id":"(LIST|STRUCT|MAP|ARRAY)"/.test(JSON.stringify([node['left'], node['right']]))) found.push({ construct: 'the comparison of lists or structs', why: 'a NULL within makes it NULL in Trino' })
    if (node['name'] === 'avg' && Array.isArray(node['children']) && (node['children'] as Tree[]).some(child => /^(DECIMAL|HUGEINT)/.test(typeOf(child).id))) found.push({ construct: 'the average of decimals', why: 'DuckDB gives a double, other engines a decimal', instead: 'Cast to double first.' })
    return true
  })
  return once(found)
}

/** Days are subtracted from each other, and added, in ways of each engine's own. */
function ofDates(node: Tree, dialect: ForeignDialect): Objection[] {
  if (node['expression_class'] !== 'BOUND_FUNCTION' || !/^[+-]$/.test(String(node['name']))) return []
  const dates = ((node['arguments'] as PlanType[] | undefined) ?? []).filter(({ id }) => /^(DATE|TIMESTAMP)/.test(id))
  if (dates.length === 2) return [{ construct: 'a date minus a date', why: 'it is a number of days here and an interval elsewhere' }]
  return dates.length === 1 && dialect === 'trino' ? [{ construct: 'a date and a number of days', why: 'Trino adds intervals only' }] : []
}

/** By this an own expression of another engine is known in a bound plan: what is in it is not translated. */
export const ownMark = (expression: string): string => `case when '${OWN}' is not null then (${expression}) end`

const OWN = 'varve: own words'
const isOwn = (node: Tree): boolean => node['expression_class'] === 'BOUND_CASE' && JSON.stringify((node['case_checks'] as Tree[] | undefined)?.[0]?.['when_expr'] ?? '').includes(OWN)

function ofNode(node: Tree, dialect: ForeignDialect, parents: readonly Tree[]): Objection[] {
  switch (node['type']) {
    case 'FUNCTION': case 'WINDOW_AGGREGATE': return ofFunction(node, dialect, parents)
    case 'JOIN': return ofJoin(node)
    case 'STAR': return ofStar(node)
    case 'SELECT_NODE': return ofSelect(node, parents.length === 0)
    case 'COLUMN_REF': return []
    case 'EXPRESSION_LIST': return []
    case 'SET_OPERATION_NODE': return node['setop_type'] === 'UNION_BY_NAME' ? [{ construct: 'UNION BY NAME', why: 'other engines unite by position', instead: 'List the columns.' }] : []
    case 'VALUE_CONSTANT': return ofConstant(node)
    case 'OPERATOR_CAST': return ofCast(node)
    case 'COMPARE_DISTINCT_FROM': case 'COMPARE_NOT_DISTINCT_FROM': return dialect === 'trino' ? ofTruth(node) : []
    case 'WINDOW_LAG': case 'WINDOW_LEAD': return node['ignore_nulls'] ? [{ construct: 'IGNORE NULLS', why: 'it is said otherwise elsewhere' }] : []
    case 'DISTINCT_MODIFIER': return ((node['distinct_on_targets'] as unknown[]) ?? []).length > 0 ? [{ construct: 'DISTINCT ON', why: 'other engines do not know it', instead: 'Write qualify row_number() over (…) = 1.' }] : []
    default: return []
  }
}

function ofFunction(node: Tree, dialect: ForeignDialect, parents: readonly Tree[]): Objection[] {
  const name = String(node['function_name']).toLowerCase()
  const children = (node['children'] as Tree[]) ?? []
  const twoSided = name === 'trim' && children.length === 2 && constantText(children[1]) === ' '
  if (!twoSided && !FUNCTIONS[name]?.includes(dialect)) return [{ construct: shown(name, node), ...(REFUSED[name] ?? { why: 'its translation was not held against the engine' }) }]
  if ((node['order_bys'] as { orders?: unknown[] } | undefined)?.orders?.length) return [{ construct: `ORDER BY within ${name}()`, why: 'it is not kept elsewhere' }]
  if (/^(substr|substring)$/.test(name) && !(constantNumber(children[1]) ?? 0)) return [{ construct: `${name}() from a place that is no positive number`, why: 'places before the first are counted otherwise' }]
  if (/^(substr|substring)$/.test(name) && children.length > 2 && !isCount(children[2])) return [{ construct: `${name}() of a length that is no number in the query`, why: 'a negative one goes backwards here, and is nothing elsewhere' }]
  if (dialect === 'trino' && name === 'replace' && !constantText(children[1])) return [{ construct: 'replace() of a text that does not stand in the query, or of nothing', why: 'Trino finds the empty text between all signs, and DuckDB nowhere' }]
  if (dialect === 'trino' && node['filter']) return [{ construct: 'FILTER', why: 'Trino 435 was seen to filter other aggregates with it', instead: 'Write sum(case when … then … end).' }]
  const day = parents.at(-1)?.['type'] === 'OPERATOR_CAST' && (parents.at(-1)!['cast_type'] as PlanType).id === 'DATE'
  if (name === 'date_trunc' && !(day && /^(year|quarter|month|week)$/.test(constantText(children[0]) ?? ''))) return [{ construct: 'date_trunc()', why: 'its type differs', instead: 'Write cast(date_trunc(\'month\', x) as date).' }]
  if (name.startsWith('regexp_')) return ofPattern(name, children)
  if (/^(~~|!~~)$/.test(name) && /\\/.test(constantText(children[1]) ?? '\\')) return [{ construct: 'LIKE with a backslash, or a pattern that is no text', why: 'it escapes in other engines' }]
  return []
}

function ofPattern(name: string, children: readonly Tree[]): Objection[] {
  const pattern = constantText(children[1])
  const refusal = pattern === undefined ? 'it is no text that stands in the query' : patternRefusal(pattern)
  if (refusal !== undefined) return [{ construct: `the pattern of ${name}()`, why: refusal }]
  return children.length > 2 ? [{ construct: `the options of ${name}()`, why: 'they are said otherwise elsewhere' }] : []
}

function ofJoin(node: Tree): Objection[] {
  if (!/^(REGULAR|CROSS)$/.test(String(node['ref_type']))) return [{ construct: `a ${String(node['ref_type'])} join`, why: 'other engines join otherwise', instead: 'Write join … on ….' }]
  if (!/^(INNER|LEFT|RIGHT|OUTER|FULL)$/.test(String(node['join_type']))) return [{ construct: `a ${String(node['join_type'])} join`, why: 'other engines do not know it', instead: 'Write where exists (…).' }]
  return ((node['using_columns'] as unknown[]) ?? []).length > 0 ? [{ construct: 'USING', why: 'which of the two columns remains differs in outer joins', instead: 'Write join … on ….' }] : []
}

function ofStar(node: Tree): Objection[] {
  const plain = [node['exclude_list'], node['replace_list'], node['rename_list'], node['qualified_exclude_list']].every(list => !list || (Array.isArray(list) ? list.length === 0 : Object.keys(list as object).length === 0))
  return plain && !node['columns'] && !node['expr'] ? [] : [{ construct: 'a star with exceptions', why: 'other engines do not know it', instead: 'List the columns.' }]
}

function ofSelect(node: Tree, whole: boolean): Objection[] {
  const found: Objection[] = [...ofAliases(node)]
  const modifiers = (node['modifiers'] as Tree[]) ?? []
  if (modifiers.some(({ type }) => type === 'LIMIT_MODIFIER' || type === 'LIMIT_PERCENT_MODIFIER')) found.push({ construct: 'LIMIT', why: 'which rows it leaves is any engine\'s own choice', instead: 'Write qualify row_number() over (order by …) <= n.' })
  if (node['aggregate_handling'] === 'FORCE_AGGREGATES') found.push({ construct: 'GROUP BY ALL', why: 'what it groups by differs', instead: 'List the columns.' })
  if (((node['group_sets'] as unknown[]) ?? []).length > 1) found.push({ construct: 'GROUPING SETS', why: 'they were not held against the engine' })
  if (node['sample']) found.push({ construct: 'a sample', why: 'it is never the same twice' })
  if (node['qualify']) found.push(...ofQualify(node, whole))
  return found
}

/** DuckDB knows the names that a query gives while it is still giving them; other engines know them in ORDER BY only. */
function ofAliases(node: Tree): Objection[] {
  const items = (node['select_list'] as Tree[]) ?? []
  const given = new Set(items.flatMap(item => (item['alias'] && !mentions(item, String(item['alias'])) ? [String(item['alias']).toLowerCase()] : [])))
  const used: string[] = []
  const look = (part: unknown) => walk(part, (inner, parents) => {
    if (inner['type'] === 'SUBQUERY') return false
    const names = inner['type'] === 'COLUMN_REF' ? (inner['column_names'] as string[]) : []
    if (names.length === 1 && given.has(names[0]!.toLowerCase()) && parents.length >= 0) used.push(names[0]!)
    return true
  })
  for (const part of [...items, node['where_clause'], node['group_expressions'], node['having'], node['qualify']]) look(part)
  return [...new Set(used)].map(name => ({ construct: `"${name}", a name that the query itself gives`, why: 'other engines do not know it yet', instead: 'Repeat the expression, or put it into a WITH.' }))
}

function mentions(item: Tree, name: string): boolean {
  let found = false
  walk(item, inner => {
    if (inner['type'] === 'COLUMN_REF' && (inner['column_names'] as string[]).at(-1)!.toLowerCase() === name.toLowerCase()) found = true
  })
  return found
}

/** Of QUALIFY a subquery is made, in whose outer part the tables' names are not known any more. */
function ofQualify(node: Tree, whole: boolean): Objection[] {
  const items = (node['select_list'] as Tree[]) ?? []
  const plain = items.every(item => item['type'] === 'STAR' || item['alias'] !== '' || (item['type'] === 'COLUMN_REF' && (item['column_names'] as unknown[]).length === 1))
  if (!whole) return [{ construct: 'QUALIFY in a subquery', why: 'it is carried over in the outermost query only', instead: 'Number the rows in one subquery, and choose in the next.' }]
  if (!plain) return [{ construct: 'QUALIFY beside a column that has no name of its own', why: 'names of tables are lost on the way', instead: 'Give it one: t.x as x.' }]
  return items.some(item => item['type'] === 'STAR') ? [{ construct: 'QUALIFY beside a star', why: 'a column would be added', instead: 'List the columns.' }] : []
}

function ofConstant(node: Tree): Objection[] {
  const { type } = node['value'] as { type: PlanType }
  return /^(INTEGER|BIGINT|HUGEINT|DECIMAL|DOUBLE|VARCHAR|BOOLEAN|NULL|"NULL"|SQLNULL|INTEGER_LITERAL|STRING_LITERAL|INTERVAL|UNKNOWN|DATE|TIMESTAMP.*)$/.test(type.id) ? [] : [{ construct: `a value of type ${type.id}`, why: 'other engines write it otherwise' }]
}

/** `x is not true` is parsed as `x is distinct from true`, whose `true` stands where it stands; of the former the translation makes `not x`. */
function ofTruth(node: Tree): Objection[] {
  const right = node['right'] as Tree | undefined
  const isWord = right?.['type'] === 'VALUE_CONSTANT' && (right['value'] as { readonly type?: PlanType }).type?.id === 'BOOLEAN' && right['query_location'] === node['query_location']
  return isWord ? [{ construct: 'IS TRUE or IS FALSE', why: 'Trino does not know it, and its translation takes NULL otherwise', instead: 'Write x is distinct from true, or x is not distinct from true.' }] : []
}

function ofCast(node: Tree): Objection[] {
  const text = typeText(node['cast_type'] as PlanType)
  return CASTS.test(text) ? [] : [{ construct: `a cast to ${text}`, why: 'other engines name the type otherwise, or have none' }]
}

const CASTS = /^(BOOLEAN|TINYINT|SMALLINT|INTEGER|BIGINT|FLOAT|DOUBLE|DECIMAL(\(\d+,\d+\))?|VARCHAR|DATE|TIMESTAMP|TIMESTAMP WITH TIME ZONE)$/
const IS_NODE = /^[A-Z_]+$/
const IS_PART = /^(SELECT_NODE|SET_OPERATION_NODE|CTE_NODE|RECURSIVE_CTE_NODE|BASE_TABLE|JOIN|SUBQUERY|EMPTY|EMPTY_FROM|TABLE_FUNCTION|EXPRESSION_LIST|PIVOT|SHOW_REF|COLUMN_DATA|DELIM_GET|CTE|.*_MODIFIER)$/

function unknownNode(node: Tree, type: string, dialect: ForeignDialect): Objection {
  const words: Readonly<Record<string, string>> = { PIVOT: 'PIVOT', LAMBDA: 'a lambda', ARRAY_EXTRACT: 'an element of a list', ARRAY_SLICE: 'a slice of a list', STRUCT_EXTRACT: 'a field of a struct', SUBQUERY: 'a subquery', COLLATE: 'COLLATE', TABLE_FUNCTION: `${String((node['function'] as Tree | undefined)?.['function_name'] ?? 'a function')}() as a table`, RECURSIVE_CTE_NODE: 'WITH RECURSIVE', LIMIT_MODIFIER: 'LIMIT', POSITIONAL_REFERENCE: 'a column by its number', EXPRESSION_LIST: 'VALUES', ARRAY_CONSTRUCTOR: 'a list' }
  if (type === 'LIMIT_MODIFIER') return { construct: 'LIMIT', why: 'which rows it leaves is any engine\'s own choice', instead: 'Write qualify row_number() over (order by …) <= n.' }
  return { construct: words[type] ?? type.toLowerCase().replaceAll('_', ' '), why: `it was not held against ${dialect === 'spark' ? 'Spark' : 'Trino'}` }
}

const typeOf = (node: Tree): PlanType => (node['return_type'] ?? (node['value'] as Tree | undefined)?.['type'] ?? { id: 'UNKNOWN' }) as PlanType
const shown = (name: string, node: Tree): string => (node['is_operator'] ? `the operator ${name}` : `${name}()`)
const constant = (node: Tree | undefined): unknown => (node?.['type'] === 'VALUE_CONSTANT' ? (node['value'] as Tree)['value'] : undefined)
const isCount = (node: Tree | undefined): boolean => typeof constant(node) === 'number' && (constant(node) as number) >= 0
const constantText = (node: Tree | undefined): string | undefined => (typeof constant(node) === 'string' ? (constant(node) as string) : undefined)
const constantNumber = (node: Tree | undefined): number | undefined => (typeof constant(node) === 'number' && (constant(node) as number) > 0 ? (constant(node) as number) : undefined)
const once = (found: readonly Objection[]): Objection[] => [...new Map(found.map(objection => [objection.construct, objection])).values()]

function walk(value: unknown, visit: (node: Tree, parents: readonly Tree[]) => boolean | void, parents: readonly Tree[] = []): void {
  if (Array.isArray(value)) for (const each of value) walk(each, visit, parents)
  else if (typeof value === 'object' && value !== null) {
    const node = value as Tree
    if (visit(node, parents) === false) return
    for (const each of Object.values(node)) walk(each, visit, [...parents, node])
  }
}
