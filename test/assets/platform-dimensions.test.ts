import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateSources } from '#resources/demo/five-systems'
import { inProject, ran } from './platform-rig.ts'

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'varve-dimensions-'))
  await generateSources({ customers: 60, seed: 3, dir: join(home, 'sources') })
})
afterAll(() => rm(home, { recursive: true, force: true }))

const make = (day: number) => inProject(home, day, project => project.materialize({ selection: ['+gold/fact_orders'] }, { signal: new AbortController().signal, listen: () => undefined }))
const rows = (sql: string) => inProject(home, 9, async project => (await project.query(sql)).rows)
const file = () => join(home, 'sources/snowflake_customers.csv')
const lines = () => readFileSync(file(), 'utf8').trimEnd().split('\n')

describe('[XF-SG-5] the dimensions', () => {
  let before: readonly Readonly<Record<string, unknown>>[]
  it('name each product and each day by a key of its own, and leave no day out', async () => {
    expect((await make(1)).ok).toBe(true)
    expect(await rows('select count(*) = count(distinct product_sk) as one from "gold/dim_product"')).toEqual([{ one: true }])
    expect(await rows('select count(*) = max(date) - min(date) + 1 as continuous, strftime(min(date), \'%m-%d\') as first, strftime(max(date), \'%m-%d\') as last from "gold/dim_date"')).toEqual([{ continuous: true, first: '01-01', last: '12-31' }])
    for (const { date, ...row } of await rows('select date::varchar as date, year, quarter, month, day, day_of_week, is_weekend from "gold/dim_date"')) {
      const day = new Date(`${date as string}T00:00:00Z`)
      const [month, weekday] = [day.getUTCMonth() + 1, day.getUTCDay() || 7]
      expect([date, row]).toEqual([date, { year: day.getUTCFullYear(), quarter: Math.ceil(month / 3), month, day: day.getUTCDate(), day_of_week: weekday, is_weekend: weekday > 5 }])
    }
    before = await rows('select product_sk, product_id from "gold/dim_product" order by all')
  })

  it('[XF-SG-4] are named by each order that counts, once, and no amount is lost', async () => {
    expect(await rows(`select count(*) = (select count(*) from "silver/orders_usd") as orders, sum(amount_usd) = (select sum(amount_usd) from "silver/orders_usd") as dollars from "gold/fact_orders"`)).toEqual([{ orders: true, dollars: true }])
    expect(await rows(`
      select fact.order_id
      from "gold/fact_orders" fact join "silver/orders_usd" orders using (order_id)
      left join "gold/dim_product" products using (product_sk) left join "gold/dim_date" days using (date_sk)
      left join (select distinct customer_sk, customer_id from "gold/dim_customer") customers using (customer_sk)
      where (customers.customer_id, products.product_id, days.date) is distinct from (orders.customer_id, orders.product_id, orders.order_date)`)).toEqual([])
  })

  it('[XF-SG-6] keep each state of a customer: a change closes and opens, a customer who is gone has no current state', async () => {
    const [header, first, second, ...others] = lines()
    const at = (name: string) => header!.split(',').indexOf(name)
    const changed = first!.split(',').map((value, i) => (i === at('customer_segment') ? 'ENTERPRISE' : i === at('updated_at') ? '2030-01-01 00:00:00' : value))
    const [kept, gone] = [first!.split(',')[at('customer_id')]!, second!.split(',')[at('customer_id')]!]
    writeFileSync(file(), `${[header, changed.join(','), ...others.filter(line => !line.startsWith(`${gone},`) && !line.startsWith(`${kept},`))].join('\n')}\n`)
    expect((await make(2)).ok).toBe(true)
    const states = (id: string) => rows(`select customer_segment, is_current, valid_to::date::varchar as until from "gold/dim_customer" where customer_id = '${id}' order by valid_from`)
    expect(await states(kept)).toMatchObject([{ is_current: false, until: '2030-01-01' }, { customer_segment: 'ENTERPRISE', is_current: true, until: null }])
    expect(await states(gone)).toMatchObject([{ is_current: false, until: '2026-11-24' }])
    expect(await rows('select count(*) - 1 = (select count(*) from "silver/customers") as closed from (select distinct customer_id from "gold/dim_customer")')).toEqual([{ closed: true }])
    expect(ran(await make(3))).toEqual([])
    const [unknown] = await rows(`select count(*) filter (customer_sk = -1)::integer as n, count(*) = count(distinct order_id) as once from "gold/fact_orders"`)
    expect(unknown).toEqual({ n: 0, once: true })
  })

  it('have the same keys when everything is made anew', async () => {
    const customers = await rows('select distinct customer_sk, customer_id from "gold/dim_customer" where is_current order by all')
    rmSync(join(home, 'lake'), { recursive: true })
    await make(4)
    expect(await rows('select product_sk, product_id from "gold/dim_product" order by all')).toEqual(before)
    expect(await rows('select distinct customer_sk, customer_id from "gold/dim_customer" where is_current order by all')).toEqual(customers)
  })
})
