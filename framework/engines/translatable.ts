import type { ForeignDialect } from '../vocabulary/sql.ts'

/** What the guard says of a construct that it does not let pass. */
export interface Refusal {
  readonly why: string
  /** What to write instead, as a sentence, where there is something that all engines take alike. */
  readonly instead?: string | undefined
}

const S = 'spark'
const T = 'trino'

/**
 * The functions, operators and aggregates of DuckDB's SQL that mean the same after translation, on rows that are made to tell: NULL, NaN,
 * empty and odd texts, dates at the ends of years, long decimals. A row of test/engines-real/constructs.ts shows each. What is not here is refused.
 */
export const FUNCTIONS: Readonly<Record<string, readonly ForeignDialect[]>> = {
  '+': [S, T], '-': [S, T], '*': [S, T], '/': [S, T], '||': [S, T],
  '~~': [S, T], '!~~': [S, T],
  abs: [S, T],
  count: [S, T], count_star: [S, T], sum: [S, T], min: [S, T], max: [S, T], avg: [S, T],
  coalesce: [S, T], nullif: [S, T],
  length: [S, T], substr: [S, T], substring: [S, T], replace: [S, T], concat_ws: [S, T], md5: [S],
  year: [S, T], month: [S, T], day: [S, T], quarter: [S, T], date_trunc: [S, T], weekofyear: [S],
  row_number: [S, T], rank: [S, T], dense_rank: [S, T], lag: [S, T], lead: [S, T],
  regexp_matches: [S, T],
}

/** Constructs that are refused by name, and what one can do. Anything unknown gets a plain word instead. */
export const REFUSED: Readonly<Record<string, Refusal>> = {
  regexp_replace: { why: 'by itself it replaces the first here and all elsewhere, and its options are written otherwise' },
  trim: { why: 'it takes away every space that Unicode knows in DuckDB, and only U+0020 elsewhere', instead: 'Write trim(x, \' \') where only U+0020 is meant.' },
  ltrim: { why: 'it takes away every space that Unicode knows in DuckDB, and only U+0020 elsewhere' },
  rtrim: { why: 'it takes away every space that Unicode knows in DuckDB, and only U+0020 elsewhere' },
  upper: { why: 'letters such as ß and İ become two elsewhere', instead: 'Where only ASCII is meant, say so: inDialects(sql`upper(x)`, { spark: sql`upper(x)` }).' },
  lower: { why: 'letters such as ß and İ become two elsewhere', instead: 'Where only ASCII is meant, say so: inDialects(sql`lower(x)`, { spark: sql`lower(x)` }).' },
  concat: { why: 'it leaves out NULL in DuckDB and is NULL elsewhere', instead: 'Write a || b, or concat_ws(\'\', a, b).' },
  any_value: { why: 'which value it gives is any engine\'s own choice', instead: 'Write min(x) or max(x).' },
  first: { why: 'which value it gives is any engine\'s own choice', instead: 'Write min(x) or max(x).' },
  last: { why: 'which value it gives is any engine\'s own choice', instead: 'Write min(x) or max(x).' },
  arbitrary: { why: 'which value it gives is any engine\'s own choice', instead: 'Write min(x) or max(x).' },
  greatest: { why: 'it leaves out NULL in DuckDB and Spark, and is NULL in Trino; NaN and texts are compared otherwise' },
  least: { why: 'it leaves out NULL in DuckDB and Spark, and is NULL in Trino; NaN and texts are compared otherwise' },
  hash: { why: 'each engine hashes in its own way', instead: 'Write md5(x).' },
  random: { why: 'it is never the same twice' },
  uuid: { why: 'it is never the same twice' },
  gen_random_uuid: { why: 'it is never the same twice' },
  approx_count_distinct: { why: 'each engine guesses in its own way', instead: 'Write count(distinct x).' },
  median: { why: 'it is rounded otherwise' },
  round: { why: 'halves of doubles and the type of rounded decimals differ', instead: 'Cast to a decimal of as many places.' },
  strftime: { why: 'patterns differ' },
  strptime: { why: 'patterns differ, and what does not fit' },
  try_strptime: { why: 'patterns differ, and what does not fit' },
  unnest: { why: 'elsewhere it is no expression, and columns beside it get lost' },
  isodow: { why: 'days of the week are numbered otherwise' },
  dayofweek: { why: 'days of the week are numbered otherwise' },
  string_agg: { why: 'the order of what it joins is not kept' },
  list: { why: 'the order of what it gathers is not kept' },
  array_agg: { why: 'the order of what it gathers is not kept' },
  date_diff: { why: 'boundaries are counted otherwise', instead: 'Subtract dates: a - b gives days.' },
  datediff: { why: 'boundaries are counted otherwise', instead: 'Subtract dates: a - b gives days.' },
  now: { why: 'it is never the same twice' },
  current_timestamp: { why: 'it is never the same twice' },
  get_current_timestamp: { why: 'it is never the same twice' },
  '%': { why: 'it is an error, NULL or NaN by zero, as the engine likes' },
  '//': { why: 'it is an error, NULL or NaN by zero, as the engine likes' },
}

/** Nodes of DuckDB's parse tree that mean the same after translation. Comparisons and connectives always do. */
export const NODES: Readonly<Record<string, readonly ForeignDialect[]>> = {
  SELECT_NODE: [S, T], SET_OPERATION_NODE: [S, T],
  BASE_TABLE: [S, T], JOIN: [S, T], SUBQUERY: [S, T], EMPTY: [S, T], EXPRESSION_LIST: [S, T],
  COLUMN_REF: [S, T], VALUE_CONSTANT: [S, T], STAR: [S, T], FUNCTION: [S, T], OPERATOR_CAST: [S, T], CASE_EXPR: [S, T],
  COMPARE_EQUAL: [S, T], COMPARE_NOTEQUAL: [S, T], COMPARE_LESSTHAN: [S, T], COMPARE_GREATERTHAN: [S, T], COMPARE_LESSTHANOREQUALTO: [S, T], COMPARE_GREATERTHANOREQUALTO: [S, T],
  COMPARE_DISTINCT_FROM: [S, T], COMPARE_NOT_DISTINCT_FROM: [S, T], COMPARE_BETWEEN: [S, T], COMPARE_IN: [S, T], COMPARE_NOT_IN: [S, T],
  CONJUNCTION_AND: [S, T], CONJUNCTION_OR: [S, T], OPERATOR_NOT: [S, T], OPERATOR_IS_NULL: [S, T], OPERATOR_IS_NOT_NULL: [S, T], OPERATOR_COALESCE: [S, T], OPERATOR_NULLIF: [S, T],
  WINDOW_ROW_NUMBER: [S, T], WINDOW_RANK: [S, T], WINDOW_RANK_DENSE: [S, T], WINDOW_LAG: [S, T], WINDOW_LEAD: [S, T], WINDOW_AGGREGATE: [S, T],
  ORDER_MODIFIER: [S, T], DISTINCT_MODIFIER: [S, T],
}
