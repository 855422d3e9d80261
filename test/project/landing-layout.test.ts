import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { ProjectRig } from '../rig/project-rig.ts'
import { shop } from '../rig/shop.ts'

let rig: ProjectRig
afterEach(() => rig.remove())

const ORDERS = 'id,customer,amount,updated\n1,ann,10.50,2026-03-01\n'
const NOW = new Date('2026-03-05T06:00:00Z')
const run = (now = NOW) => rig.run([], { now })
const landed = () => readdirSync(rig.lake, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.csv')).sort()
const config = (landing: string) => rig.write('config/local.yaml', `sources: { dir: exports }\n${landing}\n`)
const orders = () => rig.rows('select order_id, customer from "bronze/shop_orders" order by 1')

describe('where batches lie', () => {
  it('[LND-01] is said by the configuration alone, also the layout of the description', async () => {
    rig = shop({ 'orders.csv': ORDERS })
    config('landing: { prefix: bronze }')
    const first = await run()
    expect(landed()).toEqual([`bronze/shop/orders/_proc_date=2026-03-05/run_id=${first.run}/orders.csv`])
    expect(await orders()).toEqual([{ order_id: '1', customer: 'ann' }])
    config("landing: { prefix: raw/in, template: '{proc_date}/{asset}/{run_id}' }")
    rig.write('exports/orders.csv', ORDERS.replace('ann', 'bob'))
    const second = await run()
    // What landed before stays where it is, and readable.
    expect(landed()).toEqual([`bronze/shop/orders/_proc_date=2026-03-05/run_id=${first.run}/orders.csv`, `raw/in/2026-03-05/landing/shop_orders/${second.run}/orders.csv`])
    expect([await orders(), (await rig.with(project => project.query('select customer from "landing/shop_orders"', { asOf: '0' }))).rows]).toEqual([[{ order_id: '1', customer: 'bob' }], [{ customer: 'ann' }]])
    expect((await run()).steps).toEqual([])
  })

  it('[LND-01] is without it the folder of the asset, a folder a run', async () => {
    rig = shop({ 'orders.csv': ORDERS })
    const { run: id } = await run()
    expect(landed()).toEqual([`landing/shop_orders/_proc_date=2026-03-05/run_id=${id}/orders.csv`])
  })

  it('must be within the lake, and a folder for each run', async () => {
    rig = shop({ 'orders.csv': ORDERS })
    for (const wrong of ['landing: { prefix: ../out }', 'landing: { prefix: /out }', "landing: { template: '{source}/{table}' }", "landing: { template: '{sauce}/{run_id}' }", "landing: { template: '../{run_id}' }"]) {
      config(wrong)
      await expect(run()).rejects.toMatchObject({ code: 'project/bad-config', place: { file: 'config/local.yaml', line: 2 } })
    }
  })
})

describe('a batch', () => {
  it('[LND-07] is seen only once its manifest is there: what a kill left half-written is read by nobody', async () => {
    rig = shop({ 'orders.csv': ORDERS })
    await run()
    const [batch] = landed()
    // As a run leaves it that is killed in the middle: files of which one is half, and a manifest that was not linked.
    const folder = join(rig.lake, 'landing/shop_orders/_proc_date=2026-03-06/run_id=killed')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'orders.csv'), ORDERS.slice(0, 40))
    cpSync(join(rig.lake, batch!), join(folder, 'whole.csv'))
    writeFileSync(join(rig.lake, 'landing/shop_orders/_manifests/00000000000000000001.json.half.tmp'), '{')
    expect([(await run()).steps, (await rig.rows('select count(*)::integer as n from "landing/shop_orders"'))[0]]).toEqual([[], { n: 1 }])
    rig.write('exports/orders.csv', `${ORDERS}2,bob,1,2026-03-02\n`)
    expect([(await run(new Date('2026-03-06T06:00:00Z'))).ok, await rig.rows('select _proc_date, count(*)::integer as n from "bronze/shop_orders" group by all order by all')]).toEqual([true, [{ _proc_date: '2026-03-05', n: 1 }, { _proc_date: '2026-03-06', n: 2 }]])
    const manifest = JSON.parse(readFileSync(join(rig.lake, 'landing/shop_orders/_manifests/00000000000000000001.json'), 'utf8')) as { files: { sha256: string; records: number }[] }
    expect(manifest.files).toMatchObject([{ records: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }])
  })

  it('[Q2-e] takes the same bytes once, under whatever name they come again, and says so', async () => {
    rig = shop({ 'orders.csv': ORDERS })
    await run()
    rig.write('exports/orders_copy.csv', ORDERS)
    const told: string[] = []
    expect((await rig.run([], { now: NOW, say: message => void told.push(message) })).steps).toEqual([])
    expect(told).toEqual(['landing/shop_orders: orders_copy.csv is skipped: its bytes are those of orders.csv'])
    rig.write('exports/orders-2.csv', ORDERS.replace('1,ann', '2,bob'))
    const said: string[] = []
    const { steps } = await rig.run([], { now: NOW, listen: event => void (event.type === 'log' && said.push(event.message)) })
    expect(steps[0]!.checks.find(({ check }) => check === 'no file comes twice')).toMatchObject({ passed: false, severity: 'warn', failingRows: 1 })
    expect([said, await orders()]).toEqual([['orders_copy.csv is skipped: its bytes are those of orders.csv'], [{ order_id: '1', customer: 'ann' }, { order_id: '2', customer: 'bob' }]])
    expect(landed().map(file => file.split('/').at(-1)).sort()).toEqual(['orders-2.csv', 'orders.csv', 'orders.csv'])
    expect(existsSync(join(rig.lake, 'meta'))).toBe(false)
  })
})
