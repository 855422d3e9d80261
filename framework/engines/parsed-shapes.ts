import type { Tree } from './bound-shapes.ts'

/**
 * What a node of DuckDB's parse tree may say beside what every node says. What stands in another of its places was not held against the
 * engines, or is said by DuckDB alone.
 */
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  SELECT_NODE: ['select_list', 'from_table', 'where_clause', 'group_expressions', 'group_sets', 'having', 'qualify', 'modifiers', 'cte_map', 'aggregate_handling', 'sample'],
  SET_OPERATION_NODE: ['setop_type', 'setop_all', 'left', 'right', 'children', 'modifiers', 'cte_map'],
  BASE_TABLE: ['table_name', 'column_name_alias'],
  JOIN: ['left', 'right', 'condition', 'join_type', 'ref_type', 'using_columns'],
  EMPTY: [], EXPRESSION_LIST: ['values', 'expected_types', 'expected_names'],
  SUBQUERY: ['subquery', 'column_name_alias', 'subquery_type', 'child', 'comparison_type'],
  COLUMN_REF: ['column_names'], VALUE_CONSTANT: ['value'],
  STAR: ['relation_name', 'exclude_list', 'replace_list', 'rename_list', 'qualified_exclude_list', 'columns', 'expr'],
  FUNCTION: ['function_name', 'children', 'filter', 'order_bys', 'distinct', 'is_operator'],
  OPERATOR_CAST: ['child', 'cast_type', 'try_cast'], CASE_EXPR: ['case_checks', 'else_expr'],
  COMPARE_BETWEEN: ['input', 'lower', 'upper'],
  ORDER_MODIFIER: ['orders'], DISTINCT_MODIFIER: ['distinct_on_targets'],
}
const WINDOW = ['function_name', 'children', 'partitions', 'orders', 'start', 'end', 'start_expr', 'end_expr', 'offset_expr', 'default_expr', 'exclude_clause', 'ignore_nulls']
const EVERY = new Set(['type', 'class', 'alias', 'query_location'])

const WORDS: Readonly<Record<string, string>> = {
  schema: 'a function of a schema', schema_name: 'a table of a schema', catalog: 'a function of a catalog', catalog_name: 'a table of a catalog', at_clause: 'AT', sample: 'a sample',
  filter_expr: 'FILTER in a window', distinct: 'DISTINCT in a window', arg_orders: 'ORDER BY within a function of a window', export_state: 'EXPORT_STATE',
}

/** The places of a parsed node in which something stands that is not let through, in words. */
export function strangeParts(node: Tree): readonly string[] {
  const type = String(node['type'])
  const places = type.startsWith('WINDOW_') ? WINDOW : type.startsWith('COMPARE_') && !(type in SHAPES) ? ['left', 'right', 'children'] : /^(CONJUNCTION|OPERATOR)_/.test(type) && !(type in SHAPES) ? ['children'] : SHAPES[type]
  if (!places) return []
  return Object.entries(node).filter(([name, value]) => !EVERY.has(name) && !places.includes(name) && says(value) && !(name === 'schema' && node['is_operator']) && !(name === 'schema' && GRAMMAR.test(String(node['function_name'])))).map(([name]) => WORDS[name] ?? `${name.replaceAll('_', ' ')} of ${type.toLowerCase().replaceAll('_', ' ')}`)
}

/** The grammar itself gives these a schema. */
const GRAMMAR = /^(like_escape|not_like_escape|ilike_escape|not_ilike_escape|regexp_full_match|~~|!~~|trim|ltrim|rtrim|substring|overlay|position|date_part|timezone|similar_to_escape)$/

function says(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false) return false
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object') return Object.values(value).some(says) && (value as Tree)['type'] !== 'ORDER_MODIFIER' || ((value as Tree)['orders'] as unknown[] | undefined ?? []).length > 0
  return true
}
