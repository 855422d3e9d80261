import type { RowsetKind, ValueKind } from './lineage-graph.ts'

/** A table as a query sees it: its name and its columns, no rows. */
export interface ShadowTable {
  /** As it stands quoted in the query, as in `silver/orders`. */
  readonly name: string
  /** Schema and name, or catalog, schema and name, where the query writes more than a name. */
  readonly path?: readonly string[] | undefined
  readonly columns: readonly BoundColumn[]
}

/** A name for a query, that a query may read. */
export interface ShadowView {
  /** Its name alone, or schema and name, or catalog, schema and name. */
  readonly path: readonly string[]
  readonly sql: string
  /** The names of its columns, where they are not the query's own. */
  readonly names?: readonly string[] | undefined
}

/** `type` is DuckDB's own text, as in `DECIMAL(18,2)`. */
export interface BoundColumn {
  readonly name: string
  readonly type: string
}

/** What a query's result is made of, column by column. Plain data: it can be kept as JSON. */
export interface QueryLineage {
  readonly columns: readonly LineageOfColumn[]
  /** What decides which rows there are. Empty where every source row comes through once. */
  readonly rowset: readonly RowsetEdge[]
  /** The tables that the query reads, were it only to count their rows. */
  readonly reads: readonly string[]
  /** Whether we understood all of the plan. Where not, everything is read. */
  readonly complete: boolean
  /** What we did not understand, in words. */
  readonly unknown: readonly string[]
}

export interface LineageOfColumn extends BoundColumn {
  readonly from: readonly ValueEdge[]
}

/** A column of a table whose values go into an output column. */
export interface ValueEdge {
  /** The shadow table's name. */
  readonly table: string
  readonly column: string
  readonly kind: ValueKind
  /** Every path from there goes through a mask. */
  readonly masked: boolean
}

export interface RowsetEdge {
  readonly table: string
  readonly column: string
  readonly kind: RowsetKind
  readonly masked: boolean
  /** The output columns that it concerns, where it is not all of them: a window, a filter of one aggregate, a scalar subquery. */
  readonly only?: readonly string[] | undefined
}
