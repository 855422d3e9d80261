import { mkdirSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { columnType } from '../../framework/duckdb/column-type.ts'
import type { Connection, DescribedColumn } from '../../framework/duckdb/connection.ts'
import type { Database } from '../../framework/duckdb/database.ts'
import { trinoType } from '../../framework/engines/athena-text.ts'
import type { AthenaServer, Outcome } from '../rig/athena-server.ts'
import { type LocalTrino, relationOf } from './local-trino.ts'

/**
 * Carries out what Athena is asked on Trino's own engine. What is Athena's and not the engine's stands beside it: tables are found in Glue and
 * read at their newest version, their instants by the millisecond; UNLOAD writes by Hive's rules.
 */
export class AthenaOnTrino {
  readonly #loaded = new Map<string, Promise<string>>()
  constructor(readonly trino: LocalTrino, readonly database: Database, readonly glue: () => AthenaServer['databases']) {}

  readonly execute = async (text: string): Promise<Outcome> => {
    const unload = /^UNLOAD \(\n([^]*)\n\)\nTO '([^']+)'\nWITH \(format = 'PARQUET'/.exec(text)
    const { sql, scanned } = await this.#readable(unload ? unload[1]! : text)
    const answer = await this.trino.run(sql)
    return this.database.use(async connection => {
      if (!unload) return { scanned, ...(await rowsOf(connection, answer)) }
      const zoned = answer.columns.find(({ type }) => /with time zone/.test(type))
      if (zoned) throw new Error(`NOT_SUPPORTED: Unsupported Hive type: ${zoned.type}`)
      const file = join(unload[2]!, `20261127_000000_00000_${randomUUID().slice(0, 5)}_${randomUUID()}`)
      const relation = relationOf(answer, { hive: true })
      const [{ rows }] = await connection.json<{ rows: number }>(`select count(*)::int as rows from (${relation})`) as [{ rows: number }]
      if (rows === 0) return { files: [], scanned }
      mkdirSync(unload[2]!, { recursive: true })
      await connection.run(`copy (${relation}) to '${file}' (format parquet, compression zstd)`)
      return { files: [file], scanned }
    })
  }

  async #readable(sql: string): Promise<{ readonly sql: string; readonly scanned: number }> {
    const names = new Map<string, string>()
    let scanned = 0
    for (const [whole, database, table] of sql.matchAll(/"AwsDataCatalog"\."([^"]+)"\."([^"]+)"/gi)) {
      const found = this.glue().get(database!)?.get(table!) as { readonly Parameters: Record<string, string>; readonly StorageDescriptor: { readonly Location: string; readonly Columns: readonly { readonly Name: string }[] } } | undefined
      if (!found) throw new Error(`TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.${database}.${table}' does not exist`)
      const place = found.StorageDescriptor.Location.replace(/\/$/, '')
      const { relation, version, bytes } = found.Parameters['table_type'] === 'DELTA' ? await this.#delta(place) : { relation: `select * from read_parquet('${place}/*.parquet')`, version: 0, bytes: 0 }
      scanned += bytes
      const [key, name] = [`${place}@${version}`, `${database}.${table} ${this.#loaded.size}`]
      let loaded = this.#loaded.get(key)
      if (!loaded) this.#loaded.set(key, (loaded = this.database.use(connection => this.trino.load(connection, { table: name, query: relation, types: asAthenaReads })).then(() => name)))
      names.set(whole!, `"${await loaded}"`)
    }
    return { sql: sql.replace(/"AwsDataCatalog"\."([^"]+)"\."([^"]+)"/gi, whole => names.get(whole)!), scanned }
  }

  async #delta(place: string): Promise<{ readonly relation: string; readonly version: number; readonly bytes: number }> {
    const snapshot = await new DeltaTable(place, new LocalLogStore(place), this.database).snapshot()
    return { relation: await snapshot.scanSql(), version: snapshot.version, bytes: snapshot.files.bytes }
  }
}

const asAthenaReads = ({ type }: DescribedColumn): string => trinoType(columnType(type)).replaceAll('timestamp(6)', 'timestamp(3)')

async function rowsOf(connection: Connection, answer: { readonly columns: readonly { readonly name: string; readonly type: string }[]; readonly file: string }): Promise<Outcome> {
  const rows = await connection.json<{ v: (string | null)[] }>(`select v from read_json('${answer.file}', format = 'newline_delimited', records = 'false', columns = {v: 'VARCHAR[]'})`)
  return {
    columns: answer.columns.map(({ name, type }) => ({ Name: name, Type: type.replace(/\(.*$/, '').replace(/^timestamp$/, type.endsWith('zone') ? 'timestamp with time zone' : 'timestamp'), ...decimals(type) })),
    rows: rows.map(({ v }) => v),
  }
}

function decimals(type: string): { readonly Precision?: number; readonly Scale?: number } {
  const found = /^decimal\((\d+),(\d+)\)$/.exec(type)
  return found ? { Precision: Number(found[1]), Scale: Number(found[2]) } : {}
}
