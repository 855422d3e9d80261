import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { tableRows } from '../rig/lake-table.ts'
import type { ProjectRig } from '../rig/project-rig.ts'
import { COLUMNS, contract, shop } from '../rig/shop.ts'

let rig: ProjectRig
afterEach(() => rig.remove())

const written = () => (existsSync(rig.lake) ? readdirSync(rig.lake) : [])

const PLAIN = 'id,customer,amount,updated\n1,ann,10.50,2026-03-01\n2,bob,20.00,2026-03-01\n'
const WIDER = 'id,customer,amount,updated,loyalty_tier\n1,ann,10.50,2026-03-01,GOLD\n2,bob,20.00,2026-03-02,Silver 7\n'
const NOW = new Date('2026-03-05T06:00:00Z')

/** Every drift record of the lake, with the folder of its day. */
const drifts = (folder = 'meta/schema_drift'): Record<string, unknown>[] => {
  const at = join(rig.lake, folder)
  return existsSync(at) ? readdirSync(at).flatMap(day => readdirSync(join(at, day)).map(file => ({ day, ...(JSON.parse(readFileSync(join(at, day, file), 'utf8')) as Record<string, unknown>) }))) : []
}
const keptAside = (place = 'bronze/_unknown_cols/shop/orders') => tableRows(join(rig.lake, place), 'key, unknown, run_id, source_file, source_row::int as source_row', 'order by sha256, source_row')
const ingestion = (text: string) => rig.write('config/local.yaml', `sources: { dir: exports }\ningestion: ${text}\n`)
const columnsOf = async (table: string) => (await rig.with(project => project.query(`select * from "${table}"`))).columns.map(({ name }) => name)
const TYPED = ['order_id', 'customer', 'amount', 'updated', '_cast_failed', '_proc_date']

it('a file is read by the very name it has, whatever that would mean as a pattern', async () => {
  rig = shop({ 'orders[12].csv': 'id,customer,amount,updated\n1,ann,10.50,2026-01-01\n', 'orders1.csv': 'id,customer,amount,updated\n2,eve,1.00,2026-01-01\n', 'orders*.jsonl': '{"id":"3","customer":"joe"}\n' })
  expect((await rig.run([], { now: NOW })).ok).toBe(true)
  expect(await tableRows(join(rig.lake, 'silver/orders'), 'order_id, customer', 'order by order_id')).toEqual([{ order_id: '1', customer: 'ann' }, { order_id: '2', customer: 'eve' }, { order_id: '3', customer: 'joe' }])
})

