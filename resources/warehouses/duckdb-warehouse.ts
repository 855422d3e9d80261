import type { DuckDBConnection } from '@duckdb/node-api'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { ExplainedError, type Difference, type UnloadedChanges, type UnloadedTable } from '#framework'
import type { Loaded, Reconciliation, TableLoad, Warehouse, WarehouseTable } from './warehouse.ts'

/** A warehouse in a DuckDB file: what stands in for Snowflake and Redshift on a laptop, with the same tables, ledger and transactions. */
export class DuckDbWarehouse implements Warehouse {
  constructor(readonly path: string, readonly schema: string) {}

  load(load: TableLoad): Promise<Loaded> {
    return this.#inTransaction(async connection => {
      const part = await this.#changes(connection, load)
      const first = part ? await this.#bring(connection, load, part.came, part.went) : NOTHING
      const whole = part && (await this.#rows(connection, load.table)) === load.changes!.rows
      const rest = whole ? NOTHING : await this.#bring(connection, load, await load.source())
      const counts = { inserted: first.inserted + rest.inserted, updated: first.updated + rest.updated, deleted: first.deleted + rest.deleted }
      await this.#enter(connection, load, counts)
      return counts
    })
  }

  /** What changed since the version that was loaded last; undefined where all has to be loaded, as where that very version is sent again. */
  async #changes(connection: DuckDBConnection, { table, changes, deltaVersion }: TableLoad): Promise<UnloadedChanges | undefined> {
    if (!changes || !(await exists(connection, this.schema, table.name)) || !(await exists(connection, '_varve', 'loads'))) return undefined
    const rows = await connection.runAndReadAll(`select delta_version, content from _varve.loads where table_name = ${literal(this.#ledgerName(table))} order by loaded_at desc, delta_version desc limit 1`)
    const [last] = rows.getRows()
    return last && Number(last[0]) !== deltaVersion ? changes.since({ version: Number(last[0]), content: String(last[1]) }) : undefined
  }

  /** @param went the rows that may have to go; undefined: all that the source has not */
  async #bring(connection: DuckDBConnection, load: TableLoad, source: UnloadedTable, went?: UnloadedTable): Promise<Loaded> {
    const { table } = load
    await connection.run(`create or replace temp table staged as select ${names(source)} from ${rowsOf(source)}`)
    await requireKey(connection, table, 'staged')
    await this.#makeTable(connection, table, source)
    const target = this.#nameOf(table)
    return table.mode === 'merge' ? merge(connection, target, load, source, went) : { inserted: await insert(connection, target, load, source), updated: 0, deleted: 0 }
  }

  async #rows(connection: DuckDBConnection, table: WarehouseTable): Promise<number> {
    return Number((await connection.runAndReadAll(`select count(*) from ${this.#nameOf(table)}`)).getRows()[0]![0])
  }

  reconcile({ table, source, partitionBy, sums }: Reconciliation): Promise<readonly Difference[]> {
    return this.#inTransaction(async connection => {
      const part = `coalesce(cast(${quoted(partitionBy)} as varchar), 'NULL')`
      const measures = ['count(*)', ...sums.map(name => `sum(${quoted(name)})`)]
      const measured = (from: string) => `select ${part} as part, ${measures.map((measure, i) => `cast(${measure} as varchar) as m${i}`).join(', ')} from ${from} group by 1`
      const there = await exists(connection, this.schema, table.name)
      const sink = there ? measured(this.#nameOf(table)) : `select null::varchar as part, ${measures.map((_, i) => `null::varchar as m${i}`).join(', ')} where false`
      const rows = await connection.runAndReadAll(`
        select coalesce(lake.part, sink.part), ${measures.map((_, i) => `lake.m${i}, sink.m${i}`).join(', ')}
        from (${measured(rowsOf(source))}) as lake full join (${sink}) as sink on lake.part = sink.part
        where ${measures.map((_, i) => `lake.m${i} is distinct from sink.m${i}`).join(' or ')}
        order by 1`)
      return rows.getRows().flatMap(([partition, ...values]) => measures.flatMap((measure, i): Difference[] => {
        const [lake, sink] = [values[2 * i] as string | null, values[2 * i + 1] as string | null]
        return lake === sink ? [] : [{ partition: String(partition), measure: measure === 'count(*)' ? 'rows' : measure.replaceAll('"', ''), lake, sink }]
      }))
    })
  }

  /** The table as the source's columns tell it. New columns are added; a column whose type changed is for a person to decide. */
  async #makeTable(connection: DuckDBConnection, table: WarehouseTable, { columns }: UnloadedTable): Promise<void> {
    await connection.run(`create schema if not exists ${quoted(this.schema)}`)
    const stamps = [{ name: '_load_ts', type: 'TIMESTAMP WITH TIME ZONE' }, { name: '_delta_version', type: 'BIGINT' }, { name: '_run_id', type: 'VARCHAR' }]
    const wanted = [...columns, ...stamps]
    await connection.run(`create table if not exists ${this.#nameOf(table)} (${wanted.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ')})`)
    await connection.run(`create schema if not exists _varve; create table if not exists _varve.loads (table_name varchar, delta_version bigint, content varchar, run_id varchar, loaded_at timestamptz, inserted bigint, updated bigint, deleted bigint, primary key (table_name, delta_version, content))`)
    const there = new Map((await connection.runAndReadAll(`select column_name, data_type from information_schema.columns where lower(table_schema) = lower(${literal(this.schema)}) and lower(table_name) = lower(${literal(table.name)})`)).getRows().map(([name, type]) => [String(name).toLowerCase(), String(type)]))
    for (const { name, type } of wanted) {
      const known = there.get(name.toLowerCase())
      if (known === undefined) await connection.run(`alter table ${this.#nameOf(table)} add column ${quoted(name)} ${type}`)
      else if (known !== type) throw new ColumnChangedType(this.#nameOf(table), name, known, type)
    }
  }

  /** A version that was sent before and changed nothing leaves its entry as it was; what was put right is added to it. */
  async #enter(connection: DuckDBConnection, { table, deltaVersion, content, run, now }: TableLoad, { inserted, updated, deleted }: Loaded): Promise<void> {
    await connection.run(`
      insert into _varve.loads values (${literal(this.#ledgerName(table))}, ${deltaVersion}, ${literal(content)}, ${literal(run)}, ${instant(now)}, ${inserted}, ${updated}, ${deleted})
      on conflict do update set inserted = inserted + excluded.inserted, updated = updated + excluded.updated, deleted = deleted + excluded.deleted`)
  }

  #ledgerName({ name }: WarehouseTable): string {
    return `${this.schema}.${name}`
  }

  #nameOf({ name }: WarehouseTable): string {
    return `${quoted(this.schema)}.${quoted(name)}`
  }

  /** One at a time: a DuckDB file has one writer. */
  async #inTransaction<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const before = TURNS.get(this.path) ?? Promise.resolve()
    const mine = before.then(() => this.#alone(work))
    TURNS.set(this.path, mine.catch(() => undefined))
    return mine
  }

  async #alone<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    mkdirSync(dirname(this.path), { recursive: true })
    // Only who publishes needs it: every command reads this module. To import it, Node would look through its hundred files for what they export.
    const { DuckDBInstance } = createRequire(import.meta.url)('@duckdb/node-api') as typeof import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(this.path).catch((error: Error) => { throw new WarehouseInUse(this.path, error) })
    try {
      const connection = await instance.connect()
      await connection.run('set TimeZone = \'UTC\'; begin transaction')
      try {
        const answer = await work(connection)
        await connection.run('drop table if exists temp.staged; commit')
        return answer
      } catch (error) {
        await connection.run('rollback').catch(() => undefined)
        throw error
      } finally {
        connection.closeSync()
      }
    } finally {
      instance.closeSync()
    }
  }
}

