import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { module, ProjectRig } from '../rig/project-rig.ts'
import { EmrServer } from './emr-server.ts'
import { WarmSpark } from './warm-spark.ts'

let server: EmrServer
let spark: WarmSpark
let rig: ProjectRig

const CONFIG = `engines: { default: emr-serverless }
emrServerless: { application: app, role: 'arn:aws:iam::123456789012:role/varve', region: eu-central-1, endpoint: '\${EMR}', rowsStay: true, poll: { first: 20ms, most: 200ms } }
`
const HERE = 'engines: { default: duckdb }\n'

/** The same rows in the words of either engine; every hundredth is odd. */
const assets = (rows: number, { amount = '1.25' } = {}) => module('append, Asset, between, expression, masked, notNull, oneOf, overwritePartition, primaryKey, rowCount, SqlAsset, sql, unique, Upstream', `
@Asset({ key: 'bronze/orders', checks: [primaryKey('id'), rowCount({ min: 1 })] })
export class Orders extends SqlAsset {
  query({ dialect }) {
    return dialect === 'spark'
      ? sql\`select cast(id as int) as id, cast(id % 7 as int) as shop, cast(id * ${amount} as decimal(18,2)) as amount, case when id % 100 = 99 then null else concat('Ünï ', cast(id as string)) end as name, date_add(date'2026-01-01', cast(id % 5 as int)) as day, timestamp'2026-01-01 00:00:00.123456' as seen_at, cast(id as double) / 4 as part from range(${rows})\`
      : sql\`select i::integer as id, (i % 7)::integer as shop, (i * ${amount})::decimal(18,2) as amount, case when i % 100 = 99 then null else 'Ünï ' || i end as name, date '2026-01-01' + (i % 5)::integer as day, timestamptz '2026-01-01 00:00:00.123456+00' as seen_at, i::double / 4 as part from range(${rows}) as r(i)\`
  }
}
@Asset({ key: 'silver/named', checks: [notNull('name', { onFail: 'quarantine' }), unique('id'), between('amount', { min: 0 }), oneOf('shop', [0, 1, 2, 3, 4, 5], { severity: 'warn' }), expression('parts are quarters', sql\`part * 4 >= id\`)] })
export class Named extends SqlAsset {
  @Upstream(() => Orders) orders
  query() { return sql\`select id, shop, amount, name, day, seen_at, part from \${this.orders}\` }
}
@Asset({ key: 'silver/days', write: overwritePartition({ by: ['day'] }), checks: [primaryKey(['day', 'shop'])] })
export class Days extends SqlAsset {
  @Upstream(() => Named) named
  query() { return sql\`select day, shop, sum(amount) as total from \${this.named} group by day, shop\` }
}
@Asset({ key: 'silver/log', write: append({ key: ['id'] }), checks: [primaryKey('id')] })
export class Log extends SqlAsset {
  @Upstream(() => Named) named
  query() { return sql\`select id, name, seen_at from \${this.named}\` }
}`)

beforeAll(async () => {
  spark = new WarmSpark()
  server = await EmrServer.start({ submit: async ({ jobDriver }) => ({ code: await spark.run(jobDriver.sparkSubmit.entryPointArguments[0]!), stderr: spark.log }) })
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'eu-central-1', EMR: server.endpoint })) vi.stubEnv(name, value)
  rig = new ProjectRig({ 'config/there.yaml': CONFIG, 'config/here.yaml': HERE })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  spark.close()
  await server.stop()
  rig.remove()
})

/** How a run by one of the engines ended, what its promises found, and what was said of rows that came here. */
async function run(profile: 'here' | 'there') {
  const came: string[] = []
  const checks: Record<string, readonly [boolean, number]> = {}
  const counts: Record<string, unknown> = {}
  const { steps } = await rig.run([], { lake: lake(profile), profile, listen: event => {
    if (event.type === 'log' && /come here|held here/.test(event.message)) came.push(event.message)
    if (event.type === 'step-checked') checks[`${event.result.asset} ${event.result.check}`] = [event.result.passed, event.result.failingRows]
    if (event.type === 'step-materialized') counts[event.materialization.asset] = [event.counts, event.materialization.rows]
  } })
  return { steps: steps.map(({ asset, status, error }) => [asset, status, error?.message]), checks, counts, came }
}

const lake = (profile: string) => join(rig.root, `lake-${profile}`)
const tables = (profile: string) => rig.with(async project => Promise.all(['bronze/orders', 'silver/named', 'silver/days', 'silver/log'].map(async key => (await project.query(`select * from "${key}" order by all`)).rows)), { lake: lake(profile), profile })

describe('rows that Spark makes', () => {
  it('stay where they are made, of overwritten, parted and grown tables; only those come here that break a promise', async () => {
    rig.write('assets/orders.ts', assets(300))
    const first = await run('here')
    const there = await run('there')
    expect({ ...there, came: [] }).toEqual(first)
    expect(there.came).toEqual([expect.stringMatching(/^3 rows that break promises come here for the quarantine/)])
    expect(await tables('there')).toEqual(await tables('here'))
    rig.write('assets/orders.ts', assets(400, { amount: '1.50' }))
    expect({ ...(await run('there')), came: [] }).toEqual(await run('here'))
    expect(await tables('there')).toEqual(await tables('here'))
    expect(server.jobs.size).toBe(8)
  }, 1_500_000)
})
