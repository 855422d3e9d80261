import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { DeltaTable } from '../../framework/delta/delta-table.ts'
import { LocalLogStore } from '../../framework/delta/local-log-store.ts'
import { MemoryLogStore } from '../../framework/delta/memory-log-store.ts'
import { readCommit, readCommitInfo } from '../../framework/delta/read-commit.ts'
import { append } from '../../framework/delta/stage.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { ExplainedError } from '../../framework/vocabulary/errors.ts'
import { Rig } from './rig.ts'

const rig = new Rig()
const commit = (table: DeltaTable, version: number) => join(table.root, '_delta_log', `${String(version).padStart(20, '0')}.json`)
const loaded = (root: string) => rig.table(root).snapshot().then(snapshot => ({ version: snapshot.version, files: snapshot.files.count }), (error: unknown) => error)

describe('storage that tears', () => {
  let table: DeltaTable
  beforeAll(async () => {
    table = await rig.create('select 0 as a', { profile: 'modern' })
    await rig.append(table, 'select 1 as a')
    await rig.merge(table, 'select 1 as a, true as gone', { on: ['a'], deleteWhen: 'gone' }, 'deletion-vectors')
    await rig.append(table, 'select 2 as a union all select 3')
  })

  it('a commit cut at any byte is never taken for a version', async () => {
    const store = new MemoryLogStore()
    const name = (version: number) => commit(table, version).slice(-25)
    for (const version of [0, 1, 2, 3]) await store.put(name(version), readFileSync(commit(table, version)))
    for (const version of [0, 1, 2, 3]) {
      const whole = readFileSync(commit(table, version))
      for (let length = 0; length < whole.length - 1; length += 1) {
        await store.put(name(version), whole.subarray(0, length))
        const found = await new DeltaTable(table.root, store, rig.database).snapshot().then(snapshot => snapshot.files.count, (error: unknown) => error)
        if (!(found instanceof ExplainedError) || found.code !== 'delta/broken-log') throw new Error(`version ${version} cut at ${length} of ${whole.length} was read as ${JSON.stringify(found)}`)
      }
      await store.put(name(version), whole)
    }
    expect((await new DeltaTable(table.root, store, rig.database).snapshot()).version).toBe(3)
  })

  it('what a commit says of itself is told alike with and without parsing the rest, wherever it was cut and whoever wrote it', async () => {
    const store = new MemoryLogStore()
    const ours = readFileSync(commit(table, 2), 'utf8')
    const lines = ours.trim().split('\n').map(line => (line.startsWith('{"commitInfo"') ? JSON.stringify({ commitInfo: { timestamp: 1, operation: 'WRITE' } }) : line))
    const pretty = `${lines.map(line => JSON.stringify(JSON.parse(line), undefined, 1)).join('\n')}\n`
    for (const text of [ours, ours.slice(0, -1), `${lines.join('\n')}\n`, lines.toReversed().join('\n'), `${lines.filter(line => !line.startsWith('{"commitInfo"')).join('\n')}\n\n`, pretty]) {
      for (let length = 0; length <= text.length; length += 1) {
        await store.put(commit(table, 2).slice(-25), Buffer.from(text.slice(0, length)))
        const parsed = await readCommit(store, 2).then(actions => actions.flatMap(action => ('commitInfo' in action ? [action.commitInfo] : []))[0], (error: unknown) => (error as ExplainedError).code)
        const told = await readCommitInfo(store, 2).catch((error: unknown) => (error as ExplainedError).code)
        if (JSON.stringify(told) !== JSON.stringify(parsed)) throw new Error(`${JSON.stringify(text.slice(0, length))}: ${JSON.stringify(told)} and not ${JSON.stringify(parsed)}`)
      }
    }
  })

  it('a commit that lacks only its last line break is whole', async () => {
    const copy = join(rig.folder, 'whole')
    cpSync(table.root, copy, { recursive: true })
    const whole = readFileSync(commit(table, 3))
    writeFileSync(commit(rig.table(copy), 3), whole.subarray(0, whole.length - 1))
    expect(await loaded(copy)).toEqual(await loaded(table.root))
    rmSync(copy, { recursive: true })
  })

  it.each(['garbage', '\0\0\0\0', '[]', 'null', '7', '"text"', '{"add":null}', '{"add":7}', '{"add":{}}', '{"remove":{}}', '{"metaData":{}}', '{}{'])('garbage in a commit is said by name: %s', async text => {
    const copy = join(rig.folder, 'garbage')
    cpSync(table.root, copy, { recursive: true })
    writeFileSync(commit(rig.table(copy), 3), text)
    const found = await loaded(copy)
    rmSync(copy, { recursive: true })
    expect(found).toMatchObject({ code: 'delta/broken-log' })
  })

  it('a missing version is said by name, and earlier ones stay readable', async () => {
    const copy = join(rig.folder, 'missing')
    cpSync(table.root, copy, { recursive: true })
    rmSync(commit(rig.table(copy), 2))
    await expect(rig.table(copy).snapshot()).rejects.toMatchObject({ code: 'delta/broken-log', message: expect.stringContaining('lacks version 2') })
    expect((await rig.table(copy).snapshot({ version: 1 })).version).toBe(1)
    rmSync(copy, { recursive: true })
  })

  it('files that only look like versions are no versions', async () => {
    const copy = join(rig.folder, 'doubles')
    cpSync(table.root, copy, { recursive: true })
    for (const name of ['3.json', '00000000000000000004.json.tmp', '.00000000000000000004.json', '00000000000000000004.json (1)', `${'4'.padStart(21, '0')}.json`]) writeFileSync(join(copy, '_delta_log', name), 'double')
    mkdirSync(join(copy, '_delta_log', '00000000000000000009.checkpoint.parquet'))
    expect(await loaded(copy)).toEqual(await loaded(table.root))
    rmSync(copy, { recursive: true })
  })

  it('a deletion vector that was damaged is said by name, not misread', async () => {
    const copy = join(rig.folder, 'vector')
    cpSync(table.root, copy, { recursive: true })
    const vectored = await rig.create('select i as a from range(100) r(i)', { profile: 'modern' })
    await rig.merge(vectored, 'select i as a, true as gone from range(3, 90, 7) r(i)', { on: ['a'], deleteWhen: 'gone' }, 'deletion-vectors')
    const { deletionVector } = [...(await vectored.snapshot()).files].find(file => file.deletionVector)!
    const { vectorFile } = await import('../../framework/delta/deletion-vector.ts')
    const path = vectorFile(vectored.root, deletionVector!)!
    const whole = readFileSync(path)
    for (let at = 1; at < whole.length; at += 1) {
      const damaged = Buffer.from(whole)
      damaged[at]! ^= 0x40
      writeFileSync(path, damaged)
      await expect((await rig.table(vectored.root).snapshot()).scanSql()).rejects.toMatchObject({ code: 'delta/broken-log' })
    }
    rmSync(path)
    await expect((await rig.table(vectored.root).snapshot()).scanSql()).rejects.toMatchObject({ code: 'delta/broken-log' })
    rmSync(copy, { recursive: true })
  })
})

