import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { columnType, type ColumnType } from '../../framework/duckdb/column-type.ts'
import type { Connection, DescribedColumn } from '../../framework/duckdb/connection.ts'
import { trinoType } from '../../framework/engines/athena-text.ts'
import { quoteIdentifier, quoteLiteral } from '../../framework/vocabulary/sql.ts'
import { jars } from './setup-trino.ts'

export interface TrinoAnswer {
  /** With the types as Trino shows them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** A line of JSON for each row: a list of texts. */
  readonly file: string
}

/** Trino's own parser, planner and functions, in a process that is told by lines what to run. Tables are kept in memory. */
export class LocalTrino {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterableIterator<string>
  readonly #folder = mkdtempSync(join(tmpdir(), 'varve-trino-'))
  #last: Promise<unknown>
  #answers = 0
  log = ''

  constructor() {
    this.#process = spawn('java', ['-Xmx3g', '-cp', `${jars}/*`, join(import.meta.dirname, 'trino/TrinoLocal.java')], { stdio: 'pipe' })
    this.#process.stderr.on('data', (data: Buffer) => (this.log = (this.log + data.toString()).slice(-100_000)))
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
    this.#last = this.#line()
  }

  /** Runs a statement. @throws with Trino's own message */
  run(sql: string): Promise<TrinoAnswer> {
    const file = join(this.#folder, `${(this.#answers += 1)}.json`)
    const next = this.#last.then(async () => {
      this.#process.stdin.write(`${JSON.stringify({ sql, out: file })}\n`)
      const { error, columns } = JSON.parse(await this.#line()) as { readonly error?: string; readonly columns: TrinoAnswer['columns'] }
      if (error !== undefined) throw new Error(error)
      return { columns, file }
    })
    this.#last = next.catch(() => undefined)
    return next
  }

  /** Makes a table of what a query in DuckDB gives; tables are never dropped. `types` says otherwise than by DuckDB's types how Trino has them. */
  async load(connection: Connection, { table, query, types }: { readonly table: string; readonly query: string; readonly types?: (column: DescribedColumn) => string }): Promise<void> {
    const columns = await connection.describe(query)
    const texts = columns.map(column => told(quoteIdentifier(column.name), columnType(column.type)))
    const rows = (await connection.json<{ row: string }>(`select to_json([${texts.join(', ')}])::varchar as row from (${query})`)).map(({ row }) => row)
    const reads = columns.map((column, i) => `${heard(`a[${i + 1}]`, columnType(column.type), types?.(column) ?? trinoType(columnType(column.type)))} as ${quoteIdentifier(column.name)}`)
    const read = (some: readonly string[]) => `select ${reads.join(', ')} from unnest(cast(json_parse(${quoteLiteral(`[${some.join(',')}]`)}) as array(array(varchar)))) as t(a)`
    await this.run(`create table ${quoteIdentifier(table)} as ${read(rows.slice(0, BATCH))}`)
    for (let from = BATCH; from < rows.length; from += BATCH) await this.run(`insert into ${quoteIdentifier(table)} ${read(rows.slice(from, from + BATCH))}`)
  }

  close(): void {
    this.#process.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`Trino ended: ${this.log.slice(-3000)}`)
    return value as string
  }
}

const BATCH = 2000

/** What Trino answered, as a query in DuckDB. Names are in small letters where `hive` has written them. */
export function relationOf({ columns, file }: TrinoAnswer, { hive = false }: { readonly hive?: boolean } = {}): string {
  const items = columns.map(({ name, type }, i) => `${fromText(`v[${i + 1}]`, type)} as ${quoteIdentifier(hive ? name.toLowerCase() : name)}`)
  return `select ${items.join(', ')} from read_json(${quoteLiteral(file)}, format = 'newline_delimited', records = 'false', columns = {v: 'VARCHAR[]'}, maximum_object_size = 100000000)`
}

/** A type of Trino's as DuckDB calls it. */
export function duckType(type: string): string {
  const array = /^array\((.*)\)$/.exec(type)
  if (array) return `${duckType(array[1]!)}[]`
  if (/^timestamp\(\d+\) with time zone$/.test(type)) return 'TIMESTAMPTZ'
  if (/^timestamp\(\d+\)$/.test(type)) return 'TIMESTAMP'
  if (/^(varchar|char)(\(\d+\))?$/.test(type)) return 'VARCHAR'
  return { real: 'FLOAT', varbinary: 'BLOB', unknown: 'INTEGER' }[type] ?? type.toUpperCase()
}

const fromText = (text: string, type: string): string => (type.startsWith('array') ? `${text}::json::${duckType(type)}` : type === 'varbinary' ? `unhex(${text})` : type.endsWith('with time zone') ? `replace(${text}, ' UTC', '+00')::TIMESTAMPTZ` : `${text}::${duckType(type)}`)

/** A value as text that {@link heard} reads. */
function told(column: string, type: ColumnType): string {
  if (type.kind !== 'scalar') return `to_json(${column})::varchar`
  const name = type.name.toUpperCase()
  if (name === 'DOUBLE' || name === 'FLOAT') return `case when isnan(${column}) then 'NaN' when isinf(${column}) then case when ${column} > 0 then 'Infinity' else '-Infinity' end else ${column}::varchar end`
  if (name === 'BLOB') return `hex(${column})`
  return name === 'TIMESTAMP WITH TIME ZONE' ? `strftime(${column} at time zone 'UTC', '%Y-%m-%d %H:%M:%S.%f') || ' UTC'` : `${column}::varchar`
}

function heard(text: string, type: ColumnType, as: string): string {
  if (type.kind !== 'scalar') return `cast(json_parse(${text}) as ${as})`
  return type.name.toUpperCase() === 'BLOB' ? `from_hex(${text})` : `cast(${text} as ${as})`
}
