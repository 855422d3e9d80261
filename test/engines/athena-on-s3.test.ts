import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { AthenaServer } from '../rig/athena-server.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { REGIONS } from '../rig/regions.ts'
import { s3ForTests } from '../rig/s3-rig.ts'

const s3 = s3ForTests()
let client: S3Client
let database: Database
let server: AthenaServer
let rig: ProjectRig
let folder: string

const put = async (address: string, body: string | Buffer) => {
  const { hostname: Bucket, pathname } = new URL(address)
  await client.send(new PutObjectCommand({ Bucket, Key: pathname.slice(1), Body: body }))
}

beforeAll(async () => {
  client = new S3Client({ endpoint: s3().server.endpoint, forcePathStyle: true })
  database = await Database.open()
  folder = mkdtempSync(join(tmpdir(), 'varve-athena-s3-'))
  // Stands in for Athena: it leaves what the query of the rig gives, as objects.
  server = await AthenaServer.start({ put, execute: async sql => {
    const to = /\nTO '([^']+)'/.exec(sql)![1]!
    const file = join(folder, 'part')
    await database.use(connection => connection.run(`copy (select * from (values ('eu', 15.50::decimal(18,2)), ('us', 1.25)) as v(region, total)) to '${file}' (format parquet)`))
    await put(`${to}20261127_000000_00000_aaaaa_1`, readFileSync(file))
    return { files: [`${to}20261127_000000_00000_aaaaa_1`], scanned: 1 }
  } })
  rig = new ProjectRig({ 'assets/all.ts': REGIONS })
  rig.write('config/local.yaml', `engines: { layers: { silver: athena } }\nathena: { database: lake, output: s3://lake/results, endpoint: "${server.endpoint}", glueEndpoint: "${server.endpoint}", poll: { first: 10ms, most: 40ms } }\n`)
})

afterAll(async () => {
  rig.remove()
  rmSync(folder, { recursive: true, force: true })
  await server.stop()
  database.close()
  client.destroy()
})

it('a lake in a bucket is queried at its own addresses, and what Athena left there is committed', async () => {
  const lake = 's3://lake/athena'
  const { steps } = await rig.run([], { lake })
  expect(steps.map(({ asset, status, error }) => [asset, status, error?.message])).toEqual([['bronze/orders', 'materialized', undefined], ['silver/regions', 'materialized', undefined]])
  expect((await rig.with(project => project.query('select * from silver.regions order by region'), { lake })).rows).toEqual([{ region: 'eu', total: '15.50' }, { region: 'us', total: '1.25' }])
  const [query] = [...server.queries.values()]
  expect(/\nTO '([^']+)'/.exec(query!.asked.QueryString)![1]).toMatch(/^s3:\/\/lake\/athena\/silver\/regions\/_staging\/[0-9a-f-]+\/$/)
  expect([...server.databases.get('lake')!].map(([name, { StorageDescriptor: told }]) => [name, (told as { Location: string }).Location])).toEqual([['bronze_orders', 's3://lake/athena/bronze/orders/'], ['silver_regions', 's3://lake/athena/silver/regions/']])
  const commit = await client.send(new GetObjectCommand({ Bucket: 'lake', Key: 'athena/silver/regions/_delta_log/00000000000000000000.json' }))
  expect(await commit.Body!.transformToString()).toContain('"add"')
})
