import type { ForeignDialect } from '../vocabulary/sql.ts'

/** The dialects that engines speak. */
export type SqlDialect = 'duckdb' | ForeignDialect
