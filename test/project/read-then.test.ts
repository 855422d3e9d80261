import { afterEach, describe, expect, it } from 'vitest'
import { module, type ProjectRig } from '../rig/project-rig.ts'
import { shop } from '../rig/shop.ts'

let rig: ProjectRig
afterEach(() => rig.remove())

const SILVER = (checks = 'castable(), primaryKey(\'order_id\'), notNull(\'amount\', { onFail: \'quarantine\' })') => module('Asset, SqlAsset, Upstream, castable, choosing, notNull, primaryKey, sql', `
import { Bronze } from '../bronze/shop_orders'
@Asset({ key: 'silver/orders', checks: [${checks}] })
export class Orders extends SqlAsset {
  @Upstream(() => Bronze) readonly raw!: Bronze
  query() {
    const newest = sql\`select order_id, customer, amount, updated, _cast_failed from \${this.raw} where _proc_date = (select max(_proc_date) from \${this.raw})\`
    return choosing({ rows: newest, key: ['order_id'] }, sql\`
      select order_id, upper(trim(customer)) as customer, amount, updated, _cast_failed
      from (\${newest}) as delivered
      qualify row_number() over (partition by order_id order by updated desc, amount desc nulls last, customer) = 1\`)
  }
}`)
const GOLD = module('Asset, Check, SqlAsset, Upstream, primaryKey, sql', `
import { Orders } from '../silver/orders'
@Asset({ key: 'gold/customers', checks: [primaryKey('customer')] })
export class Customers extends SqlAsset {
  @Upstream(() => Orders) readonly orders!: Orders
  query() { return sql\`select customer, count(*) as orders, sum(amount) as amount, max(updated) as updated from \${this.orders} where customer is not null group by customer\` }
  @Check() everyCustomerIsThere() { return sql\`select customer from \${this.orders} where customer is not null except select customer from \${this}\` }
}`)
const STATES = module('Asset, SqlAsset, Upstream, primaryKey, scd2, sql', `
import { Customers } from './customers'
@Asset({ key: 'gold/states', write: scd2({ on: ['customer'], compare: 'all', deletes: 'close' }), checks: [primaryKey(['customer', 'valid_from'])] })
export class States extends SqlAsset {
  @Upstream(() => Customers) readonly customers!: Customers
  query() { return sql\`select customer, orders, amount from \${this.customers}\` }
}`)

const DAYS = module('Asset, SqlAsset, Upstream, daily, notNull, primaryKey, sql', `
import { Orders } from './orders'
@Asset({ key: 'silver/by_day', partitions: daily({ column: 'updated', start: '2026-01-01', open: true }), batch: 'all', checks: [primaryKey('order_id')] })
export class ByDay extends SqlAsset {
  @Upstream(() => Orders) readonly orders!: Orders
  query() { return sql\`select order_id, customer, amount, updated from \${this.orders} where amount > 20\` }
}`)
const SALES = module('Asset, SqlAsset, Upstream, daily, primaryKey, sql', `
import { ByDay } from '../silver/by_day'
@Asset({ key: 'gold/sales', partitions: daily({ column: 'day', start: '2026-01-01', open: true }), batch: 'all', checks: [primaryKey(['day', 'customer'])] })
export class Sales extends SqlAsset {
  @Upstream(() => ByDay) readonly orders!: ByDay
  query() { return sql\`select updated as day, customer, count(*) as orders, sum(amount) as amount from \${this.orders} group by updated, customer\` }
}`)

const begin = (config: string, silver = SILVER()) => shop({ 'orders.csv': file(FIRST) }, { 'assets/silver/orders.ts': silver, 'assets/gold/customers.ts': GOLD, 'assets/gold/states.ts': STATES, 'assets/silver/by_day.ts': DAYS, 'assets/gold/sales.ts': SALES, 'config/local.yaml': `sources: { dir: exports }\ntables: { partsFrom: 1, layers: { ${config} } }\n` })
const file = (rows: Readonly<Record<string, string>>) => `id,customer,amount,updated\n${Object.entries(rows).map(([id, rest]) => `${id.replace(/#.*/, '')},${rest}\n`).join('')}`
const FIRST = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`o${i}`, `ann ${i % 7},${i},2026-03-01`]))
const exported = (rows: Readonly<Record<string, string>>) => rig.write('exports/orders.csv', file(rows))
let day = 5
const run = (more: Parameters<ProjectRig['run']>[1] = {}, selection: string[] = []) => rig.run(selection, { now: new Date(Date.UTC(2026, 2, (day += 1), 6)), ...more })
const step = ({ steps }: Awaited<ReturnType<ProjectRig['run']>>, asset: string) => steps.find(each => each.asset === asset)!
const tables = async () => ({ silver: await rig.rows('select * from "silver/orders" order by all'), gold: await rig.rows('select * from "gold/customers" order by all'), open: await rig.rows('select customer, orders, amount from "gold/states" where is_current order by all') })
const slices = async () => ({ silver: await rig.rows('select * from "silver/by_day" order by all'), gold: await rig.rows('select * from "gold/sales" order by all') })
const slicesByHand = async () => ({
  silver: await rig.rows('select order_id, customer, amount, updated from "silver/orders" where amount > 20 order by all'),
  gold: await rig.rows('select updated as day, customer, count(*) as orders, sum(amount) as amount from "silver/orders" where amount > 20 group by all order by all'),
})
/** What the tables are when all of them is made again, but for histories, which remember when they were told. */
const whole = async () => {
  const states = await rig.rows('select * from "gold/states" order by all')
  const forced = await run({ force: true }, ['silver/orders', 'gold/customers', 'gold/states'])
  return { ...(await tables()), forced, states, statesThen: await rig.rows('select * from "gold/states" order by all') }
}