describe('storage that refuses', () => {
  const canRefuse = process.getuid?.() !== 0

  it.skipIf(!canRefuse)('a write without permission is said by name, and nothing is committed', async () => {
    const table = await rig.create('select 0 as a')
    const base = await table.snapshot()
    const files = await rig.database.use(c => writeDataFiles(c, 'select 1 as a', base))
    chmodSync(join(table.root, '_delta_log'), 0o500)
    try {
      await expect(table.commit(append(base, files), base, { operation: 'WRITE' })).rejects.toMatchObject({ code: 'delta/storage-failed' })
    } finally {
      chmodSync(join(table.root, '_delta_log'), 0o700)
    }
    expect(await rig.rows(table)).toEqual([{ a: 0 }])
  })

  it('a folder where the log should be written to that is a file is said by name', async () => {
    const root = join(rig.folder, 'a-file')
    writeFileSync(root, 'not a folder')
    expect(await rig.table(root).head()).toBe(-1)
    await expect(rig.table(root).snapshot()).rejects.toMatchObject({ code: 'delta/no-table' })
    await expect(new LocalLogStore(root).putIfAbsent('0.json', 'x')).rejects.toMatchObject({ code: 'delta/storage-failed', hint: expect.stringContaining('nothing was committed') })
  })

  it('a checkpoint that cannot be written does not undo the commit: it is told beside it', async () => {
    const table = await rig.create('select 0 as a', { properties: { 'delta.checkpointInterval': '1' } })
    mkdirSync(join(table.root, '_delta_log', '00000000000000000001.checkpoint.parquet'))
    const base = await table.snapshot()
    const files = await rig.database.use(c => writeDataFiles(c, 'select 1 as a', base))
    expect(await table.commit(append(base, files), base, { operation: 'WRITE' })).toMatchObject({ status: 'committed', version: 1, trouble: { code: 'delta/storage-failed' } })
    expect(await rig.rows(table)).toHaveLength(2)
  })
})
