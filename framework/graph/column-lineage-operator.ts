import { expressionColumn, sortKeys, type ExpressionContext } from './column-lineage-expression.ts'
import type { PlanExpression, PlanJoinPair, PlanOperator } from './column-lineage-plan.ts'
import { addAll, computed, decide, either, fromOutside, item, loose, NOTHING, settled, sourceColumn, TRANSFORMATION, withRows, type Column, type Relation, type Rows } from './column-lineage-relation.ts'
import { filterKind, isCorrelation, isExpression, isOneRowAggregate, isPair, isScalarSubquery } from './column-lineage-shapes.ts'

/** Reads one plan from its leaves up. A new one for each plan. */
export class PlanReader implements ExpressionContext {
  readonly bindings = new Map<number, readonly Column[]>()
  /** What we met and do not know, in words. */
  readonly unknown = new Set<string>()
  readonly #named = new Map<number, Relation>()
  readonly #around: (readonly Column[])[] = []

  /** `table` numbers the columns of the table at a path; `everything` is a column that comes from all there is to read. */
  constructor(readonly masks: ReadonlySet<string>, readonly table: (path: readonly string[]) => (column: string) => number, readonly everything: () => Column) {}

  anything(what: string): Column {
    this.unknown.add(what)
    return this.everything()
  }

  missing(what: string): Column {
    if (this.unknown.size === 0) this.unknown.add(what)
    return this.everything()
  }

  relation(operator: PlanOperator): Relation {
    const relation = this.#relation(operator)
    if (operator.table_index !== undefined) this.bindings.set(operator.table_index, relation.columns)
    return relation
  }

