import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { AthenaServer } from '../rig/athena-server.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'

const ORDERS = module('Asset, SqlAsset, sql, Upstream', `
@Asset({ key: 'bronze/orders' })
export class Orders extends SqlAsset {
  query() { return sql\`select * from (values (1, 'eu', 10.50::decimal(10,2)), (2, 'eu', 5.00), (3, 'us', 1.25)) as v(id, region, amount)\` }
}
@Asset({ key: 'silver/regions' })
export class Regions extends SqlAsset {
  @Upstream(() => Orders) orders
  query() { return sql\`select region, sum(amount)::decimal(18,2) as total from \${this.orders} group by region\` }
}`)
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
  Object.assign(process.env, { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' })
  // Stands in for Athena: it leaves what the query of the rig gives.
  server = await AthenaServer.start({ execute: async sql => {
    const to = /\nTO '([^']+)'/.exec(sql)![1]!
    mkdirSync(to, { recursive: true })
    await database.use(connection => connection.run(`copy (select * from (values ('eu', 15.50::decimal(18,2)), ('us', 1.25)) as v(region, total)) to '${to}part_1' (format parquet)`))
    return { files: [`${to}part_1`], scanned: 1 }
  } })
  rig = new ProjectRig({ 'assets/silver/orders.ts': ORDERS })
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
