import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { rawPlatformScript } from '../bench/raw-platform.sql.ts'

type Row = Readonly<Record<string, string | number | boolean | null>>

/** Exports of a few rows, each naming only the columns that its case is about. */
interface Sources {
  accounts?: Row[]
  contacts?: Row[]
  opportunities?: Row[]
  customers?: Row[]
  orders?: Row[]
  products?: Row[]
  behavior?: Row[]
  rates?: Row[]
  historicalRates?: Row[]
  events?: Row[]
}

let home: string
let count = 0
beforeAll(async () => { home = await mkdtemp(join(tmpdir(), 'varve-rules-')) })
afterAll(() => rm(home, { recursive: true, force: true }))

/** Runs the platform's SQL over the exports, and answers a question about its tables. */
async function asked(sources: Sources, question: string): Promise<Record<string, unknown>[]> {
  const dir = join(home, String(count += 1))
  await mkdir(dir)
  for (const { table, file, columns } of TABLES) {
    const rows = sources[table] ?? []
    if (file.endsWith('.json')) await writeFile(join(dir, file), rows.map(row => `${JSON.stringify(row)}\n`).join(''))
    else await writeFile(join(dir, file), [columns, ...rows.map(row => columns.map(name => cell(row[name])))].map(line => `${line.join(',')}\n`).join(''))
  }
  const database = await (await DuckDBInstance.create()).connect()
  for (const { sql } of rawPlatformScript({ sources: dir, out: join(dir, 'out'), procDate: '2026-11-22' })) await database.run(sql)
  return (await database.runAndReadAll(question)).getRowObjectsJson()
}

const cell = (value: Row[string] | undefined): string => (value === null || value === undefined ? '' : `"${String(value).replaceAll('"', '""')}"`)

const TABLES: readonly { table: keyof Sources; file: string; columns: readonly string[] }[] = [
  { table: 'accounts', file: 'crm_accounts.csv', columns: ['Id', 'Name', 'Industry', 'AccountStatus', 'LastModifiedDate', 'Phone', 'Website', 'AnnualRevenue', 'NumberOfEmployees', 'BillingStreet', 'BillingCity', 'BillingState', 'BillingPostalCode', 'BillingCountry', 'Rating', 'Type', 'AccountSource', 'AccountNumber', 'Site', 'Description', 'Ownership', 'ParentId', 'TickerSymbol', 'YearStarted', 'CreatedDate', 'OwnerId', 'CustomerSegment', 'GeographicRegion', 'LastActivityDate'] },
  { table: 'contacts', file: 'crm_contacts.csv', columns: ['Id', 'LastName', 'AccountId', 'FirstName', 'Email', 'Phone', 'MobilePhone', 'Title', 'Department', 'LeadSource', 'MailingStreet', 'MailingCity', 'MailingState', 'MailingPostalCode', 'MailingCountry', 'DoNotCall', 'HasOptedOutOfEmail', 'Description', 'CreatedDate', 'LastModifiedDate', 'OwnerId', 'ContactRole', 'ContactLevel', 'EngagementScore'] },
  { table: 'opportunities', file: 'crm_opportunities.csv', columns: ['Id', 'Name', 'AccountId', 'StageName', 'CloseDate', 'Amount', 'Probability', 'LeadSource', 'Type', 'NextStep', 'Description', 'ForecastCategory', 'IsClosed', 'IsWon', 'CreatedDate', 'LastModifiedDate', 'OwnerId', 'DealSize', 'SalesCycle', 'ProductInterest', 'Budget', 'Timeline'] },
  { table: 'customers', file: 'snowflake_customers.csv', columns: ['customer_id', 'first_name', 'last_name', 'email', 'phone', 'address', 'city', 'state', 'country', 'zip_code', 'registration_date', 'gender', 'age', 'customer_segment', 'lifetime_value', 'last_purchase_date', 'total_orders', 'preferred_channel', 'created_at', 'updated_at', 'source_system', 'ingestion_timestamp', 'estimated_clv'] },
  { table: 'orders', file: 'snowflake_orders.csv', columns: ['order_id', 'customer_id', 'product_id', 'order_date', 'order_timestamp', 'quantity', 'unit_price', 'total_amount', 'currency', 'payment_method', 'shipping_method', 'status', 'op', 'is_deleted', 'shipping_address', 'billing_address', 'discount_percent', 'tax_amount', 'shipping_cost', 'promo_code', 'sales_rep_id', 'channel', 'created_at', 'updated_at', 'source_system', 'ingestion_timestamp', 'order_month', 'order_quarter', 'order_year', 'order_segment', 'customer_order_count', 'fulfillment_days'] },
  { table: 'products', file: 'snowflake_products.csv', columns: ['product_id', 'sku', 'product_name', 'category', 'subcategory', 'brand', 'price_usd', 'cost_usd', 'weight_kg', 'dimensions', 'color', 'size', 'active', 'stock_quantity', 'reorder_level', 'supplier_id', 'created_at', 'updated_at', 'source_system', 'ingestion_timestamp', 'rating', 'review_count', 'in_stock'] },
  { table: 'behavior', file: 'redshift_behavior.csv', columns: ['behavior_id', 'customer_id', 'event_name', 'event_timestamp', 'session_id', 'page_url', 'referrer', 'device_type', 'browser', 'os', 'country', 'city', 'user_agent', 'ip_address', 'duration_seconds', 'conversion_value', 'utm_source', 'utm_medium', 'utm_campaign', 'behavior_segment', 'conversion_probability', 'journey_stage', 'engagement_score', 'session_quality'] },
  { table: 'rates', file: 'fx_rates.csv', columns: ['trade_date', 'base_ccy', 'quote_ccy', 'fx_rate'] },
  { table: 'historicalRates', file: 'fx_rates_historical.json', columns: [] },
  { table: 'events', file: 'kafka_events.csv', columns: ['event_id', 'topic', 'partition', 'offset', 'timestamp', 'key', 'value', 'headers'] },
]

