import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { cleanLog } from '../../framework/delta/clean-log.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { commitName } from '../../framework/delta/log-names.ts'
import { resolvePath } from '../../framework/delta/table-paths.ts'
import { vacuum } from '../../framework/delta/vacuum.ts'
import { ExplainedError } from '../../framework/vocabulary/errors.ts'
import { Rig } from './rig.ts'

const rig = new Rig()
const padded = (version: number) => String(version).padStart(20, '0')
const log = (table: DeltaTable, name = '') => join(table.root, '_delta_log', name)
const told = (table: DeltaTable) => rig.table(table.root).snapshot().then(({ version, files }) => ({ version, files: files.count }), (error: unknown) => (error instanceof ExplainedError ? `${error.code}: ${error.message}` : error))

let whole: DeltaTable
beforeAll(async () => {
  whole = await rig.create('select 0 as a')
  for (const a of [1, 2, 3]) await rig.append(whole, `select ${a} as a`)
})

let copies = 0
function copyOf(table: DeltaTable): DeltaTable {
  const root = join(rig.folder, `copy-${(copies += 1)}`)
  cpSync(table.root, root, { recursive: true })
  return rig.table(root)
}

describe('a checkpoint that cannot be trusted', () => {
  /** A checkpoint of the second form, as JSON, of version 2. */
  async function withJsonCheckpoint(): Promise<{ table: DeltaTable; name: string; text: string }> {
    const table = copyOf(whole)
    const { protocol, metadata, files } = await table.snapshot({ version: 2 })
    const text = [{ checkpointMetadata: { version: 2 } }, { protocol }, { metaData: metadata }, ...[...files].map(add => ({ add }))].map(action => `${JSON.stringify(action)}\n`).join('')
    const name = `${padded(2)}.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json`
    writeFileSync(log(table, name), text)
    writeFileSync(log(table, '_last_checkpoint'), JSON.stringify({ version: 2, size: 6, numOfAddFiles: 3, v2Checkpoint: { path: name, sizeInBytes: text.length } }))
    return { table, name, text }
  }

  it('since it was cut at any byte is passed over where commits lead to the version, and said by name where they do not', async () => {
    const { table, name, text } = await withJsonCheckpoint()
    expect(await told(table)).toEqual({ version: 3, files: 4 })
    const lengths = Array.from({ length: text.length - 1 }, (_, length) => length).filter(length => length % 37 === 0 || text[length - 1] === '\n' || text[length] === '\n')
    for (const length of lengths) {
      writeFileSync(log(table, name), text.slice(0, length))
      expect({ length, told: await told(table) }).toEqual({ length, told: { version: 3, files: 4 } })
    }
    rmSync(log(table, commitName(1)))
    for (const length of lengths.filter(each => each > 0 && each < text.length - 1)) {
      writeFileSync(log(table, name), text.slice(0, length))
      expect({ length, told: await told(table) }).toEqual({ length, told: expect.stringMatching(new RegExp(`^delta/broken-log: .*lacks version 1.*${name}`)) })
    }
    writeFileSync(log(table, name), text)
    expect(await told(table)).toEqual({ version: 3, files: 4 })
  })

  it('since a sidecar is missing or it is of something else is passed over, or said by name', async () => {
    const { table, name, text } = await withJsonCheckpoint()
    const lines = text.split('\n').filter(line => !line.startsWith('{"add"'))
    for (const damaged of [`${lines.join('\n')}{"sidecar":{"path":"gone.parquet","sizeInBytes":1,"modificationTime":0}}\n`, `${lines.join('\n')}{"sidecar":null}\n`, '{"add":null}', '[]', '{}']) {
      writeFileSync(log(table, name), damaged)
      expect({ damaged, told: await told(table) }).toEqual({ damaged, told: { version: 3, files: 4 } })
    }
    const parquet = log(table, `${padded(3)}.checkpoint.parquet`)
    await rig.database.use(c => c.run(`copy (select 1 as of_something_else) to '${parquet}' (format parquet)`))
    expect(await told(table)).toEqual({ version: 3, files: 4 })
    rmSync(log(table, commitName(2)))
    expect(await told(table)).toMatch(/^delta\/broken-log: .*lacks version 2.*checkpoint.parquet has no protocol/)
  })

  it('never has the commits before it taken away', async () => {
    const table = copyOf(whole)
    await table.checkpoint()
    writeFileSync(log(table, `${padded(3)}.checkpoint.parquet`), 'half of it')
    for (const name of readdirSync(log(table))) utimesSync(log(table, name), 1000, 1000)
    expect(await cleanLog(table.store, await table.snapshot(), new Date())).toEqual([])
    expect(await told(table)).toEqual({ version: 3, files: 4 })
  })
})

