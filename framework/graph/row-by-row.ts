import { isRowFunction } from './row-functions.ts'

/**
 * A query of which each row comes of one row of the one table that it reads, whatever the other rows are and whenever it is asked: the rows
 * of a part of the table give a part of the result.
 */
export interface RowByRow {
  /** As the query names it. */
  readonly table: string
  /** Columns that are handed on as they are, under their names, in lower case: these, or all but these. */
  readonly keeps: { readonly all: boolean; readonly names: readonly string[] }
}

/** Whether a column of the table comes through under its own name, as it is. */
export const comesThrough = ({ keeps: { all, names } }: RowByRow, column: string): boolean => names.includes(column.toLowerCase()) !== all

/** Read off a tree that DuckDB's parser made; undefined where the form does not prove it. */
export function rowByRowOf(node: unknown, ctes: ReadonlyMap<string, unknown> = new Map()): RowByRow | undefined {
  const select = node as Tree
  if (select['type'] !== 'SELECT_NODE' || ONLY_PLAIN.some(name => isThere(select[name])) || select['aggregate_handling'] !== 'STANDARD_HANDLING') return undefined
  const known = new Map(ctes)
  for (const { key, value } of (select['cte_map'] as { map: { key: string; value: { query: { node: unknown }; aliases?: unknown[] } }[] }).map) known.set(key.toLowerCase(), value.aliases?.length ? undefined : value.query.node)
  const items = select['select_list'] as Tree[]
  if (![...items, select['where_clause']].every(isOfOneRow)) return undefined
  const from = behind(select['from_table'] as Tree, known)
  return from && { table: from.table, keeps: handedOn(items, from) }
}

interface Tree {
  readonly [name: string]: unknown
}

const ONLY_PLAIN = ['modifiers', 'group_expressions', 'group_sets', 'having', 'qualify', 'sample']
const isThere = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined)

function behind(from: Tree, ctes: ReadonlyMap<string, unknown>): RowByRow | undefined {
  if (isThere(from['column_name_alias']) || isThere(from['sample']) || isThere(from['at_clause'])) return undefined
  if (from['type'] === 'SUBQUERY') return rowByRowOf((from['subquery'] as { node: unknown }).node, ctes)
  if (from['type'] !== 'BASE_TABLE') return undefined
  const name = [from['catalog_name'], from['schema_name'], from['table_name']].filter(Boolean).join('.')
  if (!from['schema_name'] && ctes.has(name.toLowerCase())) {
    // Within itself a common table expression names something else.
    const others = new Map([...ctes].filter(([key]) => key !== name.toLowerCase()))
    return rowByRowOf(ctes.get(name.toLowerCase()) ?? {}, others)
  }
  return { table: name, keeps: { all: true, names: [] } }
}

/** The kinds of expression that look at one row: no subquery, no window, no parameter. */
const OF_ONE_ROW = new Set(['BETWEEN', 'CASE', 'CAST', 'COLLATE', 'COLUMN_REF', 'COMPARISON', 'CONJUNCTION', 'CONSTANT', 'FUNCTION', 'LAMBDA', 'OPERATOR', 'STAR'])
/** The parser takes them for columns. */
const OF_THE_MOMENT = /^(current_\w+|local(time|timestamp)|(session_)?user)$/i

function isOfOneRow(expression: unknown): boolean {
  if (Array.isArray(expression)) return expression.every(isOfOneRow)
  if (typeof expression !== 'object' || expression === null) return true
  const tree = expression as Tree
  const kind = tree['class']
  if (kind !== undefined && !OF_ONE_ROW.has(String(kind))) return false
  // A value tells its type, and nothing else.
  if (kind === 'CONSTANT') return true
  if (kind === 'COLUMN_REF') return !OF_THE_MOMENT.test(String((tree['column_names'] as string[]).at(-1)))
  if (kind === 'FUNCTION' && (!isRowFunction(String(tree['function_name'])) || isThere(tree['filter']) || tree['distinct'] === true || isThere((tree['order_bys'] as Tree)['orders']) || !['', 'main'].includes(String(tree['schema'])) || Boolean(tree['catalog']))) return false
  return Object.values(tree).every(isOfOneRow)
}

function handedOn(items: readonly Tree[], from: RowByRow): RowByRow['keeps'] {
  const stars = items.filter(({ type }) => type === 'STAR')
  const named = items.filter(({ type }) => type !== 'STAR').map(item => ({ item, name: String(item['alias'] || (item['type'] === 'COLUMN_REF' ? (item['column_names'] as string[]).at(-1) : '')).toLowerCase() }))
  if (stars.length > 0) {
    const [star] = stars
    const plain = stars.length === 1 && !star!['columns'] && !star!['expr'] && ['exclude_list', 'replace_list', 'qualified_exclude_list', 'rename_list'].every(name => !isThere(star![name]))
    const { all, names } = from.keeps
    const hidden = new Set(named.map(({ name }) => name))
    if (!plain) return { all: false, names: [] }
    return all ? { all, names: [...new Set([...names, ...hidden])].sort() } : { all, names: names.filter(name => !hidden.has(name)) }
  }
  const once = named.filter(({ name }) => named.filter(other => other.name === name).length === 1)
  return { all: false, names: once.filter(({ item, name }) => item['type'] === 'COLUMN_REF' && String((item['column_names'] as string[]).at(-1)).toLowerCase() === name && comesThrough(from, name)).map(({ name }) => name).sort() }
}
