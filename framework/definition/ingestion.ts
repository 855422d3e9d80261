/** What becomes of a column that no contract knows: its values are kept aside, left in landing only, or the file is refused. */
export type OnUnknownColumn = 'quarantine' | 'drop' | 'fail'

/** How a source's files are held to their contract, as the configuration says. */
export interface Ingestion {
  /** `schema_on_write`: bronze holds what the contract knows. `schema_on_read`: bronze takes every column, and what reads it is warned. */
  readonly mode: 'schema_on_write' | 'schema_on_read'
  /** Of `schema_on_write`; with `schema_on_read` every column is taken. */
  readonly on_unknown_column: OnUnknownColumn
}

export const STRICT_INGESTION: Ingestion = { mode: 'schema_on_write', on_unknown_column: 'quarantine' }