it('compacted commits stand for those that are gone, whichever of several leads on', async () => {
  const table = copyOf(whole)
  const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => readFileSync(log(table, commitName(from + i)), 'utf8').split('\n').filter(line => line.startsWith('{"add"')).join('\n')).join('\n')
  const texts = [[1, 2], [1, 3], [2, 9]].map(([from, to]) => [`${padded(from!)}.${padded(to!)}.compacted.json`, to === 9 ? 'garbage' : lines(from!, to!)] as const)
  for (const [name, text] of texts) writeFileSync(log(table, name), text)
  for (const version of [1, 2]) rmSync(log(table, commitName(version)))
  expect(await told(table)).toEqual({ version: 3, files: 4 })
  expect((await rig.table(table.root).snapshot({ version: 2 })).files.count).toBe(3)
  await expect(rig.table(table.root).snapshot({ version: 1 })).rejects.toMatchObject({ code: 'delta/broken-log' })
})

it.each([
  ['versions of a protocol that are none', 'protocol', { minReaderVersion: 'many' }],
  ['a schema that is a list', 'metaData', { schemaString: '[]' }],
  ['a schema without fields', 'metaData', { schemaString: '{"type":"struct"}' }],
  ['a field without a type', 'metaData', { schemaString: '{"type":"struct","fields":[{"name":"a"}]}' }],
  ['a field that is nothing', 'metaData', { schemaString: '{"type":"struct","fields":[null]}' }],
  ['partition columns that are not there', 'metaData', { partitionColumns: ['b'] }],
])('a log with %s is said by name', async (_, name, damage) => {
  const table = copyOf(whole)
  const path = log(table, commitName(0))
  const actions = readFileSync(path, 'utf8').trim().split('\n').map(line => JSON.parse(line) as Record<string, object>)
  writeFileSync(path, actions.map(action => JSON.stringify(name in action ? { [name]: { ...action[name], ...damage } } : action)).join('\n'))
  expect(await told(table)).toMatch(/^delta\/broken-log: /)
})

describe('vacuum in a hostile place', () => {
  const aged = (path: string) => utimesSync(path, 1000, 1000)
  const parquets = (root: string) => readdirSync(root).filter(name => name.endsWith('.parquet'))

  it('keeps files that the log names by another way that leads to them', async () => {
    const table = copyOf(whole)
    const link = join(rig.folder, 'a link')
    symlinkSync(table.root, link)
    const names = parquets(table.root)
    const spelled = [`file://${table.root}/${names[0]}`, `${table.root}/../${table.root.split('/').at(-1)}/${names[1]}`, `file:${encodeURI(link)}/${names[2]}`, `./${names[3]}`]
    let next = 0
    for (const version of [0, 1, 2, 3]) writeFileSync(log(table, commitName(version)), readFileSync(log(table, commitName(version)), 'utf8').replace(/"path":"[^"]*"/, () => `"path":${JSON.stringify(spelled[next++])}`))
    for (const name of names) aged(join(table.root, name))
    for (const root of [table.root, link]) expect(await vacuum(await rig.table(root).snapshot())).toEqual({ files: [], bytes: 0, deleted: true })
    expect(await rig.rows(rig.table(link))).toHaveLength(4)
  })

  it('takes nothing of a table that lies below', async () => {
    const table = copyOf(whole)
    const below = join(table.root, 'below', 'it')
    mkdirSync(join(table.root, 'below'))
    cpSync(whole.root, below, { recursive: true })
    for (const name of parquets(below)) aged(join(below, name))
    const orphan = join(table.root, 'below', 'orphan.parquet')
    writeFileSync(orphan, 'x')
    aged(orphan)
    expect((await vacuum(await table.snapshot())).files).toEqual([orphan])
    expect(await rig.rows(rig.table(below))).toHaveLength(4)
  })

  it('keeps what a version that came meanwhile needs', async () => {
    const table = copyOf(whole)
    const base = await table.snapshot()
    const [file] = [...base.files]
    const without = base.with({ adds: [], removes: [{ path: file!.path, dataChange: true, deletionTimestamp: 1 }], reads: { kind: 'nothing' }, metrics: {} })
    const path = resolvePath(table.root, file!.path)
    aged(path)
    expect((await vacuum(without, { dryRun: true })).files).toEqual([path])
    expect((await vacuum(Object.assign(Object.create(without), { version: 2 }), { newest: () => Promise.resolve(base) })).files).toEqual([])
    expect(existsSync(path)).toBe(true)
  })
})