const order = (order_id: string, over: Row): Row => ({ order_id, customer_id: 'CUST-1', product_id: 'PROD-1', order_date: '2026-03-10', quantity: 1, total_amount: '100.00', currency: 'EUR', status: 'COMPLETED', op: 'INSERT', is_deleted: 'False', updated_at: '2026-03-11 00:00:00', ...over })
const rate = (trade_date: string, fx_rate: string, quote_ccy = 'EUR'): Row => ({ trade_date, base_ccy: 'USD', quote_ccy, fx_rate })
const historical = (date: string, exchange_rate: number): Row => ({ date, base_currency: 'USD', target_currency: 'EUR', exchange_rate, bid_rate: null, ask_rate: null, source: 'x' })

describe('the conversion into US dollars', () => {
  it('[SRC-FX-1] divides by the rate of the day', async () => {
    expect(await usd({ orders: [order('O1', {})], rates: [rate('2026-03-10', '0.8')] })).toEqual([{ order_id: 'O1', amount_usd: '125.000000', rate_date: '2026-03-10' }])
  })

  it('carries the last rate three days, no further, and never back', async () => {
    const days = ['2026-03-09', '2026-03-10', '2026-03-13', '2026-03-14', '2026-03-20', '2026-03-23', '2026-03-24']
    const made = await usd({ orders: days.map(day => order(day, { order_date: day })), rates: [rate('2026-03-10', '0.5'), rate('2026-03-20', '0.8')] })
    expect(made).toEqual([
      { order_id: '2026-03-10', amount_usd: '200.000000', rate_date: '2026-03-10' },
      { order_id: '2026-03-13', amount_usd: '200.000000', rate_date: '2026-03-10' },
      { order_id: '2026-03-20', amount_usd: '125.000000', rate_date: '2026-03-20' },
      { order_id: '2026-03-23', amount_usd: '125.000000', rate_date: '2026-03-20' },
    ])
  })

  it('takes each day\'s own rate where there is one, for each currency', async () => {
    const rates = [rate('2026-03-10', '0.5'), rate('2026-03-11', '0.8'), rate('2026-03-10', '125', 'JPY')]
    expect(await usd({ orders: [order('O1', { order_date: '2026-03-11' }), order('O2', { currency: ' jpy ' }), order('O3', { currency: 'GBP' })], rates })).toEqual([
      { order_id: 'O1', amount_usd: '125.000000', rate_date: '2026-03-11' },
      { order_id: 'O2', amount_usd: '0.800000', rate_date: '2026-03-10' },
    ])
  })

  it('[XF-SG-3] leaves dollars as they are, on any day, and treats no other currency so', async () => {
    expect(await usd({ orders: [order('O1', { currency: 'USD', order_date: '1999-01-01' }), order('O2', {})] })).toEqual([{ order_id: 'O1', amount_usd: '100.000000', rate_date: '1999-01-01' }])
  })

  it('believes the daily rates before the historical ones, which fill the days that are missing', async () => {
    const made = await usd({
      orders: [order('O1', { order_date: '2026-03-10' }), order('O2', { order_date: '2026-03-11' })],
      rates: [rate('2026-03-10', '0.5')],
      historicalRates: [historical('2026-03-10', 0.9), historical('2026-03-11', 0.8)],
    })
    expect(made).toEqual([{ order_id: 'O1', amount_usd: '200.000000', rate_date: '2026-03-10' }, { order_id: 'O2', amount_usd: '125.000000', rate_date: '2026-03-11' }])
  })

  it('counts neither cancelled nor deleted orders, but those of a status that nobody knows', async () => {
    const made = await usd({ orders: [usdOrder('O1', { status: 'cancelled ' }), usdOrder('O2', { is_deleted: 'True' }), usdOrder('O3', { op: 'DELETE' }), usdOrder('O4', { status: null }), usdOrder('O5', { status: 'PENDING' })] })
    expect(made.map(({ order_id }) => order_id)).toEqual(['O4', 'O5'])
  })
})

