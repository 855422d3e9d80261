import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { module, type ProjectRig } from '../rig/project-rig.ts'
import { shop } from '../rig/shop.ts'

const BRONZE = (write: string, more = '', columns = "[sql`_proc_date`, sql`_source_file`, sql`_source_row`]") => module('Asset, SqlAsset, Upstream, append, conform, merge, notNull, overwritePartition, scd2, sql, type QueryContext', `
import { Landed } from '../landing/shop_orders'
/** Orders as they were ever sent. */
@Asset({ key: 'bronze/shop_orders', contract: 'shop_orders_bronze', write: ${write}${more} })
export class Bronze extends SqlAsset {
  @Upstream(() => Landed) readonly raw!: Landed
  query({ contract }: QueryContext) { return conform(this.raw, contract, ${columns}) }
}`)

const HEADER = 'id,customer,amount,updated\n'
/** An order that changes, comes late, changes to nothing and back, is told twice, and goes. */
const DAYS = [
  'o1,ann,1,2026-03-01\no2,bob,2,2026-03-01\no3,cyd,3,2026-03-01\n',
  'o1,ann,,2026-03-03\no4,dan,4,2026-03-02\no2,bob,2,2026-03-01\n',
  'o1,ann,9,2026-03-02\no1,ann,1,2026-03-04\no3,eve,3,2026-03-03\n',
  'o5,fay,5,2026-03-05\n,gil,6,2026-03-05\no2,bob,7,2026-03-05\n',
]
/** Lets a run take in each day. */
const days = async (rig: ProjectRig, from = 0) => {
  for (const [i, rows] of DAYS.entries()) {
    if (i < from) continue
    rig.write('exports/orders.csv', `${HEADER}${rows}`)
    expect((await rig.run([], { now: new Date(`2026-03-0${i + 1}T06:00:00Z`) })).steps.filter(({ status }) => status === 'failed')).toEqual([])
  }
}

let rig: ProjectRig
const start = (write: string, more?: string, columns?: string) => {
  rig = shop({ 'orders.csv': `${HEADER}${DAYS[0]!}` }, { 'assets/bronze/shop_orders.ts': BRONZE(write, more, columns), 'assets/silver/orders.ts': '' })
}
const table = () => rig.rows('select * from "bronze/shop_orders" order by all')
const rejected = async () => (await rig.with(project => project.quarantined('bronze/shop_orders' as AssetKey))).map(({ rules, row, sourceFile, sourceRow }) => ({ rules, row, sourceFile, sourceRow }))
const NEXT = { now: new Date('2026-03-05T06:00:00Z') }
afterEach(() => rig.remove())

describe.each([
  ['merged by a stamp', 'merge({ on: [\'order_id\'], newerBy: \'updated\', ignoring: [\'_proc_date\', \'_source_file\', \'_source_row\'] })', ', checks: [notNull(\'order_id\', { onFail: \'quarantine\' })]'],
  ['read from a watermark on', 'merge({ on: [\'order_id\'], newerBy: \'updated\', ignoring: [\'_proc_date\', \'_source_file\', \'_source_row\'] })', ', incremental: { by: \'updated\', overlap: \'5d\' }, checks: [notNull(\'order_id\', { onFail: \'quarantine\' })]'],
  ['added to', 'append({ key: [\'order_id\', \'updated\'] })', ', checks: [notNull(\'order_id\', { onFail: \'quarantine\' })]'],
  ['laid out by day', 'overwritePartition({ by: [\'_proc_date\'] })', ''],
  ['a history by stamp', 'scd2({ on: [\'order_id\'], changedBy: \'updated\' })', ', checks: [notNull(\'order_id\', { onFail: \'quarantine\' })]', '[]'],
  ['a history by comparison that closes', 'scd2({ on: [\'order_id\'], compare: [\'amount\', \'customer\'], deletes: \'close\' })', ', checks: [notNull(\'order_id\', { onFail: \'quarantine\' })]', '[]'],
])('a table of what lands batch by batch, %s,', (_, write, more, columns?: string) => {
  it('comes to the same when it is made anew, and when it is lost', async () => {
    start(write, more, columns)
    const own = write.includes('compare') ? DAYS.map((rows, i) => (i === 2 ? rows.replace('o1,ann,9,2026-03-02\n', '') : rows)) : DAYS
    for (const [i, rows] of own.entries()) {
      rig.write('exports/orders.csv', `${HEADER}${rows}`)
      const { ok, steps } = await rig.run([], { now: new Date(`2026-03-0${i + 1}T06:00:00Z`) })
      expect([ok, steps.map(({ error }) => error).filter(Boolean)]).toEqual([true, []])
    }
    const [rows, aside] = [await table(), await rejected()]
    expect(new Set(rows.map(row => row['order_id'])).size).toBeGreaterThan(3)
    const said: string[] = []
    const anew = await rig.run(['bronze/shop_orders'], { ...NEXT, rebuild: true, listen: event => void (event.type === 'log' && said.push(event.message)) })
    expect(said).toContain('made anew from the 4 batches of landing/shop_orders, in the order in which they landed')
    expect(anew.steps.map(({ status }) => status)).toEqual(['materialized'])
    const [step] = anew.steps
    expect(step!.counts.read).toBe(step!.counts.accepted! + step!.counts.rejected + step!.counts.deduplicated!)
    expect([await table(), await rejected()]).toEqual([rows, aside])
    rmSync(join(rig.lake, 'bronze/shop_orders'), { recursive: true })
    rmSync(join(rig.lake, '_quarantine'), { recursive: true, force: true })
    expect((await rig.run([], NEXT)).steps.map(({ asset, status }) => [asset, status])).toEqual([['bronze/shop_orders', 'materialized']])
    expect([await table(), await rejected()]).toEqual([rows, aside])
    expect(rig.filesOf('bronze/shop_orders').filter(file => file.startsWith('_staging/'))).toEqual([])
    expect((await rig.run([], NEXT)).steps).toEqual([])
  })
})

