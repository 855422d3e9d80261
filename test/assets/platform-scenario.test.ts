import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generator } from '#resources/demo/five-systems'
import type { RunResult } from '../../framework/execution/run-result.ts'
import { lakeViews } from './lake-views.ts'
import { ORACLE } from './platform-oracle.sql.ts'
import { inProject, ROOT } from './platform-rig.ts'
import { sourceViews } from './source-views.ts'

const BIN = resolve('dist/cli/varve.cjs')

/**
 * Two days of the platform, with what goes wrong on the second. `truth/` is what the source systems know after it, as exports without any of
 * the trouble: the oracle works from it alone, by SQL that shares nothing with the assets.
 */
describe.skipIf(!existsSync(BIN))('the scenario of two days', () => {
  const home = mkdtempSync(join(tmpdir(), 'varve-scenario-'))
  const [sources, truth] = [join(home, 'sources'), join(home, 'truth')]
  let runs: readonly RunResult[] = []
  let killed: number | null = null
  let ruled = 0
  let database: DuckDBConnection

  const run = (day: number) => inProject(home, day, project => project.materialize({ selection: [] }, { signal: new AbortController().signal, listen: () => undefined }))
  const linesOf = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n')
  const edit = (dir: string, file: string, change: (lines: string[], header: string[]) => string[]) => {
    const [head, ...lines] = linesOf(join(dir, file))
    writeFileSync(join(dir, file), `${[head!, ...change(lines, head!.split(','))].join('\n')}\n`)
  }
  const both = (file: string, change: (lines: string[], header: string[]) => string[]) => [sources, truth].forEach(dir => edit(dir, file, change))
  /** A line with other values in some of its columns. Only lines without quotes are changed. */
  const altered = (line: string, header: readonly string[], changes: Readonly<Record<string, string>>) => line.split(',').map((value, i) => changes[header[i]!] ?? value).join(',')
  const plain = (lines: readonly string[], header: readonly string[]) => lines.filter(line => !line.includes('"') && line.split(',').length === header.length)
  const rows = async (sql: string) => (await database.runAndReadAll(sql)).getRowObjectsJson()

  beforeAll(async () => {
    await generator.generate({ customers: 400, seed: 21, dir: sources })
    const first = await run(1)
    cpSync(sources, truth, { recursive: true })

    // The CRM: a newer title, a new contact with the very stamp up to which was read, and one that comes a little late.
    both('crm_contacts.csv', (lines, header) => {
      const stamp = header.indexOf('LastModifiedDate')
      const known = plain(lines, header)
      const newest = known.map(line => line.split(',')[stamp]!).sort().at(-1)!
      const late = new Date(Date.parse(newest.slice(0, 10)) - 86_400_000 / 2).toISOString().slice(0, 10)
      return [...lines,
        altered(known[0]!, header, { Title: 'Changed on day two', LastModifiedDate: '2026-11-24' }),
        altered(known[1]!, header, { Id: 'CONT-99990001', Title: 'Came with a tie', LastModifiedDate: newest }),
        altered(known[2]!, header, { Id: 'CONT-99990002', Title: 'Came late', LastModifiedDate: late })]
    })
    // The warehouse: a column more, a customer who changed, one who is gone, and the orders' file under another name.
    const gone = linesOf(join(sources, 'snowflake_customers.csv')).at(-1)!.split(',')[0]!
    both('snowflake_customers.csv', (lines, header) => {
      const [one] = plain(lines, header)
      return lines.filter(line => !line.startsWith(`${gone},`)).map(line => (line === one ? altered(line, header, { customer_segment: 'ENTERPRISE', email: 'moved@example.org', updated_at: '2026-11-24 03:00:00' }) : line))
    })
    const customers = linesOf(join(sources, 'snowflake_customers.csv'))
    writeFileSync(join(sources, 'snowflake_customers.csv'), `${customers.map((line, i) => `${line},${i === 0 ? 'favourite_colour' : 'green'}`).join('\n')}\n`)
    renameSync(join(sources, 'snowflake_orders.csv'), join(sources, 'snowflake_orders.again.csv'))
    // A day of exchange rates that was wrong.
    both('fx_rates.csv', ([line, ...lines]) => [line!.replace(/[\d.]+$/, '0.5'), ...lines])
    // Kafka delivers everything twice, and one thing more.
    edit(truth, 'kafka_events.csv', (lines, header) => [...lines, oneMore(lines, header)])
    edit(sources, 'kafka_events.csv', (lines, header) => [...lines, ...lines, oneMore(lines, header)])
    // Three events that break rules.
    edit(sources, 'redshift_behavior.csv', (lines, header) => {
      const [a, b, c] = plain(lines, header)
      ruled = lines.length
      return [...lines, altered(a!, header, { behavior_id: 'BEH-90000001', customer_id: '' }), altered(b!, header, { behavior_id: 'BEH-90000002', event_timestamp: 'yesterday' }), altered(c!, header, { behavior_id: 'BEH-90000003', duration_seconds: 'long' })]
    })

    killed = await new Promise(done => {
      const child = spawn(process.execPath, [BIN, 'materialize', '--lake', join(home, 'lake'), '--sources', sources, '--now', '2026-11-24T00:00:00Z'], { cwd: ROOT, env: { ...process.env, VARVE_CRASHPOINT: 'commit-hidden:4' }, stdio: 'ignore' })
      child.once('close', code => done(code))
    })
    const second = await run(2)
    const replayed = await run(3)
    runs = [first, second, replayed]
    database = await (await DuckDBInstance.create()).connect()
    for (const view of [...lakeViews(join(home, 'lake'), 'silver'), ...lakeViews(join(home, 'lake'), 'gold'), ...lakeViews(join(home, 'lake'), 'features'), ...sourceViews(truth)]) await database.run(view)
    await database.run(ORACLE)
  }, 240_000)
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  /** The last message of its partition, again, as another event right behind it. */
  function oneMore(lines: readonly string[], header: readonly string[]): string {
    const at = (name: string) => header.indexOf(name)
    const messages = lines.map(line => line.split(','))
    const last = messages.filter(message => message[at('topic')] === messages[0]![at('topic')] && message[at('partition')] === messages[0]![at('partition')]).reduce((a, b) => (Number(a[at('offset')]) >= Number(b[at('offset')]) ? a : b))
    return last.map((value, i) => (i === at('event_id') ? 'KAFKA-one-more' : i === at('offset') ? String(Number(value) + 1) : value)).join(',')
  }

  it('was killed in the middle, and ran through when it was run again; a replay finds nothing to do', () => {
    expect(killed).not.toBe(0)
    expect(runs.map(({ steps }) => steps.filter(({ status }) => status !== 'materialized' && status !== 'fresh').map(({ asset, status, error }) => [asset, status, error?.message]))).toEqual([[], [], []])
    expect(runs[2]!.steps.filter(({ unchanged }) => !unchanged)).toEqual([])
  })

  it('ends with the customers that an oracle finds in what the sources know', async () => {
    expect(await rows(`
      select coalesce(ours.customer_id, oracle.customer_id) as customer_id, ours.total_events, oracle.total_events as oracle_events, ours.lifetime_value_usd, oracle.lifetime_value_usd as oracle_value, ours.primary_contact_id, oracle.primary_contact_id as oracle_contact
      from "gold/customer_360" ours full join o_customer_360 oracle using (customer_id)
      where ours.customer_id is null or oracle.customer_id is null
        or (ours.country, ours.customer_segment, ours.account_name, ours.primary_contact_id) is distinct from (oracle.country, oracle.customer_segment, oracle.account_name, oracle.primary_contact_id)
        or (ours.total_orders, ours.first_order_date, ours.last_order_date, ours.total_events, ours.last_event_at::timestamp, ours.open_opportunities, ours.pipeline_usd) is distinct from (oracle.total_orders, oracle.first_order_date, oracle.last_order_date, oracle.total_events, oracle.last_event_at, oracle.open_opportunities, oracle.pipeline_usd)
        or abs(ours.lifetime_value_usd - oracle.lifetime_value_usd) > 0.00501
      limit 5`)).toEqual([])
  })

  it('ends with the sales of each day and product that the oracle finds', async () => {
    expect(await rows(`
      select ours.*, oracle.* from "gold/product_perf_daily" ours full join o_product_perf_daily oracle using (date, product_id)
      where (ours.order_count, ours.total_quantity, ours.unique_customers) is distinct from (oracle.order_count, oracle.total_quantity, oracle.unique_customers) or abs(ours.revenue_usd - oracle.revenue_usd) > 0.00501
      limit 5`)).toEqual([])
  })

  it('has the contact that changed, the one of the tie and the one that came late', async () => {
    expect(await rows(`select title from "silver/crm_contacts" where title in ('Changed on day two', 'Came with a tie', 'Came late') order by title`)).toEqual([{ title: 'Came late' }, { title: 'Came with a tie' }, { title: 'Changed on day two' }])
  })

  it('has every event once, and those that break rules in quarantine', async () => {
    expect(await rows('select count(*) = count(distinct event_id) as once, count(*) filter (event_id = \'KAFKA-one-more\') > 0 as more from "silver/order_events"')).toEqual([{ once: true, more: true }])
    const aside = await inProject(home, 4, project => project.quarantined('silver/behavior' as never))
    // Each is found again in its source: the file, and which of its rows.
    expect(aside.map(({ row, rules, sourceFile, sourceRow, run }) => [row['event_id'], rules, sourceFile, sourceRow! - ruled, run]).sort()).toEqual(expect.arrayContaining([
      ['BEH-90000001', ['customer_id is never null'], 'redshift_behavior.csv', 1, runs[1]!.run],
      ['BEH-90000002', ['event_ts is never null', 'cast_failed:event_ts'], 'redshift_behavior.csv', 2, runs[1]!.run],
      ['BEH-90000003', ['cast_failed:duration_seconds'], 'redshift_behavior.csv', 3, runs[1]!.run],
    ]))
  })

  it('keeps the customer\'s states one after the other, and ends the one who is gone', async () => {
    expect(await rows('select count(*)::integer as broken from (select customer_sk, count(*) filter (is_current) as open, bool_or(next < valid_to) as lapped from (select *, lead(valid_from) over (partition by customer_sk order by valid_from) as next from "gold/dim_customer") group by customer_sk having open > 1 or lapped)')).toEqual([{ broken: 0 }])
    expect(await rows('select max(states)::integer as most, count(*) filter (open = 0)::integer as ended from (select customer_id, count(*) as states, count(*) filter (is_current) as open from "gold/dim_customer" group by customer_id)')).toEqual([{ most: 2, ended: 1 }])
  })

  it('puts the column that nobody knows aside, once', async () => {
    expect(existsSync(join(home, 'lake/bronze/_unknown_cols/snowflake/customers/_delta_log'))).toBe(true)
  })

  it('loses no row: accepted, rejected and deduplicated are what was read, in every table that takes its rows from one other', () => {
    const steps = runs.flatMap(each => each.steps).filter(({ asset, status }) => status === 'materialized' && /^(bronze|silver)\//.test(asset))
    expect(new Set(steps.map(({ asset }) => asset)).size).toBe(23)
    for (const { asset, counts } of steps) {
      expect([asset, counts.accepted! + counts.rejected + counts.deduplicated!]).toEqual([asset, counts.read])
      if (asset.startsWith('bronze/')) expect([asset, counts.read]).toEqual([asset, counts.rowsIn])
    }
  })

  it('gives models one row per customer, under a pseudonym that joins to no id', async () => {
    expect(await rows(`select count(*) = count(distinct customer_hash) and count(*) = (select count(*) from "gold/customer_360") as each, count(*) filter (not regexp_full_match(customer_hash, '[0-9a-f]{64}'))::integer as plain from "features/customer_features"`)).toEqual([{ each: true, plain: 0 }])
  })

  it('leaves the warehouses as the lake is', async () => {
    expect((await inProject(home, 4, project => project.reconcile(['serve/*'], new AbortController().signal))).flatMap(({ key, differences }) => differences.map(difference => [key, difference]))).toEqual([])
  })
})
