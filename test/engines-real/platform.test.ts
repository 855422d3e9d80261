import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunResult } from '../../framework/execution/run-result.ts'
import { openProject } from '../../framework/project/project.ts'
import { ROOT } from '../assets/platform-rig.ts'
import { EmrServer } from './emr-server.ts'
import { bringSources, contentsOf, DATA, tellTimes } from './platform-sources.ts'
import { WarmSpark } from './warm-spark.ts'

const NOW = new Date('2026-11-23T00:00:00Z')
const folder = mkdtempSync(join(tmpdir(), 'varve-engines-'))
const sources = join(folder, 'sources')
let spark: WarmSpark
let server: EmrServer

beforeAll(async () => {
  spark = new WarmSpark()
  server = await EmrServer.start({ submit: job => spark.submit(job) })
  Object.assign(process.env, { VARVE_PII_SALT: 'a salt for tests that is long enough 0123456789', EMR_APPLICATION_ID: 'app', EMR_ROLE_ARN: 'arn:aws:iam::1:role/varve', AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', EMR_SERVERLESS_ENDPOINT: server.endpoint })
  await bringSources(sources, { customers: 160 })
})

afterAll(async () => {
  spark.close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function made(lake: string, profile: string): Promise<{ readonly result: RunResult; readonly said: readonly string[] }> {
  const project = await openProject({ root: ROOT, lake: join(folder, lake), sources, now: NOW, profile })
  const said: string[] = []
  try {
    const result = await project.materialize({ selection: ['+gold/*'] }, { signal: new AbortController().signal, listen: event => void (event.type === 'log' && said.push(`${event.asset}: ${event.message}`)) })
    return { result, said }
  } finally {
    await project.close()
  }
}

// The events' addresses are hashed with a salt, which each profile has its own of; no job makes them.
async function contents(lake: string) {
  const project = await openProject({ root: ROOT, lake: join(folder, lake), sources, now: NOW })
  try {
    return await contentsOf(project, project.graph.keys.filter(key => project.graph.get(key).kind === 'sql' && key !== 'gold/behavior_events' && !key.startsWith('features/')))
  } finally {
    await project.close()
  }
}

describe('the whole platform', () => {
  it(`[${DATA}] gives the same rows in every table on Spark as on DuckDB, by one job a step`, async () => {
    const here = await made('here', 'local')
    const there = await made('there', 'prod')
    expect(there.result.steps.filter(({ status }) => status !== 'materialized').map(({ asset, status, error }) => [asset, status, error?.message.slice(0, 1500)])).toEqual([])
    const rows = await contents('here')
    expect(await contents('there')).toEqual(rows)
    // Landed files are read here; of all other tables those rows alone come here that the quarantine keeps.
    expect(there.said.filter(message => /come here|held here/.test(message) && !/^bronze\/|rows that break promises come here/.test(message))).toEqual([])
    tellTimes('Spark', rows, here.result, there.result)
    const asked = [...server.jobs.values()].map(({ asked: { name } }) => name).sort()
    expect(asked).toEqual(here.result.steps.map(({ asset }) => asset as string).filter(asset => !asset.startsWith('landing/') && asset !== 'gold/behavior_events').sort())
  }, 3_600_000)
})
