import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { Database } from '../../framework/duckdb/database.ts'
import type { RunResult } from '../../framework/execution/run-result.ts'
import { openProject } from '../../framework/project/project.ts'
import { ROOT } from '../assets/platform-rig.ts'
import { EmrServer, type AskedJob } from '../engines-real/emr-server.ts'

const NOW = new Date('2026-11-23T00:00:00Z')
const folder = mkdtempSync(join(tmpdir(), 'varve-jobs-'))
let database: Database
let server: EmrServer

/** Stands in for Spark: the rows are those that DuckDB made in the other lake. */
async function answered({ jobDriver }: AskedJob): Promise<{ readonly code: number }> {
  const spec = JSON.parse(readFileSync(jobDriver.sparkSubmit.entryPointArguments[0]!, 'utf8')) as { readonly name: string; readonly columns: readonly { readonly name: string }[]; readonly staging: string; readonly result: string }
  const root = join(folder, 'here', spec.name)
  const snapshot = await new DeltaTable(root, new LocalLogStore(root), database).snapshot()
  const held = new Set(snapshot.schema.fields.map(({ name }) => name))
  const columns = spec.columns.map(({ name }) => (held.has(name) ? `"${name}"` : `null::varchar as "${name}"`)).join(', ')
  const relation = await snapshot.scanSql()
  const current = held.has('is_current') ? ' where is_current' : ''
  await database.use(connection => connection.run(`copy (select ${columns} from (${relation})${current}) to '${spec.staging}' (format parquet, per_thread_output)`))
  const files = await database.use(connection => connection.json<{ file: string }>(`select file from glob('${spec.staging}/*.parquet')`))
  writeFileSync(spec.result, JSON.stringify({ version: 1, ok: true, files: files.map(({ file }) => ({ path: file, bytes: 0 })), milliseconds: 1, spark: '0' }))
  return { code: 0 }
}

beforeAll(async () => {
  database = await Database.open()
  server = await EmrServer.start({ submit: answered })
  Object.assign(process.env, { VARVE_PII_SALT: 'a salt for tests that is long enough 0123456789', EMR_APPLICATION_ID: 'app', EMR_ROLE_ARN: 'arn:aws:iam::1:role/varve', EMR_ROWS_STAY: 'false', AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', EMR_SERVERLESS_ENDPOINT: server.endpoint })
})

afterAll(async () => {
  await server.stop()
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

async function made(lake: string, profile: string): Promise<RunResult> {
  const project = await openProject({ root: ROOT, lake: join(folder, lake), sources: join(folder, 'sources'), now: NOW, profile })
  try {
    if (profile === 'local') await project.generateDemo({ customers: 500, seed: 1, dir: join(folder, 'sources'), signal: new AbortController().signal })
    return await project.materialize({ selection: ['+gold/*'] }, { signal: new AbortController().signal, listen: () => undefined })
  } finally {
    await project.close()
  }
}

describe('the whole platform, by jobs on other machines', () => {
  it('is translated as a whole, with one job for each query and no second run of what is made', async () => {
    expect((await made('here', 'local')).ok).toBe(true)
    const { steps } = await made('there', 'prod')
    expect(steps.filter(({ status }) => status !== 'materialized').map(({ asset, status, error }) => [asset, status, error?.message])).toEqual([])
    expect([...server.jobs.values()].map(({ asked }) => asked.name).sort()).toEqual(steps.map(({ asset }) => asset as string).filter(asset => !asset.startsWith('landing/') && asset !== 'gold/behavior_events').sort())
    const before = server.calls.length
    expect((await made('there', 'prod')).steps).toEqual([])
    expect(server.calls.length).toBe(before)
  }, 300_000)
})
