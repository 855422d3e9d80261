import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { AthenaServer } from '../rig/athena-server.ts'
import { AWS_FOR_TESTS } from '../rig/aws-server.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'
import { AthenaOnTrino } from './athena-on-trino.ts'
import { LocalTrino } from './local-trino.ts'

const DAYS = module('Asset, SqlAsset, append, merge, sql, Upstream', `
@Asset({ key: 'bronze/readings' })
export class Readings extends SqlAsset {
  query() {
    return sql\`select * from (values
      (1::bigint, 'a', 10.50::decimal(10,2), 0.1::double, date '2026-03-01', timestamptz '2026-03-01 06:00:00.123+00', timestamp '2026-03-01 06:00:00.5', true, ['x', null, 'Ünï'], 'ff'::blob),
      (2, null, -0.01, 'nan'::double, date '1900-01-01', timestamptz '1969-12-31 23:59:59.999+00', null, false, [], null),
      (9007199254740993, 'it''s \\\\ "q"', null, 'inf'::double, null, null, timestamp '2024-02-29 00:00:00', null, null, ''::blob)
    ) as v(id, name, amount, share, day, seen, local, ok, tags, raw)\`
  }
}
@Asset({ key: 'silver/all_types', write: merge({ on: ['id'] }) })
export class AllTypes extends SqlAsset {
  @Upstream(() => Readings) readings
  query() { return sql\`select id, name, amount, share, day, seen, local, ok, tags, raw, id as "Capital" from \${this.readings}\` }
}
@Asset({ key: 'silver/sums' })
export class Sums extends SqlAsset {
  @Upstream(() => Readings) readings
  query() { return sql\`select ok, sum(amount)::decimal(18,2) as total, count(*) as n, max(seen) as newest from \${this.readings} group by ok\` }
}
@Asset({ key: 'silver/added', write: append({ key: ['id'] }) })
export class Added extends SqlAsset {
  @Upstream(() => Readings) readings
  query() { return sql\`select id, amount from \${this.readings} where id < 100\` }
}`)

const own = (body: string) => module('Asset, SqlAsset, sql', `
@Asset({ key: 'silver/own' })
export class Own extends SqlAsset {
  query({ dialect }) { return dialect === 'trino' ? sql\`${body}\` : sql\`select 1 as id, timestamptz '2026-03-01 06:00:00+00' as at\` }
}`)

let database: Database
let trino: LocalTrino
let server: AthenaServer
let rig: ProjectRig

beforeAll(async () => {
  Object.assign(process.env, AWS_FOR_TESTS)
  database = await Database.open()
  trino = new LocalTrino()
  const athena = new AthenaOnTrino(trino, database, () => server.databases)
  server = await AthenaServer.start({ execute: athena.execute })
})

afterAll(async () => {
  trino.close()
  await server.stop()
  database.close()
})

const config = (name: string) => `engines: { layers: { silver: athena } }
athena: { database: ${name}, output: ${join(rig.root, 'results')}, endpoint: "${server.endpoint}", glueEndpoint: "${server.endpoint}", instants: milliseconds, poll: { first: 10ms, most: 100ms } }
`
let rigs = 0
const rigWith = (files: Record<string, string>) => {
  rig = new ProjectRig(files)
  const name = `lake${(rigs += 1)}`
  rig.write('config/athena.yaml', config(name))
}

describe('a query that real Trino carries out for Athena', () => {
  beforeEach(() => server.queries.clear())

  it('makes the same tables as DuckDB, by their content, for each type and write mode, with one query a step', async () => {
    rigWith({ 'assets/all.ts': DAYS })
    try {
      expect((await rig.run([], { lake: join(rig.root, 'here') })).ok).toBe(true)
      const there = await rig.run([], { lake: join(rig.root, 'there'), profile: 'athena' })
      expect(there.steps.map(({ asset, status, error }) => [asset, status, error?.message])).toEqual(there.steps.map(({ asset }) => [asset, 'materialized', undefined]))
      expect(await contents('there')).toEqual(await contents('here'))
      expect(server.queries.size).toBe(3)
    } finally {
      rig.remove()
    }
  })

  it('fails itself where a column comes as another type, or an instant finer than a millisecond, and nothing is committed', async () => {
    rigWith({ 'assets/own.ts': own('select 1.5 as id, timestamp \'2026-03-01 06:00:00 UTC\' as at') })
    try {
      expect((await rig.run([], { profile: 'athena' })).steps).toMatchObject([{ status: 'failed', error: { code: 'engines/wrong-columns', message: 'Athena gave other columns for silver/own than its query promises: id decimal(2,1), at timestamp(0) with time zone instead of id INTEGER, at TIMESTAMP WITH TIME ZONE.' } }])
      rig.write('assets/own.ts', own('select 1 as id, timestamp \'2026-03-01 06:00:00.000001 UTC\' as at'))
      expect((await rig.run([], { profile: 'athena' })).steps).toMatchObject([{ status: 'failed', error: { code: 'engines/finer-than-milliseconds' } }])
      rig.write('assets/own.ts', own('select 1 as id, timestamp \'2026-03-01 06:00:00.000 UTC\' as at, missing'))
      expect((await rig.run([], { profile: 'athena' })).steps).toMatchObject([{ status: 'failed', error: { code: 'engines/job-failed', message: expect.stringContaining('Column \'missing\' cannot be resolved') } }])
      rig.write('assets/own.ts', own('select cast(1 as bigint) as id, timestamp \'2026-03-01 07:00:00.000 +01:00\' as at'))
      expect((await rig.run([], { profile: 'athena' })).ok).toBe(true)
      expect(await rig.rows('select * from silver.own')).toEqual([{ id: 1, at: expect.stringContaining('06:00:00') }])
    } finally {
      rig.remove()
    }
  })
})