describe('one row per key', () => {
  it('[Q1-e] is the newest, wherever it stood in the file', async () => {
    const older = order('O1', { status: 'PENDING', updated_at: '2026-03-01 10:00:00' })
    const newer = order('O1', { status: 'SHIPPED', updated_at: '2026-03-01 10:00:01' })
    for (const orders of [[older, newer], [newer, older], [newer, older, newer]]) expect(await status(orders)).toEqual([{ order_id: 'O1', status: 'SHIPPED' }])
  })

  it('[XF-BS-2] is the same of two with one stamp, whichever came first', async () => {
    const one = order('O1', { status: 'PENDING' })
    const other = order('O1', { status: 'SHIPPED' })
    expect(await status([one, other])).toEqual(await status([other, one]))
  })

  it('[XF-BS-1] reads the three forms of the CRM\'s dates as one line of time', async () => {
    const accounts = [account('Active', '03/11/2026 09:30'), account('Inactive', '2026-03-11'), account('Prospect', '2026-03-11T09:29:59Z')]
    expect(await asked({ accounts }, 'select account_status, updated_at from "silver/crm_accounts"')).toEqual([{ account_status: 'Active', updated_at: '2026-03-11 09:30:00+00' }])
  })
})

describe('customer_360', () => {
  it('joins all five sources, one row per customer, with name, e-mail and phone masked', async () => {
    const made = await asked({
      customers: [customer('CUST-1'), customer('CUST-2', { email: 'ada_at_example.com', phone: 'unknown', first_name: 'X', last_name: '李', country: null })],
      accounts: [{ Id: 'CUST-1', Name: ' Amber  Works ', Industry: 'Tech', LastModifiedDate: '2026-01-01' }],
      contacts: [contact('CONT-2', 'Champion', '2026-02-01'), contact('CONT-3', 'Decision Maker', '2026-01-01')],
      opportunities: [
        { Id: 'OPP-1', AccountId: 'CUST-1', StageName: 'PIPELINE', Amount: '10.50', IsClosed: 'False', IsWon: 'False', LastModifiedDate: '2026-01-01' },
        { Id: 'OPP-2', AccountId: 'CUST-1', StageName: 'PROPOSAL', Amount: '20.25', IsClosed: 'False', IsWon: 'False', LastModifiedDate: '2026-01-01' },
        { Id: 'OPP-3', AccountId: 'CUST-1', StageName: 'CLOSED_WON', Amount: '99', IsClosed: 'True', IsWon: 'True', LastModifiedDate: '2026-01-01' },
      ],
      orders: [order('O1', {}), order('O2', { total_amount: '50', order_date: '2026-03-12' }), order('O3', { total_amount: '0.01', currency: 'USD', order_date: '2026-02-01' })],
      rates: [rate('2026-03-10', '0.75')],
      behavior: [{ behavior_id: 'BEH-1', customer_id: 'CUST-1', event_name: 'login', event_timestamp: '2026-03-12 08:00:00' }],
      events: [
        { event_id: 'K-1', topic: 'orders_events', partition: 0, offset: 1, timestamp: '2026-03-12 09:00:00', value: JSON.stringify({ order_id: 'O1', customer_id: 'CUST-1', event_type: 'SHIPPED', event_ts: '2026-03-12 09:30:00', amount: 100 }) },
        { event_id: 'K-1', topic: 'orders_events', partition: 0, offset: 1, timestamp: '2026-03-12 09:00:00', value: JSON.stringify({ order_id: 'O1', customer_id: 'CUST-1', event_type: 'SHIPPED', event_ts: '2026-03-12 09:30:00', amount: 100 }) },
        { event_id: 'K-2', topic: 'user_actions', partition: 0, offset: 1, timestamp: '2026-03-12 07:00:00', value: JSON.stringify({ customer_id: 'CUST-2', event_type: 'LOGIN' }) },
        { event_id: 'K-3', topic: 'user_actions', partition: 0, offset: 2, timestamp: '2026-03-12 07:00:00', value: '{"customer_id": "CUST-2"' },
      ],
    }, 'from "gold/customer_360" order by customer_id')
    expect(made).toEqual([
      {
        customer_id: 'CUST-1', full_name: 'A*** A***', email: 'a***@e***.com', phone: '***-***-7334', country: 'FR', customer_segment: 'SMB', account_name: 'Amber Works', industry: 'Tech', primary_contact_id: 'CONT-3',
        total_orders: '3', lifetime_value_usd: '200.01', average_order_usd: '66.67', first_order_date: '2026-02-01', last_order_date: '2026-03-12', total_events: '2', last_event_at: '2026-03-12 09:30:00+00', open_opportunities: '2', pipeline_usd: '30.75',
      },
      {
        customer_id: 'CUST-2', full_name: '*** ***', email: '***', phone: '***-***-****', country: null, customer_segment: 'SMB', account_name: null, industry: null, primary_contact_id: null,
        total_orders: '0', lifetime_value_usd: '0.00', average_order_usd: null, first_order_date: null, last_order_date: null, total_events: '1', last_event_at: '2026-03-12 07:00:00+00', open_opportunities: '0', pipeline_usd: '0.00',
      },
    ])
  })

  it('takes a decision maker as the primary contact, of several the one changed last, of those the one with the lowest id', async () => {
    expect(await primary(contact('CONT-1', 'User', '2026-09-09'), contact('CONT-2', 'Decision Maker', '2026-01-01'), contact('CONT-3', 'Decision Maker', '2026-01-02'))).toBe('CONT-3')
    expect(await primary(contact('CONT-2', 'Champion', '2026-01-01'), contact('CONT-1', 'Champion', '01/01/2026 00:00'), contact('CONT-0', 'Influencer', '2026-02-02'))).toBe('CONT-1')
  })
})

