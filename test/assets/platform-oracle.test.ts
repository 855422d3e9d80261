import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateSources } from '#resources/demo/five-systems'
import { lakeViews } from './lake-views.ts'
import type { CheckResult } from '../../framework/vocabulary/check-result.ts'
import { ORACLE } from './platform-oracle.sql.ts'
import { materialize, SHARED } from './platform-rig.ts'
import { sourceViews } from './source-views.ts'

/** The full set takes ten seconds: VARVE_FULL=1 asks for it. */
const SETS = [
  { name: 'the sample', dir: join(SHARED, 'sample'), there: existsSync(join(SHARED, 'sample')) },
  { name: 'a generated set with all its dirt', dir: '', there: true },
  { name: 'the full set', dir: join(SHARED, 'full'), there: process.env['VARVE_FULL'] !== undefined && existsSync(join(SHARED, 'full')) },
]

describe.each(SETS.filter(({ there }) => there))('[Q13-b] [ARC-03] the platform on $name', ({ name, dir }) => {
  let home: string
  let database: DuckDBConnection
  let warnings: readonly CheckResult[]
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'varve-platform-'))
    const sources = dir || join(home, 'sources')
    if (!dir) await generateSources({ customers: 1_500, seed: 11, dir: sources })
    const run = await materialize(home, 0, sources)
    expect(run.steps.filter(({ status }) => status !== 'materialized')).toEqual([])
    warnings = run.steps.flatMap(({ checks }) => checks).filter(({ passed }) => !passed)
    database = await (await DuckDBInstance.create()).connect()
    for (const view of [...lakeViews(join(home, 'lake'), 'silver'), ...lakeViews(join(home, 'lake'), 'gold'), ...sourceViews(sources)]) await database.run(view)
    await database.run(ORACLE)
  }, 120_000)
  afterAll(() => rm(home, { recursive: true, force: true }))

  const rows = async (sql: string) => (await database.runAndReadAll(sql)).getRowObjectsJson()
  const one = async (sql: string) => Object.values((await rows(sql))[0]!)

  it('[XF-SG-1] has one row per customer, and what the oracle says of each', async () => {
    expect(await rows(`
      select ours.customer_id, oracle.customer_id as "oracle's"
      from "gold/customer_360" ours full join o_customer_360 oracle using (customer_id)
      where ours.customer_id is null or oracle.customer_id is null
        or (ours.country, ours.customer_segment, ours.account_name, ours.industry, ours.primary_contact_id) is distinct from (oracle.country, oracle.customer_segment, oracle.account_name, oracle.industry, oracle.primary_contact_id)
        or (ours.total_orders, ours.first_order_date, ours.last_order_date) is distinct from (oracle.total_orders, oracle.first_order_date, oracle.last_order_date)
        or (ours.total_events, ours.last_event_at::timestamp, ours.open_opportunities, ours.pipeline_usd) is distinct from (oracle.total_events, oracle.last_event_at, oracle.open_opportunities, oracle.pipeline_usd)
        or abs(ours.lifetime_value_usd - oracle.lifetime_value_usd) > 0.00501 or (ours.average_order_usd is null) is distinct from (oracle.average_order_usd is null) or abs(ours.average_order_usd - oracle.average_order_usd) > 0.00501
      limit 5`)).toEqual([])
    expect(await one('select count(*) = count(distinct customer_id) from "gold/customer_360"')).toEqual([true])
  })

  it('[XF-SG-3] says of each day and product what the oracle says', async () => {
    expect(await rows(`
      select ours.*, oracle.*
      from "gold/product_perf_daily" ours full join o_product_perf_daily oracle using (date, product_id)
      where (ours.order_count, ours.total_quantity, ours.unique_customers) is distinct from (oracle.order_count, oracle.total_quantity, oracle.unique_customers)
        or abs(ours.revenue_usd - oracle.revenue_usd) > 0.00501 or abs(ours.average_order_usd - oracle.average_order_usd) > 0.00501
      limit 5`)).toEqual([])
  })

  it('converts exactly the orders that the oracle converts, and puts those that count but could not be converted into quarantine', async () => {
    expect(await one('select (select count(*) from "silver/orders_usd") = (select count(*) from o_sales), (select abs(sum(amount_usd) - (select sum(usd) from o_sales)) < 0.01 from "silver/orders_usd")')).toEqual([true, true])
    const [left] = await one(`select count(*) from "silver/orders" where status <> 'CANCELLED' and not is_deleted and order_id not in (select order_id from "silver/orders_usd")`)
    const told = warnings.find(({ check }) => check === 'the order can be converted into dollars')
    expect(Number(left)).toBe(told?.failingRows ?? 0)
    expect(Number(left) > 0).toBe(dir === '')
  })

  it('[XF-BS-1] leaves no text untrimmed and no stamp unread that was there', async () => {
    expect(await one(`select
      (select count(*) from "silver/customers" where first_name <> trim(first_name) or last_name <> trim(last_name) or email <> lower(trim(email))),
      (select count(*) from "silver/crm_accounts" where account_name <> trim(account_name) or updated_at is null or created_at is null),
      (select count(*) from "silver/crm_contacts" where updated_at is null or created_at is null),
      (select count(*) from "silver/crm_opportunities" where updated_at is null or created_at is null or amount_usd is null),
      (select count(*) from "silver/orders" where order_date is null or ordered_at is null or amount is null or quantity is null),
      (select count(*) from "silver/behavior" where event_ts is null or customer_id is null), (select count(*) from "silver/order_events" where event_ts is null or customer_id is null)`)).toEqual(Array.from({ length: 7 }, () => '0'))
  })

  it('[XF-BS-2] has one row per key in every silver table, and none of the keys is lost', async () => {
    for (const [table, key, source, sourceKey] of [
      ['crm_accounts', 'account_id', 'crm_accounts', '"Id"'], ['crm_contacts', 'contact_id', 'crm_contacts', '"Id"'], ['crm_opportunities', 'opportunity_id', 'crm_opportunities', '"Id"'], ['customers', 'customer_id', 'snowflake_customers', 'customer_id'],
      ['orders', 'order_id', 'snowflake_orders', 'order_id'], ['products', 'product_id', 'snowflake_products', 'product_id'], ['behavior', 'event_id', 'redshift_behavior', 'behavior_id'], ['order_events', 'event_id', 'kafka_events', 'event_id'], ['user_actions', 'event_id', 'kafka_user_actions', 'event_id'],
    ]) {
      const [count, keys, lost] = await one(`select count(*), count(distinct ${key}), (select count(distinct ${sourceKey}) from ${source}) - count(*) from "silver/${table}"`)
      expect([table, count, lost]).toEqual([table, keys, '0'])
    }
  })

  it('[GOV-PII-5] shows no e-mail address, telephone number or family name of any customer in gold', async () => {
    expect(await rows(`
      select gold.customer_id
      from "gold/customer_360" gold join snowflake_customers raw using (customer_id)
      where contains(lower(gold::varchar), lower(trim(raw.email)))
         or (length(raw.phone) > 4 and contains(gold::varchar, trim(raw.phone)))
         or (length(trim(raw.last_name)) > 1 and contains(gold.full_name, trim(raw.last_name)))`)).toEqual([])
    expect(await one(`select count(*) from "gold/customer_360" where full_name is null`)).toEqual(['0'])
  })

  it.runIf(name === 'the sample')('[XF-SG-2] gives the figures that were computed elsewhere', async () => {
    expect(await one('select count(*), count(*) filter (total_orders > 0), sum(total_orders) from "gold/customer_360"')).toEqual(['162', '97', '1731'])
    expect(await one('select count(*), sum(order_count) from "gold/product_perf_daily"')).toEqual(['1730', '1731'])
    const [exact, rounded, revenue] = (await one('select sum(amount_usd), (select sum(lifetime_value_usd) from "gold/customer_360"), (select sum(revenue_usd) from "gold/product_perf_daily") from "silver/orders_usd"')).map(Number)
    expect(exact).toBeCloseTo(7_722_742.727, 3)
    expect(Math.abs(rounded! - 7_722_742.73)).toBeLessThan(1)
    expect(Math.abs(revenue! - 7_722_742.73)).toBeLessThan(1)
  })
})
