import type { Connection } from '../duckdb/connection.ts'
import { quoteLiteral } from '../vocabulary/sql.ts'

/**
 * A Spark SQL condition of a table's rules as one of DuckDB, or undefined where it is not sure to mean the same in both. Only what is known
 * to agree is let through: columns, numbers, texts, comparisons, and, or, not, in, between, is null, like, arithmetic, and a few functions.
 */
export async function duckdbExpression(connection: Connection, spark: string): Promise<string | undefined> {
  const text = unbackticked(spark)
  if (text === undefined) return undefined
  const [row] = await connection.rows<{ tree: string }>(`select json_serialize_sql(${quoteLiteral(`select (${text})`)})::varchar as tree`)
  const tree = JSON.parse(row!.tree) as { error: boolean; statements?: readonly { readonly node: { readonly select_list: readonly Node[]; readonly from_table: { readonly type: string } } }[] }
  const node = tree.statements?.[0]?.node
  if (tree.error || tree.statements?.length !== 1 || node?.select_list.length !== 1) return undefined
  return meansTheSame(node.select_list[0]!) ? `(${text})` : undefined
}

interface Node {
  readonly class: string
  readonly type: string
  readonly function_name?: string
  readonly [part: string]: unknown
}

const CLASSES = new Set(['COLUMN_REF', 'CONSTANT', 'COMPARISON', 'CONJUNCTION', 'OPERATOR', 'BETWEEN', 'FUNCTION'])
const OPERATORS = new Set(['OPERATOR_IS_NULL', 'OPERATOR_IS_NOT_NULL', 'OPERATOR_NOT', 'COMPARE_IN', 'COMPARE_NOT_IN', 'OPERATOR_COALESCE'])
const FUNCTIONS = new Set(['+', '-', '*', '~~', '!~~', 'upper', 'lower', 'trim', 'length', 'abs', 'year', 'month', 'day', 'concat'])

function meansTheSame(node: Node): boolean {
  if (!CLASSES.has(node.class)) return false
  if (node.class === 'OPERATOR' && !OPERATORS.has(node.type)) return false
  if (node.class === 'FUNCTION' && !FUNCTIONS.has(node.function_name ?? '')) return false
  return Object.entries(node).every(([part, value]) => part === 'order_bys' || (Array.isArray(value) ? value.filter(isNode).every(meansTheSame) : !isNode(value) || meansTheSame(value)))
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'class' in value && 'type' in value

/** Spark quotes names with backticks. It reads double quotes as text, backslashes as escapes and doubled quotes as two texts: those are refused. */
function unbackticked(spark: string): string | undefined {
  if (/["\\]|''|``/.test(spark)) return undefined
  let text = ''
  for (let i = 0; i < spark.length; i += 1) {
    const char = spark[i]!
    if (char !== '`' && char !== "'") {
      text += char
      continue
    }
    const end = spark.indexOf(char, i + 1)
    if (end === -1) return undefined
    const inside = spark.slice(i + 1, end)
    text += char === '`' ? `"${inside}"` : `'${inside}'`
    i = end
  }
  return text
}
