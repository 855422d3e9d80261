/** What a query's form alone proves of its result, whatever the tables hold. Names are in lower case. */
export interface QueryGuarantees {
  /** Lists of columns whose values no two rows share. */
  readonly unique: readonly (readonly string[])[]
  /** Columns that are never NULL. */
  readonly notNull: readonly string[]
}

export const NO_GUARANTEES: QueryGuarantees = { unique: [], notNull: [] }

/** Read off the outermost SELECT of a tree that DuckDB's parser made; of a star, off the one query behind it. */
export function guaranteesOf(node: unknown, ctes: ReadonlyMap<string, unknown> = new Map()): QueryGuarantees {
  const select = node as Tree
  if (select['type'] !== 'SELECT_NODE' || select['sample']) return NO_GUARANTEES
  const known = new Map(ctes)
  for (const { key, value } of (select['cte_map'] as { map: { key: string; value: { query: { node: unknown }; aliases?: unknown[] } }[] }).map) known.set(key.toLowerCase(), value.aliases?.length ? undefined : value.query.node)
  const items = select['select_list'] as Tree[]
  if (isPlainStar(items)) return grouped(select) || distinct(select) ? NO_GUARANTEES : behind(select['from_table'] as Tree, known)
  const names = items.map(nameOf)
  if (names.some(name => name === undefined) || new Set(names).size < names.length || items.some(multipliesRows)) return NO_GUARANTEES
  const columns = names as string[]
  return { unique: [...groupKeys(select, items, columns), ...distinctKeys(select, items, columns)], notNull: columns.filter((_, i) => isNeverNull(items[i]!)) }
}

interface Tree {
  readonly [name: string]: unknown
}

function isPlainStar(items: readonly Tree[]): boolean {
  const [star] = items
  return items.length === 1 && star!['type'] === 'STAR' && !star!['columns'] && !star!['expr'] && ['exclude_list', 'replace_list', 'qualified_exclude_list', 'rename_list'].every(name => ((star![name] ?? []) as unknown[]).length === 0)
}

function behind(from: Tree, ctes: ReadonlyMap<string, unknown>): QueryGuarantees {
  if (((from['column_name_alias'] ?? []) as unknown[]).length > 0 || from['sample']) return NO_GUARANTEES
  if (from['type'] === 'SUBQUERY') return guaranteesOf((from['subquery'] as { node: unknown }).node, ctes)
  const cte = from['type'] === 'BASE_TABLE' && !from['schema_name'] ? ctes.get(String(from['table_name']).toLowerCase()) : undefined
  return cte ? guaranteesOf(cte, ctes) : NO_GUARANTEES
}

const grouped = ({ group_expressions: groups, aggregate_handling: handling }: Tree): boolean => (groups as unknown[]).length > 0 || handling !== 'STANDARD_HANDLING'
const distinct = ({ modifiers }: Tree): boolean => (modifiers as Tree[]).some(({ type }) => type === 'DISTINCT_MODIFIER')

/** What a query is grouped by identifies its rows, where all of it is in the result. */
function groupKeys(select: Tree, items: readonly Tree[], names: readonly string[]): string[][] {
  if (select['aggregate_handling'] === 'FORCE_AGGREGATES') return [names.filter((_, i) => !isAggregate(items[i]!))].filter(({ length }) => length > 0)
  const groups = select['group_expressions'] as Tree[]
  const sets = select['group_sets'] as number[][]
  if (groups.length === 0 || sets.length !== 1 || sets[0]!.length !== groups.length) return []
  return keyOf(groups, items, names)
}

function distinctKeys(select: Tree, items: readonly Tree[], names: readonly string[]): string[][] {
  return (select['modifiers'] as Tree[]).filter(({ type }) => type === 'DISTINCT_MODIFIER').flatMap(modifier => {
    const targets = (modifier['distinct_on_targets'] ?? []) as Tree[]
    return targets.length === 0 ? [[...names]] : keyOf(targets, items, names)
  })
}

function keyOf(expressions: readonly Tree[], items: readonly Tree[], names: readonly string[]): string[][] {
  const found = expressions.map(expression => {
    const place = positionOf(expression)
    return names[place ?? items.findIndex(item => same(item, expression))]
  })
  return found.some(name => name === undefined) ? [] : [found as string[]]
}

function positionOf({ type, value }: Tree): number | undefined {
  if (type !== 'VALUE_CONSTANT') return undefined
  const number = (value as { value?: unknown }).value
  return typeof number === 'number' ? number - 1 : -1
}

const text = (tree: Tree): string => JSON.stringify({ ...tree, alias: '' }, (name, value: unknown) => (name === 'query_location' ? undefined : value)).toLowerCase()
const same = (a: Tree, b: Tree): boolean => text(a) === text(b)

function nameOf(item: Tree): string | undefined {
  const name = item['alias'] || (item['type'] === 'COLUMN_REF' ? (item['column_names'] as string[]).at(-1) : undefined)
  return name === undefined ? undefined : String(name).toLowerCase()
}

const multipliesRows = (item: Tree): boolean => /"function_name":"(unnest|unlist|generate_subscripts)"|"type":"(STAR|POSITIONAL_REFERENCE)"/i.test(JSON.stringify(item))

const AGGREGATES = new Set(['count', 'count_star', 'sum', 'avg', 'min', 'max', 'any_value', 'first', 'last', 'arg_max', 'arg_min', 'max_by', 'min_by', 'list', 'array_agg', 'string_agg', 'bool_and', 'bool_or', 'median', 'stddev', 'mode'])
const isAggregate = ({ type, function_name: name }: Tree): boolean => type === 'FUNCTION' && AGGREGATES.has(String(name).toLowerCase())

function isNeverNull(item: Tree): boolean {
  switch (item['type']) {
    case 'VALUE_CONSTANT': return (item['value'] as { is_null: boolean }).is_null === false
    case 'OPERATOR_COALESCE': return (item['children'] as Tree[]).some(isNeverNull)
    case 'OPERATOR_CAST': case 'CAST': return item['try_cast'] === false && isNeverNull(item['child'] as Tree)
    case 'FUNCTION': return ['count', 'count_star'].includes(String(item['function_name']).toLowerCase())
    default: return false
  }
}
