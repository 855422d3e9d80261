import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { AthenaServer } from '../rig/athena-server.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { REGIONS } from '../rig/regions.ts'

const CONFIG = (more = '') => `engines: { layers: { silver: athena } }
athena: { database: lake, output: RESULTS, region: eu-central-1, endpoint: ENDPOINT, glueEndpoint: ENDPOINT, poll: { first: 10ms, most: 40ms }${more} }
`

let database: Database
let server: AthenaServer
let rig: ProjectRig

beforeAll(async () => {
  database = await Database.open()
})

afterAll(() => database.close())

beforeEach(async () => {
  Object.assign(process.env, AWS_FOR_TESTS)
  // Stands in for Athena: it leaves what the query of the rig gives.
  server = await AthenaServer.start({ execute: async sql => {
    const to = /\nTO '([^']+)'/.exec(sql)![1]!
    mkdirSync(to, { recursive: true })
    await database.use(connection => connection.run(`copy (select * from (values ('eu', 15.50::decimal(18,2)), ('us', 1.25)) as v(region, total)) to '${to}part_1' (format parquet)`))
    return { files: [`${to}part_1`], scanned: 1 }
  } })
  rig = new ProjectRig({ 'assets/silver/orders.ts': REGIONS })
  rig.write('config/local.yaml', CONFIG().replaceAll('ENDPOINT', server.endpoint).replace('RESULTS', join(rig.root, 'results')))
})

afterEach(async () => {
  rig.remove()
  await server.stop()
})

describe('assets that Athena makes', () => {
  it('are committed here, with what the query cost in the log, and made once', async () => {
    const said: string[] = []
    const { ok, steps } = await rig.run([], { listen: event => void (event.type === 'log' && said.push(event.message)) })
    expect([ok, steps.map(({ asset, status }) => [asset, status])]).toEqual([true, [['bronze/orders', 'materialized'], ['silver/regions', 'materialized']]])
    expect(await rig.rows('select * from silver.regions order by region')).toEqual([{ region: 'eu', total: '15.50' }, { region: 'us', total: '1.25' }])
    expect([...server.queries.values()].map(({ asked }) => asked.QueryString.includes('"bronze/orders" AS (SELECT "id" AS "id", "region" AS "region", "amount" AS "amount" FROM "AwsDataCatalog"."lake"."bronze_orders")'))).toEqual([true])
    expect(said.some(message => /^athena job [0-9a-f-]+, queued .* scanned 0\.0 MiB$/.test(message))).toBe(true)
    expect((await rig.run()).steps).toEqual([])
  })

  it('need a database of Glue, of which nothing else is said', async () => {
    rig.write('config/local.yaml', 'engines: { default: athena }\n')
    await expect(rig.with(async () => undefined)).rejects.toMatchObject({ code: 'project/engine-not-configured', hint: 'Write athena: { database: …, output: s3://… } in config/<profile>.yaml.' })
    rig.write('config/local.yaml', 'engines: { default: athena }\nathena: { database: Lake-1 }\n')
    await expect(rig.run()).resolves.toMatchObject({ ok: false, steps: [{ error: { code: 'project/bad-athena-setting' } }, { status: 'skipped' }] })
  })
})

describe('the tables of a project in Glue', () => {
  const tables = () => Object.fromEntries([...server.databases].map(([name, found]) => [name, [...found].map(([table, { StorageDescriptor: told }]) => [table, (told as { Columns: { Name: string; Type: string }[] }).Columns.map(({ Name, Type }) => `${Name} ${Type}`).join(', ')])]))

  it('are there after the first commit, whichever engine made them, and follow the schema', async () => {
    rig.write('config/local.yaml', CONFIG().replaceAll('ENDPOINT', server.endpoint).replace('RESULTS', join(rig.root, 'results')).replace('{ silver: athena }', '{}').replace('database: lake', "database: 'lake_{layer}'"))
    await rig.run()
    expect(tables()).toEqual({ lake_bronze: [['orders', 'id int, region string, amount decimal(10,2)']], lake_silver: [['regions', 'region string, total decimal(18,2)']] })
    rig.write('assets/silver/orders.ts', REGIONS.replace('sum(amount)', 'count(*) as orders, sum(amount)'))
    await rig.run()
    expect(tables()['lake_silver']).toEqual([['regions', 'region string, orders bigint, total decimal(18,2)']])
    expect([server.count('CreateTable'), server.count('UpdateTable')]).toEqual([4, 1])
  })

  it('hold up no commit: that Glue does not answer is told, and mended by the next', async () => {
    rig.write('config/local.yaml', CONFIG().replaceAll('ENDPOINT', server.endpoint).replace('RESULTS', join(rig.root, 'results')).replace('{ silver: athena }', '{}'))
    server.faults.push({ call: 'GetTable', how: 'expired', times: 1 })
    const said: string[] = []
    expect((await rig.run(['bronze/orders'], { listen: event => void (event.type === 'log' && said.push(event.message)) })).ok).toBe(true)
    expect([said.filter(message => message.startsWith('bronze/orders is published, but is not up to date in Glue: ')).length, tables()]).toEqual([1, {}])
    await rig.run(['bronze/orders'], { force: true })
    expect(Object.keys(tables())).toEqual(['lake'])
  })
})

