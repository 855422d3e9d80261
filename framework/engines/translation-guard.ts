import type { ForeignDialect } from '../vocabulary/sql.ts'
import { boundRefusals, type Tree } from './bound-shapes.ts'
import { strangeParts } from './parsed-shapes.ts'
import { typeText, type PlanType } from './translatable-casts.ts'
import { FUNCTIONS, NODES, REFUSED, type Refusal } from './translatable.ts'
import { patternRefusal } from './translatable-pattern.ts'

/** Something in a query that another engine would answer otherwise. */
export interface Objection extends Refusal {
  readonly construct: string
  /** Where it begins in the text that was parsed, in bytes. */
  readonly at?: number | undefined
  /** The same as people count, both from one. */
  readonly place?: { readonly line: number; readonly column: number } | undefined
}

/** What of a query cannot be translated. Looks at what was parsed; {@link boundObjections} at what the types make of it. */
export function parsedObjections(tree: unknown, dialect: ForeignDialect): Objection[] {
  const found: Objection[] = []
  walk(tree, (node, parents) => {
    const { type } = node
    const at = placeOf(node, parents)
    if (typeof type === 'string' && IS_NODE.test(type) && (node['class'] !== undefined || IS_PART.test(type)) && !NODES[type]?.includes(dialect)) found.push({ ...unknownNode(node, type, dialect), at })
    else found.push(...ofNode(node, dialect, parents).map(objection => ({ ...objection, at })), ...strangeParts(node).map(construct => ({ construct, why: 'it was not held against the engine', at })))
  })
  return once(found)
}

/** What of a query changes its meaning by the types of its columns, though its text could be translated: casts above all, the unwritten ones too. */
export function boundObjections(plan: unknown, tree: unknown, dialect: ForeignDialect): Objection[] {
  const casts = new Set<unknown>()
  walk(tree, node => {
    if (node['type'] === 'OPERATOR_CAST') casts.add(node['query_location'])
  })
  const found: Objection[] = [...ofNames(plan)]
  walk(plan, (node, parents) => {
    if (isOwn(node)) return false
    found.push(...boundRefusals(node, dialect, casts, parents).map(refusal => ({ ...refusal, at: placeOf(node, parents) })))
    return true
  })
  return once(found)
}

/** DuckDB counts on where two columns of what comes out have one name; a file of an engine cannot hold both. */
function ofNames(plan: unknown): Objection[] {
  let top = (plan as Tree[] | undefined)?.[0]
  while (top && !Array.isArray(top['expressions'])) top = (top['children'] as Tree[] | undefined)?.[0]
  const names = ((top?.['expressions'] as Tree[] | undefined) ?? []).flatMap(({ alias }) => (alias ? [String(alias).toLowerCase()] : []))
  const twice = names.find((name, i) => names.indexOf(name) < i)
  return top?.['type'] === 'LOGICAL_PROJECTION' && twice !== undefined ? [{ construct: `two columns called "${twice}"`, why: 'a table holds one of them', instead: 'Name the columns.' }] : []
}

/** Where the parser says that it stands, or else what it stands in. */
function placeOf(node: Tree, parents: readonly Tree[]): number | undefined {
  const said = [node, node['child'], node['left'], ...parents.toReversed()].map(each => (each as Tree | undefined | null)?.['query_location'])
  return said.find((place): place is number => typeof place === 'number' && place < Number.MAX_SAFE_INTEGER)
}

/** By this an own expression of another engine is known in a bound plan: what is in it is not translated. */
export const ownMark = (expression: string): string => `case when '${OWN}' is not null then (${expression}) end`

const OWN = 'varve: own words'
const isOwn = (node: Tree): boolean => node['expression_class'] === 'BOUND_CASE' && JSON.stringify((node['case_checks'] as Tree[] | undefined)?.[0]?.['when_expr'] ?? '').includes(OWN)

