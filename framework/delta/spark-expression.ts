import type { Connection } from '../duckdb/connection.ts'
import { quoteLiteral } from '../vocabulary/sql.ts'
import { fieldNamed, type StructType } from './schema-types.ts'

/**
 * A Spark SQL expression of a table's rules and own values as one of DuckDB, or undefined where it is not sure to mean the same in both. Only what is known
 * to agree is let through: columns, literals, comparisons, and, or, not, in, between, is null, like, arithmetic, a few functions, and casts of literals and
 * of columns whose type the schema tells. Times are UTC, as Spark's are in a session of that zone.
 */
export async function duckdbExpression(connection: Connection, spark: string, schema?: StructType): Promise<string | undefined> {
  const text = unbackticked(spark)
  if (text === undefined) return undefined
  const [row] = await connection.rows<{ tree: string }>(`select json_serialize_sql(${quoteLiteral(`select (${text})`)})::varchar as tree`)
  // A place that is none has more digits than a number here holds.
  const tree = JSON.parse(row!.tree.replace(/"query_location":\d+/g, '"query_location":0')) as { error: boolean; statements?: readonly { readonly node: { select_list: readonly Node[]; readonly from_table: { readonly type: string } } }[] }
  const node = tree.statements?.[0]?.node
  if (tree.error || tree.statements?.length !== 1 || node?.select_list.length !== 1) return undefined
  const agreed = inDuckdb(node.select_list[0]!, schema)
  if (agreed === undefined) return undefined
  node.select_list = [agreed]
  const [said] = await connection.rows<{ sql: string }>(`select json_deserialize_sql(${quoteLiteral(JSON.stringify(tree))}::json) as sql`)
  return `(${said!.sql.replace(/^SELECT /, '').replace(/;?\s*$/, '')})`
}

interface Node {
  readonly class: string
  readonly type: string
  readonly function_name?: string
  readonly [part: string]: unknown
}

const CLASSES = new Set(['COLUMN_REF', 'CONSTANT', 'COMPARISON', 'CONJUNCTION', 'OPERATOR', 'BETWEEN', 'FUNCTION', 'CAST'])
const OPERATORS = new Set(['OPERATOR_IS_NULL', 'OPERATOR_IS_NOT_NULL', 'OPERATOR_NOT', 'COMPARE_IN', 'COMPARE_NOT_IN', 'OPERATOR_COALESCE'])
const FUNCTIONS = new Set(['+', '-', '*', '~~', '!~~', 'trim', 'length', 'abs', 'year', 'quarter', 'month', 'day', 'hour', 'minute', 'second', 'current_date', 'current_timestamp', 'now', 'substring', 'substr', 'date_trunc', 'date_format', 'concat', 'upper', 'lower'])

/** The node with all of its parts in DuckDB's words; undefined where one has none. */
function inDuckdb(node: Node, schema: StructType | undefined): Node | undefined {
  if (!CLASSES.has(node.class)) return undefined
  if (node.class === 'OPERATOR' && !OPERATORS.has(node.type)) return undefined
  if (node.class === 'CONSTANT' && !isExact((node['value'] as { readonly value?: unknown }).value)) return undefined
  if (node.class === 'CAST') return sameCast(node, schema) ? node : undefined
  const parts: Record<string, unknown> = {}
  for (const [part, value] of Object.entries(node)) {
    const inner = part === 'order_bys' ? value : Array.isArray(value) ? value.map(each => (isNode(each) ? inDuckdb(each, schema) : each)) : isNode(value) ? inDuckdb(value, schema) : value
    if (inner === undefined || (Array.isArray(inner) && inner.includes(undefined))) return undefined
    parts[part] = inner
  }
  return node.class === 'FUNCTION' ? inDuckdbWords(parts as Node & { readonly children: readonly Node[] }) : (parts as Node)
}

