import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest'
import { generateSources } from '#resources/demo/five-systems'
import { inProject, materialize, ran } from './platform-rig.ts'

let first: string
beforeAll(async () => {
  first = await mkdtemp(join(tmpdir(), 'varve-day-one-'))
  await generateSources({ customers: 120, seed: 5, dir: join(first, 'sources') })
  expect((await materialize(first, 1)).ok).toBe(true)
})
afterAll(() => rm(first, { recursive: true, force: true }))

/** A copy of the lake and the sources as they were after the first day. */
let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'varve-day-two-'))
  // Once the log is closed, its file alone is the whole state; SQLite's own files beside it may go at any time.
  await cp(first, home, { recursive: true, preserveTimestamps: true, filter: path => !/-(wal|shm)$/.test(path) })
})
afterEach(() => rm(home, { recursive: true, force: true }))

const rows = (sql: string, asOf?: string) => inProject(home, 2, async project => (await project.query(sql, { asOf })).rows)
const edit = (file: string, change: (lines: string[]) => string[]) => {
  const path = join(home, 'sources', file)
  writeFileSync(path, `${change(readFileSync(path, 'utf8').trimEnd().split('\n')).join('\n')}\n`)
}
/** Makes another row of the first: with other values in the columns that are given. */
const change = (file: string, changes: Readonly<Record<string, string>>) => edit(file, ([header, first, ...lines]) => {
  const changed = header!.split(',').map((name, i) => changes[name] ?? first!.split(',')[i])
  return [header!, changed.join(','), ...lines]
})
const withHeader = (change: (lines: string[]) => string[]) => ([header, ...lines]: string[]) => [header!, ...change(lines)]

