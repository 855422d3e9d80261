import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { columnsOf } from '../../framework/delta/schema.ts'
import type { AuthoredWork, EngineInput, EngineSession, WriteJob, Written } from '../../framework/engines/engine.ts'
import { quoteLiteral } from '../../framework/vocabulary/sql.ts'
import { Rig } from '../delta/rig.ts'
import { until } from '../rig/gate.ts'
import type { EngineOnTrial } from './engines-on-trial.ts'

const ORDERS = "select range::integer as id, (range % 3)::integer as shop, (range * 1.25)::decimal(18,2) as amount, case when range % 5 = 4 then null else 'näme ' || range end as name, date '2026-01-01' + (range % 4)::integer as day, range * 1000000000000000000 as big from range(8)"
const SHOPS = "select range::integer as shop, 'Shop ' || range as title from range(3)"
const AUTHORED = 'select o.id, o.amount, o.name, o.day, s.title as title from "bronze/orders" as o join "landing/shops" as s on s.shop = o.shop where o.id < 7'

/** What every engine must do, whatever stands behind it: the same tests, over the same tables. */
export function engineContract(name: string, start: (rig: Rig) => Promise<EngineOnTrial>): void {
  describe(`the engine ${name}`, () => {
    const rig = new Rig()
    let trial: EngineOnTrial
    let orders: DeltaTable
    let made = 0
    beforeAll(async () => {
      orders = await rig.create(ORDERS)
      trial = await start(rig)
    })
    afterAll(() => trial?.close())

    const query = (text: string): AuthoredWork => ({ kind: 'query', query: { strings: [text], values: [] } })
    const job = (more: Partial<WriteJob> = {}): WriteJob => ({ folder: join(rig.folder, 'silver_x/_staging', `made-${(made += 1)}`), partitionBy: [], subject: 'silver/x', ...more })
    const pinned = async (table: DeltaTable, { name: named = 'bronze/orders', version }: { readonly name?: string; readonly version?: number } = {}): Promise<EngineInput> => {
      const snapshot = await table.snapshot(version === undefined ? {} : { version })
      return { name: named, relation: () => snapshot.scanSql(), table: { location: table.root, version: snapshot.version, columns: columnsOf(snapshot.schema) } }
    }
    const shops: EngineInput = { name: 'landing/shops', relation: SHOPS, content: '0:shops' }
    async function within<T>(work: (session: EngineSession) => Promise<T>, { signal = new AbortController().signal, inputs }: { readonly signal?: AbortSignal; readonly inputs?: readonly EngineInput[] | undefined } = {}): Promise<T> {
      const session = await trial.engine.open(inputs ?? [await pinned(orders), shops], signal)
      try {
        return await work(session)
      } finally {
        await session.close()
      }
    }
    const readBack = ({ files }: Pick<Written, 'files'>, order = 'all') => rig.database.use(connection => connection.json(`select * from read_parquet([${files.map(({ path }) => quoteLiteral(path)).join(', ')}], hive_partitioning = false) order by ${order}`))
    const meant = (sql: string) => rig.database.use(async connection => connection.json(`with "bronze/orders" as (${await (await orders.snapshot()).scanSql()}), "landing/shops" as (${SHOPS}) select * from (${sql}) order by all`))
    const filesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => statSync(join(folder, file)).isFile()) : [])

    test('leaves the rows of a query over its inputs as parquet files, and tells their sizes, rows and statistics', async () => {
      const written = await within(session => session.writeAuthored(query(AUTHORED), job()))
      expect(written.columns).toEqual([{ name: 'id', type: 'INTEGER' }, { name: 'amount', type: 'DECIMAL(18,2)' }, { name: 'name', type: 'VARCHAR' }, { name: 'day', type: 'DATE' }, { name: 'title', type: 'VARCHAR' }])
      expect(await readBack(written)).toEqual(await meant(AUTHORED))
      expect([written.rows, written.files.reduce((rows, file) => rows + file.rows, 0)]).toEqual([7, 7])
      for (const { path, bytes } of written.files) expect(bytes).toBe(statSync(path).size)
      const stats = (column: string, of: string) => written.files.map(({ columnStats }) => columnStats[`"${column}"`]![of]!)
      expect([stats('id', 'min').sort()[0], stats('id', 'max').sort().at(-1), stats('amount', 'max').sort().at(-1), stats('day', 'min').sort()[0]]).toEqual(['0', '6', '7.50', '2026-01-01'])
      expect(stats('name', 'null_count').reduce((nulls, count) => nulls + Number(count), 0)).toBe(1)
    })

    test('lays them out by partitions where that is asked for', async () => {
      const { files, rows } = await within(session => session.writeAuthored(query('select id, day from "bronze/orders"'), job({ partitionBy: ['day'] })))
      expect(rows).toBe(8)
      expect(files.map(({ partitionValues, rows: count }) => [partitionValues['day'], count]).sort()).toEqual(['01', '02', '03', '04'].map(day => [`2026-01-${day}`, 2]))
    })

    test('tells of no rows the columns, and leaves no file', async () => {
      const { files, rows, columns } = await within(session => session.writeAuthored(query('select id, name from "bronze/orders" where id > 100'), job()))
      expect([files, rows, columns]).toEqual([[], 0, [{ name: 'id', type: 'INTEGER' }, { name: 'name', type: 'VARCHAR' }]])
    })

    test('counts and looks at rows for checks, over its inputs and over what was written just now', async () => {
      await within(async session => {
        const written = await session.writeAuthored(query('select id, amount, name from "bronze/orders"'), job())
        await session.add({ name: 'silver/x', relation: `select * from read_parquet([${written.files.map(({ path }) => quoteLiteral(path)).join(', ')}])` })
        expect([await session.count('select * from "silver/x" where name is null'), await session.count('select * from "bronze/orders" where name is null')]).toEqual([1, 1])
        expect(await session.rows('select id, amount::varchar as amount from "silver/x" where id = 3')).toEqual([{ id: 3, amount: '3.75' }])
        expect(await session.columns('select amount from "silver/x"')).toMatchObject([{ name: 'amount', type: 'DECIMAL(18,2)' }])
      })
    })

    test('answers what the framework itself asks, and takes rows from TypeScript', async () => {
      const asked = await within(session => session.writeQuery('select id from "bronze/orders" where id % 2 = 0', job()))
      const given = await within(session => session.writeRows([{ id: 1, name: 'a' }, { id: 2, name: null }], { id: 'INTEGER', name: 'VARCHAR' }, job()))
      expect([asked.rows, await readBack(given)]).toEqual([4, [{ id: 1, name: 'a' }, { id: 2, name: null }]])
    })

    test('reads a table at the version that is pinned, or says that it can\'t', async () => {
      const table = await rig.create(ORDERS)
      await rig.append(table, ORDERS.replace('range(8)', 'range(8, 10)').replace('range * 1000000000000000000', '0::bigint'))
      const rows = async (version: number) => (await within(async session => session.writeAuthored(query('select id from "bronze/grown"'), job({ subject: `silver/v${version}` })), { inputs: [await pinned(table, { name: 'bronze/grown', version })] })).rows
      expect(await rows(1)).toBe(10)
      if (trial.newestOnly) await expect(rows(0)).rejects.toMatchObject({ code: 'engines/version-moved' })
      else expect(await rows(0)).toBe(8)
    })

    test('says by name what it can\'t do, and leaves no file behind', async () => {
      const asked = job()
      await expect(within(session => session.writeAuthored(query('select id, big * big as much from "bronze/orders"'), asked))).rejects.toMatchObject({ code: trial.service ? 'engines/job-failed' : 'duckdb/query-failed' })
      expect(filesIn(asked.folder)).toEqual([])
      if (!trial.service) return
      await expect(within(session => session.writeAuthored(query('select string_agg(name, \',\') as names from "bronze/orders"'), job()))).rejects.toMatchObject({ code: 'engines/not-translated', hint: expect.stringContaining('query({ dialect })') })
      const own = { kind: 'query', query: { strings: ['select id from "bronze/orders"'], values: [] }, own: { strings: [trial.engine.dialect === 'spark' ? 'select name as id from `bronze/orders`' : 'select name as id from "bronze/orders"'], values: [] } } as const
      await expect(within(session => session.writeAuthored(own, job()))).rejects.toMatchObject({ code: 'engines/wrong-columns' })
    })

    test('runs a script of the author\'s, or says that it runs none', async () => {
      const text = 'def rows(spark, job):\n    return job.table("raw").selectExpr("id", "amount * job_factor as amount".replace("job_factor", str(job.parameters["factor"])))\n'
      const script: AuthoredWork = { kind: 'script', script: { name: 'scaled.py', text, inputs: { raw: 'bronze/orders' }, parameters: { factor: 2 }, columns: { id: 'INTEGER', amount: 'DECIMAL(29,2)' } } }
      const run = within(session => session.writeAuthored(script, job()))
      if (!trial.runsScripts) return expect(run).rejects.toMatchObject({ code: trial.engine.name === 'emr-serverless' ? 'engines/job-failed' : 'engines/no-scripts' })
      expect(await readBack(await run)).toEqual(await meant('select id, (amount * 2)::decimal(29,2) as amount from "bronze/orders"'))
    })

    test('is cancelled by the signal, with its reason, and what it was at has ended by then', async () => {
      const asked = job()
      const controller = new AbortController()
      trial.service?.gate.hold()
      const long = within(session => session.writeAuthored(query('select sum(a.id * b.id + c.id * d.id) as n from "bronze/orders" as a cross join "bronze/orders" as b cross join "bronze/orders" as c cross join "bronze/orders" as d'), asked), { signal: controller.signal, inputs: trial.service ? undefined : [{ name: 'bronze/orders', relation: 'select range as id from range(100000)' }] })
      const ended = long.then(() => undefined, (error: Error) => error)
      if (trial.service) await until(() => trial.service!.states().at(-1) === 'RUNNING')
      controller.abort(new Error('stopped by a person'))
      expect((await ended)?.message).toBe('stopped by a person')
      expect([filesIn(asked.folder), trial.service?.states().at(-1)]).toEqual([[], trial.service && 'CANCELLED'])
      trial.service?.gate.letGo()
    })

    test('tells what a job took and cost, where it runs on machines that are paid by their work', async () => {
      const { job: facts } = await within(session => session.writeAuthored(query('select id from "bronze/orders" where id < 2'), job()))
      if (!trial.service) return expect(facts).toBeUndefined()
      expect(facts).toMatchObject({ engine: trial.engine.name, id: expect.any(String), queuedMs: expect.any(Number), ranMs: expect.any(Number), cost: { status: expect.stringMatching(/^(billed|pending)$/) } })
    })
  })
}
