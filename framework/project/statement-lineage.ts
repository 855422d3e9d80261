import { existsSync, readFileSync } from 'node:fs'
import { Database } from '../duckdb/database.ts'
import { queryLineage } from '../graph/column-lineage.ts'
import type { ShadowTable } from '../graph/column-lineage-data.ts'
import { lineageOfStatement } from '../graph/lineage-of-assets.ts'
import type { LineageGraph } from '../graph/lineage-graph.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { queryWithin } from './query-within.ts'
import { statementsIn } from './statements-in.ts'

export interface StatementLineage {
  readonly graph: LineageGraph
  /** Whether all of the query was understood. Where not, it is taken to read everything. */
  readonly complete: boolean
  readonly unknown: readonly string[]
}

/**
 * The lineage of a query that is in no asset, over tables whose columns a JSON file tells: `{ table: { column: type } }`. A table of another
 * schema is written with it, as in `sales.orders`. Needs no project.
 */
export async function statementLineage(sqlFile: string, schemaFile: string, masks: readonly string[] = []): Promise<StatementLineage> {
  const [statement, ...more] = statementsIn(textOf(sqlFile).replace(/^\uFEFF/, ''))
  if (statement === undefined || more.length > 0) throw new NotOneStatement(sqlFile, statement === undefined ? 0 : more.length + 1)
  const sql = queryWithin(statement)
  const tables = tablesOf(schemaFile, textOf(schemaFile))
  const database = await Database.open()
  try {
    const lineage = await database.use(connection => queryLineage(connection, sql, tables, { masks }))
    return { graph: lineageOfStatement(lineage, tables), complete: lineage.complete, unknown: lineage.unknown }
  } finally {
    await database.close()
  }
}

function textOf(path: string): string {
  if (!existsSync(path)) throw new NoSuchFile(path)
  return readFileSync(path, 'utf8')
}

function tablesOf(path: string, text: string): ShadowTable[] {
  let schema: unknown
  try {
    schema = JSON.parse(text)
  } catch (error) {
    throw new NotASchema(path, (error as Error).message)
  }
  if (!isRecord(schema)) throw new NotASchema(path, 'it is not an object')
  return Object.entries(schema).map(([name, columns]) => {
    if (!isRecord(columns)) throw new NotASchema(path, `what it says of the table ${name} is not an object`)
    const parts = name.split('.')
    return {
      name,
      ...(parts.length > 1 && parts.length <= 3 && { path: parts }),
      columns: Object.entries(columns).map(([column, type]) => {
        if (typeof type !== 'string') throw new NotASchema(path, `the type of ${name}.${column} is not a text`)
        return { name: column, type }
      }),
    }
  })
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

export class NoSuchFile extends ExplainedError {
  readonly code = 'project/no-such-file'
  readonly hint = 'A path counts from the folder in which you are.'
  constructor(readonly path: string) {
    super(`There is no file ${path}.`)
  }
}

export class NotOneStatement extends ExplainedError {
  readonly code = 'project/not-one-statement'
  readonly hint = 'Give each statement a file of its own.'
  constructor(readonly path: string, count: number) {
    super(count === 0 ? `${path} holds no statement.` : `${path} holds ${count} statements, and lineage is told of one.`)
  }
}

export class NotASchema extends ExplainedError {
  readonly code = 'project/not-a-schema'
  readonly hint = 'Write each table with its columns and their types: { "orders": { "id": "BIGINT", "amount": "DECIMAL(18,2)" } }'
  constructor(readonly path: string, problem: string) {
    super(`${path} does not tell the columns of tables: ${problem}.`)
  }
}
