import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { stageDelete } from '../../framework/delta/row-changes.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { ProjectRig } from '../rig/project-rig.ts'
import { rowsInSlices, type Sold } from '../rig/rows-in-slices.ts'
import { ROWS_STAY } from '../rig/rows-that-stay.ts'
import { jobsOnSpark } from './jobs-on-spark.ts'

jobsOnSpark()
let rig: ProjectRig

const NOW = new Date('1970-01-03T00:00:00Z')
const LAYERS = 'tables: { layers: { silver: { profile: modern } } }\n'
const KEYS = ['silver/days', 'silver/hours', 'gold/clocks', 'gold/shops', 'gold/totals']

beforeAll(() => {
  rig = new ProjectRig({ 'config/there.yaml': ROWS_STAY + LAYERS, 'config/here.yaml': `engines: { default: duckdb }\n${LAYERS}` })
})
afterAll(() => rig.remove())

const SHOPS = ['north', 'south', 'east'] as const
/** A sale every twenty minutes, from two hours before 1970 on; every twentieth can't be read, one names no slice. */
const sales = (changed: Partial<Record<number, Partial<Sold>>> = {}): Sold[] => Array.from({ length: 120 }, (_, id) => ({
  id, at: id === 7 ? null : new Date((id - 6) * 20 * 60_000).toISOString(), shop: SHOPS[id % 3]!, amount: id % 20 === 19 ? `${id} euros` : `${id}.25`, ...changed[id],
}))

/** How a run by one of the engines ended, which slices came out as others, and what was said of rows that came here. */
async function run(profile: 'here' | 'there', more: { readonly force?: boolean; readonly partitions?: readonly string[]; readonly selection?: readonly string[] } = {}) {
  const { selection = [], ...rest } = more
  const came: string[] = []
  const made: Record<string, unknown> = {}
  const { steps } = await rig.run(selection, { lake: lake(profile), profile, now: NOW, ...rest, listen: event => {
    if (event.type === 'log' && /rows come here|held here/.test(event.message)) came.push(`${event.message}`)
    if (event.type === 'step-materialized') made[event.materialization.asset] = [event.materialization.partition, event.materialization.changed, event.materialization.rows, event.counts]
  } })
  return { steps: steps.map(({ asset, status, error }) => [asset, status, error?.message]), made, came }
}

const lake = (profile: string) => join(rig.root, `lake-${profile}`)
const told = (profile: 'here' | 'there') => rig.with(async project => Promise.all(KEYS.map(async key => [
  key, (await project.query(`select * from "${key}" order by all`)).rows, (await project.quarantined(key as never)).map(({ rules, row }) => [rules, row]).sort(),
])), { lake: lake(profile), profile, now: NOW })

/** Someone else deletes rows of a table in either lake, which its files are marked with. */
async function deleted(key: string, where: string): Promise<void> {
  for (const profile of ['here', 'there']) {
    const root = join(lake(profile), key)
    const database = await Database.open()
    const table = new DeltaTable(root, new LocalLogStore(root), database)
    const base = await table.snapshot()
    const { change } = await database.use(connection => stageDelete(connection, base, where))
    expect(change.adds.some(({ deletionVector }) => deletionVector)).toBe(true)
    expect((await table.commit(change, base, { operation: 'DELETE' })).status).toBe('committed')
    database.close()
  }
}

/** The same run by both engines, which has to come to the same. */
async function same(more: Parameters<typeof run>[1] = {}) {
  const [here, there] = [await run('here', more), await run('there', more)]
  expect.soft(there.steps).toEqual(here.steps)
  expect.soft(there.made).toEqual(here.made)
  expect.soft(there.came).toEqual([])
  expect.soft(await told('there')).toEqual(await told('here'))
  return here
}

describe('slices that Spark makes', () => {
  it('stay where they are made: whole tables, slices in the place of others, equal ones, more columns; what can\'t be read comes for the quarantine', async () => {
    rig.write('assets/sales.ts', rowsInSlices(sales()))
    const first = await same()
    expect(new Set(first.steps.map(([asset, status]) => `${asset} ${status}`))).toEqual(new Set(['bronze/sales', ...KEYS].map(key => `${key} materialized`)))
    // A sale before 1970 and one in the middle of an hour come out as others.
    rig.write('assets/sales.ts', rowsInSlices(sales({ 5: { amount: '1000.00' }, 44: { shop: 'east' }, 45: { amount: 'nothing' } })))
    const second = await same()
    expect((second.made as Record<string, readonly unknown[]>)['silver/hours']![1]).toContain('1969-12-31T23')
    // What is made once more and comes out as it was stays as it is.
    const again = await same({ force: true, selection: ['silver/days'], partitions: ['1970-01-01'] })
    expect((again.made as Record<string, readonly unknown[]>)['silver/days']!.slice(0, 2)).toEqual(['1970-01-01', ''])
    // The file of the slice has rows of other slices, some of which are marked as deleted: they stay away.
    await deleted('silver/days', 'id in (30, 100)')
    await same({ force: true, selection: ['silver/days'], partitions: ['1970-01-01'] })
    expect(await rig.with(async project => (await project.query('select id from silver.days where id in (30, 100)')).rows, { lake: lake('there'), profile: 'there', now: NOW })).toEqual([{ id: 30 }])
    rig.write('assets/sales.ts', rowsInSlices(sales({ 5: { amount: '1000.00' }, 60: { city: 'Ünna' } }), { city: true }))
    await same()
  }, 1_500_000)
})
