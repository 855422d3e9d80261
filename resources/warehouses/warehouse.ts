import type { Difference, UnloadedChanges, UnloadedTable } from '#framework'

/** A table in a warehouse, and how it is kept. */
export interface WarehouseTable {
  readonly name: string
  /** What says which row is which. */
  readonly key: readonly string[]
  /** `merge`: as the lake's table is. `append`: rows are added, and never changed or taken away. */
  readonly mode: 'merge' | 'append'
}

/** One version of a table of the lake, to be loaded. */
export interface TableLoad {
  readonly table: WarehouseTable
  /** Its rows; asked for where they are needed. */
  readonly source: () => Promise<UnloadedTable>
  /** A shorter way from what was loaded last. */
  readonly changes?: Changes | undefined
  /** The version of the Delta table, and what names its content. */
  readonly deltaVersion: number
  readonly content: string
  readonly run: string
  readonly now: Date
}

/** A version of a table as the ledger names it. */
export interface LoadedVersion {
  readonly version: number
  readonly content: string
}

export interface Changes {
  /** What came and went since a version; undefined where that can't be told. */
  since(loaded: LoadedVersion): Promise<UnloadedChanges | undefined>
  /** How many rows there must be then. Where there are not, all of them are loaded. */
  readonly rows: number
}

/** What a load did. All are 0 where the version was there already. */
export interface Loaded {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
}

/** The parts in which a table is compared, and what is summed up in them besides counting. */
export interface Reconciliation {
  readonly table: WarehouseTable
  readonly source: UnloadedTable
  readonly partitionBy: string
  readonly sums: readonly string[]
}

/**
 * The door to a warehouse. A load and its entry in the ledger are one transaction, so that a version is loaded once, however often it is
 * sent; what came to differ in the warehouse is put right when the version is sent again.
 */
export interface Warehouse {
  load(load: TableLoad): Promise<Loaded>
  /** The parts that are not the same in the lake and in the warehouse. */
  reconcile(reconciliation: Reconciliation): Promise<readonly Difference[]>
}
