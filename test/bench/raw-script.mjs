import { readFileSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

// Runs the statements of a JSON file, one after the other, in one DuckDB: what a person would do without a framework.
const database = await DuckDBInstance.create()
const connection = await database.connect()
for (const statement of JSON.parse(readFileSync(process.argv[2], 'utf8'))) await connection.run(statement)
connection.closeSync()
database.closeSync()