describe('product_perf_daily', () => {
  let made: Record<string, unknown>[]
  beforeEach(async () => {
    made = await asked({
      orders: [
        order('O1', { currency: 'USD', total_amount: '10.00', quantity: 2 }), order('O2', { currency: 'USD', total_amount: '5.01', quantity: 3, customer_id: 'CUST-2' }), order('O3', { currency: 'USD', total_amount: '0.02', customer_id: 'CUST-2' }),
        order('O4', { currency: 'USD', total_amount: '7', product_id: 'PROD-2' }), order('O5', { currency: 'USD', total_amount: '7', product_id: 'PROD-2', status: 'CANCELLED' }), order('O6', { total_amount: '7', product_id: 'PROD-3' }),
      ],
    }, 'from "gold/product_perf_daily" order by product_id')
  })

  it('has a row per day and product of which an order counts, with what it sold', () => {
    expect(made).toEqual([
      { date: '2026-03-10', product_id: 'PROD-1', order_count: '3', total_quantity: '6', revenue_usd: '15.03', average_order_usd: '5.01', unique_customers: '2' },
      { date: '2026-03-10', product_id: 'PROD-2', order_count: '1', total_quantity: '1', revenue_usd: '7.00', average_order_usd: '7.00', unique_customers: '1' },
    ])
  })
})

const usd = (sources: Sources) => asked(sources, 'select order_id, amount_usd, rate_date::varchar as rate_date from "silver/orders_usd" order by order_id')
const status = (orders: Row[]) => asked({ orders }, 'select order_id, status from "silver/orders"')
const account = (AccountStatus: string, LastModifiedDate: string) => ({ Id: 'CUST-1', Name: 'A', AccountStatus, LastModifiedDate })
const customer = (customer_id: string, over: Row = {}): Row => ({ customer_id, first_name: ' Ada ', last_name: 'Alder', email: 'Ada@Example.com ', phone: '282.688.7334x2070', country: 'FR', customer_segment: 'SMB', updated_at: '2026-01-01 00:00:00', ...over })
const contact = (Id: string, ContactRole: string, LastModifiedDate: string) => ({ Id, AccountId: 'CUST-1', ContactRole, LastModifiedDate })
const primary = async (...contacts: Row[]) => (await asked({ customers: [customer('CUST-1')], contacts }, 'select primary_contact_id as id from "gold/customer_360"'))[0]!['id']
const usdOrder = (id: string, over: Row): Row => order(id, { currency: 'USD', ...over })
