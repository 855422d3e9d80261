import type { PlanExpression, PlanJoinCondition, PlanJoinPair, PlanOperator } from './column-lineage-plan.ts'
import type { Column } from './column-lineage-relation.ts'
import type { RowsetKind } from './lineage-graph.ts'

/** Above a window a filter is the LIMIT of a correlated subquery where it asks for the number that DuckDB gave to its rows. */
export const filterKind = ({ expressions = [], children }: PlanOperator): RowsetKind => (expressions.every(asksForLimit) ? 'sort_limit' : kindAbove(children?.[0]))

const asksForLimit = ({ left, children = [], expression_class: kind }: PlanExpression): boolean =>
  kind === 'BOUND_CONJUNCTION' ? children.every(child => child !== null && asksForLimit(child)) : left?.expression_class === 'BOUND_REF' && left.alias === 'limit_rownum'

/** Above an aggregate a filter is HAVING, above a window QUALIFY; the subqueries that it asks stand in between. */
function kindAbove(plan: PlanOperator | undefined): RowsetKind {
  if (plan?.type === 'LOGICAL_AGGREGATE_AND_GROUP_BY') return 'having'
  const [left, right] = plan?.children ?? []
  if (plan?.type === 'LOGICAL_WINDOW') {
    return plan.expressions?.every(({ alias }) => alias === 'delim_index') ? kindAbove(left) : 'qualify'
  }
  const asked = plan?.join_type === 'MARK' || plan?.join_type === 'SINGLE' || (plan?.type === 'LOGICAL_CROSS_PRODUCT' && isScalarSubquery(right))
  return asked ? kindAbove(left) : 'filter'
}

/** DuckDB makes one value of a subquery's rows by an aggregate without groupings, under a projection that counts them. */
export const isScalarSubquery = (plan: PlanOperator | undefined): boolean =>
  plan?.type === 'LOGICAL_PROJECTION' && isOneRowAggregate(plan.children?.[0])
export const isOneRowAggregate = (plan: PlanOperator | undefined): boolean =>
  plan?.type === 'LOGICAL_AGGREGATE_AND_GROUP_BY' && (plan.groupings_index ?? 0) > Number.MAX_SAFE_INTEGER

/** Only leads a subquery's rows back to the row of the query around that asked for them. */
export const isCorrelation = ({ comparison }: PlanJoinPair, [left, right]: readonly Column[]): boolean =>
  comparison === 'COMPARE_NOT_DISTINCT_FROM' && !!left && !!right && right.outer && !right.inner && left.sources.size === right.sources.size && [...left.sources].every(([id, strength]) => right.sources.get(id) === strength)

export const isExpression = (condition: PlanJoinCondition): condition is PlanExpression => 'expression_class' in condition
export const isPair = (condition: PlanJoinCondition): condition is PlanJoinPair => !isExpression(condition)
