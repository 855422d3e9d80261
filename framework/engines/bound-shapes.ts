import type { ForeignDialect } from '../vocabulary/sql.ts'
import type { Refusal } from './translatable.ts'
import { castRefusal, kindOf, typeText, type Kind, type PlanType } from './translatable-casts.ts'

/** A node of DuckDB's own parse tree or bound plan, as JSON. */
export interface Tree {
  readonly [name: string]: unknown
}

/** What a node of the bound plan is called, and why it is not let through. */
export interface BoundRefusal extends Refusal {
  readonly construct: string
}

/** Values of these kinds are compared, grouped and ordered as DuckDB does it. */
const COMPARED: Readonly<Record<ForeignDialect, ReadonlySet<Kind>>> = {
  spark: new Set<Kind>(['text', 'whole', 'huge', 'decimal', 'double', 'truth', 'date', 'timestamp', 'instant', 'null']),
  trino: new Set<Kind>(['text', 'whole', 'huge', 'decimal', 'truth', 'date', 'timestamp', 'instant', 'null']),
}

const both = (...signatures: readonly string[]) => ({ spark: signatures, trino: signatures })
const NUMBERS = ['n n', 'decimal decimal', 'double double']
const DATES = ['date', 'timestamp', 'instant']

/** Of functions, by the kinds of their arguments, what was held against the engines. `n` is any whole number, `text*` any number of texts. */
const SIGNATURES: Readonly<Record<string, Readonly<Record<ForeignDialect, readonly string[]>>>> = {
  '+': { spark: [...NUMBERS, 'n', 'decimal', 'double', 'date n', 'n date'], trino: [...NUMBERS, 'n', 'decimal', 'double'] },
  '-': { spark: [...NUMBERS, 'n', 'decimal', 'double', 'date n'], trino: [...NUMBERS, 'n', 'decimal', 'double'] },
  '*': both(...NUMBERS),
  '/': both('double double'),
  '||': both('text text'), '~~': both('text text'), '!~~': both('text text'),
  abs: both('n', 'decimal', 'double'),
  length: both('text'), substr: both('text n', 'text n n'), substring: both('text n', 'text n n'), replace: both('text text text'), trim: both('text text'),
  concat_ws: both('text*'), md5: { spark: ['text'], trino: [] },
  year: both(...DATES), month: both(...DATES), day: both(...DATES), quarter: both(...DATES), weekofyear: { spark: DATES, trino: [] },
  date_trunc: both('text date', 'text timestamp', 'text instant'),
  regexp_matches: both('text text'),
  error: both('text'),
}

const AGGREGATES: Readonly<Record<string, readonly Kind[]>> = {
  sum: ['whole', 'huge', 'decimal'],
  avg: ['whole'],
  min: ['text', 'truth', 'whole', 'huge', 'decimal', 'double', 'date', 'timestamp', 'instant'],
  max: ['text', 'truth', 'whole', 'huge', 'decimal', 'double', 'date', 'timestamp', 'instant'],
}

/** Why a node of the bound plan means something else elsewhere, by its types; what is not known is refused. */
export function boundRefusals(node: Tree, dialect: ForeignDialect, casts: ReadonlySet<unknown>, parents: readonly Tree[]): readonly BoundRefusal[] {
  if (typeof node['type'] === 'string' && node['type'].startsWith('LOGICAL_')) return ofOperator(node, node['type'], dialect)
  if (node['comparison'] !== undefined) return compared([node['left'], node['right']], dialect)
  switch (node['expression_class']) {
    case undefined: case 'BOUND_REF': case 'BOUND_COLUMN_REF': case 'BOUND_CASE': case 'BOUND_CONJUNCTION': case 'BOUND_CONSTANT': case 'BOUND_SUBQUERY': return []
    case 'BOUND_CAST': return ofCast(node, dialect, casts, parents)
    case 'BOUND_COMPARISON': return compared([node['left'], node['right']], dialect)
    case 'BOUND_BETWEEN': return compared([node['input'], node['lower'], node['upper']], dialect)
    case 'BOUND_OPERATOR': return ofBoundOperator(node, dialect)
    case 'BOUND_FUNCTION': return ofFunction(node, dialect)
    case 'BOUND_AGGREGATE': return ofAggregate(node, dialect)
    case 'BOUND_WINDOW': return ofWindow(node, dialect)
    default: return [unknown(String(node['expression_class']).replace('BOUND_', '').toLowerCase())]
  }
}

const OPERATORS = /^LOGICAL_(GET|PROJECTION|FILTER|AGGREGATE_AND_GROUP_BY|WINDOW|COMPARISON_JOIN|ANY_JOIN|CROSS_PRODUCT|DELIM_JOIN|DELIM_GET|DEPENDENT_JOIN|ORDER_BY|DISTINCT|UNION|EXCEPT|INTERSECT|MATERIALIZED_CTE|CTE_REF|EXPRESSION_GET|DUMMY_SCAN|EMPTY_RESULT|LIMIT|CHUNK_GET)$/