function inDuckdbWords(call: Node & { readonly children: readonly Node[] }): Node | undefined {
  const { function_name: name = '', children } = call
  if (!FUNCTIONS.has(name)) return undefined
  switch (name) {
    // Spark's is NULL where a part is, DuckDB's passes over it.
    case 'concat': return children.length === 0 ? undefined : children.reduce((left, right) => ({ ...call, function_name: '||', is_operator: true, children: [left, right] }))
    case 'now': case 'current_timestamp': return { ...call, function_name: 'now' }
    // Of letters beyond ASCII each has its own idea of what their capitals are.
    case 'upper': case 'lower': return {
      class: 'CASE', type: 'CASE_EXPR',
      case_checks: [{
        when_expr: { ...call, function_name: 'regexp_matches', children: [children[0], constant('[^\\x00-\\x7F]')] },
        then_expr: { ...call, function_name: 'error', children: [constant(`What ${name}() makes of letters beyond ASCII differs between engines: write these rows with Spark.`)] },
      }],
      else_expr: call,
    }
    case 'substring': case 'substr': return Number(textOf(children[1])) >= 1 && Number(textOf(children[2])) >= 0 ? { ...call, schema: '' } : undefined
    case 'date_trunc': return UNITS.has((textOf(children[0]) ?? '').toLowerCase()) ? call : undefined
    case 'date_format': {
      const format = textOf(children[1])
      if (format === undefined || !/^(?:yyyy|MM|dd|HH|mm|ss|[-_/: ])+$/.test(format)) return undefined
      return { ...call, function_name: 'strftime', children: [children[0], constant(format.replace(/yyyy|MM|dd|HH|mm|ss/g, token => FORMATS[token]!))] }
    }
    default: return call
  }
}

const isExact = (value: unknown): boolean => typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)

const UNITS = new Set(['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second'])
const FORMATS: Readonly<Record<string, string>> = { yyyy: '%Y', MM: '%m', dd: '%d', HH: '%H', mm: '%M', ss: '%S' }

/** Casts that come to the same in both: of literals that are what they are cast to, of instants to their day, of whole numbers to wider ones. */
function sameCast(cast: Node, schema: StructType | undefined): boolean {
  if (cast['try_cast']) return false
  const inner = cast['child'] as Node
  const { id } = cast['cast_type'] as { readonly id: string }
  if (inner.class === 'CONSTANT') {
    const { type, is_null: missing, value } = inner['value'] as { readonly type: { readonly id: string }; readonly is_null: boolean; readonly value?: unknown }
    if (missing) return true
    if (type.id === 'INTEGER' || type.id === 'BIGINT') return WHOLE.includes(id) || id === 'DOUBLE' || id === 'VARCHAR'
    if (type.id !== 'VARCHAR') return false
    return id === 'VARCHAR' || (id === 'BOOLEAN' && /^[tf]$/.test(String(value))) || (id === 'DATE' && /^\d{4}-\d\d-\d\d$/.test(String(value))) || (id === 'TIMESTAMP' && /^\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d(?:\.\d{1,6})?)?$/.test(String(value)))
  }
  const names = inner.class === 'COLUMN_REF' ? (inner['column_names'] as readonly string[]) : []
  const type = names.length === 1 && schema ? fieldNamed(schema, names[0]!)?.type : undefined
  if (typeof type !== 'string') return false
  if (id === 'DATE') return ['timestamp', 'timestamp_ntz', 'date'].includes(type)
  const from = ['byte', 'short', 'integer', 'long'].indexOf(type)
  if (id === 'VARCHAR') return from >= 0 || type === 'string' || type === 'date'
  return from >= 0 && WHOLE.indexOf(id) >= from
}

const WHOLE: readonly string[] = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT']

const constant = (text: string): Node => ({ class: 'CONSTANT', type: 'VALUE_CONSTANT', value: { type: { id: 'VARCHAR', type_info: null }, is_null: false, value: text } })

const textOf = (node: Node | undefined): string | undefined => (node?.class === 'CONSTANT' ? String((node['value'] as { readonly value?: unknown }).value) : undefined)

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'class' in value && 'type' in value

/** Spark quotes names with backticks. It reads double quotes as text, backslashes as escapes, doubled quotes as two texts or one, and letters before a quote as another kind of literal: those are refused, but for days and times. */
function unbackticked(spark: string): string | undefined {
  if (/["\\]|''|``/.test(spark)) return undefined
  let text = ''
  let depth = 0
  for (let i = 0; i < spark.length; i += 1) {
    const char = spark[i]!
    if (char !== '`' && char !== "'") {
      depth += char === '(' ? 1 : char === ')' ? -1 : 0
      if (depth < 0) return undefined
      text += char
      continue
    }
    const end = spark.indexOf(char, i + 1)
    const word = /\w+$/.exec(text)?.[0].toLowerCase()
    if (end === -1 || (char === "'" && word !== undefined && word !== 'date' && word !== 'timestamp')) return undefined
    const inside = spark.slice(i + 1, end)
    text += char === '`' ? `"${inside}"` : `'${inside}'`
    i = end
  }
  return text
}