describe.each([['files that are written anew', ''], ['deletion vectors', 'bronze: { profile: modern }, silver: { profile: modern }, gold: { profile: modern }']])('tables that are made as a whole, over %s', (_, config) => {
  it('are made in part where a part changed, and tell of the rows that they read', async () => {
    rig = begin(config)
    await run()
    exported({ ...FIRST, o3: 'ann 3,33,2026-03-04', o99: 'new,1,2026-03-04', 'o3#2': 'ann 3,30,2026-03-02' })
    const second = await run()
    expect(step(second, 'silver/orders').counts).toEqual({ read: 3, accepted: 2, rejected: 0, deduplicated: 1, rowsIn: 3, rowsOut: 2 })
    expect(step(second, 'gold/customers').counts).toMatchObject({ read: 2, accepted: 2, rowsOut: 2 })
    const made = await tables()
    expect(made.silver).toHaveLength(31)
    const { forced, states, statesThen, ...all } = await whole()
    expect(all).toEqual(made)
    expect(statesThen).toEqual(states)
    expect(forced.steps.map(({ asset, unchanged }) => [asset, unchanged])).toEqual([['silver/orders', true], ['gold/customers', true], ['gold/states', true]])
  })

  it('come to the same after any history of changes', async () => {
    rig = begin(config)
    await run()
    let known: Record<string, string> = { ...FIRST }
    let seed = 11
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    for (let round = 0; round < 5; round += 1) {
      for (let n = random(6); n >= 0; n -= 1) known[`o${random(40)}`] = `ann ${random(9)},${random(100)},2026-03-0${1 + random(8)}`
      if (random(2) === 0) known = Object.fromEntries(Object.entries(known).filter(([id]) => id !== `o${random(40)}`))
      exported(known)
      await run()
      const made = await tables()
      const { forced: _forced, states, statesThen, ...all } = await whole()
      expect(all).toEqual(made)
      expect(statesThen).toEqual(states)
    }
  })

  it('are made in part where they are cut into slices, and say which of those came out otherwise', async () => {
    rig = begin(config)
    await run()
    exported({ ...FIRST, o23: 'ann 2,50,2026-03-01', o24: 'ann 3,24,2026-03-04' })
    const second = await run()
    expect(step(second, 'silver/by_day')).toMatchObject({ partition: '2026-01-01..9999-12-31', counts: { accepted: 2, rowsOut: 2 } })
    expect(step(second, 'gold/sales')).toMatchObject({ partition: '2026-03-01, 2026-03-04', counts: { accepted: 2, rowsOut: 2 } })
    expect(await slices()).toEqual(await slicesByHand())
    exported({ ...FIRST, o23: 'ann 2,50,2026-03-01', o24: 'ann 3,24,2026-03-04', o1: 'ann 1,19,2026-03-07' })
    const third = await run()
    expect([step(third, 'silver/by_day').counts?.accepted, step(third, 'gold/sales').status]).toEqual([0, 'fresh'])
  }, 300_000)

  it('come to the same slice by slice, whichever of them are made and when', async () => {
    rig = begin(config)
    await run()
    let known: Record<string, string> = { ...FIRST }
    let seed = 5
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    for (let round = 0; round < 5; round += 1) {
      for (let n = random(5); n >= 0; n -= 1) known[`o${random(40)}`] = `ann ${random(4)},${random(60)},2026-03-0${1 + random(6)}`
      if (random(2) === 0) known = Object.fromEntries(Object.entries(known).filter(([id]) => id !== `o${random(40)}`))
      exported(known)
      const day = `2026-03-0${1 + random(6)}`
      const first = random(3) === 0 ? 'a slice' : random(3) === 0 ? 'silver' : 'nothing'
      if (first === 'a slice') {
        await run({}, ['+silver/orders'])
        await run({ partitions: [day] }, ['silver/by_day'])
        await run({ partitions: [day] }, ['gold/sales'])
      } else if (first === 'silver') {
        await run({}, ['+silver/by_day'])
      }
      if (random(3) > 0) {
        await run()
        expect(await slices()).toEqual(await slicesByHand())
      }
    }
    await run()
    expect(await slices()).toEqual(await slicesByHand())
  }, 300_000)

  it('are made as a whole where a row is rejected, and while one is kept aside', async () => {
    rig = begin(config)
    await run()
    exported({ ...FIRST, o4: 'ann 4,,2026-03-04' })
    expect(step(await run(), 'silver/orders').counts).toMatchObject({ read: 30, accepted: 29, rejected: 1 })
    exported({ ...FIRST, o5: 'ann 5,6,2026-03-04' })
    expect(step(await run(), 'silver/orders').counts).toMatchObject({ read: 30, accepted: 30, rejected: 0 })
    exported({ ...FIRST, o5: 'ann 5,7,2026-03-04' })
    expect(step(await run(), 'silver/orders').counts).toMatchObject({ read: 1, accepted: 1 })
  })
})

it('a key that two rows come to share is found out, though they are made apart', async () => {
  rig = begin('', SILVER().replace('select order_id, upper(trim(customer)) as customer', 'select upper(order_id) as order_id, customer'))
  await run()
  exported({ ...FIRST, O3: 'ann,33,2026-03-04' })
  expect(step(await run(), 'silver/orders')).toMatchObject({ status: 'check-failed' })
})
