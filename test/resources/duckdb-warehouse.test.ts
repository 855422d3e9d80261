import { DuckDBInstance } from '@duckdb/node-api'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DuckDbWarehouse } from '#resources/warehouses/duckdb-warehouse'
import type { TableLoad, WarehouseTable } from '#resources/warehouses/warehouse'

let folder: string
let warehouse: DuckDbWarehouse
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-warehouse-'))
  warehouse = new DuckDbWarehouse(join(folder, 'w.duckdb'), 'ANALYTICS')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const CUSTOMERS: WarehouseTable = { name: 'CUSTOMER_360', key: ['id'], mode: 'merge' }
const EVENTS: WarehouseTable = { name: 'EVENTS', key: ['id'], mode: 'append' }

/** What a query gives, as a version of a table of the lake. */
async function load(table: WarehouseTable, deltaVersion: number, query: string, content = `content of ${deltaVersion}`): Promise<TableLoad> {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  const file = join(folder, `${crypto.randomUUID()}.parquet`)
  await connection.run(`copy (${query}) to '${file}' (format parquet)`)
  const columns = (await connection.runAndReadAll(`describe select * from '${file}'`)).getRows().map(([name, type]) => ({ name: String(name), type: String(type) }))
  connection.closeSync()
  return { table, source: async () => ({ files: [file], columns, rows: 0 }), deltaVersion, content, run: `run ${deltaVersion}`, now: new Date(Date.UTC(2026, 2, 1 + deltaVersion)) }
}

async function rows(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(warehouse.path)
  const connection = await instance.connect()
  const answer = (await connection.runAndReadAll(sql)).getRows().map(row => row.map(value => (typeof value === 'bigint' ? Number(value) : value)))
  connection.closeSync()
  instance.closeSync()
  return answer
}

const THREE = 'select * from (values (1, \'ann\', 10.50::decimal(18,2)), (2, \'bob\', 20), (3, \'cas\', 30)) as t(id, name, amount)'
const CHANGED = 'select * from (values (1, \'ann\', 10.50::decimal(18,2)), (2, \'bob\', 21), (4, \'dot\', 40)) as t(id, name, amount)'