function ofOperator(node: Tree, type: string, dialect: ForeignDialect): readonly BoundRefusal[] {
  if (!OPERATORS.test(type)) return [unknown(type.replace('LOGICAL_', '').toLowerCase().replaceAll('_', ' '))]
  if (type === 'LOGICAL_GET' && node['name'] !== 'seq_scan') return [unknown(`${String(node['name'])}() as a table`)]
  if (type === 'LOGICAL_EXCEPT' || type === 'LOGICAL_INTERSECT') return compared(columnsOf(node), dialect)
  return compared([...list(node['groups']), ...list(node['distinct_targets'])], dialect)
}

/** What the first of two united queries gives. */
function columnsOf(node: Tree): readonly Tree[] {
  const below = list(node['children'])[0]
  return below === undefined ? [] : below['type'] === 'LOGICAL_PROJECTION' ? list(below['expressions']) : columnsOf(below)
}

function compared(values: readonly unknown[], dialect: ForeignDialect): readonly BoundRefusal[] {
  const wrong = [...new Set(values.map(value => typeOf(value as Tree)).filter(type => !COMPARED[dialect].has(kindOf(type))).map(typeText))]
  return wrong.map(text => ({ construct: `the comparison of ${WORDS[text] ?? text}`, ...(WHY[text] ?? { why: /\[\]$|STRUCT|MAP/.test(text) ? 'NULL within is compared otherwise' : 'it was not held against the engine' }) }))
}

const WORDS: Readonly<Record<string, string>> = { DOUBLE: 'doubles' }
const WHY: Readonly<Record<string, Refusal>> = {
  DOUBLE: { why: 'NaN equals itself and is the greatest in DuckDB, and is neither in Trino' },
  FLOAT: { why: 'other engines compare it as a double', instead: 'Write cast(x as double).' },
}

function ofCast(node: Tree, dialect: ForeignDialect, casts: ReadonlySet<unknown>, parents: readonly Tree[]): readonly BoundRefusal[] {
  const child = node['child'] as Tree
  // An unwritten cast is said to stand where what it casts stands.
  const location = node['query_location']
  const written = child['expression_class'] === 'BOUND_CONSTANT' ? location !== child['query_location'] : location !== undefined && casts.has(location) && !(child['expression_class'] === 'BOUND_CAST' && child['query_location'] === location)
  const [from, to] = [typeOf(child), typeOf(node)]
  const by = parents.at(-1)
  if (by?.['name'] === '||' && dialect === 'trino' && kindOf(from) === 'null') return [{ construct: 'a text joined with NULL', why: 'Trino cannot tell its type', instead: 'Write cast(null as varchar).' }]
  if (by?.['name'] === '/' && !written && /^(DECIMAL|HUGEINT)/.test(from.id)) return [{ construct: 'the division of decimals', why: 'DuckDB divides them as doubles, other engines as decimals', instead: 'Cast both sides to double.' }]
  const joined = by?.['name'] === 'concat_ws' || (by?.['name'] === '||' && dialect === 'spark')
  const refusal = castRefusal(from, to, { dialect, constant: (child['value'] as Tree | undefined)?.['value'], written: written || joined })
  return refusal ? [{ construct: `the cast of ${typeText(from)} to ${typeText(to)}`, ...refusal }] : []
}

function ofBoundOperator(node: Tree, dialect: ForeignDialect): readonly BoundRefusal[] {
  const type = String(node['type'])
  if (type === 'COMPARE_IN' || type === 'COMPARE_NOT_IN' || type === 'OPERATOR_NULLIF') return compared(list(node['children']), dialect)
  return /^OPERATOR_(NOT|IS_NULL|IS_NOT_NULL|COALESCE)$/.test(type) ? [] : [unknown(type.toLowerCase().replaceAll('_', ' '))]
}

