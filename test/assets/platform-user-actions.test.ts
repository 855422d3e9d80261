import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generator } from '#resources/demo/five-systems'
import type { RunResult } from '../../framework/execution/run-result.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { inProject } from './platform-rig.ts'

let home: string
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'varve-user-actions-'))
  await generator.generate({ customers: 100, seed: 3, dir: join(home, 'sources') })
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const HEADER = 'event_id,topic,partition,offset,timestamp,key,value,headers'
const action = (id: string, offset: number, value: object | string = { customer_id: 'CUST-000001', event_type: 'login', event_ts: '2026-11-20 10:00:00', channel: 'WEB', metadata: { source: 'web_app', version: '2.1.0', session_id: 'SESS-1' } }, topic = 'user_actions') =>
  [id, topic, 0, offset, '2026-11-20 10:00:01', 'KEY-1', `"${(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('"', '""')}"`, ''].join(',')
const write = (name: string, ...lines: readonly string[]) => writeFileSync(join(home, 'sources', name), `${lines.join('\n')}\n`)
const linesOf = (name: string) => readFileSync(join(home, 'sources', name), 'utf8').trimEnd().split('\n')
const run = (day: number, selection: readonly string[] = ['+silver/order_events', '+silver/user_actions']) => inProject(home, day, project => project.materialize({ selection }, { signal: new AbortController().signal, listen: () => undefined }))
const rows = (sql: string) => inProject(home, 9, async project => (await project.query(sql)).rows)
const step = ({ steps }: RunResult, key: string) => steps.find(({ asset }) => asset === key)!
const sums = (result: RunResult, key: string) => { const { counts } = step(result, key); return [counts.read, counts.accepted, counts.rejected, counts.deduplicated] }
const checkpoint = (topic: string) => JSON.parse(readFileSync(join(home, 'lake/_checkpoints/kafka', topic, 'checkpoint.json'), 'utf8')) as { readonly table: string; readonly offsets: object }

describe('[SRC-KAF-2] the user actions of Kafka', () => {
  it('have a contract, tables and a checkpoint of their own, and say what was done', async () => {
    await run(1)
    expect([checkpoint('orders_events').table, checkpoint('user_actions').table]).toEqual(['bronze/kafka_events', 'bronze/kafka_user_actions'])
    expect(await rows(`select (select count(*) from "silver/user_actions")::integer as actions, (select count(*) from "silver/order_events" where topic <> 'orders_events')::integer as strangers, (select count(*) from "silver/user_actions" where action is null or customer_id is null or event_ts is null)::integer as empty`))
      .toEqual([{ actions: new Set(linesOf('kafka_user_actions.csv').slice(1).map(line => line.split(',')[0])).size, strangers: 0, empty: 0 }])
    write('kafka_user_actions.csv', HEADER, action('u', 0))
    rmSync(join(home, 'lake'), { recursive: true })
    await run(1)
    expect(await rows('select * exclude (event_ts, kafka_timestamp), epoch(event_ts)::integer as at from "silver/user_actions"')).toEqual([{
      event_id: 'u', kafka_partition: 0, kafka_offset: 0, message_key: 'KEY-1', customer_id: 'CUST-000001', action: 'LOGIN', channel: 'WEB', application: 'web_app', application_version: '2.1.0', session_id: 'SESS-1', at: Date.parse('2026-11-20T10:00:00Z') / 1_000,
    }])
  })

  it('are counted to the last, and what breaks a rule is a dead letter that tells its line', async () => {
    const good = Array.from({ length: 96 }, (_, i) => action(`a${i}`, i + 6))
    write('kafka_user_actions.csv', HEADER, action('a', 0), action('a', 1), action('b', 2, '{"half'), action('c', 3, { customer_id: 'CUST-000001' }), action('', 4), action('d', 5, { event_type: 'LOGIN', event_ts: 'noon' }), ...good)
    const result = await run(1)
    expect([sums(result, 'bronze/kafka_user_actions'), sums(result, 'silver/user_actions')]).toEqual([[102, 100, 1, 1], [100, 97, 3, 0]])
    const aside = await inProject(home, 2, project => project.quarantined('silver/user_actions' as AssetKey))
    expect(aside.map(({ row, rules, sourceRow }) => [row['event_id'], rules, sourceRow]).sort()).toEqual([['b', ['action is never null', 'cast_failed:value'], 3], ['c', ['action is never null'], 4], ['d', ['cast_failed:event_ts'], 6]])
    expect((await inProject(home, 2, project => project.quarantined('bronze/kafka_user_actions' as AssetKey))).map(({ sourceRow }) => sourceRow)).toEqual([5])
  })

  it('do not hold up the order events where their export is no messages at all, and cannot be taken in', async () => {
    write('kafka_user_actions.csv', 'who,what', '1,2')
    const result = await inProject(home, 1, project => project.materialize({ selection: ['+silver/order_events', '+silver/user_actions'], keepGoing: true }, { signal: new AbortController().signal, listen: () => undefined }))
    expect(result.steps.map(({ asset, status }) => [asset, status]).sort()).toEqual([
      ['bronze/kafka_events', 'materialized'], ['bronze/kafka_user_actions', 'skipped'], ['landing/kafka_events', 'materialized'], ['landing/kafka_user_actions', 'failed'], ['silver/order_events', 'materialized'], ['silver/user_actions', 'skipped'],
    ])
  })

  it('may be absent', async () => {
    rmSync(join(home, 'sources/kafka_user_actions.csv'))
    expect([(await run(1, ['+gold/customer_360'])).ok, await rows('select count(*)::integer as n from "silver/user_actions"')]).toEqual([true, [{ n: 0 }]])
  })

  it('that came with the order events stay there, count once, and leave the checkpoint to the table of their topic', async () => {
    const orders = linesOf('kafka_events.csv')
    write('kafka_user_actions.csv', HEADER, action('own', 0))
    write('kafka_events.csv', ...orders, action('shared', 7), action('own', 0))
    const first = await run(1, ['+gold/customer_360'])
    expect(step(first, 'bronze/kafka_events').checks.filter(({ passed }) => !passed).map(({ check, failingRows, severity }) => [check, failingRows, severity])).toEqual([['topic is one of orders_events', 2, 'warn']])
    expect(await rows(`select
      (select count(*) from "silver/order_events" where event_id in ('own', 'shared'))::integer as came, (select count(*) from "silver/user_actions")::integer as own,
      (select sum(total_events) from "gold/customer_360") = (select count(*) from (select event_id from "silver/order_events" union select event_id from "silver/user_actions" union select event_id from "silver/behavior")) as once`)).toEqual([{ came: 2, own: 1, once: true }])
    expect(checkpoint('user_actions')).toMatchObject({ table: 'bronze/kafka_user_actions', offsets: { 0: 0 } })
    await inProject(home, 2, project => project.rebuildState())
    expect(checkpoint('user_actions')).toMatchObject({ table: 'bronze/kafka_user_actions', offsets: { 0: 0 } })
  })
})