it('a rebuild that comes out equal commits nothing', async () => {
  start('merge({ on: [\'order_id\'], newerBy: \'updated\', ignoring: [\'_proc_date\', \'_source_file\', \'_source_row\'] })', ', checks: [notNull(\'order_id\', { onFail: \'quarantine\' })]')
  await days(rig)
  const before = await rig.version('bronze/shop_orders')
  expect((await rig.run(['bronze/shop_orders'], { ...NEXT, rebuild: true })).steps.map(({ unchanged }) => unchanged)).toEqual([true])
  expect(await rig.version('bronze/shop_orders')).toBe(before)
})

it('a table that is declared later takes in all that has landed, by its own logic', async () => {
  start('append({ key: [\'order_id\', \'updated\'] })')
  await days(rig)
  rig.write('assets/bronze/totals.ts', module('Asset, SqlAsset, Upstream, merge, sql', `
import { Landed } from '../landing/shop_orders'
/** One row per customer. */
@Asset({ key: 'bronze/totals', write: merge({ on: ['customer'] }) })
export class Totals extends SqlAsset {
  @Upstream(() => Landed) readonly raw!: Landed
  query() { return sql\`select customer, count(*) as orders from \${this.raw} group by customer\` }
}`))
  await rig.run([], NEXT)
  expect((await rig.rows('select customer, orders from bronze.totals order by all')).map(row => Object.values(row))).toEqual([['ann', 2n], ['bob', 1n], ['cyd', 1n], ['dan', 1n], ['eve', 1n], ['fay', 1n], ['gil', 1n]].map(([name, count]) => [name, Number(count)]))
})

it('a batch whose files were taken away is told of, and the others are replayed', async () => {
  start('merge({ on: [\'order_id\'], newerBy: \'updated\' })', ', checks: [notNull(\'order_id\', { onFail: \'quarantine\' })]')
  await days(rig)
  rmSync(join(rig.lake, 'landing/shop_orders/_proc_date=2026-03-02'), { recursive: true })
  const said: string[] = []
  await rig.run(['bronze/shop_orders'], { ...NEXT, rebuild: true, listen: event => void (event.type === 'log' && said.push(event.message)) })
  expect(said).toEqual([
    'batch 1 of landing/shop_orders, of 2026-03-02, is no longer there: rows that it alone held are not in the table that is made anew, and stay in its version before',
    'made anew from the 3 batches of landing/shop_orders, in the order in which they landed',
  ])
  expect(await rig.rows('select distinct order_id from "bronze/shop_orders" order by all')).toEqual(['o1', 'o2', 'o3', 'o5'].map(order_id => ({ order_id })))
  expect((await rig.with(project => project.query('select count(*) as n from bronze.shop_orders where order_id = \'o4\'', { asOf: '3' }))).rows).toEqual([{ n: 1 }])
})

it('a promise that the replayed rows break keeps the table as it was', async () => {
  start('merge({ on: [\'order_id\'], newerBy: \'updated\' })', ', checks: [notNull(\'order_id\', { onFail: \'quarantine\' })]')
  await days(rig)
  const rows = await table()
  rig.write('assets/bronze/shop_orders.ts', BRONZE('merge({ on: [\'order_id\'], newerBy: \'updated\' })', ', checks: [notNull(\'order_id\', { onFail: \'quarantine\' }), notNull(\'amount\')]').replace('conform(this.raw, contract,', 'conform(this.raw, contract, '))
  rig.write('exports/orders.csv', `${HEADER}o9,zoe,,2026-03-09\n`)
  expect((await rig.run([], NEXT)).ok).toBe(false)
  expect((await rig.run(['bronze/shop_orders'], { ...NEXT, rebuild: true })).steps.map(({ status }) => status)).toEqual(['check-failed'])
  expect(await table()).toEqual(rows)
  expect(rig.filesOf('bronze/shop_orders').filter(file => file.startsWith('_staging/') && file.endsWith('.parquet'))).toEqual([])
})
