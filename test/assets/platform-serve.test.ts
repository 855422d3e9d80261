import { DuckDBInstance } from '@duckdb/node-api'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generator } from '#resources/demo/five-systems'
import type { RunResult } from '../../framework/execution/run-result.ts'
import { openProject } from '../../framework/project/project.ts'
import { inProject, ROOT } from './platform-rig.ts'

describe('the platform\'s warehouses', () => {
  const home = mkdtempSync(join(tmpdir(), 'varve-serve-'))
  const run = (day: number, selection: readonly string[], force = false): Promise<RunResult> =>
    inProject(home, day, project => project.materialize({ selection, force }, { signal: new AbortController().signal, listen: () => undefined }))
  const path = (name: string) => join(home, `lake/_warehouses/${name}.duckdb`)
  const asked = async (name: string, sql: string) => {
    const instance = await DuckDBInstance.create(path(name))
    const connection = await instance.connect()
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson()
    connection.closeSync()
    instance.closeSync()
    return rows
  }
  const inLake = async (sql: string) => (await inProject(home, 9, project => project.query(sql, { limit: 10_000 }))).rows
  const reconciled = () => inProject(home, 9, project => project.reconcile(['serve/*'], new AbortController().signal))

  beforeAll(async () => {
    await generator.generate({ customers: 80, seed: 3, dir: join(home, 'sources') })
    await run(1, [])
  }, 120_000)
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  it('[SRV-SF-1] [SRV-SF-3] [Q5-d] hold aggregations in Snowflake and events in Redshift, as the lake does', async () => {
    expect(await asked('snowflake', 'select count(*)::integer as rows, sum(lifetime_value_usd)::varchar as value from ANALYTICS.CUSTOMER_360')).toEqual(await inLake('select count(*)::integer as rows, sum(lifetime_value_usd)::varchar as value from gold.customer_360'))
    expect(await asked('redshift', 'select count(*)::integer as rows from EVENTS.ORDER_EVENTS')).toEqual(await inLake('select count(*)::integer as rows from silver.order_events'))
    expect(await reconciled()).toEqual(['serve/redshift_behavior_events', 'serve/redshift_order_events', 'serve/snowflake_customer_360', 'serve/snowflake_product_perf_daily'].map(key => ({ key, missing: false, differences: [] })))
  })

  it('[SRV-SF-3] show masked columns only', async () => {
    const [row] = await asked('snowflake', 'select count(*)::integer as rows, count(*) filter (email is null or regexp_full_match(email, \'[A-Za-z0-9]\\*{3}@[A-Za-z0-9]\\*{3}\\.[a-z]+|\\*{3}\'))::integer as masked from ANALYTICS.CUSTOMER_360')
    expect(row).toEqual({ rows: 80, masked: 80 })
    const columns = await asked('redshift', 'select column_name as name from information_schema.columns where table_name = \'BEHAVIOR_EVENTS\'')
    expect(columns.map(({ name }) => name).filter(name => /ip/.test(String(name)))).toEqual(['ip_hash'])
  })

  it('[Q5-b] are left alone where the lake is as it was', async () => {
    const loads = await asked('snowflake', 'select * from _varve.loads order by all')
    expect((await run(2, [])).steps).toEqual([])
    expect(await asked('snowflake', 'select * from _varve.loads order by all')).toEqual(loads)
  })

  it('[SRV-SF-2] [Q2-c] are loaded once, however often a version is sent', async () => {
    await run(2, ['serve/*'], true)
    expect(await asked('snowflake', 'select table_name, count(*)::integer as loads from _varve.loads group by all order by all')).toEqual([{ table_name: 'ANALYTICS.CUSTOMER_360', loads: 1 }, { table_name: 'ANALYTICS.PRODUCT_PERF_DAILY', loads: 1 }])
    expect(await asked('snowflake', 'select distinct _load_ts::date::varchar as day from ANALYTICS.CUSTOMER_360')).toEqual([{ day: '2026-11-23' }])
  })

  it('[Q5-d] that someone changed by hand are told, and put right by publishing again', async () => {
    await asked('redshift', 'delete from EVENTS.ORDER_EVENTS where event_id = (select min(event_id) from EVENTS.ORDER_EVENTS where topic = \'orders_events\')')
    const events = (await reconciled()).find(({ differences }) => differences.length > 0)
    expect([events!.key, events!.differences.find(({ measure }) => measure === 'rows')!.partition]).toEqual(['serve/redshift_order_events', 'orders_events'])
    await run(3, ['serve/redshift_order_events'], true)
    expect((await reconciled()).flatMap(({ differences }) => differences)).toEqual([])
  })

  it('[Q5-e] are made anew from the lake when they are gone', async () => {
    const before = await asked('snowflake', 'select * exclude (_load_ts, _run_id) from ANALYTICS.CUSTOMER_360 order by customer_id')
    rmSync(path('snowflake'))
    await run(4, ['serve/*'], true)
    expect(await asked('snowflake', 'select * exclude (_load_ts, _run_id) from ANALYTICS.CUSTOMER_360 order by customer_id')).toEqual(before)
  })

  it('[SRV-SF-3] stay as they are when a promise of gold is broken', async () => {
    const before = await asked('snowflake', 'select * from ANALYTICS.CUSTOMER_360 order by customer_id')
    const root = join(home, 'project')
    for (const name of ['assets', 'resources', 'config', 'package.json', 'tsconfig.json']) cpSync(join(ROOT, name), join(root, name), { recursive: true })
    for (const name of ['framework', 'node_modules']) symlinkSync(join(ROOT, name), join(root, name))
    cpSync(join(ROOT, '.varve/secrets'), join(root, '.varve/secrets'), { recursive: true })
    const quality = join(root, 'config/dq.yaml')
    writeFileSync(quality, readFileSync(quality, 'utf8').replace('  gold/customer_360:\n', '  gold/customer_360:\n    - { rule: row_count, max: 1 }\n'))
    const project = await openProject({ root, lake: join(home, 'lake'), sources: join(home, 'sources'), now: new Date(Date.UTC(2026, 10, 27)) })
    try {
      const { steps } = await project.materialize({ selection: ['gold/customer_360', 'serve/snowflake_customer_360'], force: true }, { signal: new AbortController().signal, listen: () => undefined })
      expect(steps.map(({ asset, status, because }) => ({ asset, status, because }))).toEqual([
        { asset: 'gold/customer_360', status: 'check-failed', because: undefined },
        { asset: 'serve/snowflake_customer_360', status: 'skipped', because: 'gold/customer_360' },
      ])
    } finally {
      await project.close()
    }
    expect(await asked('snowflake', 'select * from ANALYTICS.CUSTOMER_360 order by customer_id')).toEqual(before)
  })
})
