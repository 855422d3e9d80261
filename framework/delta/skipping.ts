import type { Connection } from '../duckdb/connection.ts'
import { expressionText } from '../duckdb/expression-text.ts'
import { quoteLiteral } from '../vocabulary/sql.ts'
import type { AddFile } from './actions.ts'
import { boundsSql, isOrdered } from './file-bounds.ts'
import { partitionValue } from './partition-value.ts'
import { duckdbType } from './schema.ts'
import { fieldNamed, physicalName, type StructField } from './schema-types.ts'
import { statsOf } from './summaries.ts'
import type { TableView } from './table-view.ts'

/** A DuckDB condition on a table's columns. */
export interface FileFilter {
  readonly text: string
  /** The name by which the condition may call the table, as in `o.day`. */
  readonly called?: string | undefined
}

/**
 * The files that may hold a row for which a condition is true, by partition values and statistics. The condition is read by DuckDB's own
 * parser; what is not a comparison of a column with something constant counts as "may be". Never leaves out a file that has such a row.
 */
export async function filesThatMayMatch(connection: Connection, snapshot: TableView, files: Iterable<AddFile>, { text, called }: FileFilter): Promise<AddFile[]> {
  const all = [...files]
  const parts = await conditionParts(connection, text, called !== undefined && fieldNamed(snapshot.schema, called) ? undefined : called)
  const used = new Map<StructField, number>()
  const maybe = possibility(parts, name => {
    const field = fieldNamed(snapshot.schema, name)
    if (!field || !isOrdered(field)) return undefined
    if (!used.has(field)) used.set(field, used.size)
    return used.get(field)
  })
  if (used.size === 0 || all.length === 0) return all
  const rows = all.map((file, i) => {
    const stats = statsOf(file)
    return `(${[i, ...[...used.keys()].flatMap(field => [...boundsSql(snapshot, file, stats, field), ...nullsSql(snapshot, file, stats, field)])].join(', ')})`
  })
  const names = [...used].flatMap(([, i]) => [`lo${i}`, `hi${i}`, `nulls${i}`, `total${i}`])
  const typed = [...used].flatMap(([field, i]) => [`lo${i}::${duckdbType(field.type)} as lo${i}`, `hi${i}::${duckdbType(field.type)} as hi${i}`, `nulls${i}`, `total${i}`])
  const kept = await connection.rows<{ i: number }>(`select i from (select i, ${typed.join(', ')} from (values ${rows.join(', ')}) as v(i, ${names.join(', ')})) where ${maybe}`)
  const indexes = new Set(kept.map(({ i }) => Number(i)))
  return all.filter((_, i) => indexes.has(i))
}

function nullsSql(snapshot: TableView, file: AddFile, stats: ReturnType<typeof statsOf>, field: StructField): readonly [nulls: string, total: string] {
  const physical = physicalName(field, snapshot.mapping)
  if (snapshot.partitionColumns.includes(field.name)) return [partitionValue(file, field, snapshot.mapping) === null ? '1' : '0', '1']
  const nulls = stats.nullCount?.[physical]
  return [typeof nulls === 'number' ? String(nulls) : 'null::bigint', stats.numRecords === undefined ? 'null::bigint' : String(stats.numRecords)]
}

/** A condition, as far as statistics can speak to it. Constants are SQL text. */
type Condition =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'compare'; readonly column: string; readonly operator: Operator; readonly constant: string }
  | { readonly kind: 'null' | 'not null'; readonly column: string }

type Operator = '=' | '<' | '<=' | '>' | '>='

/** SQL that is false only for files that cannot have a matching row. Where a statistic is missing, comparisons are NULL, and count as true. */
function possibility(condition: Condition, indexOf: (column: string) => number | undefined): string {
  switch (condition.kind) {
    case 'unknown': return 'true'
    case 'and': return `(${condition.of.map(each => possibility(each, indexOf)).join(' and ')})`
    case 'or': return `(${condition.of.map(each => possibility(each, indexOf)).join(' or ')})`
    case 'compare': {
      const i = indexOf(condition.column)
      if (i === undefined) return 'true'
      const { operator, constant } = condition
      const test = operator === '=' ? `lo${i} <= ${constant} and hi${i} >= ${constant}` : operator.startsWith('<') ? `lo${i} ${operator} ${constant}` : `hi${i} ${operator} ${constant}`
      return `coalesce(${test}, true)`
    }
    case 'null':
    case 'not null': {
      const i = indexOf(condition.column)
      return i === undefined ? 'true' : `coalesce(nulls${i} ${condition.kind === 'null' ? '> 0' : `< total${i}`}, true)`
    }
  }
}