describe('a merged table in a warehouse', () => {
  it('[SRV-SF-1] [SRV-SF-3] is made with the columns of the lake, and stamps', async () => {
    await warehouse.load(await load(CUSTOMERS, 0, THREE))
    expect(await rows('select column_name, data_type from information_schema.columns where table_schema = \'ANALYTICS\' order by ordinal_position')).toEqual([
      ['id', 'INTEGER'], ['name', 'VARCHAR'], ['amount', 'DECIMAL(18,2)'], ['_load_ts', 'TIMESTAMP WITH TIME ZONE'], ['_delta_version', 'BIGINT'], ['_run_id', 'VARCHAR'],
    ])
    expect(await rows('select id, _load_ts::varchar, _delta_version, _run_id from ANALYTICS.CUSTOMER_360 where id = 1')).toEqual([[1, expect.stringMatching(/^2026-03-01 0/), 0, 'run 0']])
  })

  it('[SRV-SF-2] tells what it inserted, updated and deleted, and stamps only that', async () => {
    expect(await warehouse.load(await load(CUSTOMERS, 0, THREE))).toEqual({ inserted: 3, updated: 0, deleted: 0 })
    expect(await warehouse.load(await load(CUSTOMERS, 1, CHANGED))).toEqual({ inserted: 1, updated: 1, deleted: 1 })
    expect(await rows('select id, name, amount::double, _delta_version from ANALYTICS.CUSTOMER_360 order by id')).toEqual([[1, 'ann', 10.5, 0], [2, 'bob', 21, 1], [4, 'dot', 40, 1]])
  })

  it('[SRV-SF-2] does nothing with a version that is there, and enters it once', async () => {
    const version = await load(CUSTOMERS, 7, THREE)
    await warehouse.load(version)
    expect(await warehouse.load(version)).toEqual({ inserted: 0, updated: 0, deleted: 0 })
    expect(await rows('select table_name, delta_version, inserted from _varve.loads')).toEqual([['ANALYTICS.CUSTOMER_360', 7, 3]])
  })

  it('[SRV-SF-2] is refused, and left as it was, where the key says not which row is which', async () => {
    await warehouse.load(await load(CUSTOMERS, 0, THREE))
    await expect(warehouse.load(await load(CUSTOMERS, 1, `${THREE} union all select 1, 'again', 1`))).rejects.toMatchObject({ code: 'warehouses/key-not-unique', message: 'CUSTOMER_360 can\'t be loaded: 1 values of id are there more than once, or are NULL.' })
    await expect(warehouse.load(await load(CUSTOMERS, 1, 'select null::integer as id, \'x\' as name, 1::decimal(18,2) as amount'))).rejects.toMatchObject({ code: 'warehouses/key-not-unique' })
    expect(await rows('select count(*) from ANALYTICS.CUSTOMER_360')).toEqual([[3]])
    expect(await rows('select delta_version from _varve.loads')).toEqual([[0]])
  })

  it('takes new columns, and refuses one whose type has changed', async () => {
    await warehouse.load(await load(CUSTOMERS, 0, THREE))
    await warehouse.load(await load(CUSTOMERS, 1, `select *, 'x' as more from (${THREE})`))
    expect(await rows('select distinct more from ANALYTICS.CUSTOMER_360')).toEqual([['x']])
    await expect(warehouse.load(await load(CUSTOMERS, 2, `select id, 1.5::double as name, amount from (${THREE})`))).rejects.toMatchObject({ code: 'warehouses/column-changed-type' })
  })

  it('is what the lake\'s table is after any order of versions, sent at once or again', async () => {
    const versions = await Promise.all([THREE, CHANGED, 'select * from (values (9, \'zoe\', 9::decimal(18,2))) as t(id, name, amount)', THREE].map((query, i) => load(CUSTOMERS, i, query)))
    await Promise.all(versions.map(version => warehouse.load(version)))
    await warehouse.load(versions[3]!)
    expect(await rows('select id, name, amount::double from ANALYTICS.CUSTOMER_360 order by id')).toEqual([[1, 'ann', 10.5], [2, 'bob', 20], [3, 'cas', 30]])
    expect(await rows('select count(*) from _varve.loads')).toEqual([[4]])
  })

  it('takes what changed since the version that it holds, and all where it then has not as many rows', async () => {
    const row = (id: number, name: string) => `select ${id} as id, '${name}' as name, 1::decimal(18,2) as amount`
    const all = (...rowsThen: string[]) => rowsThen.join(' union all ')
    const next = async (version: number, whole: string[], came: string[], went: string[]): Promise<TableLoad> => {
      const files = async (some: string[]) => (await load(CUSTOMERS, version, some.length === 0 ? `${row(0, '')} limit 0` : all(...some))).source()
      return { ...(await load(CUSTOMERS, version, all(...whole))), changes: { rows: whole.length, since: async () => ({ came: await files(came), went: await files(went) }) } }
    }
    const onlyChanges = (version: TableLoad): TableLoad => ({ ...version, source: () => Promise.reject(new Error('all is asked for')) })
    const table = () => rows('select id, name, _delta_version from ANALYTICS.CUSTOMER_360 order by id')
    await warehouse.load(await next(0, [row(1, 'ann'), row(2, 'bob'), row(3, 'cas')], [], []))
    // One changed, one went, one came, one was only written anew.
    expect(await warehouse.load(onlyChanges(await next(1, [row(1, 'ann'), row(2, 'ben'), row(4, 'dot')], [row(1, 'ann'), row(2, 'ben'), row(4, 'dot')], [row(1, 'ann'), row(2, 'bob'), row(3, 'cas')])))).toEqual({ inserted: 1, updated: 1, deleted: 1 })
    expect(await table()).toEqual([[1, 'ann', 0], [2, 'ben', 1], [4, 'dot', 1]])
    await rows('delete from ANALYTICS.CUSTOMER_360 where id = 1')
    expect(await warehouse.load(await next(2, [row(1, 'ann'), row(2, 'ben'), row(4, 'don')], [row(4, 'don')], [row(4, 'dot')]))).toEqual({ inserted: 1, updated: 1, deleted: 0 })
    expect(await table()).toEqual([[1, 'ann', 2], [2, 'ben', 1], [4, 'don', 2]])
    // Sent again, a version is compared as a whole.
    await rows('update ANALYTICS.CUSTOMER_360 set name = \'x\' where id = 2')
    expect(await warehouse.load(await next(2, [row(1, 'ann'), row(2, 'ben'), row(4, 'don')], [], []))).toEqual({ inserted: 0, updated: 1, deleted: 0 })
  })

  it('takes a table that is empty', async () => {
    expect(await warehouse.load({ ...(await load(CUSTOMERS, 0, THREE)), source: async () => ({ files: [], rows: 0, columns: [{ name: 'id', type: 'INTEGER' }] }) })).toEqual({ inserted: 0, updated: 0, deleted: 0 })
    expect(await rows('select count(*) from ANALYTICS.CUSTOMER_360')).toEqual([[0]])
  })
})