const NOTHING: Loaded = { inserted: 0, updated: 0, deleted: 0 }

const TURNS = new Map<string, Promise<unknown>>()

async function merge(connection: DuckDBConnection, target: string, load: TableLoad, source: UnloadedTable, went: UnloadedTable | undefined): Promise<Loaded> {
  const { table } = load
  const same = table.key.map(name => `sink.${quoted(name)} = staged.${quoted(name)}`).join(' and ')
  const rest = source.columns.filter(({ name }) => !table.key.includes(name))
  const differs = rest.length === 0 ? 'false' : rest.map(({ name }) => `sink.${quoted(name)} is distinct from staged.${quoted(name)}`).join(' or ')
  const gone = went ? ` and exists (select 1 from ${rowsOf(went)} as went where ${table.key.map(name => `sink.${quoted(name)} = went.${quoted(name)}`).join(' and ')})` : ''
  const deleted = await changed(connection, `delete from ${target} as sink where not exists (select 1 from staged where ${same})${gone}`)
  const updated = await changed(connection, `update ${target} as sink set ${[...rest.map(({ name }) => `${quoted(name)} = staged.${quoted(name)}`), `_load_ts = ${instant(load.now)}`, `_delta_version = ${load.deltaVersion}`, `_run_id = ${literal(load.run)}`].join(', ')} from staged where ${same} and (${differs})`)
  return { inserted: await insert(connection, target, load, source), updated, deleted }
}

