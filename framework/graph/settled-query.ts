import { isRowFunction } from './row-functions.ts'

/** A node of the tree that DuckDB's parser makes. */
export interface Tree {
  readonly [name: string]: unknown
}

export const isThere = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined)

/** A copy of a query in which its common table expressions stand as subqueries where they were named; undefined where one can't. */
export function inlined(node: Tree): Tree | undefined {
  try {
    return expanded(node, new Map()) as Tree
  } catch (error) {
    if (error instanceof NotInlined) return undefined
    throw error
  }
}

class NotInlined extends Error {}

type Known = ReadonlyMap<string, Tree>

function expanded(value: unknown, known: Known): unknown {
  if (Array.isArray(value)) return value.map(each => expanded(each, known))
  if (typeof value !== 'object' || value === null) return value
  const tree = value as Tree
  const type = String(tree['type'])
  if (type === 'RECURSIVE_CTE_NODE' || type === 'CTE_NODE') throw new NotInlined()
  let scope = known
  for (const { key, value: { aliases, query } } of (tree['cte_map'] as { map: { key: string; value: { aliases?: unknown[]; query: { node: Tree } } }[] } | undefined)?.map ?? []) {
    if (isThere(aliases)) throw new NotInlined()
    // Within itself it names something else, and so do those that follow it there.
    scope = new Map([...scope, [key.toLowerCase(), expanded(query.node, scope) as Tree]])
  }
  const named = type === 'BASE_TABLE' && !tree['schema_name'] && !tree['catalog_name'] ? scope.get(String(tree['table_name']).toLowerCase()) : undefined
  if (named) return { type: 'SUBQUERY', alias: tree['alias'] || tree['table_name'], sample: tree['sample'], subquery: { node: structuredClone(named), named_param_map: [] }, column_name_alias: tree['column_name_alias'] }
  return Object.fromEntries(Object.entries(tree).map(([name, each]) => [name, name === 'cte_map' ? { map: [] } : expanded(each, scope)]))
}

/** Whether columns of these names are only handed on, as they are and under their names, so that no other column and no number of rows hangs on them. A part of the tree is left out. */
export function areHandedOn(value: unknown, names: ReadonlySet<string>, without: Tree): boolean {
  if (Array.isArray(value)) return value.every(each => areHandedOn(each, names, without))
  if (typeof value !== 'object' || value === null || value === without) return true
  const tree = value as Tree
  const named = (each: Tree) => each['class'] === 'COLUMN_REF' && names.has(String((each['column_names'] as string[]).at(-1)).toLowerCase())
  if (named(tree) || tree['type'] === 'DISTINCT_MODIFIER' || (tree['type'] === 'SET_OPERATION_NODE' && tree['setop_all'] !== true)) return false
  if (((tree['group_expressions'] ?? []) as Tree[]).some(({ class: kind }) => kind !== 'COLUMN_REF') || ((tree['using_columns'] ?? []) as string[]).some(name => names.has(name.toLowerCase()))) return false
  const rest = { ...tree, select_list: ((tree['select_list'] ?? []) as Tree[]).filter(item => !named(item) || (item['alias'] && !names.has(String(item['alias']).toLowerCase()))) }
  return Object.values(rest).every(each => areHandedOn(each, names, without))
}

const CLASSES = new Set(['BETWEEN', 'CASE', 'CAST', 'COLLATE', 'COLUMN_REF', 'COMPARISON', 'CONJUNCTION', 'CONSTANT', 'FUNCTION', 'LAMBDA', 'LAMBDA_REF', 'OPERATOR', 'STAR', 'SUBQUERY', 'WINDOW'])
/** Aggregates whose answer does not depend on the order in which they see their rows. */
const AGGREGATES = new Set(['count', 'count_star', 'count_if', 'countif', 'sum', 'avg', 'mean', 'min', 'max', 'bool_and', 'bool_or', 'bit_and', 'bit_or', 'bit_xor', 'median', 'quantile_cont', 'quantile_disc', 'stddev', 'stddev_samp', 'stddev_pop', 'variance', 'var_samp', 'var_pop'])
const RANKS = new Set(['row_number', 'rank', 'dense_rank', 'percent_rank', 'cume_dist', 'ntile', 'lag', 'lead', 'first_value', 'last_value', 'nth_value'])
/** The parser takes them for columns. */
const OF_THE_MOMENT = /^(current_\w+|local(time|timestamp)|(session_)?user)$/i

export const isAggregate = (name: string): boolean => AGGREGATES.has(name.toLowerCase())

/** Whether a tree answers by the rows of its tables alone: no moment, no chance, no choice that the order of rows makes. Windows choose where their order does not, so that they may be left out. */
export function isSettled(value: unknown, allowed: { readonly windows: boolean }): boolean {
  if (Array.isArray(value)) return value.every(each => isSettled(each, allowed))
  if (typeof value !== 'object' || value === null) return true
  const tree = value as Tree
  const [kind, type] = [tree['class'], String(tree['type'])]
  if (kind === 'CONSTANT') return true
  if (kind !== undefined && !CLASSES.has(String(kind))) return false
  if (kind === 'COLUMN_REF') return !OF_THE_MOMENT.test(String((tree['column_names'] as string[]).at(-1)))
  const plain = ['', 'main'].includes(String(tree['schema'] ?? '')) && !tree['catalog']
  const name = String(tree['function_name']).toLowerCase()
  if (kind === 'FUNCTION' && (!plain || !(isRowFunction(name) || isAggregate(name)))) return false
  if (kind === 'WINDOW' && (!allowed.windows || !plain || !(RANKS.has(name) || isAggregate(name)))) return false
  if (kind === undefined && ['TABLE_FUNCTION', 'PIVOT', 'SHOW_REF', 'DELIM_GET', 'LIMIT_MODIFIER', 'LIMIT_PERCENT_MODIFIER', 'RECURSIVE_CTE_NODE', 'CTE_NODE'].includes(type)) return false
  if (type === 'DISTINCT_MODIFIER' && isThere(tree['distinct_on_targets'])) return false
  if (kind === undefined && (isThere(tree['sample']) || isThere(tree['at_clause']))) return false
  return Object.values(tree).every(each => isSettled(each, allowed))
}
