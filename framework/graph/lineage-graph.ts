/** What is drawn and exported of where data comes from. Plain data; its JSON is the document that `varve lineage --format json` prints. */
export interface LineageGraph {
  readonly nodes: readonly LineageNode[]
  readonly edges: readonly LineageEdge[]
  /** Present where columns were asked for. Each end is a column that its node lists. */
  readonly columnEdges?: readonly ColumnEdge[] | undefined
}

export interface LineageNode {
  /** The asset's key; for a query outside of all assets, the table's name or `query`. */
  readonly key: string
  readonly layer: string
  readonly kind?: string | undefined
  readonly description?: string | undefined
  readonly columns?: readonly LineageColumn[] | undefined
}

export interface LineageColumn {
  readonly name: string
  readonly type: string
  readonly tags: readonly string[]
}

/** `to` reads `from`. */
export interface LineageEdge {
  readonly from: string
  readonly to: string
}

/** One column's hold on another: on its value, or on which rows there are. */
export interface ColumnEdge {
  /** `asset.column` */
  readonly from: string
  readonly to: string
  readonly relation: 'value' | 'rowset'
  readonly kind: ValueKind | RowsetKind
  /** A mask function lies on the path. */
  readonly masked: boolean
}

/** How a value went in: as it is, through a function, or together with those of other rows. */
export type ValueKind = 'identity' | 'transformation' | 'aggregation'

/** How a column decides which rows a result has, how they are put together, or how often each stands in it. */
export type RowsetKind =
  | 'join' | 'filter' | 'group_by' | 'having' | 'qualify' | 'distinct' | 'window' | 'sort_limit' | 'set_operation' | 'unnest'
  /** An operator that we do not know: it is taken to read everything. */
  | 'unknown'

/** `asset.column`, as the ends of column edges are written. */
export const columnRef = (key: string, column: string): string => `${key}.${column}`
