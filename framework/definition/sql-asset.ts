import type { SqlFragment } from '../vocabulary/sql.ts'
import { AbstractAsset } from './abstract-asset.ts'
import type { QueryContext } from './run-context.ts'

/** A table that is the answer to a query, written in DuckDB's SQL. */
export abstract class SqlAsset extends AbstractAsset {
  abstract query(context: QueryContext): SqlFragment
}
