import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunResult } from '../../framework/execution/run-result.ts'
import { inProject, materialize, SHARED } from './platform-rig.ts'

const SAMPLE = join(SHARED, 'sample')

describe.skipIf(!existsSync(SAMPLE))('[ARC-04] the five sources of the sample', () => {
  let home: string
  let run: RunResult
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'varve-sources-'))
    run = await materialize(home, 1, SAMPLE)
  })
  afterAll(() => rm(home, { recursive: true, force: true }))

  const query = (sql: string) => inProject(home, 1, project => project.query(sql), SAMPLE)
  const one = async (sql: string) => Object.values((await query(sql)).rows[0]!)

  it('[LND-02] are landed byte for byte, with the SHA-256 of each in the manifest', () => {
    for (const source of readdirSync(SAMPLE)) {
      const folder = join(home, 'lake/landing', source.slice(0, source.indexOf('.')))
      const manifest = JSON.parse(readFileSync(join(folder, '_manifests/00000000000000000000.json'), 'utf8')) as { files: { path: string; sha256: string; bytes: number }[] }
      const bytes = readFileSync(join(SAMPLE, source))
      expect(manifest.files).toMatchObject([{ sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length }])
      expect(readFileSync(join(folder, manifest.files[0]!.path)).equals(bytes)).toBe(true)
    }
  })

  it('[SRC-CRM-1] keep every column of an account, with names and types of the contract', async () => {
    const { columns } = await query('select * from "bronze/crm_accounts"')
    expect(columns.map(({ name }) => name).slice(29)).toEqual(['_cast_failed', '_proc_date', '_source_file', '_source_row'])
    expect(columns.slice(0, 2).map(({ name }) => name)).toEqual(['account_id', 'account_name'])
    expect(await one('select count(*)::integer from "bronze/crm_accounts"')).toEqual([61])
  })

  it('[SRC-SNO-1] [SRC-SNO-2] [SRC-SNO-3] fill the partition of their day', async () => {
    for (const [table, rows] of [['orders', 1_837], ['customers', 162], ['products', 1_157]] as const) {
      expect([table, ...(await one(`select count(*)::integer, min(_proc_date), max(_proc_date) from "bronze/snowflake_${table}"`))]).toEqual([table, rows, '2026-11-23', '2026-11-23'])
      expect(readdirSync(join(home, `lake/bronze/snowflake_${table}`))).toContain('_proc_date=2026-11-23')
    }
  })

  it('[SRC-RS-1] name the event and its instant as the platform does', async () => {
    const { columns } = await query('select event_id, event_ts from "bronze/redshift_behavior"')
    expect(columns).toEqual([{ name: 'event_id', type: 'VARCHAR' }, { name: 'event_ts', type: 'TIMESTAMP WITH TIME ZONE' }])
    expect(await one('select count(*)::integer, count(event_ts)::integer from "bronze/redshift_behavior"')).toEqual([189, 189])
  })

  it('[SRC-KAF-1] give each message once, with what is in it', async () => {
    expect(await one('select count(*)::integer, count(distinct event_id)::integer from "bronze/kafka_events"')).toEqual([1_813, 1_813])
    expect(await one('select count(order_id)::integer, count(customer_id)::integer, count(amount)::integer, count(distinct kafka_partition)::integer from "silver/order_events"')).toEqual([1_813, 1_813, 1_813, 6])
  })

  it('[ARC-01] flow from landing over bronze and silver to gold, and never back', async () => {
    await inProject(home, 1, async ({ graph }) => {
      for (const key of graph.keys) for (const upstream of graph.upstreamKeysOf(key)) expect([key, upstream, rank(upstream) <= rank(key)]).toEqual([key, upstream, true])
      expect(graph.keys.filter(key => key.startsWith('landing/')).length).toBe(11)
    }, SAMPLE)
  })

  it('[OBS-M-1] are counted as they pass, by the run itself', () => {
    const counts = Object.fromEntries(run.steps.map(({ asset, counts }) => [asset, [counts.rowsIn, counts.rowsOut]]))
    expect(counts).toMatchObject({ 'landing/snowflake_orders': [1_837, 1_837], 'bronze/snowflake_orders': [1_837, 1_837], 'silver/orders_usd': [5_502, 1_731], 'gold/product_perf_daily': [1_731, 1_730] })
  })

  it('[OBS-M-1] [XF-BS-6] are accepted, rejected or duplicates, row for row', () => {
    for (const { asset, counts } of run.steps.filter(({ asset }) => asset.startsWith('bronze/'))) expect([asset, counts.accepted! + counts.rejected + counts.deduplicated!]).toEqual([asset, counts.rowsIn])
  })

  it('[Q12-f] become one file a table, not one a partition of something', () => {
    for (const layer of ['bronze', 'silver', 'gold']) {
      for (const table of readdirSync(join(home, 'lake', layer))) {
        const files = readdirSync(join(home, 'lake', layer, table), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.parquet'))
        // What users did is no part of the sample.
        expect([table, files.length]).toEqual([table, table.endsWith('user_actions') ? 0 : 1])
      }
    }
  })
})

const rank = (key: string) => ['landing', 'bronze', 'silver', 'gold', 'features', 'serve'].indexOf(key.slice(0, key.indexOf('/')))
