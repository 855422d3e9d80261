import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { Peer } from '../delta-peers/peer.ts'
import { AthenaServer } from '../rig/athena-server.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'
import { AthenaOnTrino } from './athena-on-trino.ts'
import { EmrServer } from './emr-server.ts'
import { LocalTrino } from './local-trino.ts'
import { WarmSpark } from './warm-spark.ts'

/** Each turn brings rows that are new, some that are there, and some of those with other values. */
const ASSETS = module('append, Asset, merge, overwritePartition, SqlAsset, sql, Upstream', `
@Asset({ key: 'bronze/batch' })
export class Batch extends SqlAsset {
  query(context) {
    const turn = context.variable('turn')
    return sql\`
      select
        i as id,
        case when i % 5 = 0 then null else 'Ünï "' || i || '"' end as name,
        (case when i % 2 = 0 then i * 1.25 else i + \${turn} * 100 end)::decimal(10,2) as amount,
        timestamptz '2026-01-01 06:00:00.123+00' + to_days((i % 3)::integer) as seen,
        case when i % 3 = 2 then null else 'r' || i % 3 end as region
      from range(\${turn} * 4, \${turn} * 4 + 9) as r(i)\`
  }
}
const rows = batch => sql\`select id, name, amount, seen, region from \${batch}\`
@Asset({ key: 'silver/merged', write: merge({ on: ['id'] }) })
export class Merged extends SqlAsset {
  @Upstream(() => Batch) batch
  query() { return rows(this.batch) }
}
@Asset({ key: 'silver/marked', write: merge({ on: ['id'] }) })
export class Marked extends SqlAsset {
  @Upstream(() => Batch) batch
  query() { return rows(this.batch) }
}
@Asset({ key: 'silver/grown', write: append({ key: ['id'] }) })
export class Grown extends SqlAsset {
  @Upstream(() => Batch) batch
  query() { return rows(this.batch) }
}
@Asset({ key: 'silver/parted', write: overwritePartition({ by: ['region'] }) })
export class Parted extends SqlAsset {
  @Upstream(() => Batch) batch
  query() { return rows(this.batch) }
}`)
const KEYS = ['silver/merged', 'silver/marked', 'silver/grown', 'silver/parted']
const TURNS = ['duckdb', 'emr-serverless', 'athena', 'duckdb'] as const

let spark: WarmSpark
let emr: EmrServer
let trino: LocalTrino
let athena: AthenaServer
let deltaRs: Peer
let database: Database
let rig: ProjectRig

beforeAll(async () => {
  Object.assign(process.env, AWS_FOR_TESTS)
  spark = new WarmSpark()
  trino = new LocalTrino()
  database = await Database.open()
  emr = await EmrServer.start({ submit: job => spark.submit(job) })
  athena = await AthenaServer.start({ execute: new AthenaOnTrino(trino, database, () => athena.databases).execute })
  deltaRs = await Peer.start('delta-rs')
  rig = new ProjectRig({ 'assets/all.ts': ASSETS })
})
afterAll(async () => {
  spark.close()
  trino.close()
  deltaRs.stop()
  await Promise.all([emr.stop(), athena.stop()])
  database.close()
  rig.remove()
})

const config = (turn: number) => `variables: { turn: ${turn} }
engines: { layers: { silver: ${TURNS[turn]} } }
tables: { assets: { silver/marked: { profile: modern } } }
emrServerless: { application: app, role: 'arn:aws:iam::123456789012:role/varve', endpoint: '${emr.endpoint}', poll: { first: 10ms, most: 100ms } }
athena: { database: lake, output: ${join(rig.root, 'results')}, endpoint: '${athena.endpoint}', glueEndpoint: '${athena.endpoint}', instants: milliseconds, poll: { first: 10ms, most: 100ms } }
`
const PLAIN = 'id::integer as id, name, amount::varchar as amount, strftime(seen at time zone \'UTC\', \'%Y-%m-%dT%H:%M:%S.%fZ\') as seen, region'

async function readByUs(key: string) {
  return rig.rows(`select ${PLAIN} from "${key}" order by id`)
}

let jobs = 0
/** Spark's own reader of Delta, which leaves what it read as parquet. */
async function readBySpark(key: string) {
  const at = join(rig.root, `read-${jobs += 1}`)
  writeFileSync(`${at}.json`, JSON.stringify({ name: key, inputs: [{ name: 't', location: join(rig.lake, key), version: (await rig.version(key))! }], sql: 'select * from t', staging: at, result: `${at}.result.json` }))
  if ((await spark.run(`${at}.json`)) !== 0) throw new Error(readFileSync(`${at}.result.json`, 'utf8'))
  return database.use(connection => connection.json(`select ${PLAIN} from read_parquet('${at}/*.parquet') order by id`))
}

async function readByDeltaRs(key: string) {
  const { rows } = await deltaRs.read(join(rig.lake, key))
  return [...rows].sort((a, b) => Number(a['id']) - Number(b['id']))
}

it('a table that each engine has written to in turn is read alike by DuckDB, by Spark\'s own reader and by delta-rs', async () => {
  for (const [turn, engine] of TURNS.entries()) {
    rig.write('config/local.yaml', config(turn))
    const { steps } = await rig.run()
    expect([engine, Object.fromEntries(steps.map(({ asset, status, error }) => [asset, error?.message ?? status]))]).toEqual([engine, Object.fromEntries(['bronze/batch', ...KEYS].map(key => [key, 'materialized']))])
    for (const key of KEYS) {
      const ours = await readByUs(key)
      expect([key, engine, await readBySpark(key)]).toEqual([key, engine, ours])
      expect([key, engine, await readByDeltaRs(key)]).toEqual([key, engine, ours])
    }
  }
  // As the modes have it: a merge takes the newest values of every key, an append keeps the first ones.
  const ids = Array.from({ length: 21 }, (_, id) => id)
  const amount = (id: number, turn: number) => (id % 2 === 0 ? id * 1.25 : id + turn * 100).toFixed(2)
  const turns = (id: number) => [0, 1, 2, 3].filter(turn => id >= turn * 4 && id < turn * 4 + 9)
  expect((await readByUs('silver/merged')).map(({ id, amount: told }) => [id, told])).toEqual(ids.map(id => [id, amount(id, turns(id).at(-1)!)]))
  expect(await readByUs('silver/marked')).toEqual(await readByUs('silver/merged'))
  expect((await readByUs('silver/grown')).map(({ id, amount: told }) => [id, told])).toEqual(ids.map(id => [id, amount(id, turns(id)[0]!)]))
  expect([emr.jobs.size, athena.queries.size]).toEqual([KEYS.length, KEYS.length])
}, 1_500_000)