function ofFunction(node: Tree, dialect: ForeignDialect): readonly BoundRefusal[] {
  const name = String(node['name'])
  const shown = node['is_operator'] ? `the operator ${name}` : `${name}()`
  const types = list(node['children']).map(typeOf)
  const kinds = types.map(kindOf)
  const dates = kinds.filter(kind => /^(date|timestamp|instant)$/.test(kind))
  if (/^[+-]$/.test(name) && dates.length === 2) return [{ construct: 'a date minus a date', why: 'it is a number of days here and an interval elsewhere' }]
  // The parser lets through fields that are named with a point only.
  if (name === 'struct_extract') return []
  const widths = types.map(({ type_info: info }) => info?.width ?? 0)
  if (name === '*' && dialect === 'trino' && kinds[0] === 'decimal' && widths[0]! + (widths[1] ?? 0) > 38) return [{ construct: `the product of ${types.map(typeText).join(' and ')}`, why: 'Trino has no place for so many digits', instead: 'Cast to narrower decimals first.' }]
  const [whole, fraction] = [0, 1].map(part => Math.max(...types.map(({ type_info: info }) => (part === 0 ? (info?.width ?? 0) - (info?.scale ?? 0) : (info?.scale ?? 0))))) as [number, number]
  if (/^[+-]$/.test(name) && dialect === 'trino' && kinds[0] === 'decimal' && kinds.length === 2 && whole + fraction > 38) return [{ construct: `the sum of ${types.map(typeText).join(' and ')}`, why: 'Trino has no place for so many digits', instead: 'Cast to narrower decimals first.' }]
  const told = kinds.map(kind => (kind === 'whole' || kind === 'huge' ? 'n' : kind)).join(' ')
  const known = SIGNATURES[name]?.[dialect] ?? []
  if (known.includes(told) || (known.includes('text*') && kinds.every(kind => kind === 'text' || kind === 'null'))) return []
  if (/^[+-]$/.test(name) && dates.length === 1 && dialect === 'trino') return [{ construct: 'a date and a number of days', why: 'Trino adds intervals only' }]
  return [{ construct: `${shown} of ${types.map(typeText).join(', ') || 'nothing'}`, why: 'it was not held against the engine', ...(kinds.includes('float') && { instead: 'Cast to double first.' }) }]
}

function ofAggregate(node: Tree, dialect: ForeignDialect): readonly BoundRefusal[] {
  const name = String(node['name'])
  const given = list(node['children'])
  const distinct = node['aggregate_type'] === 'DISTINCT' ? compared(given, dialect) : []
  // That a subquery gives one value is said by DuckDB's binder with a first() of its own; an author's is refused where it is parsed.
  if (name === 'first') return []
  if (name === 'count_star' || (name === 'count' && given.length <= 1)) return distinct
  // DuckDB widens what it averages by itself.
  const [type] = given.map(each => typeOf(name === 'avg' && each['expression_class'] === 'BOUND_CAST' && kindOf(typeOf(each)) === 'whole' ? (each['child'] as Tree) : each))
  if (!type || !(name in AGGREGATES)) return [unknown(`${name}()`)]
  if (name === 'avg' && /^(DECIMAL|HUGEINT)/.test(type.id)) return [{ construct: 'the average of decimals', why: 'DuckDB gives a double, other engines a decimal', instead: 'Write cast(sum(x) as double) / cast(nullif(count(x), 0) as double).' }]
  if (name === 'avg' && type.id === 'BIGINT') return [{ construct: 'the average of BIGINT', why: 'other engines add up doubles', instead: 'Write cast(sum(x) as double) / cast(nullif(count(x), 0) as double).' }]
  if (/^(sum|avg)$/.test(name) && /^(DOUBLE|FLOAT)$/.test(type.id)) return [{ construct: `${name}() of ${type.id}`, why: 'the last digits depend on the order in which an engine adds', instead: 'Add up decimals.' }]
  const fits = AGGREGATES[name]!.includes(kindOf(type)) && (!/^(min|max)$/.test(name) || COMPARED[dialect].has(kindOf(type)))
  if (fits) return distinct
  return /^(min|max)$/.test(name) && !COMPARED[dialect].has(kindOf(type)) ? compared(given, dialect) : [unknown(`${name}() of ${typeText(type)}`)]
}

const FRAME = /^(UNBOUNDED_PRECEDING|UNBOUNDED_FOLLOWING|CURRENT_ROW_RANGE|CURRENT_ROW_ROWS|EXPR_PRECEDING_ROWS|EXPR_FOLLOWING_ROWS)$/

function ofWindow(node: Tree, dialect: ForeignDialect): readonly BoundRefusal[] {
  // Sorted, doubles come alike everywhere: NaN after all numbers.
  const orders = list(node['orders']).map(order => order['expression']).filter(value => kindOf(typeOf(value as Tree)) !== 'double')
  const found = [...compared([...list(node['partitions']), ...orders], dialect)]
  for (const end of [node['start'], node['end']]) if (end !== undefined && !FRAME.test(String(end))) found.push({ construct: 'a frame by values or groups', why: 'it was not held against the engine', instead: 'Write rows between … and ….' })
  if (node['aggregate'] !== undefined || typeof node['name'] === 'string') found.push(...ofAggregate(node, dialect))
  return found
}

const unknown = (construct: string): BoundRefusal => ({ construct, why: 'it was not held against the engine' })
const list = (value: unknown): readonly Tree[] => (Array.isArray(value) ? (value as Tree[]) : [])

export const typeOf = (node: Tree): PlanType => (node['return_type'] ?? (node['value'] as Tree | undefined)?.['type'] ?? (/^(BOUND_COMPARISON|BOUND_CONJUNCTION|BOUND_BETWEEN)$/.test(String(node['expression_class'])) ? { id: 'BOOLEAN' } : { id: 'UNKNOWN' })) as PlanType
