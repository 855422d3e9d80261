import { S3Client } from '@aws-sdk/client-s3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { EmrServer } from '../engines-real/emr-server.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'
import { s3ForTests } from '../rig/s3-rig.ts'
import { sameRowsOnS3 } from '../rig/same-rows-on-s3.ts'

const s3 = s3ForTests()
let client: S3Client
let database: Database
let server: EmrServer
let rig: ProjectRig
let folder: string
/** How many rows each table gets. */
let size = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varve-stay-s3-'))
  client = new S3Client({ endpoint: s3().server.endpoint, forcePathStyle: true })
  database = await Database.open()
  server = await EmrServer.start({ submit: sameRowsOnS3({ client, database, folder, size: () => size }) })
  vi.stubEnv('EMR', server.endpoint)
  rig = new ProjectRig({
    'config/local.yaml': `engines: { default: emr-serverless }\nemrServerless: { application: app, role: 'arn:aws:iam::123456789012:role/varve', endpoint: '\${EMR}', rowsStay: true, poll: { first: 10ms, most: 50ms } }\n`,
    'assets/people.ts': module('append, Asset, between, notNull, SqlAsset, sql, unique, Upstream', `
@Asset({ key: 'bronze/people', checks: [notNull('id'), unique('id')] })
export class People extends SqlAsset {
  query({ dialect }) {
    return dialect === 'spark'
      ? sql\`select id, concat('name ', cast(id as string)) as name, md5(cast(id as string)) as digest from range(10)\`
      : sql\`select i as id, 'name ' || i as name, md5(i::varchar) as digest from range(10) as r(i)\`
  }
}
@Asset({ key: 'silver/people', checks: [notNull('name', { onFail: 'quarantine' }), between('id', { min: 0 })] })
export class Named extends SqlAsset {
  @Upstream(() => People) people
  query() { return sql\`select id, name, digest from \${this.people}\` }
}
@Asset({ key: 'silver/log', write: append({ key: ['id'] }) })
export class Log extends SqlAsset {
  @Upstream(() => Named) people
  query() { return sql\`select id, name, digest from \${this.people}\` }
}`),
  })
})
afterAll(async () => {
  rig.remove()
  await server.stop()
  database.close()
  client.destroy()
  rmSync(folder, { recursive: true, force: true })
})

/** All that this machine asked of the bucket in a run that makes the three tables with so many rows each. */
async function asked(rows: number) {
  size = rows
  const lake = `s3://lake/stays/${rows}`
  s3().proxy.take()
  const { steps } = await rig.run([], { lake })
  const requests = s3().proxy.take()
  expect(steps.map(({ asset, status, error }) => [asset, error?.message ?? status])).toEqual(['bronze/people', 'silver/people', 'silver/log'].map(key => [key, 'materialized']))
  const [counted] = (await rig.with(project => project.query('select count(*)::int as rows, count(distinct digest)::int as digests from silver.log'), { lake })).rows
  expect(counted).toEqual({ rows, digests: rows })
  return requests.map(({ method, path }) => ({ method, path }))
}

it('rows that stay where they are made are not asked for by this machine: ten times the rows are no request and no byte more, with one job a step', async () => {
  const few = await asked(5000)
  const jobs = server.count('StartJobRun')
  const many = await asked(50_000)
  for (const requests of [few, many]) expect(requests.filter(({ path }) => path.includes('.parquet'))).toEqual([])
  expect([many.length, jobs, server.count('StartJobRun'), server.jobs.size]).toEqual([few.length, 3, 6, 6])
}, 240_000)
