/** An operator of DuckDB's bound plan, as `json_serialize_plan` writes it: the fields that lineage looks at. */
export interface PlanOperator {
  readonly type: string
  readonly children?: readonly PlanOperator[]
  readonly expressions?: readonly PlanExpression[]
  readonly table_index?: number
  readonly projection_map?: readonly number[]
  readonly projections?: readonly number[]
  // a scan, or a call of a table function, which has the name
  readonly name?: string
  readonly names?: readonly string[]
  readonly column_indexes?: readonly { readonly index: number }[]
  readonly projection_ids?: readonly number[]
  readonly projected_input?: readonly number[]
  readonly input_table_types?: readonly unknown[]
  readonly returned_types?: readonly unknown[]
  readonly function_data?: { readonly catalog?: string; readonly schema?: string; readonly table?: string } | null
  // a join
  readonly join_type?: string
  readonly conditions?: readonly PlanJoinCondition[]
  readonly condition?: PlanExpression
  readonly predicate?: PlanExpression | null
  readonly duplicate_eliminated_columns?: readonly PlanExpression[]
  readonly left_projection_map?: readonly number[]
  readonly right_projection_map?: readonly number[]
  // an aggregate, a pivot, a window, an unnest
  readonly groups?: readonly PlanExpression[]
  readonly grouping_functions?: readonly unknown[]
  readonly group_index?: number
  readonly aggregate_index?: number
  readonly groupings_index?: number
  readonly window_index?: number
  readonly unnest_index?: number
  readonly bound_pivot?: { readonly group_count?: number; readonly types?: readonly unknown[]; readonly aggregates?: readonly unknown[] }
  // an order, a limit, a distinct
  readonly orders?: readonly PlanOrder[]
  readonly order_by?: { readonly orders?: readonly PlanOrder[] } | null
  readonly limit_val?: { readonly expression?: PlanExpression | null }
  readonly offset_val?: { readonly expression?: PlanExpression | null }
  readonly distinct_type?: string
  readonly distinct_targets?: readonly PlanExpression[]
  // what is named and used again
  readonly cte_index?: number
  readonly setop_all?: boolean
  readonly union_all?: boolean
  readonly key_targets?: readonly PlanExpression[]
  readonly chunk_types?: readonly unknown[]
  readonly expr_types?: readonly unknown[]
}

export interface PlanExpression {
  readonly expression_class: string
  readonly type: string
  readonly alias?: string
  readonly return_type?: PlanType
  readonly index?: number
  readonly binding?: { readonly table_index: number; readonly column_index: number }
  readonly value?: { readonly value?: unknown }
  readonly children?: readonly PlanExpression[]
  readonly child?: PlanExpression
  readonly left?: PlanExpression
  readonly right?: PlanExpression
  readonly input?: PlanExpression
  readonly lower?: PlanExpression
  readonly upper?: PlanExpression
  readonly case_checks?: readonly { readonly when_expr: PlanExpression; readonly then_expr: PlanExpression }[]
  readonly else_expr?: PlanExpression
  // a function, an aggregate, a window
  readonly name?: string
  readonly catalog_name?: string
  readonly filter?: PlanExpression | null
  readonly filters?: PlanExpression | null
  readonly order_bys?: { readonly orders?: readonly PlanOrder[] } | null
  readonly partitions?: readonly PlanExpression[]
  readonly orders?: readonly PlanOrder[]
  readonly arg_orders?: readonly PlanOrder[]
  readonly start_expr?: PlanExpression | null
  readonly end_expr?: PlanExpression | null
  readonly offset_expr?: PlanExpression | null
  readonly default_expr?: PlanExpression | null
}

export interface PlanOrder {
  readonly expression: PlanExpression
}

export type PlanJoinCondition = PlanExpression | PlanJoinPair

export interface PlanJoinPair {
  readonly left: PlanExpression
  readonly right: PlanExpression
  readonly comparison: string
}

/** A type as the plan spells it out. */
export interface PlanType {
  readonly id: string
  readonly type_info?: {
    readonly alias?: string
    readonly width?: number
    readonly scale?: number
    readonly size?: number
    readonly child_type?: PlanType
    readonly child_types?: readonly { readonly first: string; readonly second: PlanType }[]
    readonly values?: readonly string[]
    readonly collation?: string
  } | null
}
