import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AddFile } from '../../framework/delta/actions.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { orphanedSidecars } from '../../framework/delta/orphaned-sidecars.ts'
import { intervalMillis } from '../../framework/delta/table-properties.ts'
import { Rig } from './rig.ts'

const rig = new Rig()
const logOf = (table: DeltaTable) => join(table.root, '_delta_log')
const names = (table: DeltaTable) => readdirSync(logOf(table)).sort()
const padded = (version: number) => String(version).padStart(20, '0')
const told = (file: AddFile) => [file.path, file.partitionValues, file.size, file.modificationTime, file.stats, file.deletionVector]

describe('a checkpoint', () => {
  it('is written every so many commits, and the table reads the same from it alone', async () => {
    const table = await rig.create('select 0 as a', { profile: 'modern', properties: { 'delta.checkpointInterval': '3' } })
    for (let a = 1; a <= 4; a += 1) await rig.append(table, `select ${a} as a`)
    await rig.merge(table, 'select 2 as a', { on: ['a'] })
    await rig.merge(table, 'select 1 as a, true as gone', { on: ['a'], deleteWhen: 'gone' }, 'deletion-vectors')
    expect(names(table).filter(name => name.includes('checkpoint'))).toEqual([`${padded(3)}.checkpoint.parquet`, '_last_checkpoint'])
    await table.checkpoint()
    const before = await rig.rows(table)
    const files = [...(await table.snapshot()).files]
    for (const name of names(table)) if (/^\d{20}\.json$/.test(name)) rmSync(join(logOf(table), name))
    const reopened = rig.table(table.root)
    const snapshot = await reopened.snapshot()
    expect(await rig.rows(snapshot)).toEqual(before)
    expect([...snapshot.files].map(told)).toEqual(files.map(told))
    expect(snapshot.metadata).toEqual((await table.snapshot()).metadata)
    expect(snapshot.protocol).toEqual((await table.snapshot()).protocol)
    expect([...snapshot.state.tombstones].length).toBeGreaterThan(0)
  })

  it('has the second form where the table asks for it, and is read from it alone', async () => {
    const table = await rig.create('select 0 as a', { properties: { 'delta.checkpointPolicy': 'v2', 'delta.checkpointInterval': '2' } })
    for (let a = 1; a <= 2; a += 1) await rig.append(table, `select ${a} as a`)
    const [checkpoint, ...others] = names(table).filter(name => name.includes('.checkpoint.'))
    expect([checkpoint, others]).toEqual([expect.stringMatching(/^0{19}2\.checkpoint\.[0-9a-f-]{36}\.parquet$/), []])
    expect(await rig.database.use(c => c.json(`select "checkpointMetadata".version as v from '${join(logOf(table), checkpoint!)}' where "checkpointMetadata" is not null`))).toEqual([{ v: 2 }])
    for (const name of names(table)) if (/^\d{20}\.json$/.test(name)) rmSync(join(logOf(table), name))
    expect(await rig.rows(rig.table(table.root))).toEqual([{ a: 0 }, { a: 1 }, { a: 2 }])
  })

  it('carries transactions and domains, and says how many actions it has', async () => {
    const table = await rig.create('select 0 as a')
    const base = await table.snapshot()
    await table.commit({ adds: [], removes: [], txn: [{ appId: 'app', version: 3, lastUpdated: 9 }], reads: { kind: 'nothing' }, metrics: {} }, base, { operation: 'STREAMING UPDATE' })
    await table.checkpoint()
    expect(JSON.parse(readFileSync(join(logOf(table), '_last_checkpoint'), 'utf8'))).toMatchObject({ version: 1, size: 4, numOfAddFiles: 1 })
    rmSync(join(logOf(table), `${padded(1)}.json`))
    expect((await rig.table(table.root).snapshot()).txns.get('app')).toEqual({ appId: 'app', version: 3, lastUpdated: 9 })
  })

  it('has NULL, not a struct of NULLs, where a row is another action: readers count on it', async () => {
    const table = await rig.create('select 0 as a')
    await table.checkpoint()
    const path = join(logOf(table), `${padded(0)}.checkpoint.parquet`)
    const rows = await rig.database.use(c => c.json(`select add is null as a, remove is null as r, "metaData" is null as m, protocol is null as p, txn is null as t from '${path}' order by all`))
    expect(rows).toEqual([{ a: false, r: true, m: true, p: true, t: true }, { a: true, r: true, m: false, p: true, t: true }, { a: true, r: true, m: true, p: false, t: true }])
  })

  it('that is damaged is passed over while the commits are there, and told by name when they are not', async () => {
    const table = await rig.create('select 0 as a')
    await rig.append(table, 'select 1 as a')
    await table.checkpoint()
    const path = join(logOf(table), `${padded(1)}.checkpoint.parquet`)
    const whole = readFileSync(path)
    writeFileSync(path, whole.subarray(0, whole.length / 2))
    expect(await rig.rows(rig.table(table.root))).toEqual([{ a: 0 }, { a: 1 }])
    rmSync(join(logOf(table), `${padded(0)}.json`))
    await expect(rig.table(table.root).snapshot()).rejects.toMatchObject({ code: 'delta/broken-log' })
  })

  it('is found without the hint, with a stale one, and with one that is nonsense', async () => {
    const table = await rig.create('select 0 as a')
    await table.checkpoint()
    for (let a = 1; a <= 3; a += 1) await rig.append(table, `select ${a} as a`)
    await table.checkpoint()
    const hint = join(logOf(table), '_last_checkpoint')
    for (const text of ['', '{', '[]', 'null', '{"version":-1}', '{"version":0}', '{"version":99}', '{"version":"3"}']) {
      writeFileSync(hint, text)
      expect((await rig.table(table.root).snapshot()).version).toBe(3)
      expect(await rig.table(table.root).head()).toBe(3)
    }
    rmSync(hint)
    expect(await rig.rows(rig.table(table.root))).toHaveLength(4)
  })

  it('in parts counts only when all parts are there', async () => {
    const table = await rig.create('select 0 as a')
    await rig.append(table, 'select 1 as a')
    await table.checkpoint()
    writeFileSync(join(logOf(table), `${padded(1)}.checkpoint.${'1'.padStart(10, '0')}.${'2'.padStart(10, '0')}.parquet`), 'half of one')
    rmSync(join(logOf(table), `${padded(1)}.checkpoint.parquet`))
    expect(await rig.rows(rig.table(table.root))).toHaveLength(2)
  })
})

