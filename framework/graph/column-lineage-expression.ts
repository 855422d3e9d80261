import { quoteIdentifier, quoteLiteral } from '../vocabulary/sql.ts'
import type { PlanExpression, PlanOrder } from './column-lineage-plan.ts'
import { AGGREGATION, computed, decide, either, loose, masked, NOTHING, raised, TRANSFORMATION, within, withRows, type Column, type Rows } from './column-lineage-relation.ts'

/** What an expression may look at besides its operator's input. */
export interface ExpressionContext {
  /** Lower-case names of functions that hide what goes into them. */
  readonly masks: ReadonlySet<string>
  /** The columns of each operator met so far, by its table index. */
  readonly bindings: ReadonlyMap<number, readonly Column[]>
  /** A column that may hold anything, because we do not know the thing that makes it. */
  anything(what: string): Column
  /** The same for a column that should be there; it is not told where something unknown explains it. */
  missing(what: string): Column
}

/** The name of a struct's one field that says: a mask macro was here. */
export const MASK_MARK = 'varve: masked'

/** The expression, marked as a mask: the same value, wrapped into a struct with the telling field and taken out again. */
export const markedMask = (expression: string): string => `struct_extract(struct_pack(${quoteIdentifier(MASK_MARK)} := (${expression})), ${quoteLiteral(MASK_MARK)})`

/** Where the value of an expression comes from. */
export function expressionColumn(expression: PlanExpression, inputs: readonly Column[], context: ExpressionContext): Column {
  const of = (inner: PlanExpression): Column => expressionColumn(inner, inputs, context)
  const all = (list: readonly (PlanExpression | null | undefined)[] = []): Column[] => list.flatMap(inner => (inner ? [of(inner)] : []))
  const { children = [] } = expression

  switch (expression.expression_class) {
    case 'BOUND_REF': return inputs[expression.index ?? -1] ?? context.missing('a reference outside of its input')
    case 'BOUND_COLUMN_REF': return context.bindings.get(expression.binding?.table_index ?? -1)?.[expression.binding?.column_index ?? -1] ?? context.missing('a column that is not bound')
    case 'BOUND_CONSTANT': case 'BOUND_PARAMETER': return NOTHING
    case 'BOUND_CAST': return cast()
    case 'BOUND_COMPARISON': return computed(all([expression.left, expression.right]), TRANSFORMATION)
    case 'BOUND_BETWEEN': return computed(all([expression.input, expression.lower, expression.upper]), TRANSFORMATION)
    case 'BOUND_CONJUNCTION': case 'BOUND_OPERATOR': return computed(all(children), TRANSFORMATION)
    case 'BOUND_CASE': return choice()
    case 'BOUND_FUNCTION': return called()
    case 'BOUND_AGGREGATE': return aggregated()
    case 'BOUND_WINDOW': return windowed()
    case 'BOUND_UNNEST': return computed(all([expression.child]), TRANSFORMATION)
    default: return context.anything(`expression ${expression.expression_class}`)
  }

  function cast(): Column {
    const column = expression.child ? of(expression.child) : NOTHING
    return within(column, each => ({ ...each, sources: raised(each.sources, TRANSFORMATION) }))
  }

  function choice(): Column {
    const { case_checks: checks = [], else_expr: otherwise } = expression
    const guard = checks.every(({ then_expr: then }) => then.expression_class === 'BOUND_FUNCTION' && then.name === 'error' && !then.catalog_name)
    if (guard && otherwise) return of(otherwise)
    return computed(all([...checks.flatMap(check => [check.when_expr, check.then_expr]), otherwise]), TRANSFORMATION)
  }

  function called(): Column {
    const name = expression.name ?? ''
    const columns = all(children)
    if (context.masks.has(name.toLowerCase())) return masked(computed(columns, TRANSFORMATION))
    switch (name) {
      case 'struct_pack': {
        if (children[0]?.alias === MASK_MARK) return masked(columns[0]!)
        return { ...computed(columns, TRANSFORMATION), fields: columns.map((column, i) => ({ name: children[i]!.alias ?? '', column })) }
      }
      case 'struct_extract': {
        const field = String(children[1]?.value?.value ?? '').toLowerCase()
        if (children[0]?.name === 'struct_pack' && field === MASK_MARK) return columns[0]!
        return columns[0]?.fields?.find(({ name }) => name.toLowerCase() === field)?.column ?? computed(columns, TRANSFORMATION)
      }
      case 'list_value': case 'unpivot_list': return { ...computed(columns, TRANSFORMATION), items: either(columns) }
      default: return computed(columns, TRANSFORMATION)
    }
  }

  function aggregated(): Column {
    const name = expression.name ?? ''
    const columns = all(children)
    const value = computed(columns, AGGREGATION)
    const rows: Rows = new Map()
    for (const filter of all([expression.filter])) decide(rows, filter, 'filter')
    for (const sorted of all(sortKeys(expression.order_bys?.orders))) decide(rows, sorted, 'sort_limit')
    return withRows(context.masks.has(name.toLowerCase()) ? masked(value) : value, rows)
  }

  function windowed(): Column {
    const kind = expression.type === 'WINDOW_AGGREGATE' ? AGGREGATION : TRANSFORMATION
    const value = computed(all([...children, expression.offset_expr, expression.default_expr]), kind)
    const rows: Rows = new Map()
    for (const filter of all([expression.filters])) decide(rows, filter, 'filter')
    const frame = all([...(expression.partitions ?? []), ...sortKeys(expression.orders), ...sortKeys(expression.arg_orders), expression.start_expr, expression.end_expr])
    for (const column of frame) if (column.inner || !column.outer) decide(rows, column, 'window')
    return withRows(loose(value), rows)
  }
}

export const sortKeys = (orders: readonly PlanOrder[] = []): PlanExpression[] => orders.map(({ expression }) => expression)
