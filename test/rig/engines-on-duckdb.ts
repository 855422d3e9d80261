import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import type { Connection } from '../../framework/duckdb/connection.ts'
import type { Database } from '../../framework/duckdb/database.ts'
import { QueryFailed } from '../../framework/duckdb/duckdb-errors.ts'
import { columnType } from '../../framework/duckdb/column-type.ts'
import { trinoType } from '../../framework/engines/athena-text.ts'
import { sparkType } from '../../framework/engines/foreign-query.ts'
import { quoteIdentifier, quoteLiteral } from '../../framework/vocabulary/sql.ts'
import type { AthenaServer, Execute } from './athena-server.ts'
import type { Submit } from '../engines-real/emr-server.ts'

interface Spec {
  readonly name: string
  readonly sql?: string
  readonly inputs: readonly ({ readonly name: string; readonly where?: string } & ({ readonly location: string; readonly version: number } | { readonly parquet: readonly string[] }))[]
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly staging: string
  readonly result: string
}

/** Stands in for Spark where it is not there: the queries of jobs by DuckDB, for texts that mean the same in both once names are quoted alike. Scripts are beyond it. */
export const sparkOnDuckDb = (database: Database): Submit => async ({ jobDriver }) => {
  const spec = JSON.parse(readFileSync(jobDriver.sparkSubmit.entryPointArguments[0]!, 'utf8')) as Spec
  const tell = (result: object) => writeFileSync(spec.result, JSON.stringify({ version: 1, spark: '0', milliseconds: 1, ...result }))
  try {
    const inputs = await Promise.all(spec.inputs.map(async input => `${quoteIdentifier(input.name)} as (select * from (${'parquet' in input ? filesText(input.parquet) : await deltaText(database, input.location, input.version)})${input.where === undefined ? '' : ` where ${requoted(input.where)}`})`))
    const sql = `${inputs.length === 0 ? '' : `with ${inputs.join(', ')} `}select * from (${requoted(spec.sql!)})`
    await database.use(async connection => {
      const got = (await connection.describe(sql)).map(({ name, type }) => ({ name, type: sparkType(type) }))
      if (JSON.stringify(got) !== JSON.stringify(spec.columns)) throw Object.assign(new Error(`expected ${listed(spec.columns)}, got ${listed(got)}`), { code: 'wrong-columns' })
      await connection.run(`copy (${sql}) to ${quoteLiteral(spec.staging)} (format parquet, per_thread_output)`)
      const files = await connection.json<{ file: string }>(`select file from glob(${quoteLiteral(`${spec.staging}/*.parquet`)})`)
      tell({ ok: true, files: files.map(({ file }) => ({ path: file, bytes: 0 })) })
    })
    return { code: 0 }
  } catch (error) {
    tell({ ok: false, code: (error as { code?: string }).code ?? 'failed', error: (error as Error).message })
    return { code: 1 }
  }
}

/** Stands in for Athena: what is asked is answered by DuckDB over the newest versions of the tables that Glue knows. */
export const athenaOnDuckDb = (database: Database, glue: () => AthenaServer['databases']): Execute => async text => {
  const unload = /^UNLOAD \(\n([^]*)\n\)\nTO '([^']+)'\nWITH \(format = 'PARQUET'/.exec(text)
  let scanned = 0
  let sql = unload ? unload[1]! : text
  for (const [whole, schema, table] of sql.matchAll(/"AwsDataCatalog"\."([^"]+)"\."([^"]+)"/gi)) {
    const found = glue().get(schema!)?.get(table!) as { readonly Parameters: Record<string, string>; readonly StorageDescriptor: { readonly Location: string } } | undefined
    if (!found) throw new Error(`TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.${schema}.${table}' does not exist`)
    const place = found.StorageDescriptor.Location.replace(/\/$/, '')
    scanned += 1
    sql = sql.replace(whole, `(${found.Parameters['table_type'] === 'DELTA' ? await deltaText(database, place) : filesText([`${place}/*.parquet`])})`)
  }
  return database.use(async connection => {
    await connection.run('create or replace temp macro regexp_like(told, pattern) as regexp_matches(lower(told), pattern)')
    if (!unload) return { scanned, ...(await told(connection, sql)) }
    const file = join(unload[2]!, `20261127_000000_00000_${randomUUID()}`)
    mkdirSync(unload[2]!, { recursive: true })
    try {
      const [copied] = await connection.json<{ Count: number }>(`copy (${sql}) to ${quoteLiteral(file)} (format parquet)`)
      return { files: Number(copied!.Count) === 0 ? [] : [file], scanned }
    } catch (error) {
      rmSync(file, { force: true })
      // Athena tells of an error in full; what the framework makes known of it is its own affair.
      throw error instanceof QueryFailed ? error.citing() : error
    }
  })
}

async function told(connection: Connection, sql: string) {
  const columns = (await connection.describe(sql)).map(({ name, type }) => ({ Name: name, Type: trinoType(columnType(type)).replace(/\(.*$/, '') }))
  const rows = await connection.json<Record<string, string | null>>(`select columns(*)::varchar from (${sql})`)
  return { columns, rows: rows.map(row => Object.values(row)) }
}

async function deltaText(database: Database, root: string, version?: number): Promise<string> {
  return (await new DeltaTable(root, new LocalLogStore(root), database).snapshot(version === undefined ? {} : { version })).scanSql()
}

const filesText = (paths: readonly string[]): string => `select * from read_parquet([${paths.map(quoteLiteral).join(', ')}])`
const requoted = (sql: string): string => sql.replaceAll('`', '"')
const listed = (columns: readonly { readonly name: string; readonly type: string }[]): string => columns.map(({ name, type }) => `${name} ${type}`).join(', ')