const PROMISES = module('Asset, Check, SqlAsset, Upstream, between, expression, matches, maxLength, notNull, oneOf, primaryKey, relationship, rowCount, sql, sumEquals, unique', `
@Asset({ key: 'bronze/regions' })
export class Regions extends SqlAsset {
  query() { return sql\`select * from (values ('eu', 14.25::decimal(10,2)), ('us', 1.25)) as v(region, amount)\` }
}
@Asset({ key: 'bronze/orders', checks: [
  notNull('name', { severity: 'warn' }), notNull('id', { severity: 'warn' }), oneOf('region', ['eu', 'us'], { severity: 'warn' }), between('amount', { min: 0, max: 10 }, { severity: 'warn' }), matches('name', '[a-z]+', { severity: 'warn' }),
  maxLength('name', 3, { severity: 'warn' }), expression('an order of the eu is large', sql\`region <> 'eu' or amount > 5\`, { severity: 'warn' }), unique('id', { severity: 'warn' }), primaryKey(['id', 'region'], { severity: 'warn' }),
  relationship('region', () => Regions, 'region', { severity: 'warn' }), sumEquals('amount', () => Regions, 'amount', { severity: 'warn' }), notNull('amount', { severity: 'warn', where: sql\`region = 'us'\` }), rowCount({ min: 100 }, { severity: 'warn' }),
] })
export class Orders extends SqlAsset {
  @Upstream(() => Regions) regions
  query() { return sql\`select cast(column0 as integer) as id, column1 as region, cast(column2 as decimal(10,2)) as amount, column3 as name from (values (1, 'eu', 10.50, 'ab'), (1, 'eu', 5, 'ABC'), (1, 'us', null, 'abcd'), (2, 'xx', -1.25, null), (null, null, 0, 'x'), (3, 'us', 1, 'z')) as v(column0, column1, column2, column3)\` }
  @Check({ severity: 'warn' })
  everyRegionIsShort() { return sql\`select * from \${this} where length(region) > 1 and id in (select min(id) from \${this})\` }
  @Check({ severity: 'warn' })
  nothingIsSaidThatIsNotTranslated() { return sql\`select * from \${this} qualify count(*) over (partition by region) > 1\` }
}`)

describe('checks that are counted on Athena', () => {
  it('come to what they come to here, with one query an asset; what is not translated is counted here', async () => {
    rigWith({ 'assets/all.ts': PROMISES })
    try {
      expect((await rig.run()).ok).toBe(true)
      server.queries.clear()
      const plain = (checked: Awaited<ReturnType<typeof here>>) => checked.map(({ asset, rows, results }) => [asset, rows, results.map(({ durationMs: _durationMs, proof: _proof, ...result }) => result)])
      const here = () => rig.with(project => project.check([]))
      const there = await rig.with(project => project.check([], undefined, { engine: 'athena' }), { profile: 'athena' })
      expect(plain(there)).toEqual(plain(await here()))
      expect(there[0]!.results.map(({ failingRows }) => failingRows)).toEqual([1, 1, 1, 2, 1, 1, 2, 2, 2, 1, 1, 1, 94, 3, 4])
      const [query, ...others] = [...server.queries.values()]
      expect([others.length, query!.asked.QueryString.match(/ AS "?c\d+"?/g)!.length, query!.asked.QueryString.match(/ AS "q\d+"/g)!.length]).toEqual([0, 8, 5])
      expect(there[0]!.job).toMatchObject({ engine: 'athena', bytesScanned: expect.any(Number) })
    } finally {
      rig.remove()
    }
  })
})

const contents = (lake: string) => rig.with(async project => Object.fromEntries(await Promise.all(project.graph.keys.map(async key => [key, (await project.history(key, 1))[0]?.dataVersion]))), { lake: join(rig.root, lake) })
