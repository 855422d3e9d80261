import type { Database } from '../duckdb/database.ts'
import type { AddFile } from './actions.ts'
import type { MappingMode, StructType } from './schema-types.ts'

/** What a reader of rows must know of a table at one version: a snapshot has it. */
export interface TableView {
  readonly root: string
  readonly database: Database
  readonly schema: StructType
  readonly partitionColumns: readonly string[]
  readonly mapping: MappingMode
  readonly files: Iterable<AddFile>
}
