import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Watermarks } from '../../framework/definition/watermarks.ts'
import { watermarkMirror, type WatermarkRecord } from '../../framework/storage/watermark-mirror.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { module, type ProjectRig } from '../rig/project-rig.ts'
import { contract, shop } from '../rig/shop.ts'

let rig: ProjectRig
afterEach(() => rig.remove())

const BRONZE = module('Asset, SqlAsset, Upstream, conform, merge, notNull, type QueryContext', `
import { Landed } from '../landing/shop_orders'
/** One row per order, as the newest update tells it. */
@Asset({ key: 'bronze/shop_orders', contract: 'shop_orders_bronze', write: merge({ on: ['order_id'], newerBy: 'updated' }), incremental: { by: 'updated', overlap: '1d' }, checks: [notNull('customer')] })
export class Bronze extends SqlAsset {
  @Upstream(() => Landed) readonly raw!: Landed
  query({ contract }: QueryContext) { return conform(this.raw, contract) }
}`)
const SILVER = module('Asset, SqlAsset, Upstream, sql', `
import { Bronze } from '../bronze/shop_orders'
@Asset({ key: 'silver/orders' })
export class Orders extends SqlAsset {
  @Upstream(() => Bronze) readonly raw!: Bronze
  query() { return sql\`select order_id, customer from \${this.raw}\` }
}`)
const CONTRACT = contract({ columns: JSON.parse(contract().replace('"date"', '"timestamptz"')).columns })

const HEAD = 'id,customer,amount,updated\n'
const file = (rows: Readonly<Record<string, string>>) => HEAD + Object.entries(rows).map(([id, rest]) => `${id},${rest}\n`).join('')
const FIRST = { 1: 'ann,1,2026-03-01T08:00:00Z', 2: 'bob,2,2026-03-04T10:00:00Z', 3: 'cat,3,2026-02-01T10:00:00Z' }
const begin = (exports: Readonly<Record<string, string>> = { 'orders.csv': file(FIRST) }) => shop(exports, { 'assets/bronze/shop_orders.ts': BRONZE, 'assets/silver/orders.ts': SILVER, 'config/schema_definitions/shop_orders_bronze.json': CONTRACT })
const run = (day: number, more: Parameters<ProjectRig['run']>[1] = {}) => rig.run([], { now: new Date(Date.UTC(2026, 2, day, 6)), ...more })
const state = () => JSON.parse(readFileSync(join(rig.lake, '_state/shop_orders.json'), 'utf8')) as WatermarkRecord
const amounts = async () => Object.fromEntries((await rig.rows('select order_id, amount::integer as amount from "bronze/shop_orders" order by 1')).map(row => [row['order_id'], row['amount']]))
const bronze = (result: Awaited<ReturnType<ProjectRig['run']>>) => result.steps.find(({ asset }) => asset === 'bronze/shop_orders')!

