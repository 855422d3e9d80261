import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RunEvent } from '../../framework/vocabulary/run-event.ts'
import { DisturbedProxy } from '../rig/disturbed-proxy.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { rowsThatMerge, type Told } from '../rig/rows-that-merge.ts'
import { ROWS_STAY, rowsThatStay } from '../rig/rows-that-stay.ts'
import { jobsOnSpark } from './jobs-on-spark.ts'
import { CREDENTIALS, Moto, REGION } from './moto.ts'
import { s3aJars } from './setup-s3a.ts'

const LAYERS = 'tables: { layers: { silver: { profile: modern }, gold: { profile: compat } } }\n'
const TABLES = ['bronze/orders', 'silver/named', 'silver/days', 'silver/log', 'silver/marked', 'gold/written', 'silver/history', 'gold/states']
let moto: Moto
/** Between the orchestrator and the bucket; Spark asks the bucket itself. */
let proxy: DisturbedProxy
let rig: ProjectRig
let runs = 0

const emr = jobsOnSpark(async () => {
  moto = await Moto.start('lake')
  proxy = await DisturbedProxy.before(moto.endpoint)
  return {
    jars: s3aJars,
    settings: {
      'spark.hadoop.fs.s3.impl': 'org.apache.hadoop.fs.s3a.S3AFileSystem', 'spark.hadoop.fs.s3a.endpoint': moto.endpoint, 'spark.hadoop.fs.s3a.endpoint.region': REGION, 'spark.hadoop.fs.s3a.path.style.access': 'true',
      'spark.hadoop.fs.s3a.access.key': CREDENTIALS.accessKeyId, 'spark.hadoop.fs.s3a.secret.key': CREDENTIALS.secretAccessKey, 'spark.hadoop.fs.s3a.change.detection.mode': 'none',
    },
  }
})
beforeAll(() => {
  vi.stubEnv('AWS_REGION', REGION)
  vi.stubEnv('AWS_ENDPOINT_URL_S3', proxy.endpoint)
  rig = new ProjectRig({ 'config/there.yaml': ROWS_STAY + LAYERS, 'config/here.yaml': `engines: { default: duckdb }\n${LAYERS}` })
})
afterAll(async () => {
  rig.remove()
  await proxy.stop()
  await moto.stop()
})

const lake = (profile: 'here' | 'there') => (profile === 'there' ? 's3://lake/all of it' : join(rig.root, 'lake-here'))

/** How a run of one of the engines ended, and what was said of rows that came here. */
async function run(profile: 'here' | 'there', selection: readonly string[]) {
  const came: string[] = []
  const counts: Record<string, unknown> = {}
  const checks: Record<string, unknown> = {}
  const listen = (event: RunEvent) => {
    if (event.type === 'log' && /come here|held here/.test(event.message)) came.push(`${event.asset}: ${event.message}`)
    if (event.type === 'step-checked') checks[`${event.result.asset} ${event.result.check}`] = [event.result.failingRows, event.result.of, event.result.metric, event.result.sample?.length]
    if (event.type === 'step-materialized') counts[event.materialization.asset] = [event.counts, event.materialization.rows]
  }
  const { steps } = await rig.run(selection, { lake: lake(profile), profile, now: new Date(Date.UTC(2026, 1, 1 + runs)), listen })
  return { ended: { steps: steps.map(({ asset, status, error }) => [asset, status, error?.message]), counts, checks }, came }
}

const contents = (profile: 'here' | 'there') => rig.with(async project => {
  const found: Record<string, unknown> = {}
  for (const key of TABLES.filter(key => project.graph.keys.includes(key as never))) {
    const [newest] = await project.history(key as never, 1)
    if (newest) found[key] = [newest.version, (await project.query(`select * from "${key}" order by all`)).rows]
  }
  return found
}, { lake: lake(profile), profile })

/** Both engines make the same of it. @returns what Spark's run said of rows that came here, and what the bucket was asked for meanwhile */
async function both(selection: readonly string[]) {
  const here = await run('here', selection)
  proxy.take()
  const there = await run('there', selection)
  const asked = proxy.take()
  expect(there.ended).toEqual(here.ended)
  expect(await contents('there')).toEqual(await contents('here'))
  runs += 1
  // Of files of rows: which of them, without the names that are drawn for each.
  const files = asked.filter(({ method, path }) => method !== 'HEAD' && /\.parquet/.test(path)).map(({ method, path }) => `${method} ${decodeURIComponent(path).replace(/^\/lake\/all of it\//, '').replace(/\/[^/]*$/, '').replace(/[0-9a-f-]{36}/, 'x')}`)
  return { came: there.came, files: [...new Set(files)].sort() }
}

const told = (from: number, to: number, day: number, more: Partial<Told> = {}): Told[] => Array.from({ length: to - from }, (_, i) => ({ id: from + i, name: `Ünï ${from + i}`, amount: `${from + i}.25`, day, ...more }))

describe('tables in a bucket that Spark makes', () => {
  it('are what a laptop makes in a folder, and no file of rows passes through here but those for the quarantine', async () => {
    rig.write('assets/orders.ts', rowsThatStay(300, { nulls: true }))
    const aside = ['GET silver/named/_staging/x-apart', 'PUT _quarantine/silver/named']
    expect(await both([])).toMatchObject({ came: [expect.stringMatching(/^silver\/named: 3 rows that break promises come here/)], files: aside })
    rig.write('assets/orders.ts', rowsThatStay(400, { amount: '1.50', nulls: true }))
    expect(await both([])).toMatchObject({ came: [expect.stringMatching(/^silver\/named: 4 rows that break promises come here/)], files: aside })
    expect(emr.server.jobs.size).toBe(8)
  }, 1_500_000)

  it('are merged and entered into histories there', async () => {
    rmSync(join(rig.root, 'assets/orders.ts'))
    rig.write('assets/told.ts', rowsThatMerge(told(0, 60, 5)))
    await both([])
    rig.write('assets/told.ts', rowsThatMerge([...told(10, 15, 8, { amount: '7.77' }), ...told(20, 23, 3, { amount: '8.88' }), ...told(60, 64, 8)]))
    expect((await both([])).files).toEqual(['GET silver/history/_staging/x-places', 'GET silver/marked/_staging/x-places', 'PUT bronze/told'])
  }, 1_500_000)
})