function ofNode(node: Tree, dialect: ForeignDialect, parents: readonly Tree[]): Objection[] {
  switch (node['type']) {
    case 'FUNCTION': return ofFunction(node, dialect, parents)
    case 'WINDOW_AGGREGATE': return [...ofFunction(node, dialect, parents), ...ofWindow(node)]
    case 'WINDOW_ROW_NUMBER': case 'WINDOW_RANK': case 'WINDOW_RANK_DENSE': case 'WINDOW_LAG': case 'WINDOW_LEAD': return ofWindow(node)
    case 'JOIN': return ofJoin(node)
    case 'STAR': return ofStar(node)
    case 'SELECT_NODE': return ofSelect(node, parents.length === 0)
    case 'COLUMN_REF': return ofColumn(node)
    case 'SUBQUERY': return dialect === 'spark' && node['subquery_type'] === 'ANY' ? ofAny(node, parents) : []
    case 'EXPRESSION_LIST': return ofValues(node, parents)
    case 'ORDER_MODIFIER': return ((node['orders'] as Tree[] | undefined) ?? []).some(order => (order['expression'] as Tree)['type'] === 'STAR') ? [{ construct: 'ORDER BY ALL', why: 'other engines do not know it', instead: 'List the columns.' }] : []
    case 'SET_OPERATION_NODE': return node['setop_type'] === 'UNION_BY_NAME' ? [{ construct: 'UNION BY NAME', why: 'other engines unite by position', instead: 'List the columns.' }] : []
    case 'VALUE_CONSTANT': return ofConstant(node)
    case 'OPERATOR_CAST': return ofCast(node)
    case 'COMPARE_DISTINCT_FROM': case 'COMPARE_NOT_DISTINCT_FROM': return dialect === 'trino' ? ofTruth(node) : []
    case 'DISTINCT_MODIFIER': return ((node['distinct_on_targets'] as unknown[]) ?? []).length > 0 ? [{ construct: 'DISTINCT ON', why: 'other engines do not know it', instead: 'Write qualify row_number() over (…) = 1.' }] : []
    default: return []
  }
}

/** Spark keeps NULL and false apart only where a condition of WHERE is such a comparison as a whole; elsewhere NULL becomes false, and rows were seen to go. */
function ofAny(node: Tree, parents: readonly Tree[]): Objection[] {
  if (node['comparison_type'] !== 'COMPARE_EQUAL') return [{ construct: 'a comparison with ANY or ALL of a subquery', why: 'Spark does not know it', instead: 'Compare with its max() or min().' }]
  const above = parents.at(-1)?.['type'] === 'OPERATOR_NOT' ? parents.slice(0, -1) : parents
  const from = above.findLastIndex(({ type }) => type === 'SELECT_NODE')
  const within = above.slice(from + 1)
  const whole = above[from]?.['where_clause'] === (within[0] ?? parents[above.length] ?? node) && within.every(({ type }) => type === 'CONJUNCTION_AND')
  return whole ? [] : [{ construct: 'IN with a subquery within an expression', why: 'Spark makes false of NULL', instead: 'Write it as a condition of WHERE, or left join the subquery.' }]
}

function ofColumn(node: Tree): Objection[] {
  const names = node['column_names'] as string[]
  if (names.length > 2 && names[0] === 'main') return [{ construct: 'a column of a table of a schema', why: 'other engines have other schemas', instead: 'Write table.column.' }]
  return names.length === 1 && SPOKEN.test(names[0]!) ? [{ construct: names[0]!.toLowerCase(), why: 'it is no column in every engine, and never the same twice' }] : []
}

/** Words that are functions without brackets in one engine or another. */
const SPOKEN = /^(user|(current|session)_(user|role|catalog|database|schema|path|date|time|timestamp|timezone)|localtime(stamp)?|rowid)$/i

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
  if (dialect === 'trino' && /^[-+*/]$/.test(name) && children.some(isNothing)) return [{ construct: `NULL beside the operator ${name}`, why: 'Trino cannot tell its type' }]
  if (name === '/' && dialect === 'spark' && !neverZero(children[1])) return [{ construct: 'a division by what may be zero', why: 'it is infinite or not a number here, and an error in Spark', instead: 'Write x / nullif(y, 0).' }]
  if (name.startsWith('regexp_')) return ofPattern(name, children)
  if (/^(~~|!~~)$/.test(name) && /\\/.test(constantText(children[1]) ?? '\\')) return [{ construct: 'LIKE with a backslash, or a pattern that is no text', why: 'it escapes in other engines' }]
  return []
}