describe('the log', () => {
  it('is read from compacted files where single commits are gone', async () => {
    const table = await rig.create('select 0 as a')
    for (let a = 1; a <= 3; a += 1) await rig.append(table, `select ${a} as a`)
    const log = logOf(table)
    const compacted = [1, 2].map(version => readFileSync(join(log, `${padded(version)}.json`), 'utf8').split('\n').filter(line => !line.includes('commitInfo')).join('\n')).join('')
    writeFileSync(join(log, `${padded(1)}.${padded(2)}.compacted.json`), compacted)
    for (const version of [1, 2]) rmSync(join(log, `${padded(version)}.json`))
    const snapshot = await rig.table(table.root).snapshot()
    expect([snapshot.version, (await rig.rows(snapshot)).length]).toEqual([3, 4])
  })

  it('is cleaned of what is older than its retention, never beyond what a reader needs', async () => {
    const table = await rig.create('select 0 as a', { properties: { 'delta.logRetentionDuration': 'interval 2 days' } })
    const age = (version: number, days: number) => {
      for (const name of names(table)) if (name.startsWith(padded(version))) utimesSync(join(logOf(table), name), Date.now() / 1000 - days * 86_400, Date.now() / 1000 - days * 86_400)
    }
    for (let a = 1; a <= 5; a += 1) {
      await rig.append(table, `select ${a} as a`)
      if (a === 2) await table.checkpoint(new Date(0))
    }
    for (const [version, days] of [[0, 9], [1, 8], [2, 7], [3, 6], [4, 0], [5, 0]] as const) age(version, days)
    await rig.table(table.root).checkpoint()
    expect(names(table).filter(name => name.endsWith('.json'))).toEqual([2, 3, 4, 5].map(version => `${padded(version)}.json`))
    expect(await rig.rows(rig.table(table.root))).toHaveLength(6)
    expect(await rig.rows(await rig.table(table.root).snapshot({ version: 3 }))).toHaveLength(4)
    await expect(rig.table(table.root).snapshot({ version: 1 })).rejects.toMatchObject({ code: 'delta/no-such-version', hint: 'Versions 2 to 5 can be read.' })
  })

  it('is freed of sidecars that no checkpoint in it names, and of no other', async () => {
    const table = await rig.create('select 0 as a', { properties: { 'delta.logRetentionDuration': 'interval 2 days', 'delta.checkpointPolicy': 'v2' }, profile: 'modern' })
    for (let a = 1; a <= 5; a += 1) await rig.append(table, `select ${a} as a`)
    const log = logOf(table)
    const action = (version: number) => readFileSync(join(log, `${padded(version)}.json`), 'utf8').split('\n').find(line => line.startsWith('{"add"'))!.slice('{"add":'.length, -1)
    const head = readFileSync(join(log, `${padded(0)}.json`), 'utf8').split('\n').filter(line => /^{"(protocol|metaData)"/.test(line))
    mkdirSync(join(log, '_sidecars'))
    const sidecar = (name: string, versions: readonly number[]) => rig.database.use(c => c.run(`copy (select unnest(from_json('[${versions.map(action).map(text => text.replaceAll("'", "''")).join(',')}]', '["JSON"]')) as j) to '${join(rig.folder, 'unused.parquet')}'`)
      .then(() => c.run(`copy (select from_json(j, '{"path":"VARCHAR","partitionValues":"MAP(VARCHAR,VARCHAR)","size":"BIGINT","modificationTime":"BIGINT","dataChange":"BOOLEAN","stats":"VARCHAR"}') as add from '${join(rig.folder, 'unused.parquet')}') to '${join(log, '_sidecars', name)}' (format parquet)`)))
    for (const [name, versions] of [['first.parquet', [0, 1]], ['shared.parquet', [0]], ['in json.parquet', [1, 2, 3]], ['in parquet.parquet', [1, 2, 3, 4]], ['orphan.parquet', [0]], ['just made.parquet', [0]]] as const) await sidecar(name, versions)
    const naming = (...paths: readonly string[]) => paths.map(path => JSON.stringify({ sidecar: { path, sizeInBytes: statSync(join(log, '_sidecars', decodeURIComponent(path))).size, modificationTime: 0 } }))
    const checkpoint = (version: number, ...paths: readonly string[]) => [JSON.stringify({ checkpointMetadata: { version } }), ...head, ...naming(...paths)].join('\n')
    writeFileSync(join(log, `${padded(1)}.checkpoint.${randomUUID()}.json`), checkpoint(1, 'first.parquet'))
    writeFileSync(join(log, `${padded(3)}.checkpoint.${randomUUID()}.json`), checkpoint(3, 'shared.parquet', 'in%20json.parquet'))
    writeFileSync(join(rig.folder, 'lines.json'), checkpoint(4, 'shared.parquet', 'in%20parquet.parquet'))
    await rig.database.use(c => c.run(`copy (select * from read_json('${join(rig.folder, 'lines.json')}', format='newline_delimited')) to '${join(log, `${padded(4)}.checkpoint.${randomUUID()}.parquet`)}' (format parquet)`))
    const age = (path: string, days: number) => utimesSync(path, Date.now() / 1000 - days * 86_400, Date.now() / 1000 - days * 86_400)
    for (const name of names(table).filter(each => /^\d/.test(each))) age(join(log, name), [9, 8, 7, 6, 5, 0][Number(name.slice(0, 20))]!)
    for (const name of readdirSync(join(log, '_sidecars'))) age(join(log, '_sidecars', name), name === 'just made.parquet' ? 0 : 8)
    const sidecars = () => readdirSync(join(log, '_sidecars')).sort()
    // What cannot be read might name any of them.
    const torn = join(log, `${padded(2)}.checkpoint.${randomUUID()}.json`)
    writeFileSync(torn, '{"checkpointMetadata":{"version":2}}\n{"sidec')
    expect(await orphanedSidecars(table.store, await table.snapshot(), Date.now() - 86_400_000)).toEqual([])
    rmSync(torn)
    await rig.table(table.root).checkpoint()
    expect([sidecars(), names(table).filter(name => /^0+[0-3]\./.test(name))]).toEqual([['in parquet.parquet', 'just made.parquet', 'shared.parquet'], []])
    expect(await rig.rows(rig.table(table.root))).toHaveLength(6)
    expect(await rig.rows(await rig.table(table.root).snapshot({ version: 4 }))).toHaveLength(5)
  })

  it('of another table under the same name is not taken for the one that was loaded', async () => {
    const table = await rig.create('select 1 as a')
    await rig.append(table, 'select 2 as a')
    expect(await rig.rows(table)).toHaveLength(2)
    rmSync(table.root, { recursive: true })
    mkdirSync(table.root, { recursive: true })
    await rig.create('select 7 as other', {}, rig.table(table.root))
    await rig.append(rig.table(table.root), 'select 8 as other')
    expect(await rig.rows(table)).toEqual([{ other: 7 }, { other: 8 }])
  })
})

it('reads intervals as Spark writes them', () => {
  expect(['interval 30 days', 'interval 1 week', 'INTERVAL 2 hours 30 minutes', 'soon'].map(intervalMillis)).toEqual([2_592_000_000, 604_800_000, 9_000_000, undefined])
})
