/** The database that this framework is made with, by its exact version: what it said once of a query holds as long as this does. */
export const DUCKDB_VERSION = '1.5.6'