describe('a query on Athena', () => {
  const COLUMNS = [['flag', 'boolean'], ['n', 'integer'], ['big', 'bigint'], ['share', 'double'], ['total', 'decimal', 18, 2], ['day', 'date'], ['seen', 'timestamp with time zone'], ['local', 'timestamp'], ['name', 'varchar'], ['tags', 'array']] as const
  const row = ['true', '1', '9007199254740993', 'NaN', '15.50', '2026-03-01', '2026-03-01 06:00:00.123 UTC', '2026-03-01 06:00:00.000', 'a', '[x, y]']
  const asked: string[] = []

  beforeEach(async () => {
    asked.length = 0
    await rig.run()
    await server.stop()
    server = await AthenaServer.start({ page: 2, execute: async (sql, signal) => {
      asked.push(sql)
      if (sql.includes('pg_sleep')) await new Promise(resolve => signal.addEventListener('abort', resolve))
      return { columns: COLUMNS.map(([Name, Type, Precision, Scale]) => ({ Name, Type, ...(Precision !== undefined && { Precision, Scale: Scale! }) })), rows: [row, row.map(() => null), row, row, row], scanned: 3 * 1024 ** 2 }
    } })
    rig.write('config/local.yaml', CONFIG(', price: { perTerabyte: 5, currency: USD }').replaceAll('ENDPOINT', server.endpoint).replace('RESULTS', join(rig.root, 'results')))
  })

  it('is asked for in words of Athena over the tables of Glue, and its pages come as values with types', async () => {
    const answer = await rig.with(project => project.queryOnAthena(`select r.region, 'gold.x' as t -- silver.regions
      from silver.regions r join "bronze/orders" as o on o.region = r.region where silver.regions.total > 1;`))
    expect(asked).toEqual([`select r.region, 'gold.x' as t -- silver.regions
      from "AwsDataCatalog"."lake"."silver_regions" r join "AwsDataCatalog"."lake"."bronze_orders" as o on o.region = r.region where "AwsDataCatalog"."lake"."silver_regions".total > 1`])
    expect(answer.rows[0]).toEqual({ flag: true, n: 1, big: '9007199254740993', share: 'NaN', total: '15.50', day: '2026-03-01', seen: '2026-03-01T06:00:00.123Z', local: '2026-03-01T06:00:00.000', name: 'a', tags: '[x, y]' })
    expect(answer.rows[1]).toEqual(Object.fromEntries(COLUMNS.map(([name]) => [name, null])))
    expect([answer.rows.length, answer.truncated, server.count('GetQueryResults'), answer.columns[4]]).toEqual([5, false, 3, { name: 'total', type: 'decimal(18,2)' }])
    expect(answer.job).toMatchObject({ engine: 'athena', bytesScanned: 3 * 1024 ** 2, cost: { status: 'billed', amount: 0.00004768, currency: 'USD' } })
  })

  it('reads no more pages than the limit needs', async () => {
    const { rows, truncated } = await rig.with(project => project.queryOnAthena('select 1', { limit: 1 }))
    expect([rows.length, truncated, server.count('GetQueryResults')]).toEqual([1, true, 2])
  })

  it('is stopped once it has scanned more than it may, and by who asked', async () => {
    const much = rig.with(project => project.queryOnAthena('select pg_sleep(1)', { maxBytes: '1KB' })).catch(error => error as Error)
    while (![...server.queries.values()].some(({ state }) => state === 'RUNNING')) await new Promise(resolve => setTimeout(resolve, 5))
    ;[...server.queries.values()][0]!.scanned = 5000
    expect(((await much) as Error).message).toMatch(/it had scanned 5000 bytes, and it may scan \d+$/)
    const controller = new AbortController()
    const stopped = rig.with(project => project.queryOnAthena('select pg_sleep(2)', { signal: controller.signal })).catch(error => error as Error)
    while ([...server.queries.values()].at(-1)!.state !== 'RUNNING') await new Promise(resolve => setTimeout(resolve, 5))
    controller.abort(new Error('enough'))
    expect(((await stopped) as Error).message).toBe('enough')
    expect([...server.queries.values()].map(({ state }) => state)).toEqual(['CANCELLED', 'CANCELLED'])
  })

  it('only reads, and only tables that there are', async () => {
    const asking = (sql: string) => rig.with(project => project.queryOnAthena(sql))
    await expect(asking('drop table silver.regions')).rejects.toMatchObject({ code: 'project/query-refused' })
    await expect(asking('select * from silver.region')).rejects.toMatchObject({ code: 'project/unknown-table', hint: 'Did you mean silver/regions?' })
    expect(server.queries.size).toBe(0)
  })
})

