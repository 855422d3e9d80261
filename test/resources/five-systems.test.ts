import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DIRT } from '#resources/demo/dirt'
import { FolderInUse, generateSources, generator } from '#resources/demo/five-systems'

const NAMES = ['crm_accounts.csv', 'crm_contacts.csv', 'crm_opportunities.csv', 'snowflake_customers.csv', 'snowflake_orders.csv', 'snowflake_products.csv', 'redshift_behavior.csv', 'fx_rates.csv', 'fx_rates_historical.json', 'kafka_events.csv', 'kafka_user_actions.csv']

let home: string
beforeAll(async () => { home = await mkdtemp(join(tmpdir(), 'varve-demo-')) })
afterAll(() => rm(home, { recursive: true, force: true }))

const digests = async (dir: string) => Object.fromEntries(await Promise.all((await readdir(dir)).sort().map(async name => [name, createHash('sha256').update(await readFile(join(dir, name))).digest('hex')] as const)))

describe('the generator of the five systems', () => {
  it('gives equal files for equal options, and others for another seed', async () => {
    await generateSources({ customers: 40, seed: 7, dir: join(home, 'a') })
    await generateSources({ customers: 40, seed: 7, dir: join(home, 'b') })
    await generateSources({ customers: 40, seed: 8, dir: join(home, 'c') })
    expect(await digests(join(home, 'b'))).toEqual(await digests(join(home, 'a')))
    const [seven, eight] = [await digests(join(home, 'a')), await digests(join(home, 'c'))]
    for (const name of NAMES) expect(eight[name]).not.toBe(seven[name])
  })

  it('tells the names, rows and bytes of all files', async () => {
    const { files } = await generator.generate({ customers: 30, seed: 1, dir: join(home, 'told') })
    expect(files.map(({ name }) => name)).toEqual(NAMES)
    for (const { name, rows, bytes } of files) {
      const text = await readFile(join(home, 'told', name), 'utf8')
      expect({ rows, bytes }).toEqual({ rows: text.split('\n').length - (name.endsWith('.csv') ? 2 : 1), bytes: Buffer.byteLength(text) })
    }
  })

  it('writes the same text gzipped', async () => {
    await generateSources({ customers: 20, seed: 3, dir: join(home, 'plain') })
    await generateSources({ customers: 20, seed: 3, dir: join(home, 'gzip'), gzip: true })
    for (const name of NAMES) expect(gunzipSync(await readFile(join(home, 'gzip', `${name}.gz`)))).toEqual(await readFile(join(home, 'plain', name)))
  })

  it('replaces a set of its own and refuses the folder of anyone else', async () => {
    const dir = join(home, 'again')
    await generateSources({ customers: 10, seed: 1, dir })
    await generateSources({ customers: 10, seed: 2, dir })
    expect(JSON.parse(await readFile(join(dir, 'generated.json'), 'utf8'))).toMatchObject({ seed: 2 })
    const foreign = join(home, 'foreign')
    await mkdir(foreign)
    await writeFile(join(foreign, 'letters.txt'), 'keep me')
    await expect(generateSources({ customers: 10, seed: 1, dir: foreign })).rejects.toThrow(FolderInUse)
    expect(await readdir(foreign)).toEqual(['letters.txt'])
  })

  it('leaves nothing behind when it is stopped half-way', async () => {
    const under = join(home, 'stopped')
    const stop = new AbortController()
    const running = generateSources({ customers: 20_000, seed: 1, dir: join(under, 'sources'), signal: stop.signal, onProgress: ({ file }) => { if (file === 'snowflake_orders.csv') stop.abort() } })
    await expect(running).rejects.toThrow('abort')
    expect(await readdir(under)).toEqual([])
  })
})

