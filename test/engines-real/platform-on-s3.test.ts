import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openProject, type Project } from '../../framework/project/project.ts'
import { DisturbedProxy } from '../rig/disturbed-proxy.ts'
import { CREDENTIALS, Moto, REGION } from './moto.ts'

const NOW = new Date('2026-03-01T06:00:00Z')
let moto: Moto
let proxy: DisturbedProxy
let home: string

beforeAll(async () => {
  moto = await Moto.start('enterprise-lake')
  proxy = await DisturbedProxy.before(moto.endpoint)
  home = mkdtempSync(join(tmpdir(), 'varve-platform-'))
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey, AWS_REGION: REGION, AWS_ENDPOINT_URL_S3: proxy.endpoint })) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
  await proxy.stop()
  await moto.stop()
})

async function onLake<T>(lake: string, work: (project: Project) => Promise<T>): Promise<T> {
  const project = await openProject({ root: process.cwd(), lake, sources: join(home, 'sources'), now: NOW })
  try {
    return await work(project)
  } finally {
    await project.close()
  }
}

const materialized = (lake: string) => onLake(lake, project => project.materialize({ selection: ['+gold/customer_360'] }, { signal: new AbortController().signal, listen: () => {} }))

const tables = (lake: string) => onLake(lake, async project => {
  const made = await project.select(['+gold/customer_360'])
  const all = made.map(key => `select '${key}' as key, count(*)::int as rows, md5(string_agg(to_json(t)::varchar, '\n' order by to_json(t)::varchar)) as digest from "${key}" as t`)
  return (await project.query(`${all.join(' union all ')} order by key`)).rows
})

it('[LND-01] the platform holds the same rows in a bucket as in a folder, and a plan that finds nothing to do makes at most two requests a table', async () => {
  const remote = `s3://enterprise-lake/test/${Date.now()}`
  try {
    await onLake(join(home, 'lake'), project => project.generateDemo({ customers: 60, seed: 3, dir: join(home, 'sources') }))
    expect((await materialized(join(home, 'lake'))).ok).toBe(true)
    const { ok, steps } = await materialized(remote)
    expect(ok).toBe(true)
    expect(await tables(remote)).toEqual(await tables(join(home, 'lake')))
    proxy.take()
    expect((await materialized(remote)).steps).toEqual([])
    expect(proxy.take().length).toBeLessThanOrEqual(2 * steps.length)
  } finally {
    for (const folder of await onLake(remote, async project => project.mirror ? [join(project.mirror, '..')] : [])) rmSync(folder, { recursive: true, force: true })
  }
})