/** A NULL that stands in the query, however it is cast. */
const isNothing = (node: Tree): boolean => (node['type'] === 'OPERATOR_CAST' ? isNothing(node['child'] as Tree) : node['type'] === 'VALUE_CONSTANT' && (node['value'] as Tree)['is_null'] === true)

function neverZero(divisor: Tree | undefined): boolean {
  if (divisor?.['type'] === 'OPERATOR_CAST') return neverZero(divisor['child'] as Tree) && !/^(DECIMAL|.*INT.*)$/.test((divisor['cast_type'] as PlanType).id)
  const isNullif = divisor?.['type'] === 'OPERATOR_NULLIF' || String(divisor?.['function_name']).toLowerCase() === 'nullif'
  if (isNullif) return constant((divisor!['children'] as Tree[])[1]) === 0
  return typeof constant(divisor) === 'number' && constant(divisor) !== 0
}

const RANKED = /^WINDOW_(ROW_NUMBER|RANK|RANK_DENSE|LAG|LEAD)$/

function ofWindow(node: Tree): Objection[] {
  const type = String(node['type'])
  const name = String(node['function_name'] ?? type).toLowerCase()
  const ordered = ((node['orders'] as unknown[] | undefined) ?? []).length > 0
  const [start, end] = [String(node['start']), String(node['end'])]
  const usual = start === 'UNBOUNDED_PRECEDING' && end === 'CURRENT_ROW_RANGE'
  if (node['exclude_clause'] !== 'NO_OTHER') return [{ construct: 'EXCLUDE in a frame', why: 'other engines do not know it' }]
  if (/GROUPS/.test(start + end)) return [{ construct: 'a frame of GROUPS', why: 'Spark does not know it', instead: 'Write rows between … and ….' }]
  if (/EXPR_.*_RANGE/.test(start + end)) return [{ construct: 'a frame by values', why: 'it was not held against the engine', instead: 'Write rows between … and ….' }]
  for (const offset of [node['start_expr'], node['end_expr'], node['offset_expr']]) if (offset && !isCount(offset as Tree)) return [{ construct: `a distance in ${name}() that is no number in the query`, why: 'it was not held against the engine' }]
  if (node['ignore_nulls']) return [{ construct: 'IGNORE NULLS', why: 'it is said otherwise elsewhere' }]
  if (RANKED.test(type) && !ordered) return [{ construct: `${name}() without an order`, why: 'which row comes first is any engine\'s own choice', instead: 'Write over (order by …).' }]
  if (RANKED.test(type) && !usual) return [{ construct: `a frame for ${name}()`, why: 'it has none elsewhere', instead: 'Leave it out.' }]
  return !usual && !ordered && !(start === 'UNBOUNDED_PRECEDING' && end === 'UNBOUNDED_FOLLOWING') ? [{ construct: 'a frame without an order', why: 'which rows are in it is any engine\'s own choice', instead: 'Write over (order by …).' }] : []
}

/** Engines name the columns of bare values each in its own way. */
function ofValues(node: Tree, parents: readonly Tree[]): Objection[] {
  const holder = parents.at(-3)
  const names = ((holder?.['column_name_alias'] ?? holder?.['aliases']) as unknown[] | undefined) ?? []
  const width = ((node['values'] as unknown[][] | undefined)?.[0] ?? []).length
  return names.length === width ? [] : [{ construct: 'VALUES without names for all columns', why: 'each engine names them in its own way', instead: 'Write (values (…)) as v(a, b).' }]
}

/** What comes out must have names that its author gave: each engine calls expressions in its own way. */
export function nameless(tree: unknown): Objection[] {
  let node = tree as Tree
  while (node['type'] === 'SET_OPERATION_NODE') node = (node['left'] ?? (node['children'] as Tree[] | undefined)?.[0]) as Tree
  const items = ((node['select_list'] as Tree[] | undefined) ?? []).filter(item => !/^(COLUMN_REF|STAR)$/.test(String(item['type'])) && item['alias'] === '')
  return items.slice(0, 1).map(item => ({ construct: 'a column without a name', why: 'each engine calls it in its own way', instead: 'Name it: … as x.', at: placeOf(item, []) }))
}

