import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProjectRig } from '../rig/project-rig.ts'
import { rowsThatMerge, type Told } from '../rig/rows-that-merge.ts'
import { ROWS_STAY } from '../rig/rows-that-stay.ts'
import { jobsOnSpark } from './jobs-on-spark.ts'

const LAYERS = 'tables: { layers: { silver: { profile: modern }, gold: { profile: compat } } }\n'
const MADE = ['silver/marked', 'gold/written', 'silver/history', 'gold/states']
jobsOnSpark()
let rig: ProjectRig
let runs = 0

beforeAll(() => {
  rig = new ProjectRig({ 'config/there.yaml': ROWS_STAY + LAYERS, 'config/here.yaml': `engines: { default: duckdb }\n${LAYERS}` })
})
afterAll(() => rig.remove())

const lake = (profile: string) => join(rig.root, `lake-${profile}`)

/** Runs with one of the engines. @returns how the steps ended, what they counted, and what the tables are then, with their versions' numbers */
async function run(profile: 'here' | 'there', selection: readonly string[]) {
  const counts: Record<string, unknown> = {}
  const came: string[] = []
  const now = new Date(Date.UTC(2026, 1, 1 + runs))
  const { steps } = await rig.run(selection, { lake: lake(profile), profile, now, listen: event => {
    if (event.type === 'log' && /come here|held here/.test(event.message)) came.push(event.message)
    if (event.type === 'step-materialized') counts[event.materialization.asset] = [event.counts, event.materialization.rows]
  } })
  const tables = await rig.with(project => Promise.all(MADE.map(async key => [key, (await project.history(key as never, 1))[0]?.version, (await project.query(`select * from "${key}" order by all`)).rows])), { lake: lake(profile), profile, now })
  return { ended: { steps: steps.map(({ asset, status, error }) => [asset, status, error?.message]), counts, tables }, came }
}

/** Both engines are given the batch, and come to the same. @returns what Spark's run said of rows that came here */
async function both(batch: readonly Told[], keys: readonly string[], options: { readonly newer?: boolean; readonly city?: boolean } = {}): Promise<readonly string[]> {
  rig.write('assets/told.ts', rowsThatMerge(batch, options))
  const [here, there] = [await run('here', ['bronze/told', ...keys]), await run('there', ['bronze/told', ...keys])]
  expect(there.ended).toEqual(here.ended)
  runs += 1
  return there.came
}

const vectorsOf = (key: string) => rig.filesOf(`../lake-there/${key}`).filter(path => path.includes('deletion_vector'))
const told = (from: number, to: number, day: number, more: Partial<Told> = {}): Told[] => Array.from({ length: to - from }, (_, i) => ({ id: from + i, name: `Ünï ${from + i}`, amount: `${from + i}.25`, day, ...more }))

describe('batches that Spark merges where the rows are', () => {
  it('come to the rows, counts and versions that a laptop comes to; only what breaks a promise and the places of old rows come here', async () => {
    // What is there already a laptop made: some keys come twice, of which one is newer or, at the same instant, greater; one row breaks a promise.
    rig.write('assets/told.ts', rowsThatMerge([...told(0, 300, 5), ...told(290, 300, 4, { amount: '9.00' }), ...told(280, 285, 5, { amount: '999.00' }), { id: 1000, name: null, amount: '1.00', day: 5 }]))
    await run('here', ['bronze/told', ...MADE])
    cpSync(lake('here'), lake('there'), { recursive: true })
    runs += 1
    // A few rows: newer, older, equal and new ones, and some that come late for the history. What is complete lacks most keys.
    expect(await both([...told(10, 15, 8, { amount: '7.77' }), ...told(20, 23, 3, { amount: '8.88' }), ...told(30, 34, 5), ...told(300, 304, 8)], MADE)).toEqual([])
    expect([vectorsOf('silver/marked').length, vectorsOf('gold/written').length]).toEqual([1, 0])
  }, 1_500_000)

  it('are refused in the same words where keys have no value, or come twice with nothing to choose by', async () => {
    await both([...told(400, 402, 11, { city: 'Bern' }), { id: null, name: 'nobody', amount: '1.00', day: 11, city: 'Bern' }], ['silver/marked', 'silver/history'], { city: true })
    await both([...told(400, 402, 12, { city: 'Bern' }), ...told(400, 402, 12, { city: 'Basel' })], ['silver/marked', 'gold/written'], { city: true, newer: false })
  }, 1_500_000)
})