describe('[WH-02] a table of events in a warehouse', () => {
  it('takes each event once, and neither changes nor loses one', async () => {
    await warehouse.load(await load(EVENTS, 0, THREE))
    expect(await warehouse.load(await load(EVENTS, 1, CHANGED))).toEqual({ inserted: 1, updated: 0, deleted: 0 })
    expect(await rows('select id, amount::double from ANALYTICS.EVENTS order by id')).toEqual([[1, 10.5], [2, 20], [3, 30], [4, 40]])
  })

  it('takes what came since the version that it holds, and all where it then lacks a row', async () => {
    const asked: unknown[] = []
    const next = async (version: number, whole: string, came: string, rowsThen: number): Promise<TableLoad> => ({
      ...(await load(EVENTS, version, whole)),
      changes: { rows: rowsThen, since: async loaded => (asked.push(loaded), { came: await (await load(EVENTS, version, came)).source(), went: await (await load(EVENTS, version, 'select 1 as id where false')).source() }) },
    })
    const event = (id: number) => `select ${id} as id, 'x' as name, ${id}::decimal(18,2) as amount`
    const all = (last: number) => Array.from({ length: last }, (_, i) => event(i + 1)).join(' union all ')
    await warehouse.load(await next(0, all(3), 'select 1 where false', 3))
    expect(await warehouse.load({ ...(await next(1, all(4), event(4), 4)), source: () => Promise.reject(new Error('all is asked for')) })).toEqual({ inserted: 1, updated: 0, deleted: 0 })
    await rows('delete from ANALYTICS.EVENTS where id = 2')
    expect(await warehouse.load(await next(2, all(5), event(5), 5))).toEqual({ inserted: 2, updated: 0, deleted: 0 })
    expect(await rows('select id, _delta_version from ANALYTICS.EVENTS order by id')).toEqual([[1, 0], [2, 2], [3, 0], [4, 1], [5, 2]])
    // Sent again, a version is compared as a whole.
    await rows('update ANALYTICS.EVENTS set id = 9 where id = 3')
    expect(await warehouse.load(await next(2, all(5), 'select 1 where false', 5))).toEqual({ inserted: 1, updated: 0, deleted: 0 })
    expect(asked).toEqual([{ version: 0, content: 'content of 0' }, { version: 1, content: 'content of 1' }])
  })
})

describe('[Q5-d] a comparison with the lake', () => {
  it('tells of each part how many rows and what sums differ', async () => {
    const version = await load(CUSTOMERS, 0, THREE)
    await warehouse.load(version)
    const compared = { table: CUSTOMERS, source: await version.source(), partitionBy: 'name', sums: ['amount'] }
    expect(await warehouse.reconcile(compared)).toEqual([])
    await rows('delete from ANALYTICS.CUSTOMER_360 where id = 2')
    await rows('update ANALYTICS.CUSTOMER_360 set amount = 31 where id = 3')
    expect(await warehouse.reconcile(compared)).toEqual([
      { partition: 'bob', measure: 'rows', lake: '1', sink: null },
      { partition: 'bob', measure: 'sum(amount)', lake: '20.00', sink: null },
      { partition: 'cas', measure: 'sum(amount)', lake: '30.00', sink: '31.00' },
    ])
    expect(await warehouse.load(version)).toEqual({ inserted: 1, updated: 1, deleted: 0 })
    expect(await warehouse.reconcile(compared)).toEqual([])
  })
})
