import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProjectRig } from '../rig/project-rig.ts'
import { ROWS_STAY, rowsThatStay } from '../rig/rows-that-stay.ts'
import { jobsOnSpark } from './jobs-on-spark.ts'

const emr = jobsOnSpark()
let rig: ProjectRig

const HERE = 'engines: { default: duckdb }\n'

beforeAll(() => {
  rig = new ProjectRig({ 'config/there.yaml': ROWS_STAY, 'config/here.yaml': HERE })
})
afterAll(() => rig.remove())

/** How a run by one of the engines ended, what its promises found, and what was said of rows that came here. */
async function run(profile: 'here' | 'there') {
  const came: string[] = []
  const checks: Record<string, unknown> = {}
  const counts: Record<string, unknown> = {}
  const { steps } = await rig.run([], { lake: lake(profile), profile, listen: event => {
    if (event.type === 'log' && /come here|held here/.test(event.message)) came.push(event.message)
    if (event.type === 'step-checked') checks[`${event.result.asset} ${event.result.check}`] = [event.result.passed, event.result.failingRows, event.result.of, event.result.metric, event.result.sample?.map(row => Object.keys(row)), event.result.error]
    if (event.type === 'step-materialized') counts[event.materialization.asset] = [event.counts, event.materialization.rows]
  } })
  return { steps: steps.map(({ asset, status, error }) => [asset, status, error?.message]), checks, counts, came }
}

const lake = (profile: string) => join(rig.root, `lake-${profile}`)
const tables = (profile: string) => rig.with(async project => Promise.all(['bronze/orders', 'silver/named', 'silver/days', 'silver/log'].map(async key => (await project.query(`select * from "${key}" order by all`)).rows)), { lake: lake(profile), profile })

describe('rows that Spark makes', () => {
  it('stay where they are made, of overwritten, parted and grown tables; only those come here that break a promise', async () => {
    rig.write('assets/orders.ts', rowsThatStay(300, { nulls: true }))
    const first = await run('here')
    const there = await run('there')
    expect({ ...there, came: [] }).toEqual(first)
    expect(there.came).toEqual([expect.stringMatching(/^3 rows that break promises come here for the quarantine/)])
    expect(await tables('there')).toEqual(await tables('here'))
    rig.write('assets/orders.ts', rowsThatStay(400, { amount: '1.50', nulls: true }))
    expect({ ...(await run('there')), came: [] }).toEqual(await run('here'))
    expect(await tables('there')).toEqual(await tables('here'))
    expect(emr.server.jobs.size).toBe(8)
  }, 1_500_000)
})
