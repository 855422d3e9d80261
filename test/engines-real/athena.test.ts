import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { AthenaServer } from '../rig/athena-server.ts'
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
  Object.assign(process.env, { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' })
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

const config = (engine: string, name: string) => `engines: { layers: { silver: ${engine} } }
athena: { database: ${name}, output: ${join(rig.root, 'results')}, endpoint: "${server.endpoint}", glueEndpoint: "${server.endpoint}", instants: milliseconds, poll: { first: 10ms, most: 100ms } }
`
let rigs = 0
const rigWith = (files: Record<string, string>) => {
  rig = new ProjectRig(files)
  const name = `lake${(rigs += 1)}`
  rig.write('config/local.yaml', config('duckdb', name))
  rig.write('config/athena.yaml', config('athena', name))
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

const contents = (lake: string) => rig.with(async project => Object.fromEntries(await Promise.all(project.graph.keys.map(async key => [key, (await project.history(key, 1))[0]?.dataVersion]))), { lake: join(rig.root, lake) })