describe('a file with a column that its contract does not know', () => {
  it('[LND-04] [Q3-c] has what is known in bronze and the other values kept aside, with key and run, while the run only warns', async () => {
    rig = shop({ 'orders.csv': WIDER })
    const { ok, run, steps } = await rig.run([], { now: NOW })
    expect(ok).toBe(true)
    expect(steps.find(({ asset }) => asset === 'landing/shop_orders')!.checks).toMatchObject([{ check: 'columns are as shop_orders_bronze says', severity: 'warn', passed: false, failingRows: 2 }])
    expect(await columnsOf('bronze/shop_orders')).toEqual(TYPED)
    expect(await keptAside()).toEqual([
      { key: '{"order_id":"1"}', unknown: '{"loyalty_tier":"GOLD"}', run_id: run, source_file: 'orders.csv', source_row: 1 },
      { key: '{"order_id":"2"}', unknown: '{"loyalty_tier":"Silver 7"}', run_id: run, source_file: 'orders.csv', source_row: 2 },
    ])
  })

  it('[Q3-d] is recorded once, with what is different and no value of it', async () => {
    rig = shop({ 'orders.csv': WIDER })
    const { run } = await rig.run([], { now: NOW })
    const record = {
      day: '2026-03-05', version: 1, source: 'shop', table: 'orders', asset: 'landing/shop_orders', contract: { name: 'shop_orders_bronze', version: '1.0.0' }, run_id: run, detected_at: '2026-03-05T06:00:00.000Z',
      file: 'orders.csv', sha256: expect.stringMatching(/^[0-9a-f]{64}$/), rows: 2, mode: 'schema_on_write', on_unknown_column: 'quarantine',
      added: ['loyalty_tier'], missing: [], type_changed: [], renamed: [], case_only: [], sample: { loyalty_tier: ['XXXX', 'Xxxxxx 9'] },
    }
    expect(drifts()).toEqual([record])
    await rig.run([], { now: new Date('2026-03-06T06:00:00Z') })
    await rig.run(['bronze/*'], { now: new Date('2026-03-06T06:00:00Z'), force: true })
    rig.write('exports/orders-2.csv', PLAIN.replaceAll('ann', 'eve'))
    await rig.run([], { now: new Date('2026-03-07T06:00:00Z') })
    expect([drifts(), (await keptAside()).length]).toEqual([[record], 2])
  })

  it('[Q3-a] is taken as the configuration says: kept aside, dropped, refused, or read as it is', async () => {
    const seen = async (configured: string) => {
      rig = shop({ 'orders.csv': WIDER })
      ingestion(configured)
      const outcome = await rig.run([], { now: NOW }).then(({ ok }) => ok, (error: { code: string }) => error.code)
      const columns = existsSync(join(rig.lake, 'bronze/shop_orders')) ? (await columnsOf('bronze/shop_orders')).slice(TYPED.length) : []
      const all = [outcome, columns, (await keptAside()).length, drifts().length]
      if (outcome === 'landing/unknown-column') expect(written()).toEqual([])
      rig.remove()
      return all
    }
    expect(await seen('{ mode: schema_on_write, on_unknown_column: quarantine }')).toEqual([true, [], 2, 1])
    expect(await seen('{ mode: schema_on_write, on_unknown_column: drop }')).toEqual([true, [], 0, 1])
    expect(await seen('{ mode: schema_on_write, on_unknown_column: fail }')).toEqual(['landing/unknown-column', [], 0, 0])
    for (const rule of ['quarantine', 'drop', 'fail']) expect(await seen(`{ sources: { shop: { mode: schema_on_read, on_unknown_column: ${rule} } } }`)).toEqual([true, ['loyalty_tier'], 0, 1])
    expect(await seen('{ on_unknown_column: fail, sources: { shop: { on_unknown_column: drop }, shop/orders: { on_unknown_column: quarantine } } }')).toEqual([true, [], 2, 1])
  })

  it('[Q3-e] is in bronze as text where it is read and not written by schema, and what reads bronze warns', async () => {
    rig = shop({ 'orders.csv': WIDER })
    ingestion('{ mode: schema_on_read }')
    const { ok, steps } = await rig.run([], { now: NOW })
    expect([ok, await rig.rows('select order_id, loyalty_tier from "bronze/shop_orders" order by order_id')]).toEqual([true, [{ order_id: '1', loyalty_tier: 'GOLD' }, { order_id: '2', loyalty_tier: 'Silver 7' }]])
    expect(steps.find(({ asset }) => asset === 'silver/orders')!.checks.map(({ check, passed, severity, failingRows }) => [check, passed, severity, failingRows])).toEqual(expect.arrayContaining([
      ['bronze/shop_orders has the columns that shop_orders_bronze knows', false, 'warn', 1],
      ['bronze/shop_orders has what shop_orders_bronze requires', true, 'warn', 0],
    ]))
    rig.write('exports/orders.csv', 'id,amount\n1,10.50\n')
    const second = await rig.run([], { now: NOW })
    expect([second.ok, second.steps.find(({ asset }) => asset === 'silver/orders')!.checks.find(({ check }) => check.endsWith('requires'))]).toMatchObject([true, { passed: false, failingRows: 1 }])
  })

  it('goes to the places that the configuration names', async () => {
    rig = shop({ 'orders.csv': WIDER })
    ingestion('{ unknown_columns: kept/unknown, drift: kept/drift }')
    await rig.run([], { now: NOW })
    expect([(await keptAside('kept/unknown/shop/orders')).length, drifts('kept/drift').length, existsSync(join(rig.lake, 'meta')), existsSync(join(rig.lake, 'bronze/_unknown_cols'))]).toEqual([2, 1, false, false])
  })

  it('is refused a place outside of the lake, with file and line', async () => {
    rig = shop({ 'orders.csv': WIDER })
    rig.write('config/local.yaml', 'sources: { dir: exports }\ningestion:\n  drift: ../elsewhere\n')
    await expect(rig.run()).rejects.toMatchObject({ code: 'project/bad-config', place: { file: 'config/local.yaml', line: 3 } })
  })
})