  #relation(operator: PlanOperator): Relation {
    switch (operator.type) {
      case 'LOGICAL_GET': return this.#scan(operator)
      case 'LOGICAL_PROJECTION': return this.#projection(operator)
      case 'LOGICAL_FILTER': return this.#filter(operator)
      case 'LOGICAL_ORDER_BY': return this.#sorted(operator)
      case 'LOGICAL_LIMIT': case 'LOGICAL_SAMPLE': return this.#cut(operator)
      case 'LOGICAL_DISTINCT': return this.#distinct(operator)
      case 'LOGICAL_COMPARISON_JOIN': case 'LOGICAL_ANY_JOIN': case 'LOGICAL_ASOF_JOIN': case 'LOGICAL_DELIM_JOIN': return this.#join(operator)
      case 'LOGICAL_CROSS_PRODUCT': return this.#product(operator)
      case 'LOGICAL_POSITIONAL_JOIN': return this.#positional(operator)
      case 'LOGICAL_AGGREGATE_AND_GROUP_BY': return this.#aggregate(operator)
      case 'LOGICAL_PIVOT': return this.#pivot(operator)
      case 'LOGICAL_WINDOW': return this.#window(operator)
      case 'LOGICAL_UNNEST': return this.#unnest(operator)
      case 'LOGICAL_UNION': return this.#union(operator)
      case 'LOGICAL_EXCEPT': case 'LOGICAL_INTERSECT': return this.#setOperation(operator)
      case 'LOGICAL_MATERIALIZED_CTE': return this.#commonTable(operator)
      case 'LOGICAL_RECURSIVE_CTE': return this.#recursive(operator)
      case 'LOGICAL_CTE_REF': return this.#reference(operator)
      case 'LOGICAL_DELIM_GET': return this.#outside(operator)
      case 'LOGICAL_EXPRESSION_GET': return this.#values(operator)
      case 'LOGICAL_DUMMY_SCAN': return { columns: [NOTHING], rows: new Map() }
      case 'LOGICAL_CHUNK_GET': return { columns: (operator.chunk_types ?? []).map(() => NOTHING), rows: new Map() }
      default: return this.#unknownOperator(operator)
    }
  }

  #scan(operator: PlanOperator): Relation {
    const { function_data: data, names = [], column_indexes: indexes = [] } = operator
    if (data?.table !== undefined) {
      const numbered = this.table([data.catalog ?? '', data.schema ?? '', data.table])
      const columns = indexes.map(({ index }) => (index < names.length ? sourceColumn(numbered(names[index]!)) : NOTHING))
      return { columns: chosen(columns, operator.projection_ids), rows: new Map() }
    }
    const input = operator.children?.[0] ? this.relation(operator.children[0]) : EMPTY
    const given = input.columns.slice(0, operator.input_table_types?.length ?? input.columns.length)
    const argument = computed(given, TRANSFORMATION)
    const rows = input.rows
    const items = operator.name === 'unnest' && given.length === 1 ? given[0]!.items : undefined
    if (!items) decide(rows, argument, 'unnest')
    const made = Array.from({ length: indexes.length || (operator.returned_types?.length ?? 0) }, () => (items ? item(given[0]!, items) : loose(argument)))
    return { columns: [...chosen(made, operator.projection_ids), ...(operator.projected_input ?? []).map(i => this.#at(input, i))], rows, order: input.order }
  }

  #projection(operator: PlanOperator): Relation {
    const input = this.#input(operator)
    return { ...input, columns: this.#columns(operator.expressions, input) }
  }

  #filter(operator: PlanOperator): Relation {
    const input = this.#input(operator)
    for (const column of this.#columns(operator.expressions, input)) decide(input.rows, column, column.outer && column.inner ? 'join' : filterKind(operator))
    return { ...input, columns: chosen(input.columns, operator.projection_map) }
  }

  #sorted(operator: PlanOperator): Relation {
    const input = this.#input(operator)
    const keys = this.#columns(sortKeys(operator.orders), input)
    return { ...input, columns: chosen(input.columns, operator.projections), order: either([...keys, ...(input.order ? [input.order] : [])]) }
  }

  #cut(operator: PlanOperator): Relation {
    const input = this.#input(operator)
    const amounts = [operator.limit_val?.expression, operator.offset_val?.expression].flatMap(amount => amount ?? [])
    for (const column of this.#columns(amounts, input)) decide(input.rows, column, 'sort_limit')
    return lookedAtOrder(input)
  }

  #distinct(operator: PlanOperator): Relation {
    const below = operator.children?.[0]?.type ?? ''
    const input = this.#input(operator)
    const kind = SET_OPERATIONS.has(below) ? 'set_operation' : 'distinct'
    for (const column of this.#columns(operator.distinct_targets, input)) if (column.inner || !column.outer) decide(input.rows, column, kind)
    for (const column of this.#columns(sortKeys(operator.order_by?.orders), input)) decide(input.rows, column, 'sort_limit')
    return operator.distinct_type === 'DISTINCT' ? { ...input, order: undefined } : lookedAtOrder(input)
  }

  #join(operator: PlanOperator): Relation {
    const [leftPlan, rightPlan] = operator.children ?? []
    if (!leftPlan || !rightPlan) return this.#unknownOperator(operator)
    const left = this.relation(leftPlan)
    const correlated = operator.type === 'LOGICAL_DELIM_JOIN'
    if (correlated) this.#around.push(this.#columns(operator.duplicate_eliminated_columns, left).map(fromOutside))
    const right = this.relation(rightPlan)
    if (correlated) this.#around.pop()

    const conditions = this.#conditions(operator, left, right)
    const leftColumns = chosen(left.columns, operator.left_projection_map)
    const rightColumns = chosen(right.columns, operator.right_projection_map).map(settled)
    const order = both(left.order, right.order)
    switch (operator.join_type) {
      case 'MARK': {
        const found = withRows(loose(computed(conditions.map(settled), TRANSFORMATION)), right.rows)
        return { columns: [...leftColumns, found], rows: left.rows, order: left.order }
      }
      case 'SINGLE': {
        const rows = right.rows
        for (const column of conditions) decide(rows, column, 'join')
        return { columns: [...leftColumns, ...rightColumns.map(column => withRows(column, rows))], rows: left.rows, order: left.order }
      }
      case 'SEMI': case 'ANTI': return { columns: leftColumns, rows: joined(left, right, conditions), order: left.order }
      case 'INNER': case 'LEFT': case 'RIGHT': case 'FULL': return { columns: [...leftColumns, ...rightColumns], rows: joined(left, right, conditions), order }
      default: {
        const anything = this.anything(`join ${operator.join_type}`)
        return { columns: [...leftColumns, ...rightColumns].map(() => anything), rows: joined(left, right, conditions), order }
      }
    }
  }

  #conditions(operator: PlanOperator, left: Relation, right: Relation): Column[] {
    const others = [...(operator.conditions ?? []).filter(condition => isExpression(condition)), operator.condition, operator.predicate].flatMap(condition => condition ?? [])
    const pairs = (operator.conditions ?? []).filter(isPair).flatMap(pair => this.#sides(pair, left, right))
    return pairs.concat(this.#columns(others, { columns: [...left.columns, ...right.columns] }))
  }

  #sides(pair: PlanJoinPair, left: Relation, right: Relation): Column[] {
    const sides = this.#columns([pair.left], left).concat(this.#columns([pair.right], right))
    return isCorrelation(pair, sides) ? [] : sides
  }

  /** Of a scalar subquery, which has no rows of its own in the result, the rows stay with its columns. */
  #product(operator: PlanOperator): Relation {
    const [leftPlan, rightPlan] = operator.children ?? []
    if (!leftPlan || !rightPlan) return this.#unknownOperator(operator)
    const left = this.relation(leftPlan)
    const right = this.relation(rightPlan)
    if (isScalarSubquery(rightPlan)) return { columns: [...left.columns, ...right.columns.map(column => withRows(column, right.rows))], rows: left.rows, order: left.order }
    addAll(left.rows, right.rows)
    return { columns: [...left.columns, ...right.columns], rows: left.rows, order: both(left.order, right.order) }
  }

  #positional(operator: PlanOperator): Relation {
    return lookedAtOrder(this.#product(operator))
  }

  #aggregate(operator: PlanOperator): Relation {
    const input = this.#input(operator)
    const groups = this.#columns(operator.groups, input)
    for (const column of groups) if (column.inner || !column.outer) decide(input.rows, column, 'group_by')
    const aggregates = (operator.expressions ?? []).flatMap(expression => this.#columns(isOneRowAggregate(operator) && expression.name === 'first' ? expression.children : [expression], input))
    if (operator.expressions?.some(({ name, order_bys: order }) => !order && !ORDER_FREE.has(name ?? ''))) lookedAtOrder(input)
    const groupings = (operator.grouping_functions ?? []).map(() => NOTHING)
    for (const [index, columns] of [[operator.group_index, groups], [operator.aggregate_index, aggregates], [operator.groupings_index, groupings]] as const) if (index !== undefined) this.bindings.set(index, columns)
    return { columns: [...groups.map(loose), ...aggregates, ...groupings], rows: input.rows }
  }

  /** Below it lie the groups, a list for each aggregate, and the list of the values that become columns. */
  #pivot(operator: PlanOperator): Relation {
    const input = this.#input(operator)
    const { group_count: groups = 0, types = [], aggregates = [] } = operator.bound_pivot ?? {}
    const lists = input.columns.slice(groups, groups + aggregates.length)
    for (const column of input.columns.slice(groups + aggregates.length)) decide(input.rows, column, 'filter')
    if (lists.length === 0) return this.#unknownOperator(operator)
    return { columns: types.map((_, i) => (i < groups ? input.columns[i]! : lists[(i - groups) % lists.length]!)), rows: input.rows }
  }

  #window(operator: PlanOperator): Relation {
    const input = this.#input(operator)
    const made = this.#columns(operator.expressions, input)
    if (operator.window_index !== undefined) this.bindings.set(operator.window_index, made)
    const order: Rows = new Map()
    if (input.order) decide(order, input.order, 'window')
    return { ...input, columns: [...input.columns, ...made.map(column => withRows(column, order))] }
  }

  #unnest(operator: PlanOperator): Relation {
    const input = this.#input(operator)
    const lists = this.#columns(operator.expressions?.map(expression => expression.child ?? expression), input)
    const made = lists.map(list => {
      if (list.items) return item(list, list.items)
      decide(input.rows, list, 'unnest')
      return computed([list], TRANSFORMATION)
    })
    if (operator.unnest_index !== undefined) this.bindings.set(operator.unnest_index, made)
    return { ...input, columns: [...input.columns, ...made] }
  }

  #union(operator: PlanOperator): Relation {
    const parts = (operator.children ?? []).map(child => this.relation(child))
    const rows: Rows = new Map()
    for (const part of parts) addAll(rows, part.rows)
    const columns = (parts[0]?.columns ?? []).map((_, i) => either(parts.map(part => this.#at(part, i))))
    if (operator.setop_all === false) for (const column of columns) decide(rows, column, 'set_operation')
    return { columns, rows, order: parts.map(({ order }) => order).reduce(both, undefined) }
  }

  #setOperation(operator: PlanOperator): Relation {
    const [first = EMPTY, ...others] = (operator.children ?? []).map(child => this.relation(child))
    const rows = first.rows
    for (const { columns, rows: more } of others) {
      addAll(rows, more)
      for (const column of columns) decide(rows, column, 'set_operation')
    }
    for (const column of first.columns) decide(rows, column, 'set_operation')
    return { columns: first.columns, rows, order: first.order }
  }

  #commonTable(operator: PlanOperator): Relation {
    const [body, use] = operator.children ?? []
    if (!body || !use || operator.table_index === undefined) return this.#unknownOperator(operator)
    this.#named.set(operator.table_index, this.relation(body))
    return this.relation(use)
  }

  /** What the columns may come from only grows from round to round, and there are finitely many. */
  #recursive(operator: PlanOperator): Relation {
    const [startPlan, nextPlan] = operator.children ?? []
    if (!startPlan || !nextPlan || operator.table_index === undefined) return this.#unknownOperator(operator)
    let now = this.relation(startPlan)
    for (;;) {
      this.#named.set(operator.table_index, now)
      const next = this.relation(nextPlan)
      const rows = new Map(now.rows)
      addAll(rows, next.rows)
      const columns = now.columns.map((column, i) => either([column, loose(this.#at(next, i))]))
      const then = { columns, rows, order: both(now.order, next.order) }
      const grown = signature(then) !== signature(now)
      now = then
      if (!grown) break
    }
    if (operator.union_all === false) for (const column of now.columns) decide(now.rows, column, 'set_operation')
    for (const column of this.#columns(operator.key_targets, now)) decide(now.rows, column, 'distinct')
    return now
  }

  #reference(operator: PlanOperator): Relation {
    const named = this.#named.get(operator.cte_index ?? -1)
    return named ? { ...named, rows: new Map(named.rows) } : this.#unknownOperator(operator)
  }

  /** The columns that a correlated subquery takes from around it: of the nearest query around that hands in as many. */
  #outside(operator: PlanOperator): Relation {
    const width = operator.chunk_types?.length ?? 0
    const columns = this.#around.findLast(({ length }) => length === width)
    return columns ? { columns, rows: new Map() } : this.#unknownOperator(operator)
  }

  #values(operator: PlanOperator): Relation {
    const input = operator.children?.[0] ? this.relation(operator.children[0]) : EMPTY
    const rows = (operator.expressions ?? []) as unknown as readonly (readonly PlanExpression[])[]
    return { ...input, columns: (operator.expr_types ?? []).map((_, i) => either(rows.flatMap(row => (row[i] ? this.#columns([row[i]], input) : [])))) }
  }

  /** It has as many columns as anyone asks for: see {@link PlanReader.missing}. */
  #unknownOperator(operator: PlanOperator): Relation {
    for (const child of operator.children ?? []) this.relation(child)
    this.anything(`operator ${operator.type.replace('LOGICAL_', '')}`)
    return { columns: [], rows: new Map() }
  }

  #input(operator: PlanOperator): Relation {
    const child = operator.children?.[0]
    return child ? this.relation(child) : EMPTY
  }

  #columns(expressions: readonly PlanExpression[] = [], { columns }: Pick<Relation, 'columns'>): Column[] {
    return expressions.map(expression => expressionColumn(expression, columns, this))
  }

  #at({ columns }: Relation, i: number): Column {
    return columns[i] ?? this.missing('a column that its operator does not have')
  }
}

const SET_OPERATIONS = new Set(['LOGICAL_UNION', 'LOGICAL_EXCEPT', 'LOGICAL_INTERSECT'])

/** Aggregates that come out the same in whatever order the rows come. */
const ORDER_FREE = new Set(['count', 'count_star', 'count_if', 'countif', 'sum', 'avg', 'mean', 'min', 'max', 'bool_and', 'bool_or', 'bit_and', 'bit_or', 'bit_xor', 'stddev', 'stddev_samp', 'stddev_pop', 'variance', 'var_samp', 'var_pop', 'median', 'quantile', 'quantile_cont', 'quantile_disc', 'approx_count_distinct', 'sum_no_overflow', 'corr', 'covar_pop', 'covar_samp', 'product'])

const EMPTY: Relation = { columns: [], get rows() { return new Map<number, number>() } }

/** The columns that stay, in their new order; all of them where the plan does not say. */
const chosen = (columns: readonly Column[], map: readonly number[] | undefined): readonly Column[] => (map && map.length > 0 ? map.flatMap(i => columns[i] ?? []) : columns)

function joined(left: Relation, right: Relation, conditions: readonly Column[]): Rows {
  addAll(left.rows, right.rows)
  for (const column of conditions) decide(left.rows, column, 'join')
  return left.rows
}

function lookedAtOrder(relation: Relation): Relation {
  if (relation.order) decide(relation.rows, relation.order, 'sort_limit')
  return relation
}

const both = (a: Column | undefined, b: Column | undefined): Column | undefined => (a && b ? either([a, b]) : a ?? b)

const signature = ({ columns, rows }: Relation): string => JSON.stringify([columns.map(({ sources, rows }) => [[...sources], [...rows]]), [...rows]])