describe('the second day', () => {
  it('runs nothing where nothing came', async () => {
    expect(ran(await materialize(home, 2))).toEqual([])
  })

  it('[SRC-FX-3] runs only what reads exchange rates after one of them was touched', async () => {
    edit('fx_rates.csv', withHeader(([line, ...lines]) => [line!.replace(/[\d.]+$/, '0.5'), ...lines]))
    const run = await materialize(home, 2)
    expect(run.steps.map(({ asset }) => asset).sort()).toEqual(['bronze/fx_rates', 'gold/customer_360', 'gold/fact_orders', 'gold/product_perf_daily', 'landing/fx_rates', 'silver/fx_daily', 'silver/fx_rates', 'silver/orders_usd'])
    expect(ran(run)).toEqual(expect.arrayContaining(['bronze/fx_rates', 'landing/fx_rates', 'silver/fx_daily', 'silver/fx_rates']))
  })

  it('[SRC-FX-3] makes of gold by the day just the day whose rate was corrected, and leaves all other days as they are', async () => {
    const lines = readFileSync(join(home, 'sources/fx_rates.csv'), 'utf8').trimEnd().split('\n').slice(1)
    const [busy] = await rows(`select order_date::varchar as day, currency, count(*)::integer as n from "silver/orders_usd" where currency <> 'USD' and rate_date = order_date group by all order by n desc, day, currency limit 1`)
    const { day, currency } = busy as { day: string; currency: string }
    expect(lines.filter(line => line.startsWith(`${day},USD,${currency},`))).toHaveLength(1)
    const others = `select date::varchar as date, product_id, order_count, total_quantity, revenue_usd, average_order_usd, unique_customers from "gold/product_perf_daily" where date <> '${day}' order by all`
    const [of, before] = [(each: string) => `select sum(revenue_usd)::varchar as usd from "gold/product_perf_daily" where date = '${each}'`, await rows(others)]
    const revenue = await rows(of(day))
    edit('fx_rates.csv', withHeader(all => all.map(line => (line.startsWith(`${day},USD,${currency},`) ? line.replace(/[\d.]+$/, '0.0271') : line))))
    await inProject(home, 2, project => project.materialize({ selection: ['+silver/orders_usd'] }, { signal: new AbortController().signal, listen: () => undefined }))
    expect((await inProject(home, 2, project => project.plan({ selection: ['gold/product_perf_daily'] }))).steps.map(({ asset, partition, causes }) => [asset, partition, causes.map(cause => [cause.code, cause.slices])])).toEqual([['gold/product_perf_daily', day, [['data', day]]]])
    const run = await materialize(home, 2)
    const made = run.steps.filter(({ status }) => status === 'materialized')
    expect(made.map(({ asset, partition }) => [asset, partition]).sort()).toEqual([['gold/customer_360', undefined], ['gold/fact_orders', undefined], ['gold/product_perf_daily', day]])
    expect([await rows(others), (await rows(of(day)))[0]!['usd'] !== revenue[0]!['usd']]).toEqual([before, true])
    expect(ran(await materialize(home, 2))).toEqual([])
  })

  it('[SRC-FX-3] makes an order that was added on its own day only, also where that is today or lies ahead', async () => {
    for (const day of ['2026-11-24', '2030-01-02']) {
      edit('snowflake_orders.csv', ([head, ...lines]) => {
        const names = head!.split(',')
        const changes: Readonly<Record<string, string>> = { order_id: `ORD-${day}`, order_date: day, status: 'COMPLETED', op: 'I', is_deleted: 'false', currency: 'USD' }
        const order = lines[0]!.split(',').map((value, i) => changes[names[i]!] ?? value)
        return [head!, ...lines, order.join(',')]
      })
      const run = await materialize(home, 2)
      expect(run.steps.find(({ asset }) => asset === 'gold/product_perf_daily')).toMatchObject({ status: 'materialized', partition: day })
      expect(await rows(`select order_count::integer as n from "gold/product_perf_daily" where date = '${day}'`)).toEqual([{ n: 1 }])
    }
  })

  it('[SRC-FX-2] updates a corrected rate in place, and one that is sent again not at all', async () => {
    const before = await rows('select count(*) as n from "bronze/fx_rates"')
    edit('fx_rates.csv', withHeader(lines => [...lines, lines[7]!, lines[9]!]))
    expect(ran(await materialize(home, 2))).toEqual(['bronze/fx_rates (unchanged)', 'landing/fx_rates'])
    edit('fx_rates.csv', withHeader(lines => lines.map((line, i) => (i === 7 ? line.replace(/[\d.]+$/, '77.5') : line)).slice(0, 9)))
    await materialize(home, 2)
    expect(await rows('select count(*) as n from "bronze/fx_rates"')).toEqual(before)
    expect(await rows('select count(*)::integer as n from "bronze/fx_rates" where fx_rate = 77.5')).toEqual([{ n: 1 }])
  })

  it('stops at a bronze table that comes out equal, though the file did not', async () => {
    for (const file of ['crm_accounts.csv', 'crm_contacts.csv', 'crm_opportunities.csv', 'redshift_behavior.csv', 'kafka_events.csv']) edit(file, withHeader(lines => lines.toReversed()))
    expect(ran(await materialize(home, 2))).toEqual([
      'bronze/crm_accounts (unchanged)', 'bronze/crm_contacts (unchanged)', 'bronze/crm_opportunities (unchanged)', 'bronze/kafka_events (unchanged)', 'bronze/redshift_behavior (unchanged)',
      'landing/crm_accounts', 'landing/crm_contacts', 'landing/crm_opportunities', 'landing/kafka_events', 'landing/redshift_behavior',
    ])
  })

  it('[Q1-e] lets a newer contact replace the one that is there, and an older one not', async () => {
    const header = readFileSync(join(home, 'sources/crm_contacts.csv'), 'utf8').split('\n')[0]!.split(',')
    const contact = (id: string, title: string, modified: string) => header.map(name => ({ Id: id, AccountId: 'CUST-000001', Title: title, LastModifiedDate: modified })[name] ?? '').join(',')
    edit('crm_contacts.csv', ([head]) => [head!, contact('CONT-00000001', 'FROM THE FUTURE', '2030-01-01'), contact('CONT-00000002', 'FROM THE PAST', '2001-01-01')])
    const all = await rows('select count(*) as n from "silver/crm_contacts"')
    await materialize(home, 2)
    expect(await rows(`select contact_id from "silver/crm_contacts" where title like 'FROM%'`)).toEqual([{ contact_id: 'CONT-00000001' }])
    expect(await rows('select count(*) as n from "silver/crm_contacts"')).toEqual(all)
  })

  it('[SRC-CRM-2] [SRC-CRM-3] keeps a contact without an account and an opportunity at odds with its stage, and warns of both', async () => {
    change('crm_contacts.csv', { Id: 'CONT-99999999', AccountId: 'NOPE', LastModifiedDate: '2026-11-24' })
    change('crm_opportunities.csv', { Id: 'OPP-99999999', StageName: 'CLOSED_WON', IsClosed: 'True', IsWon: 'False', LastModifiedDate: '2026-11-24' })
    const { ok, steps } = await materialize(home, 2)
    const broken = steps.flatMap(({ checks }) => checks).filter(({ passed }) => !passed).map(({ asset, check, failingRows }) => [asset, check, failingRows])
    expect(ok).toBe(true)
    expect(broken).toEqual(expect.arrayContaining([['silver/crm_contacts', 'account_id is found in its other table', 1], ['silver/crm_opportunities', 'closedAndWonAgreeWithTheStage', 1]]))
    expect(await rows(`select account_id from "bronze/crm_contacts" where contact_id = 'CONT-99999999'`)).toEqual([{ account_id: 'NOPE' }])
  })

  it('[XF-BS-1] [XF-BS-3] [XF-BS-6] puts what cannot be read into quarantine, each row with its rules and its value, and loses none', async () => {
    change('crm_contacts.csv', { Id: 'CONT-99999998', EngagementScore: 'very', LastModifiedDate: '2026-11-24' })
    change('crm_accounts.csv', { Id: '', AnnualRevenue: '1', LastModifiedDate: '2026-11-24' })
    change('snowflake_orders.csv', { order_id: 'ORD-99999999', total_amount: '12.5O', order_date: '31/31/2026' })
    change('redshift_behavior.csv', { behavior_id: 'BEH-99999998', event_timestamp: 'yesterday' })
    change('kafka_events.csv', { event_id: 'half', value: '{""order_id"": ""ORD-1""' })
    change('fx_rates.csv', { trade_date: 'someday' })
    const { ok, steps } = await materialize(home, 2)
    expect(ok).toBe(true)
    const aside = await inProject(home, 2, async project => {
      const summaries = await project.quarantine()
      return Object.fromEntries(await Promise.all(summaries.map(async ({ key }) => [key, (await project.quarantined(key)).map(({ rules, row }) => [rules, row['_cast_failed']])])))
    })
    expect(aside).toMatchObject({
      'bronze/crm_accounts': [[['account_id is never null'], null]],
      'bronze/fx_rates': [[['rate_date is never null'], '{"rate_date":"someday"}']],
      'silver/crm_contacts': [[['cast_failed:engagement_score'], '{"engagement_score":"very"}']],
      'silver/orders': [[['cast_failed:order_date', 'cast_failed:total_amount'], expect.stringContaining('12.5O') as string]],
      'silver/behavior': [[['event_ts is never null', 'cast_failed:event_ts'], '{"event_ts":"yesterday"}']],
      'silver/order_events': [[['cast_failed:value'], expect.stringContaining('ORD-1') as string]],
    })
    for (const { asset, counts } of steps.filter(({ asset }) => asset.startsWith('bronze/'))) expect([asset, counts.accepted! + counts.rejected + counts.deduplicated!]).toEqual([asset, counts.rowsIn])
    expect(await rows(`select count(*)::integer as n from "silver/orders" where order_id = 'ORD-99999999'`)).toEqual([{ n: 0 }])
    expect(await rows(`select count(*)::integer as n from "bronze/snowflake_orders" where order_id = 'ORD-99999999' and total_amount is null`)).toEqual([{ n: 1 }])
  })

  it('[XF-BS-2] [XF-BS-6] accounts in every silver table for each row that it read: accepted, rejected or a duplicate', async () => {
    for (const file of ['snowflake_orders.csv', 'snowflake_customers.csv', 'snowflake_products.csv']) edit(file, withHeader(([one, two, ...lines]) => [one!, two!, two!, ...lines, one!]))
    change('snowflake_orders.csv', { order_id: 'ORD-99999999', total_amount: '12.5O' })
    change('fx_rates.csv', { fx_rate: 'none' })
    change('crm_accounts.csv', { LastModifiedDate: '2026-11-24', AnnualRevenue: 'much' })
    change('kafka_events.csv', { event_id: 'half', value: 'half' })
    const { ok, steps } = await materialize(home, 2)
    expect(ok).toBe(true)
    const counts = Object.fromEntries(steps.filter(({ asset, status }) => asset.startsWith('silver/') && status === 'materialized').map(({ asset, counts: { read, accepted, rejected, deduplicated } }) => [asset, { read, accepted, rejected, deduplicated }]))
    expect(Object.entries(counts).filter(([, { read, accepted, rejected, deduplicated }]) => accepted! + rejected + deduplicated! !== read)).toEqual([])
    const n = async (from: string) => Number((await rows(`select count(*)::integer as n from ${from}`))[0]!['n'])
    const doubled = async (table: string, key: string) => (await n(newest(table))) - (await n(`(select distinct ${key} from ${newest(table)})`))
    const newest = (table: string) => `"bronze/${table}" where _proc_date = (select max(_proc_date) from "bronze/${table}")`
    expect(counts).toMatchObject({
      'silver/customers': { read: await n(newest('snowflake_customers')), accepted: await n('"silver/customers"'), rejected: 0, deduplicated: await doubled('snowflake_customers', 'customer_id') },
      'silver/products': { read: await n(newest('snowflake_products')), accepted: await n('"silver/products"'), rejected: 0, deduplicated: await doubled('snowflake_products', 'product_id') },
      'silver/orders': { read: await n(newest('snowflake_orders')), accepted: await n('"silver/orders"'), rejected: 1, deduplicated: await doubled('snowflake_orders', 'order_id') },
      'silver/fx_rates': { read: await n('(select 1 from "bronze/fx_rates" union all select 1 from "bronze/fx_rates_historical")'), accepted: await n('"silver/fx_rates"'), rejected: 1 },
      'silver/crm_accounts': { read: 1, accepted: 0, rejected: 1, deduplicated: 0 },
      'silver/order_events': { read: 1, accepted: 0, rejected: 1, deduplicated: 0 },
    })
    for (const table of ['customers', 'products', 'orders', 'fx_rates']) expect([table, counts[`silver/${table}`]!.deduplicated! > 1]).toEqual([table, true])
  })

  it('[SRC-SNO-4] adds a whole extract of orders as its own partition, and reads the newest only', async () => {
    const before = digests(join(home, 'lake/bronze/snowflake_orders'))
    const [{ n }] = await rows('select count(distinct order_id)::integer as n from "silver/orders"') as [{ n: number }]
    edit('snowflake_orders.csv', withHeader(lines => lines.filter(line => !line.startsWith('ORD-00000003,'))))
    await materialize(home, 2)
    expect(await rows('select _proc_date, count(distinct order_id)::integer as n from "bronze/snowflake_orders" group by all order by all')).toEqual([{ _proc_date: '2026-11-23', n }, { _proc_date: '2026-11-24', n: n - 1 }])
    expect(await rows('select count(*)::integer as n from "silver/orders"')).toEqual([{ n: n - 1 }])
    expect(digests(join(home, 'lake/bronze/snowflake_orders'))).toEqual(expect.objectContaining(before))
  })

  it.each([['short', (lines: string[]) => lines.slice(0, Math.floor(lines.length * 0.4))], ['empty', () => []]])('[SRC-SNO-4] refuses an extract that is suspiciously %s, and leaves all as it was', async (_, cut) => {
    const before = [digests(join(home, 'lake/bronze')), digests(join(home, 'lake/gold')), await rows('select count(*) as n from "silver/orders"')]
    edit('snowflake_orders.csv', withHeader(cut))
    const { ok, steps } = await materialize(home, 2)
    expect([ok, steps.map(({ asset, status }) => [asset, status])]).toEqual([false, expect.arrayContaining([['landing/snowflake_orders', 'check-failed'], ['bronze/snowflake_orders', 'skipped'], ['gold/customer_360', 'skipped']])])
    expect([digests(join(home, 'lake/bronze')), digests(join(home, 'lake/gold')), await rows('select count(*) as n from "silver/orders"')]).toEqual(before)
  })

  it('[SRC-RS-2] keeps its events in a table to which rows can only be added', async () => {
    const log = readdirSync(join(home, 'lake/bronze/redshift_behavior/_delta_log')).sort()[0]!
    expect(readFileSync(join(home, 'lake/bronze/redshift_behavior/_delta_log', log), 'utf8')).toContain('"delta.appendOnly":"true"')
  })

  it('[SRC-RS-2] adds new events once, and does not lose one that the source no longer sends', async () => {
    const [{ n }] = await rows('select count(*)::integer as n from "silver/behavior"') as [{ n: number }]
    edit('redshift_behavior.csv', withHeader(lines => [lines[0]!.replace(/^BEH-\d+/, 'BEH-99999999'), lines[0]!.replace(/^BEH-\d+/, 'BEH-99999999'), ...lines.slice(0, 5)]))
    await materialize(home, 2)
    expect(await rows('select count(*)::integer as n from "silver/behavior"')).toEqual([{ n: n + 1 }])
  })

  it('[Q2-e] takes the same bytes under another name for the same', async () => {
    renameSync(join(home, 'sources/snowflake_orders.csv'), join(home, 'sources/snowflake_orders.copy.csv'))
    expect(ran(await materialize(home, 2))).toEqual([])
  })

  it('[LND-06] leaves yesterday\'s tables readable as they were', async () => {
    const before = await rows('select * from "gold/product_perf_daily" order by date, product_id')
    edit('snowflake_orders.csv', withHeader(lines => lines.slice(0, Math.ceil(lines.length * 0.6))))
    await materialize(home, 2)
    expect(await rows('select * from "gold/product_perf_daily" order by date, product_id')).not.toEqual(before)
    expect(await rows('select * from "gold/product_perf_daily" order by date, product_id', '0')).toEqual(before)
  })

  it('[LND-03] refuses an extract without a required column before anything is written', async () => {
    edit('snowflake_orders.csv', lines => lines.map(line => line.replace(/^[^,]*,/, '')))
    await expect(materialize(home, 2)).rejects.toThrow('order_id')
    expect(digests(join(home, 'lake'))).toEqual(digests(join(first, 'lake')))
  })

  it('does without the historical rates where they are not there', async () => {
    rmSync(join(home, 'sources/fx_rates_historical.json'))
    rmSync(join(home, 'lake'), { recursive: true })
    const run = await materialize(home, 2)
    expect(run.ok).toBe(true)
    expect(await rows('select distinct feed from "silver/fx_rates"')).toEqual([{ feed: 'daily' }])
  })
})

/** The table's data files, each with what its bytes are. */
function digests(table: string): Record<string, string> {
  const files = readdirSync(table, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.parquet'))
  return Object.fromEntries(files.map(name => [name, createHash('sha256').update(readFileSync(join(table, name))).digest('hex')]))
}