describe('a file whose columns are otherwise not as they were', () => {
  it('[Q3-d] is read where a column is gone, was given another name, type or capitals, and each is recorded', async () => {
    rig = shop({ 'orders.csv': 'id,CUSTOMER,amuont,updated\n1,ann,10.50,yes\n2,bob,20.00,no\n' })
    expect((await rig.run([], { now: NOW })).ok).toBe(true)
    expect(drifts()).toMatchObject([{
      added: ['amuont'], missing: ['amount'], renamed: [{ from: 'amount', to: 'amuont' }], case_only: [{ from: 'customer', to: 'CUSTOMER' }], type_changed: [{ column: 'updated', from: 'date', to: 'text' }], sample: { amuont: ['99.99'], updated: ['xxx', 'xx'] },
    }])
    expect(await rig.rows('select order_id, customer, amount, updated, _cast_failed from "bronze/shop_orders" order by order_id')).toEqual([
      { order_id: '1', customer: 'ann', amount: null, updated: null, _cast_failed: '{"updated":"yes"}' },
      { order_id: '2', customer: 'bob', amount: null, updated: null, _cast_failed: '{"updated":"no"}' },
    ])
    expect((await keptAside()).map(({ unknown }) => unknown)).toEqual(['{"amuont":"10.50"}', '{"amuont":"20.00"}'])
    // What can't be typed is in silver's quarantine, with the text that it was.
    expect(await tableRows(join(rig.lake, '_quarantine/silver/orders'), 'rules', 'order by row')).toEqual([{ rules: ['cast_failed:updated'] }, { rules: ['cast_failed:updated'] }])
  })

  it('[LND-03] is refused before anything is written where a required column is gone', async () => {
    rig = shop({ 'orders.csv': 'id,amount\n1,10.50\n' })
    await expect(rig.run()).rejects.toMatchObject({ code: 'landing/missing-required-column', missing: ['customer'] })
    expect(written()).toEqual([])
  })

  it('is found to have the keys of all its JSON objects, not only of the first', async () => {
    const lines = Array.from({ length: 6_000 }, (_, i) => JSON.stringify({ id: String(i), customer: 'somebody with a name of some length', amount: i, updated: '2026-03-01', ...(i === 5_999 && { late: 'x' }) }))
    rig = shop({ 'orders.jsonl': `${lines.join('\n')}\n` })
    expect((await rig.run([], { now: NOW })).ok).toBe(true)
    expect([drifts().map(record => record['added']), await keptAside()]).toMatchObject([[['late']], [{ key: '{"order_id":"5999"}', unknown: '{"late":"x"}', source_row: 6000 }]])
  })
})

describe('the next version of a contract', () => {
  it('[Q11-a] [XF-ST-3] may add a column that may be null: the rows that are there have none, new ones are filled', async () => {
    rig = shop({ 'orders.csv': PLAIN })
    await rig.run([], { now: NOW })
    rig.write('config/schema_definitions/shop_orders_bronze.json', contract({ version: '1.1.0', columns: [...COLUMNS, { name: 'loyalty_tier', type: 'varchar' }] }))
    rig.write('exports/orders.csv', WIDER)
    expect((await rig.run([], { now: new Date('2026-03-06T06:00:00Z') })).ok).toBe(true)
    expect(await rig.rows('select _proc_date, order_id, loyalty_tier from "bronze/shop_orders" order by all')).toEqual([
      { _proc_date: '2026-03-05', order_id: '1', loyalty_tier: null }, { _proc_date: '2026-03-05', order_id: '2', loyalty_tier: null },
      { _proc_date: '2026-03-06', order_id: '1', loyalty_tier: 'GOLD' }, { _proc_date: '2026-03-06', order_id: '2', loyalty_tier: 'Silver 7' },
    ])
    expect([drifts(), await keptAside()]).toEqual([[], []])
  })
})