describe('what it invents for 3,000 customers', () => {
  let query: (sql: string) => Promise<Record<string, unknown>[]>
  beforeAll(async () => {
    const dir = join(home, 'three-thousand')
    await generateSources({ customers: 3_000, seed: 42, dir })
    const database = await (await DuckDBInstance.create()).connect()
    await database.run('set TimeZone=\'UTC\'')
    for (const name of NAMES) {
      const table = name.split('.')[0]
      const from = name.endsWith('.csv') ? `read_csv('${join(dir, name)}', all_varchar = true, header = true)` : `read_json('${join(dir, name)}')`
      await database.run(`create view ${table} as from ${from}`)
    }
    query = async sql => (await database.runAndReadAll(sql)).getRowObjectsJson()
  })
  const one = async (sql: string) => Object.values((await query(sql))[0]!)

  it('has the tables in the proportions of 50,000 customers, however often each row comes', async () => {
    expect(await one(`select ${[
      distinct('snowflake_customers', 'customer_id'), distinct('snowflake_orders', 'order_id'), distinct('snowflake_products', 'product_id'), distinct('crm_accounts', '"Id"'),
      distinct('crm_contacts', '"Id"'), distinct('crm_contacts', '"AccountId"'), distinct('crm_opportunities', '"Id"'), distinct('redshift_behavior', 'behavior_id'), '(select count(distinct event_id) from (select event_id from kafka_events union all select event_id from kafka_user_actions))',
    ].map((count, i) => `${count} c${i}`).join(', ')}`)).toEqual(['3000', '6000', '600', '1809', '2700', '1353', '1200', '3000', '6000'])
  })

  it('refers to nothing that is not there', async () => {
    expect(await one(`select
      (select count(*) from snowflake_orders where customer_id not in (select customer_id from snowflake_customers)) a, (select count(*) from snowflake_orders where product_id not in (select product_id from snowflake_products)) b,
      (select count(*) from crm_contacts where "AccountId" not in (select "Id" from crm_accounts)) c, (select count(*) from crm_opportunities where "AccountId" not in (select "Id" from crm_accounts)) d,
      (select count(*) from crm_accounts where "Id" not in (select customer_id from snowflake_customers)) e, (select count(*) from redshift_behavior where customer_id not in (select customer_id from snowflake_customers)) f,
      (select count(*) from kafka_events where (value->>'order_id') not in (select order_id from snowflake_orders)) g,
      (select count(*) from kafka_user_actions where (value->>'customer_id') not in (select customer_id from snowflake_customers)) h,
      (select count(*) from (select topic, 'orders_events' as own from kafka_events union all select topic, 'user_actions' from kafka_user_actions) where topic <> own) i`)).toEqual(['0', '0', '0', '0', '0', '0', '0', '0', '0'])
  })

  it('has late and tied updates and duplicates about as often as it says', async () => {
    for (const [table, key, stamp] of [['crm_contacts', '"Id"', '"LastModifiedDate"'], ['snowflake_orders', 'order_id', 'updated_at']] as const) {
      const [rows, duplicates, others, tied] = (await one(`with lines as (select ${key} k, ${stamp} s, md5(t::varchar) as line from ${table} t)
        select count(*), count(*) - count(distinct line), count(distinct line) - count(distinct k), (select count(*) from (select k, s from lines group by all having count(distinct line) > 1)) from lines`)).map(Number) as [number, number, number, number]
      expect(duplicates / rows).toBeGreaterThan(DIRT.duplicates / 3)
      expect(duplicates / rows).toBeLessThan(DIRT.duplicates * 3)
      expect(others / rows).toBeGreaterThan((DIRT.lateUpdates + DIRT.tiedUpdates) / 3)
      expect(others / rows).toBeLessThan((DIRT.lateUpdates + DIRT.tiedUpdates) * 3)
      expect(tied).toBeGreaterThan(0)
    }
  })

  it('writes dates in three forms, invalid e-mails, odd numbers, names that are not trimmed and a column too many', async () => {
    const [american, zulu, emails, phones, untrimmed, unicode, extra] = (await one(`select
      (select count(*) from crm_contacts where regexp_full_match("LastModifiedDate", '\\d\\d/\\d\\d/\\d{4} \\d\\d:\\d\\d')), (select count(*) from crm_contacts where "LastModifiedDate" like '%Z'),
      (select count(*) from snowflake_customers where not regexp_full_match(email, '[^@ ]+@[^@ ]+\\.[a-zA-Z]+')), (select count(*) from snowflake_customers where not coalesce(regexp_full_match(phone, '\\d{3}\\.\\d{3}\\.\\d{4}'), false)),
      (select count(*) from snowflake_customers where first_name <> trim(first_name)), (select count(*) from snowflake_customers where regexp_matches(first_name, '[^ -~]')), (select count(*) from snowflake_orders where loyalty_tier is not null)`)).map(Number) as [number, number, number, number, number, number, number]
    for (const [count, of, share] of [[american, 2_700, DIRT.americanDates], [zulu, 2_700, DIRT.zuluDates], [emails, 3_000, DIRT.invalidEmails], [phones, 3_000, DIRT.oddPhones], [untrimmed, 3_000, DIRT.untrimmedNames], [unicode, 3_000, DIRT.unusualNames], [extra, 6_000, DIRT.loyaltyTiers]] as const) {
      expect(count / of).toBeGreaterThan(share / 3)
      expect(count / of).toBeLessThan(share * 2)
    }
  })

  it('has days without a rate, and once more of them in a row than a rate may be carried', async () => {
    const gaps = await query(`select quote_ccy, gap::integer gap from (select quote_ccy, trade_date::date - lag(trade_date::date) over (partition by quote_ccy order by trade_date) as gap from fx_rates) where gap > 1 order by gap desc`)
    expect(gaps[0]).toEqual({ quote_ccy: 'AUD', gap: DIRT.outageDays + 1 })
    expect(gaps.length).toBeGreaterThan(20)
  })
})

const distinct = (table: string, key: string) => `(select count(distinct ${key}) from ${table})`