describe('an asset that reads only what is new', () => {
  it('[SRC-CRM-5] [Q1-a] reads all at first, then what was stamped since the watermark less the overlap', async () => {
    rig = begin()
    expect(bronze(await run(5)).counts).toMatchObject({ rowsIn: 3, rowsOut: 3 })
    rig.write('exports/orders.csv', file({ ...FIRST, 1: 'ann,11,2026-03-05T07:00:00Z', 4: 'dan,4,2026-03-05T08:00:00Z' }))
    // Row 2 is in the overlap; row 3 is not looked at again.
    expect(bronze(await run(6)).counts).toMatchObject({ rowsIn: 3, rowsOut: 2, accepted: 3 })
    expect(await amounts()).toEqual({ 1: 11, 2: 2, 3: 3, 4: 4 })
    expect((await run(6)).steps).toEqual([])
  })

  it('[Q1-c] loses none of the rows that share the newest stamp, and doubles none', async () => {
    rig = begin()
    await run(5)
    rig.write('exports/orders.csv', file({ ...FIRST, 9: 'eve,9,2026-03-04T10:00:00Z' }))
    await run(6)
    expect([await amounts(), await rig.rows('select count(*)::integer as n from "silver/orders"')]).toEqual([{ 1: 1, 2: 2, 3: 3, 9: 9 }, [{ n: 4 }]])
  })

  it('[Q1-d] lists what was stamped too long ago to be read, and takes it in when that is asked for', async () => {
    rig = begin()
    await run(5)
    rig.write('exports/orders.csv', file({ ...FIRST, 3: 'cat,33,2026-02-27T10:00:00Z', 7: 'lou,7,2026-02-20T00:00:00Z' }))
    const late = bronze(await run(6))
    expect(late.checks.find(({ check }) => check === 'nothing of the source is missing')).toMatchObject({ passed: false, severity: 'warn', failingRows: 2, sample: [{ order_id: '3' }, { order_id: '7' }] })
    expect(await amounts()).toEqual({ 1: 1, 2: 2, 3: 3 })
    await rig.run(['bronze/shop_orders'], { force: true, now: new Date('2026-03-06T07:00:00Z') })
    expect([await amounts(), state().watermark]).toEqual([{ 1: 1, 2: 2, 3: 33, 7: 7 }, '2026-03-04T10:00:00.000Z'])
    rig.write('exports/orders.csv', file({ ...FIRST, 3: 'cat,33,2026-02-27T10:00:00Z', 7: 'lou,7,2026-02-20T00:00:00Z', 8: 'kim,8,2026-03-06T00:00:00Z' }))
    expect(bronze(await run(7)).checks.find(({ check }) => check === 'nothing of the source is missing')).toMatchObject({ passed: true, failingRows: 0 })
  })

  it('[Q1-d] [Q14-c] reads a range of stamps again, keeps the newer state of a row, and leaves the watermark and all else', async () => {
    rig = begin()
    await run(5)
    rig.write('exports/orders.csv', file({ 1: 'old,0,2026-02-20T08:00:00Z', 3: 'cat,33,2026-02-27T10:00:00Z', 7: 'lou,7,2026-02-20T00:00:00Z', 8: 'kim,8,2026-02-28T00:00:00Z', 9: 'new,9,2026-03-07T00:00:00Z' }))
    const range = { between: { from: '2026-02-20', to: '2026-02-28' } }
    const result = await rig.run(['landing/shop_orders'], { now: new Date('2026-03-08T06:00:00Z') }).then(() => rig.run(['bronze/shop_orders'], { ...range, now: new Date('2026-03-08T06:00:00Z') }))
    expect([result.steps.map(({ asset, causes }) => [asset, causes[0]]), bronze(result).counts, await amounts(), state().watermark]).toMatchObject([
      [['bronze/shop_orders', { code: 'forced', stamped: { from: '2026-02-20T00:00:00.000Z', to: '2026-02-28T00:00:00.000Z' } }]],
      { rowsIn: 3, accepted: 3, rejected: 0, rowsOut: 2 }, { 1: 1, 2: 2, 3: 33, 7: 7 }, '2026-03-04T10:00:00.000Z',
    ])
    // What is missing still is what nobody asked for.
    expect(bronze(result).checks.find(({ check }) => check === 'nothing of the source is missing')).toMatchObject({ passed: false, sample: [{ order_id: '8' }, { order_id: '9' }] })
    // Again it changes nothing, and of what is behind the watermark the next run takes in all.
    expect(bronze(await rig.run(['bronze/shop_orders'], { ...range, now: new Date('2026-03-08T06:00:00Z') }))).toMatchObject({ unchanged: true })
    await rig.run(['bronze/shop_orders'], { between: { from: '2026-03-06T00:00:00Z', to: '2026-03-08' }, now: new Date('2026-03-08T06:00:00Z') })
    expect([await amounts(), state().watermark]).toEqual([{ 1: 1, 2: 2, 3: 33, 7: 7, 9: 9 }, '2026-03-04T10:00:00.000Z'])
    rig.write('exports/orders.csv', file({ ...FIRST, 4: 'dan,4,2026-03-05T00:00:00Z' }))
    await run(9)
    expect([await amounts(), state().watermark]).toEqual([{ 1: 1, 2: 2, 3: 33, 4: 4, 7: 7, 9: 9 }, '2026-03-07T00:00:00.000Z'])
  })

  it('[Q14-c] reads all in place of a range where it was never read, or by other logic, and does no range over again after a failure but that one', async () => {
    rig = begin()
    const range = { between: { from: '2026-02-01', to: '2026-02-02' }, now: new Date('2026-03-05T06:00:00Z') }
    await rig.run(['landing/shop_orders'], { now: range.now })
    await rig.run(['bronze/shop_orders'], range)
    expect([await amounts(), state().watermark]).toEqual([{ 1: 1, 2: 2, 3: 3 }, '2026-03-04T10:00:00.000Z'])
    rig.write('exports/orders.csv', file({ 3: ',33,2026-02-01T11:00:00Z', 8: 'kim,8,2026-01-01T00:00:00Z' }))
    await rig.run(['landing/shop_orders'], { now: range.now })
    const failed = await rig.run(['bronze/shop_orders'], range)
    expect(bronze(failed)).toMatchObject({ status: 'check-failed' })
    rig.write('exports/orders.csv', file({ 3: 'cat,34,2026-02-01T11:00:00Z', 8: 'kim,8,2026-01-01T00:00:00Z' }))
    await rig.run(['landing/shop_orders'], { now: range.now })
    const again = await rig.with(project => project.retry(failed.run, { signal: new AbortController().signal, listen: () => {} }), { now: range.now })
    expect([again.ok, await amounts()]).toEqual([true, { 1: 1, 2: 2, 3: 34 }])
    await expect(rig.run(['bronze/shop_orders'], { between: { from: '2026-02-30', to: '2026-03-02' } })).rejects.toMatchObject({ code: 'project/no-instant' })
    await expect(rig.run(['bronze/shop_orders'], { between: { from: '2026-03-02', to: '2026-03-02' } })).rejects.toMatchObject({ code: 'partitions/inverted-range' })
    await expect(rig.run(['silver/orders'], { between: { from: '2026-03-01', to: '2026-03-02' } })).rejects.toMatchObject({ code: 'project/nothing-has-slices' })
  })

  it('reads all again once its logic changed', async () => {
    rig = begin()
    await run(5)
    rig.write('config/schema_definitions/shop_orders_bronze.json', contract({ version: '1.1.0', columns: [...JSON.parse(CONTRACT).columns, { name: 'tier', type: 'varchar' }] }))
    rig.write('exports/orders.csv', file(FIRST).replaceAll('Z\n', 'Z,gold\n').replace('updated', 'updated,tier'))
    await run(6)
    expect(await rig.rows('select order_id, tier from "bronze/shop_orders" order by 1')).toEqual([1, 2, 3].map(id => ({ order_id: String(id), tier: 'gold' })))
  })

  it('keeps rows without a stamp, and is not led into the future by one that is wrong', async () => {
    rig = begin({ 'orders.csv': file({ ...FIRST, 5: 'fay,5,9999-12-31T00:00:00Z', 6: 'gil,6,' }) })
    await run(5)
    expect([state().watermark, await amounts()]).toEqual(['2026-03-04T10:00:00.000Z', { 1: 1, 2: 2, 3: 3, 5: 5, 6: 6 }])
    rig.write('exports/orders.csv', file({ ...FIRST, 5: 'fay,5,9999-12-31T00:00:00Z', 6: 'gil,6,', 7: 'lou,7,2026-03-05T00:00:00Z' }))
    await run(6)
    expect(await amounts()).toEqual({ 1: 1, 2: 2, 3: 3, 5: 5, 6: 6, 7: 7 })
  })

  it('must merge', async () => {
    rig = begin()
    rig.write('assets/bronze/shop_orders.ts', BRONZE.replace(/write: merge\(.*?\}\), /, ''))
    await expect(run(5)).rejects.toMatchObject({ code: 'definition/incremental-needs-merge' })
  })
})