function insert(connection: DuckDBConnection, target: string, { table, now, deltaVersion, run }: TableLoad, source: UnloadedTable): Promise<number> {
  const same = table.key.map(name => `sink.${quoted(name)} = staged.${quoted(name)}`).join(' and ')
  return changed(connection, `insert into ${target} (${names(source)}, _load_ts, _delta_version, _run_id) select ${names(source)}, ${instant(now)}, ${deltaVersion}, ${literal(run)} from staged where not exists (select 1 from ${target} as sink where ${same})`)
}

const changed = async (connection: DuckDBConnection, sql: string): Promise<number> => (await connection.run(sql)).rowsChanged

async function requireKey(connection: DuckDBConnection, { name, key }: WarehouseTable, from: string): Promise<void> {
  const columns = key.map(quoted).join(', ')
  const rows = await connection.runAndReadAll(`select count(*) from (select 1 from ${from} group by ${columns} having count(*) > 1 or ${key.map(column => `any_value(${quoted(column)}) is null`).join(' or ')})`)
  const broken = Number(rows.getRows()[0]![0])
  if (broken > 0) throw new KeyNotUnique(name, key, broken)
}

async function exists(connection: DuckDBConnection, schema: string, table: string): Promise<boolean> {
  const rows = await connection.runAndReadAll(`select 1 from information_schema.tables where lower(table_schema) = lower(${literal(schema)}) and lower(table_name) = lower(${literal(table)})`)
  return rows.getRows().length > 0
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
const literal = (text: string): string => `'${text.replaceAll('\'', '\'\'')}'`
const instant = (at: Date): string => `timestamptz '${at.toISOString()}'`
const names = ({ columns }: UnloadedTable): string => columns.map(({ name }) => quoted(name)).join(', ')
const rowsOf = ({ files, columns }: UnloadedTable): string => (files.length === 0
  ? `(select ${columns.map(({ name, type }) => `null::${type} as ${quoted(name)}`).join(', ')} where false)`
  : `read_parquet([${files.map(literal).join(', ')}], hive_partitioning = false)`)

export class KeyNotUnique extends ExplainedError {
  readonly code = 'warehouses/key-not-unique'
  readonly hint = 'Nothing was changed in the warehouse. Hold the table to its key with primaryKey(), so that it is not published like this.'
  constructor(table: string, key: readonly string[], rows: number) {
    super(`${table} can't be loaded: ${rows} values of ${key.join(', ')} are there more than once, or are NULL.`)
  }
}

export class ColumnChangedType extends ExplainedError {
  readonly code = 'warehouses/column-changed-type'
  readonly hint: string
  constructor(table: string, column: string, was: string, now: string) {
    super(`${column} of ${table} is ${was} in the warehouse, and ${now} in the lake.`)
    this.hint = `Drop the table in the warehouse and publish it again with --force: all of it is in the lake.`
  }
}

export class WarehouseInUse extends ExplainedError {
  readonly code = 'warehouses/not-opened'
  readonly hint = 'If another process has it open, close it there; a DuckDB file has one writer.'
  constructor(path: string, cause: Error) {
    super(`The warehouse ${path} can't be opened: ${cause.message.split('\n')[0]}`)
  }
}
