import { randomUUID } from 'node:crypto'
import type { Connection } from '../duckdb/connection.ts'
import { quoteIdentifier } from '../vocabulary/sql.ts'
import { DuplicateKeys, NullKey, SchemaMismatch } from './delta-errors.ts'
import { duckdbType } from './schema.ts'
import { fieldNamed, type StructField, type StructType } from './schema-types.ts'

export interface MergeBatchOptions {
  /** The columns that name a row. */
  readonly on: readonly string[]
  /** The column that tells which of two rows with one key is newer: the older never overwrites the newer. */
  readonly newerBy?: string | undefined
  /** A condition on the batch's columns: a match takes the row out, and without a match nothing is inserted. */
  readonly deleteWhen?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** The rows that a merge was given, as a temp table: cast to the table's types, each key once and none without a value. With `deleteWhen` there is a column `__varve_gone`. */
export class MergeBatch {
  readonly keys: readonly StructField[]
  /** The table, quoted. */
  readonly relation = quoteIdentifier(`merge_batch_${randomUUID().replaceAll('-', '')}`)
  /** What tells its rows apart: DuckDB's own number of them, unless a column has taken its name. */
  readonly place: string

  /** @throws {SchemaMismatch} where the table has no such key */
  constructor(readonly connection: Connection, readonly schema: StructType, readonly options: MergeBatchOptions) {
    this.keys = options.on.map(name => namedField(schema, name))
    this.place = fieldNamed(schema, 'rowid') ? '__varve_place' : 'rowid'
  }

  /**
   * For the side of a join that is looked up. Of a side that is filtered DuckDB hands a Bloom filter of the keys to the scan of the other one, which
   * then leaves the other columns of rows that cannot match as they lie in the file; this filter lets all rows through.
   */
  get filtered(): string {
    return `(select *${this.place === 'rowid' ? ', rowid' : ''} from ${this.relation} where ${this.place} >= 0)`
  }

  /** @throws {NullKey} {DuplicateKeys} where `newerBy` does not tell which row counts, {SchemaMismatch} where the source lacks a key */
  async load(source: string): Promise<{ readonly sourceRows: number; readonly deduplicated: number }> {
    const { connection, relation, options: { newerBy, on, signal } } = this
    await connection.run(`create temp table ${relation} as ${await this.#cast(source)}`, { signal })
    const missing = this.keys.map(key => `${quoteIdentifier(key.name)} is null`).join(' or ')
    const [counted] = await connection.rows<{ n: bigint; nulls: bigint }>(`select count(*) as n, count(*) filter (where ${missing}) as nulls from ${relation}`)
    if (counted!.nulls > 0n) throw new NullKey(on, Number(counted!.nulls), await this.#examples(`where ${missing}`))
    const twice = `group by ${this.#keyList()} having count(*) > 1`
    const [repeated] = await connection.rows<{ n: bigint; rows: bigint | null }>(`select count(*) as n, sum(c - 1)::bigint as rows from (select count(*) as c from ${relation} ${twice})`)
    const sourceRows = Number(counted!.n)
    if (repeated!.n === 0n) return { sourceRows, deduplicated: 0 }
    if (newerBy === undefined) throw new DuplicateKeys(on, Number(repeated!.n), await this.#examples(twice))
    await connection.run(`create or replace temp table ${relation} as select * from ${relation} as b
      qualify row_number() over (partition by ${this.#keyList()} order by ${[newerBy, ...this.schema.fields.map(({ name }) => name)].map(name => `${quoteIdentifier(namedField(this.schema, name).name)} desc nulls last`).join(', ')}) = 1`, { signal })
    return { sourceRows, deduplicated: Number(repeated!.rows) }
  }

  async drop(): Promise<void> {
    await this.connection.run(`drop table if exists ${this.relation}`)
  }

  async #cast(source: string): Promise<string> {
    const given = new Set((await this.connection.describe(source)).map(column => column.name.toLowerCase()))
    for (const key of this.keys) if (!given.has(key.name.toLowerCase())) throw new SchemaMismatch(`The batch has no column ${key.name}, which is a key of the merge.`, 'Select it in the query.', key.name)
    const columns = this.schema.fields.map(({ name, type }) => `${given.has(name.toLowerCase()) ? `q.${quoteIdentifier(name)}` : 'null'}::${duckdbType(type)} as ${quoteIdentifier(name)}`)
    if (this.options.deleteWhen !== undefined) columns.push(`coalesce((${this.options.deleteWhen}), false) as __varve_gone`)
    if (this.place !== 'rowid') columns.push(`row_number() over () as ${this.place}`)
    return `select ${columns.join(', ')} from (${source}) as q`
  }

  #keyList(): string {
    return this.keys.map(key => quoteIdentifier(key.name)).join(', ')
  }

  async #examples(clause: string): Promise<string[]> {
    const rows = await this.connection.json(`select ${this.#keyList()} from ${this.relation} ${clause} order by all limit 5`)
    return rows.map(row => Object.entries(row).map(([name, value]) => `${name} = ${value === null ? 'null' : JSON.stringify(value)}`).join(', '))
  }
}

/** @throws {SchemaMismatch} where there is none */
export function namedField(schema: StructType, name: string): StructField {
  const found = fieldNamed(schema, name)
  if (!found) throw new SchemaMismatch(`The table has no column ${name}.`, `It has ${schema.fields.map(field => field.name).join(', ')}.`, name)
  return found
}