/** A node of DuckDB's serialized syntax tree. */
interface Node {
  readonly class: string
  readonly type: string
  readonly left?: Node
  readonly right?: Node
  readonly input?: Node
  readonly lower?: Node
  readonly upper?: Node
  readonly children?: readonly Node[]
  readonly column_names?: readonly string[]
}

async function conditionParts(connection: Connection, filter: string, called: string | undefined): Promise<Condition> {
  const [row] = await connection.rows<{ tree: string }>(`select json_serialize_sql(${quoteLiteral(`select 1 where (${filter})`)})::varchar as tree`)
  const tree = JSON.parse(row!.tree) as { error: boolean; statements?: readonly { readonly node: { readonly where_clause: Node } }[] }
  const where = tree.statements?.[0]?.node.where_clause
  if (tree.error || !where) return { kind: 'unknown' }
  const constants = new Map<Node, string>()
  for (const [node, path] of comparedConstants(where, '$.statements[0].node.where_clause')) constants.set(node, await expressionText(connection, row!.tree, path))
  return conditionOf(where, constants, called)
}

function conditionOf(node: Node, constants: ReadonlyMap<Node, string>, called: string | undefined): Condition {
  // More names than one are a field within a column, unless the first is the table's.
  const columnOf = ({ class: kind, column_names: names = [] }: Node): string | undefined => {
    if (kind !== 'COLUMN_REF') return undefined
    return names.length === 1 || (names.length === 2 && names[0]!.toLowerCase() === called?.toLowerCase()) ? names.at(-1) : undefined
  }
  const compare = (column: Node | undefined, operator: Operator, constant: Node | undefined): Condition => {
    const name = column && columnOf(column)
    const text = constant && constants.get(constant)
    return name !== undefined && text !== undefined ? { kind: 'compare', column: name, operator, constant: text } : { kind: 'unknown' }
  }
  switch (node.class) {
    case 'CONJUNCTION': return { kind: node.type === 'CONJUNCTION_AND' ? 'and' : 'or', of: (node.children ?? []).map(child => conditionOf(child, constants, called)) }
    case 'COMPARISON': {
      const operator = OPERATORS[node.type]
      if (!operator) return { kind: 'unknown' }
      return node.left && columnOf(node.left) !== undefined ? compare(node.left, operator, node.right) : compare(node.right, MIRRORED[operator], node.left)
    }
    case 'BETWEEN': return { kind: 'and', of: [compare(node.input, '>=', node.lower), compare(node.input, '<=', node.upper)] }
    case 'OPERATOR': {
      const [first, ...rest] = node.children ?? []
      const name = first && columnOf(first)
      if (node.type === 'COMPARE_IN') return { kind: 'or', of: rest.map(constant => compare(first, '=', constant)) }
      if (node.type === 'OPERATOR_IS_NULL' && name !== undefined) return { kind: 'null', column: name }
      if (node.type === 'OPERATOR_IS_NOT_NULL' && name !== undefined) return { kind: 'not null', column: name }
      return { kind: 'unknown' }
    }
    default: return { kind: 'unknown' }
  }
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  COMPARE_EQUAL: '=', COMPARE_LESSTHAN: '<', COMPARE_LESSTHANOREQUALTO: '<=', COMPARE_GREATERTHAN: '>', COMPARE_GREATERTHANOREQUALTO: '>=',
}
const MIRRORED: Readonly<Record<Operator, Operator>> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' }

/** The sides of comparisons that are plain constants, with their places in the tree. */
function comparedConstants(node: Node, path: string): (readonly [Node, string])[] {
  const children = (node.children ?? []).map((child, i) => [child, `${path}.children[${i}]`] as const)
  if (node.class === 'CONJUNCTION') return children.flatMap(([child, place]) => comparedConstants(child, place))
  const sides = (['left', 'right', 'lower', 'upper'] as const).flatMap(side => (node[side] ? [[node[side], `${path}.${side}`] as const] : []))
  return [...sides, ...(node.type === 'COMPARE_IN' ? children.slice(1) : [])].filter(([side]) => isConstant(side))
}

const isConstant = (node: Node): boolean => {
  if (node.class === 'CONSTANT') return true
  const child = (node as { readonly child?: Node }).child
  return node.class === 'CAST' && child !== undefined && isConstant(child)
}
