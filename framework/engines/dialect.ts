/** The dialects that engines speak. */
export type SqlDialect = 'duckdb' | 'spark' | 'trino'
