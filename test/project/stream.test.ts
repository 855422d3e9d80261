import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Checkpoint, ReplayFrom } from '../../framework/storage/checkpoints.ts'
import { tableRows } from '../rig/lake-table.ts'
import { module, type ProjectRig } from '../rig/project-rig.ts'
import { shop } from '../rig/shop.ts'

let rig: ProjectRig
afterEach(() => rig.remove())

const CONTRACT = JSON.stringify({
  name: 'shop_orders_bronze', version: '1.0.0', source: 'kafka', table: 'events', primaryKey: ['event_id'],
  columns: [
    { name: 'event_id', type: 'varchar', required: true }, { name: 'topic', type: 'varchar', required: true }, { name: 'partition', as: 'kafka_partition', type: 'bigint', required: true },
    { name: 'offset', as: 'kafka_offset', type: 'bigint', required: true }, { name: 'timestamp', as: 'kafka_timestamp', type: 'timestamptz', required: true }, { name: 'value', type: 'varchar', required: true },
  ],
})
const BRONZE = module('Asset, SqlAsset, Upstream, append, conform, notNull, type QueryContext', `
import { Landed } from '../landing/shop_orders'
/** One row per message. */
@Asset({
  key: 'bronze/messages', contract: 'shop_orders_bronze', write: append({ key: ['event_id'] }), checks: [notNull('event_id', { onFail: 'quarantine' })],
  stream: { topics: ['orders', 'actions'], topic: 'topic', partition: 'kafka_partition', offset: 'kafka_offset', at: 'kafka_timestamp' },
})
export class Messages extends SqlAsset {
  @Upstream(() => Landed) readonly raw!: Landed
  query({ contract }: QueryContext) { return conform(this.raw, contract) }
}`)

type Message = readonly [id: string, topic: string, partition: number, offset: number, minute?: number]
const line = ([event_id, topic, partition, offset, minute = offset]: Message) => JSON.stringify({ event_id, topic, partition, offset, timestamp: `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`, value: '{}' })
const lines = (...messages: Message[]) => `${messages.map(line).join('\n')}\n`
const ORDERS: Message[] = [['a', 'orders', 0, 0], ['b', 'orders', 0, 1], ['c', 'orders', 1, 0], ['d', 'orders', 1, 1], ['e', 'orders', 1, 2]]
const ACTIONS: Message[] = [['u', 'actions', 0, 5], ['v', 'actions', 0, 6]]

function begin(exports: Readonly<Record<string, string>>): ProjectRig {
  const made = shop(exports, { 'config/schema_definitions/shop_orders_bronze.json': CONTRACT, 'assets/bronze/messages.ts': BRONZE })
  for (const file of ['assets/bronze/shop_orders.ts', 'assets/silver/orders.ts']) rmSync(join(made.root, file))
  made.write('assets/landing/shop_orders.ts', readFileSync(join(made.root, 'assets/landing/shop_orders.ts'), 'utf8').replace('  files()', "  override readonly malformed = 'value'\n  files()"))
  return made
}
const NOW = new Date('2026-03-02T06:00:00Z')
const run = (more: Parameters<ProjectRig['run']>[1] = {}) => rig.run([], { now: NOW, ...more })
const replay = (topic: string, from: ReplayFrom) => rig.with(project => project.replayStream(topic, from, { signal: new AbortController().signal, listen: () => {} }), { now: new Date('2026-03-03T06:00:00Z') })
const folder = (topic: string) => join(rig.lake, '_checkpoints/kafka', topic)
const checkpoint = (topic: string) => JSON.parse(readFileSync(join(folder(topic), 'checkpoint.json'), 'utf8')) as Checkpoint
const ids = async () => (await rig.rows('select event_id from "bronze/messages" order by 1')).map(row => row['event_id'])
const bronze = (result: Awaited<ReturnType<ProjectRig['run']>>) => result.steps.find(({ asset }) => asset === 'bronze/messages')