function ofPattern(name: string, children: readonly Tree[]): Objection[] {
  const pattern = constantText(children[1])
  const refusal = pattern === undefined ? 'it is no text that stands in the query' : patternRefusal(pattern)
  if (refusal !== undefined) return [{ construct: `the pattern of ${name}()`, why: refusal }]
  return children.length > 2 ? [{ construct: `the options of ${name}()`, why: 'they are said otherwise elsewhere' }] : []
}

function ofJoin(node: Tree): Objection[] {
  if (isLateral(node)) return [{ construct: 'a subquery that knows the tables beside it', why: 'it was not held against the engine', instead: 'Join with a subquery that is grouped.' }]
  if (!/^(REGULAR|CROSS)$/.test(String(node['ref_type']))) return [{ construct: `a ${String(node['ref_type'])} join`, why: 'other engines join otherwise', instead: 'Write join … on ….' }]
  if (!/^(INNER|LEFT|RIGHT|OUTER|FULL)$/.test(String(node['join_type']))) return [{ construct: `a ${String(node['join_type'])} join`, why: 'other engines do not know it', instead: 'Write where exists (…).' }]
  return ((node['using_columns'] as unknown[]) ?? []).length > 0 ? [{ construct: 'USING', why: 'which of the two columns remains differs in outer joins', instead: 'Write join … on ….' }] : []
}

/** DuckDB lets a subquery see what stands before it, also where LATERAL is not written. */
function isLateral({ left, right }: Tree): boolean {
  if ((right as Tree)['type'] !== 'SUBQUERY') return false
  const known = namesOf(left as Tree)
  const own = new Set<string>()
  const used: string[] = []
  walk((right as Tree)['subquery'], node => {
    if (node['type'] === 'BASE_TABLE' || node['type'] === 'SUBQUERY') for (const name of namesOf(node)) own.add(name)
    if (node['type'] === 'COLUMN_REF') used.push(...(node['column_names'] as string[]).slice(0, -1).map(name => name.toLowerCase()))
  })
  return used.some(name => known.includes(name) && !own.has(name))
}

function namesOf(table: Tree): string[] {
  if (table['type'] === 'JOIN') return [...namesOf(table['left'] as Tree), ...namesOf(table['right'] as Tree)]
  return [table['alias'] || table['table_name']].flatMap(name => (name ? [String(name).toLowerCase()] : []))
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

const CASTS = /^(BOOLEAN|TINYINT|SMALLINT|INTEGER|BIGINT|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|VARCHAR|DATE|TIMESTAMP|TIMESTAMP WITH TIME ZONE)$/
const IS_NODE = /^[A-Z_]+$/
const IS_PART = /^(SELECT_NODE|SET_OPERATION_NODE|CTE_NODE|RECURSIVE_CTE_NODE|BASE_TABLE|JOIN|SUBQUERY|EMPTY|EMPTY_FROM|TABLE_FUNCTION|EXPRESSION_LIST|PIVOT|SHOW_REF|COLUMN_DATA|DELIM_GET|CTE|.*_MODIFIER)$/

function unknownNode(node: Tree, type: string, dialect: ForeignDialect): Objection {
  const words: Readonly<Record<string, string>> = { PIVOT: 'PIVOT', LAMBDA: 'a lambda', ARRAY_EXTRACT: 'an element of a list', ARRAY_SLICE: 'a slice of a list', STRUCT_EXTRACT: 'a field of a struct', SUBQUERY: 'a subquery', COLLATE: 'COLLATE', TABLE_FUNCTION: `${String((node['function'] as Tree | undefined)?.['function_name'] ?? 'a function')}() as a table`, RECURSIVE_CTE_NODE: 'WITH RECURSIVE', LIMIT_MODIFIER: 'LIMIT', POSITIONAL_REFERENCE: 'a column by its number', EXPRESSION_LIST: 'VALUES', ARRAY_CONSTRUCTOR: 'a list' }
  if (type === 'LIMIT_MODIFIER') return { construct: 'LIMIT', why: 'which rows it leaves is any engine\'s own choice', instead: 'Write qualify row_number() over (order by …) <= n.' }
  return { construct: words[type] ?? type.toLowerCase().replaceAll('_', ' '), why: `it was not held against ${dialect === 'spark' ? 'Spark' : 'Trino'}` }
}

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