describe('the watermark', () => {
  it('[LND-05] [Q1-b] is in the same commit as the data, and mirrored for people', async () => {
    rig = begin()
    const { run: id } = await run(5)
    const commit = readFileSync(join(rig.lake, 'bronze/shop_orders/_delta_log/00000000000000000000.json'), 'utf8')
    expect(commit).toContain('"watermark":"2026-03-04T10:00:00.000Z"')
    expect(state()).toEqual({ source: 'shop_orders', watermark: '2026-03-04T10:00:00.000Z', updated_at: '2026-03-05T06:00:00.000Z', version: 0, run_id: id, table: 'bronze/shop_orders', column: 'updated' })
    expect(new Watermarks(join(rig.lake, '_state')).since('shop_orders')).toEqual(new Date('2026-03-04T10:00:00Z'))
    expect(readdirSync(join(rig.lake, '_state/_history/shop_orders'))).toEqual(['00000000000000000000.json'])
  })

  it('[LND-05] stays where it is when the write of bronze fails', async () => {
    rig = begin()
    await run(5)
    const before = state()
    rig.write('exports/orders.csv', file({ ...FIRST, 4: ',4,2026-03-05T08:00:00Z' }))
    expect(bronze(await run(6))).toMatchObject({ status: 'check-failed' })
    expect(state()).toEqual(before)
    rig.write('exports/orders.csv', file({ ...FIRST, 4: 'dan,4,2026-03-05T08:00:00Z' }))
    await run(6)
    expect([state().watermark, (await amounts())['4']]).toEqual(['2026-03-05T08:00:00.000Z', 4])
  })

  it('[LND-05] is not moved back by a run that comes late, nor by two at once', async () => {
    rig = begin()
    await run(5)
    const mirror = watermarkMirror(rig.lake, 'shop_orders')
    const at = (version: number, watermark: string): WatermarkRecord => ({ ...state(), version, watermark, table: 'bronze/shop_orders' as AssetKey })
    await Promise.all([3, 1, 2].map(version => mirror.write(at(version, `2026-03-0${version + 4}T00:00:00.000Z`))))
    expect(state()).toMatchObject({ version: 3, watermark: '2026-03-07T00:00:00.000Z' })
    await mirror.write(at(2, '2026-03-06T00:00:00.000Z'))
    expect(state()).toMatchObject({ version: 3 })
    await mirror.restore(at(0, '2026-03-04T10:00:00.000Z'))
    rig.write('exports/orders.csv', file({ ...FIRST, 4: 'dan,4,2026-03-05T08:00:00Z' }))
    const both = await Promise.all([run(6), run(6)])
    expect([both.map(({ ok }) => ok), state().watermark, (await amounts())['4']]).toEqual([[true, true], '2026-03-05T08:00:00.000Z', 4])
  })

  it('[Q14-d] is told again by the table when the mirror and the state are lost', async () => {
    rig = begin()
    await run(5)
    rig.write('exports/orders.csv', file({ ...FIRST, 4: 'dan,4,2026-03-05T08:00:00.123456Z' }))
    await run(6)
    const before = state()
    rmSync(join(rig.lake, '_state'), { recursive: true })
    expect(await rig.with(project => project.rebuildState())).toMatchObject({ watermarks: 1 })
    expect([state(), before.watermark]).toEqual([before, '2026-03-05T08:00:00.123456Z'])
    // What an older framework committed has none: then the rows tell it.
    const log = join(rig.lake, 'bronze/shop_orders/_delta_log')
    for (const name of readdirSync(log).filter(name => name.endsWith('.json'))) writeFileSync(join(log, name), readFileSync(join(log, name), 'utf8').replaceAll(/,?"watermark":"[^"]*"/g, ''))
    await rig.with(project => project.rebuildState())
    expect([state().watermark, existsSync(join(rig.lake, '_state/shop_orders.json'))]).toEqual([before.watermark, true])
  })
})