describe('a stream', () => {
  it('[SRC-KAF-1] [SRC-KAF-3] is read from the earliest message on at first, and its offsets are in the commit and in a checkpoint of each topic', async () => {
    rig = begin({ 'orders.jsonl': lines(...ORDERS), 'actions.jsonl': lines(...ACTIONS) })
    const { run: id } = await run()
    expect(await ids()).toEqual(['a', 'b', 'c', 'd', 'e', 'u', 'v'])
    expect([checkpoint('orders'), checkpoint('actions')]).toEqual([
      { topic: 'orders', offsets: { 0: 1, 1: 2 }, updated_at: NOW.toISOString(), version: 0, run_id: id, table: 'bronze/messages' },
      { topic: 'actions', offsets: { 0: 6 }, updated_at: NOW.toISOString(), version: 0, run_id: id, table: 'bronze/messages' },
    ])
    expect(readFileSync(join(rig.lake, 'bronze/messages/_delta_log/00000000000000000000.json'), 'utf8')).toContain('"offsets":{"actions":{"0":6},"orders":{"0":1,"1":2}}')
  })

  it('[Q2-d] [Q9-b] [Q9-c] keeps the first delivery of a message, however often and at whatever offset it comes again', async () => {
    rig = begin({ 'orders.jsonl': lines(...ORDERS) })
    await run()
    rig.write('exports/orders.jsonl', lines(...ORDERS, ...ORDERS, ['a', 'orders', 0, 2, 59], ['f', 'orders', 0, 3]))
    expect(bronze(await run())!.counts).toMatchObject({ rowsOut: 1, accepted: 1, deduplicated: 11 })
    expect([await ids(), checkpoint('orders').offsets, await rig.rows(`select strftime(kafka_timestamp, '%M') as minute from "bronze/messages" where event_id = 'a'`)]).toEqual([['a', 'b', 'c', 'd', 'e', 'f'], { 0: 3, 1: 2 }, [{ minute: '00' }]])
  })

  it('[SRC-KAF-3] fails where messages are gone before they were read, and goes on where that is said', async () => {
    rig = begin({ 'orders.jsonl': lines(...ORDERS) })
    await run()
    rig.write('exports/orders.jsonl', lines(['x', 'orders', 0, 4], ['y', 'orders', 1, 3]))
    expect(bronze(await run())).toMatchObject({ status: 'failed', error: { code: 'storage/stream-gap', message: 'Messages of orders, partition 0, are lost to bronze/messages: 1 was the last that was read, and 4 is the first that there is.' } })
    expect([(await ids()).length, checkpoint('orders').offsets]).toEqual([5, { 0: 1, 1: 2 }])
    expect((await replay('orders', { kind: 'earliest' })).ok).toBe(true)
    expect([await ids(), checkpoint('orders').offsets]).toEqual([['a', 'b', 'c', 'd', 'e', 'x', 'y'], { 0: 4, 1: 3 }])
  })

  it('[SRC-KAF-2] is not held up by another that is malformed: its lines are in the dead-letter table, whole', async () => {
    rig = begin({ 'actions.jsonl': `${line(ACTIONS[0]!)}\n{"event_id": "half", "topic": "act\nno json at all, "quoted"\n[1]\n{"event_id": "twice", "event_id": "thrice"}\n{"event_id": "half \\ud83d"}\n\n${line(ACTIONS[1]!)}\n`, 'orders.jsonl': lines(...ORDERS), 'worse.csv': 'who,what\n1,2\n' })
    const { ok, steps } = await run()
    expect(steps.map(({ error }) => error)).toEqual([undefined, undefined])
    expect([ok, await ids()]).toEqual([true, ['a', 'b', 'c', 'd', 'e', 'u', 'v']])
    expect(bronze({ steps } as never)!.counts).toMatchObject({ rowsIn: 12, accepted: 7, rejected: 5 })
    const letters = await tableRows(join(rig.lake, '_quarantine/bronze/messages'), 'rules, row', 'order by row')
    expect(letters.map(({ rules, row }) => [rules, (JSON.parse(row as string) as { value: string }).value])).toEqual([
      '[1]', 'no json at all, "quoted"', '{"event_id": "half \\ud83d"}', '{"event_id": "half", "topic": "act', '{"event_id": "twice", "event_id": "thrice"}',
    ].map(text => [['event_id is never null'], text]))
    expect(steps.find(({ asset }) => asset === 'landing/shop_orders')!.checks.find(({ check }) => check === 'every file can be read')).toMatchObject({ passed: false, severity: 'warn', detail: expect.stringContaining('worse.csv lacks the required columns') })
    rig.write('exports/actions.jsonl', 'nothing\n')
    rig.write('exports/orders.jsonl', lines(...ORDERS, ['f', 'orders', 0, 2]))
    expect([(await run()).ok, await ids()]).toEqual([true, ['a', 'b', 'c', 'd', 'e', 'f', 'u', 'v']])
  })

  it('[Q9-d] is read again from the earliest message, an instant or offsets, with the old checkpoint in the archive and nothing doubled', async () => {
    rig = begin({ 'orders.jsonl': lines(...ORDERS), 'actions.jsonl': lines(...ACTIONS) })
    await run()
    const old = checkpoint('orders')
    const result = await replay('orders', { kind: 'earliest' })
    expect([bronze(result)!.counts, (await ids()).length]).toMatchObject([{ rowsIn: 7, deduplicated: 7, rowsOut: 0 }, 7])
    const archive = readdirSync(join(folder('orders'), 'archive'))
    expect([archive, JSON.parse(readFileSync(join(folder('orders'), 'archive', archive[0]!), 'utf8'))]).toEqual([['20260303T060000000Z.json'], old])
    expect([checkpoint('orders'), existsSync(join(folder('orders'), 'replay.json')), checkpoint('actions').version]).toMatchObject([{ offsets: { 0: 1, 1: 2 }, run_id: result.run }, false, 0])
    // From an instant: only what came at or after it, of that topic.
    expect(bronze(await replay('orders', { kind: 'time', at: '2026-03-01T10:01:00.000Z' }))!.counts).toMatchObject({ rowsIn: 5 })
    expect(bronze(await replay('orders', { kind: 'offsets', offsets: { 1: 2 } }))!.counts).toMatchObject({ rowsIn: 5 })
    expect([await ids(), checkpoint('orders').offsets]).toEqual([['a', 'b', 'c', 'd', 'e', 'u', 'v'], { 0: 1, 1: 2 }])
    await expect(replay('ordres', { kind: 'earliest' })).rejects.toMatchObject({ code: 'project/unknown-topic', hint: 'Did you mean orders?' })
  })

  it('[Q14-e] goes on behind what its table holds where the checkpoint is lost, without a gap and without a message twice', async () => {
    rig = begin({ 'orders.jsonl': lines(...ORDERS) })
    await run()
    rmSync(join(rig.lake, '_checkpoints'), { recursive: true })
    rig.write('exports/orders.jsonl', lines(['b', 'orders', 0, 1], ['e', 'orders', 1, 2], ['f', 'orders', 0, 2]))
    expect([(await run()).ok, await ids(), checkpoint('orders').offsets]).toEqual([true, ['a', 'b', 'c', 'd', 'e', 'f'], { 0: 2, 1: 2 }])
    rmSync(join(rig.lake, '_checkpoints'), { recursive: true })
    rig.write('exports/orders.jsonl', lines(['z', 'orders', 0, 9]))
    expect(bronze(await run())).toMatchObject({ status: 'failed', error: { code: 'storage/stream-gap' } })
    const before = { topic: 'orders', offsets: { 0: 2, 1: 2 }, version: 1 }
    expect([await rig.with(project => project.rebuildState()), checkpoint('orders')]).toMatchObject([{ checkpoints: 1 }, before])
  })

  it('[Q9-a] is read by one at a time: of two consumers the second waits, and finds nothing to do', async () => {
    rig = begin({ 'orders.jsonl': lines(...ORDERS) })
    const both = await Promise.all([run(), run()])
    expect([both.map(({ ok }) => ok), await ids(), checkpoint('orders').version, readdirSync(join(folder('orders'), 'commits'))]).toEqual([[true, true], ['a', 'b', 'c', 'd', 'e'], 0, ['00000000000000000000.json']])
  })

  it('[SRC-KAF-1] is taken from any iterator of records as from a file', async () => {
    rig = begin({ 'orders.jsonl': lines(...ORDERS) })
    await run()
    rig.write('resources/records-file.ts', readFileSync('resources/sources/records-file.ts', 'utf8').replace('#framework', 'varve'))
    rig.write('assets/landing/shop_orders.ts', module('Asset, FileAsset', `
      import { recordsFile } from '../../resources/records-file'
      async function* consumed() { for (let offset = 0; offset < 3; offset += 1) yield { event_id: 'n' + offset, topic: 'orders', partition: 7, offset, timestamp: '2026-03-01T10:00:00Z', value: '{}' } }
      @Asset({ key: 'landing/shop_orders', contract: 'shop_orders_bronze' })
      export class Landed extends FileAsset {
        override readonly malformed = 'value'
        async files() { return [await recordsFile('orders', 'kafka://broker/orders', consumed())] }
      }`))
    expect([(await run()).ok, await ids(), checkpoint('orders').offsets, (await run()).steps]).toEqual([true, ['a', 'b', 'c', 'd', 'e', 'n0', 'n1', 'n2'], { 0: 1, 1: 2, 7: 2 }, []])
  })

  it('must append by a key', async () => {
    rig = begin({ 'orders.jsonl': lines(...ORDERS) })
    rig.write('assets/bronze/messages.ts', BRONZE.replace("append({ key: ['event_id'] })", 'append()'))
    await expect(run()).rejects.toMatchObject({ code: 'definition/stream-needs-key' })
  })
})
