import { existsSync, readFileSync } from 'node:fs'
import { Database } from '../duckdb/database.ts'
import { queryLineage } from '../graph/column-lineage.ts'
import type { QueryLineage, ShadowTable } from '../graph/column-lineage-data.ts'
import { lineageOfStatement } from '../graph/lineage-of-assets.ts'
import type { LineageGraph } from '../graph/lineage-graph.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import { isQuery, statementQuery } from './statement-query.ts'
import { statementsInPlace } from './statements-in.ts'

export interface StatementLineage {
  readonly graph: LineageGraph
  /** Whether all of the query was understood. Where not, it is taken to read everything. */
  readonly complete: boolean
  readonly unknown: readonly string[]
}

/**
 * The lineage of a query that is in no asset, over tables whose columns a JSON file tells: `{ table: { column: type } }`. A table of another
 * schema is written with it, as in `sales.orders`. Of several statements the last is told of; those before it may create tables
 * and views from queries, which are seen through, or change rows. Needs no project.
 */
export async function statementLineage(sqlFile: string, schemaFile: string, masks: readonly string[] = []): Promise<StatementLineage> {
  const statements = statementsInPlace(textOf(sqlFile).replace(/^\uFEFF/, ''))
  const asked = statements.filter((statement, i) => i === statements.length - 1 || isQuery(statement)).length
  if (asked !== 1) throw new NotOneQuery(sqlFile, asked)
  const told = tablesOf(schemaFile, textOf(schemaFile))
  const columnsOf = (path: readonly string[]) => told.find(table => isAt(table, path))?.columns.map(({ name }) => name)
  const queries = statements.map(statement => statementQuery(statement, columnsOf))
  const last = queries.at(-1)!
  const views = queries.slice(0, -1).flatMap(({ creates, sql, names }) => (creates ? [{ path: creates, sql, names }] : []))
  const tables = told.filter(table => !views.some(({ path }) => isAt(table, path)))
  const database = await Database.open()
  try {
    const lineage = await database.use(connection => queryLineage(connection, last.sql, tables, { masks, views }))
    return { graph: lineageOfStatement(renamed(lineage, last.names), tables), complete: lineage.complete, unknown: lineage.unknown }
  } finally {
    await database.close()
  }
}

const isAt = ({ name, path = [name] }: ShadowTable, other: readonly string[]): boolean => path.join('\n').toLowerCase() === other.join('\n').toLowerCase()

/** The lineage with its columns named as where they are put. */
function renamed(lineage: QueryLineage, names: readonly string[] | undefined): QueryLineage {
  if (names?.length !== lineage.columns.length) return lineage
  const now = new Map(lineage.columns.map(({ name }, i) => [name, names[i]!]))
  return {
    ...lineage,
    columns: lineage.columns.map(column => ({ ...column, name: now.get(column.name)! })),
    rowset: lineage.rowset.map(edge => (edge.only ? { ...edge, only: edge.only.map(name => now.get(name)!) } : edge)),
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

export class NotOneQuery extends ExplainedError {
  readonly code = 'project/not-one-query'
  readonly hint = 'Give each query a file of its own.'
  constructor(readonly path: string, count: number) {
    super(count === 0 ? `${path} holds no statement.` : `${path} holds ${count} queries, and lineage is told of one.`)
  }
}

export class NotASchema extends ExplainedError {
  readonly code = 'project/not-a-schema'
  readonly hint = 'Write each table with its columns and their types: { "orders": { "id": "BIGINT", "amount": "DECIMAL(18,2)" } }'
  constructor(readonly path: string, problem: string) {
    super(`${path} does not tell the columns of tables: ${problem}.`)
  }
}
