import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import type { RunResult } from '../../framework/execution/run-result.ts'
import { openProject } from '../../framework/project/project.ts'
import { ROOT } from '../assets/platform-rig.ts'
import { AthenaServer } from '../rig/athena-server.ts'
import { AthenaOnTrino } from './athena-on-trino.ts'
import { LocalTrino } from './local-trino.ts'
import { bringSources, contentsOf, DATA, tellTimes } from './platform-sources.ts'

const NOW = new Date('2026-11-23T00:00:00Z')
const folder = mkdtempSync(join(tmpdir(), 'varve-athena-'))
let database: Database
let trino: LocalTrino
let server: AthenaServer

beforeAll(async () => {
  database = await Database.open()
  trino = new LocalTrino()
  const athena = new AthenaOnTrino(trino, database, () => server.databases)
  server = await AthenaServer.start({ execute: athena.execute })
  Object.assign(process.env, { VARVE_PII_SALT: 'a salt for tests that is long enough 0123456789', GLUE_DATABASE: 'platform', ATHENA_OUTPUT: join(folder, 'results'), AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', ATHENA_ENDPOINT: server.endpoint, GLUE_ENDPOINT: server.endpoint })
})

afterAll(async () => {
  trino.close()
  await server.stop()
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

const inLake = async <T>(lake: string, profile: string, use: (project: Awaited<ReturnType<typeof openProject>>) => Promise<T>): Promise<T> => {
  const project = await openProject({ root: ROOT, lake: join(folder, lake), sources: join(folder, 'sources'), now: NOW, profile })
  try {
    return await use(project)
  } finally {
    await project.close()
  }
}

const made = (lake: string, profile: string): Promise<RunResult> => inLake(lake, profile, project => project.materialize({ selection: ['+gold/*'] }, { signal: new AbortController().signal, listen: () => undefined }))

const contents = (lake: string) => inLake(lake, 'local', project => contentsOf(project, project.graph.keys.filter(key => project.graph.get(key).kind === 'sql' && key !== 'gold/behavior_events' && !key.startsWith('features/'))))

describe('the whole platform, with silver and gold made by Athena', () => {
  it(`[${DATA}] gives the same rows in every table on Trino's engine as on DuckDB, by one query a step, and Athena finds every table`, async () => {
    await bringSources(join(folder, 'sources'), { customers: 60 })
    const first = await made('here', 'local')
    expect(first.ok).toBe(true)
    const second = await made('there', 'athena')
    const { steps } = second
    expect(steps.filter(({ status }) => status !== 'materialized').map(({ asset, status, error }) => [asset, status, error?.message.slice(0, 1500)])).toEqual([])
    const rows = await contents('here')
    expect(await contents('there')).toEqual(rows)
    tellTimes('Trino', rows, first, second)
    const byAthena = steps.map(({ asset }) => asset as string).filter(asset => /^(silver|gold)\//.test(asset) && !['silver/order_events', 'silver/user_actions', 'gold/behavior_events'].includes(asset))
    expect([server.queries.size, new Set([...server.queries.values()].map(({ state }) => state))]).toEqual([byAthena.length, new Set(['SUCCEEDED'])])
    expect([...server.databases.get('platform')!.keys()].sort()).toEqual(steps.map(({ asset }) => asset.replace('/', '_')).filter(name => !name.startsWith('landing_')).sort())

    const asked = 'select country, count(*) as customers, sum(lifetime_value_usd) as spent, max(last_order_date) as newest from gold.customer_360 group by country order by country'
    const [there, here] = [await inLake('there', 'athena', project => project.queryOnAthena(asked)), await inLake('here', 'local', project => project.query(asked))]
    expect(there.rows).toEqual(here.rows)
    expect((await made('there', 'athena')).steps).toEqual([])
  }, 3_600_000)
})
