import { describe, expect, it } from 'vitest'
import { stageMergeInto } from '../../framework/delta/complete-merge.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { identitiesOf } from '../../framework/delta/identity-column.ts'
import type { MergeOptions } from '../../framework/delta/merge.ts'
import { completeRows } from '../../framework/delta/own-values.ts'
import { restore } from '../../framework/delta/restore.ts'
import { stageDelete, stageUpdate } from '../../framework/delta/row-changes.ts'
import type { StructField, StructType } from '../../framework/delta/schema-types.ts'
import type { Snapshot } from '../../framework/delta/snapshot.ts'
import { append, newTable, type NewTable } from '../../framework/delta/stage.ts'
import type { TableChange } from '../../framework/delta/table-change.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()
const field = (name: string, type: string, metadata: Record<string, unknown> = {}): StructField => ({ name, type, nullable: true, metadata })
const identity = (name: string, start: number, step: number, explicit = false) => field(name, 'long', { 'delta.identity.start': start, 'delta.identity.step': step, 'delta.identity.allowExplicitInsert': explicit })
const schemaOf = (...fields: StructField[]): StructType => ({ type: 'struct', fields })

/** An empty table with a schema. */
async function made(schema: StructType, options: Partial<NewTable> = {}): Promise<DeltaTable> {
  const table = rig.table()
  committed(await table.commit(newTable({ schema, files: [], ...options }), undefined, { operation: 'CREATE TABLE' }))
  return table
}

async function appended(base: Snapshot, query: string): Promise<TableChange> {
  return rig.database.use(async c => {
    const rows = await completeRows(c, base.root, base.schema, query)
    const files = await writeDataFiles(c, rows.query, base)
    const [count] = await c.rows<{ n: bigint }>(`select count(*) as n from (${query})`)
    return append(base, files, rows.schemaAfter(Number(count!.n)))
  })
}

async function add(table: DeltaTable, query: string): Promise<number> {
  const base = await table.snapshot()
  return committed(await table.commit(await appended(base, query), base, { operation: 'WRITE' }))
}

async function mergeInto(table: DeltaTable, source: string, options: MergeOptions) {
  const base = await table.snapshot()
  const staged = await rig.database.use(c => stageMergeInto(c, base, source, options))
  await table.commit(staged.change, base, { operation: 'MERGE' })
  return staged.metrics
}

const markOf = async (table: DeltaTable, name = 'id') => identitiesOf((await table.snapshot()).schema).find(column => column.name === name)?.mark

describe('an identity column', () => {
  it('numbers rows on from where it was, in its steps, up or down', async () => {
    const table = await made(schemaOf(identity('id', 10, 5), identity('down', -1, -2, true), field('v', 'string')))
    expect((await table.snapshot()).protocol).toMatchObject({ minWriterVersion: 7, writerFeatures: expect.arrayContaining(['identityColumns']) })
    await add(table, "select unnest(['a', 'b']) as v")
    await add(table, "select 100 as down, 'c' as v")
    await add(table, "select 'd' as v")
    expect(await rig.rows(table)).toEqual([{ id: 10, down: -1, v: 'a' }, { id: 15, down: -3, v: 'b' }, { id: 20, down: 100, v: 'c' }, { id: 25, down: -5, v: 'd' }])
    expect([await markOf(table), await markOf(table, 'down')]).toEqual([25, -5])
  })

  it('generated always takes no number from rows, whoever wrote their files', async () => {
    const table = await made(schemaOf(identity('id', 1, 1), field('v', 'string')))
    await add(table, "select 'a' as v")
    await expect(add(table, "select 7 as id, 'b' as v")).rejects.toMatchObject({ code: 'delta/cannot-write', message: expect.stringContaining('id') })
    for (const rows of ["select 1 as id, 'twice' as v", "select 9 as id, 'beyond' as v", "select null as id, 'none' as v"]) {
      const base = await table.snapshot()
      const files = await rig.database.use(c => writeDataFiles(c, rows, base))
      await expect(table.commit(append(base, files), base, { operation: 'WRITE' })).rejects.toMatchObject({ code: 'delta/rule-broken', message: expect.stringContaining('id') })
    }
    expect(await rig.rows(table)).toEqual([{ id: 1, v: 'a' }])
  })

  it('is a conflict for who numbers rows too, and for nobody else', async () => {
    const table = await made(schemaOf(identity('id', 1, 1), field('v', 'string')))
    await add(table, "select 'a' as v")
    const base = await table.snapshot()
    const late = await appended(base, "select 'late' as v")
    const { change: deleted } = await rig.database.use(c => stageDelete(c, base, "v = 'a'"))
    await add(table, "select 'won' as v")
    expect(await table.commit(late, base, { operation: 'WRITE' })).toMatchObject({ status: 'conflict', reason: 'metadata-changed' })
    expect(await table.commit({ ...deleted, reads: { kind: 'files', keys: [], partitions: [] } }, base, { operation: 'DELETE' })).toMatchObject({ status: 'committed' })
    expect(await rig.rows(table)).toEqual([{ id: 2, v: 'won' }])
    expect(await markOf(table)).toBe(2)
  })

  it('gives new rows of a merge their numbers and leaves the others theirs, also where rows are written anew', async () => {
    const table = await made(schemaOf(identity('id', 1, 1), field('k', 'string'), field('v', 'integer')))
    await add(table, "select unnest(['a', 'b']) as k, 1 as v")
    expect(await mergeInto(table, "select 'b' as k, 2 as v union all select 'c', 2", { on: ['k'] })).toMatchObject({ inserted: 1, updated: 1 })
    const rows = await rig.rows(table) as { id: number; k: string; v: number }[]
    expect(rows.map(({ k, v }) => [k, v]).sort()).toEqual([['a', 1], ['b', 2], ['c', 2]])
    expect(rows.find(({ k }) => k === 'b')!.id).toBe(2)
    expect(rows.find(({ k }) => k === 'c')!.id).toBeGreaterThan(2)
    const version = await table.head()
    await mergeInto(table, "select 'b' as k, 2 as v", { on: ['k'] })
    expect(await table.head()).toBe(version)
    await expect(mergeInto(table, "select 50 as id, 'x' as k, 1 as v", { on: ['id'] })).rejects.toMatchObject({ code: 'delta/cannot-write' })
    await mergeInto(table, "select 1 as id, 'a' as k, 9 as v", { on: ['id'] })
    expect((await rig.rows(table))[0]).toEqual({ id: 1, k: 'a', v: 9 })
  })

  it('cannot be updated, and does not go back with the table', async () => {
    const table = await made(schemaOf(identity('id', 1, 1), field('v', 'string')))
    const first = await add(table, "select 'a' as v")
    await add(table, "select 'b' as v")
    const base = await table.snapshot()
    await expect(rig.database.use(c => stageUpdate(c, base, { id: '7' }, 'true'))).rejects.toMatchObject({ code: 'delta/cannot-write' })
    committed(await table.commit(await restore(base, await table.snapshot({ version: first })), base, { operation: 'RESTORE' }))
    await add(table, "select 'c' as v")
    expect(await rig.rows(table)).toEqual([{ id: 1, v: 'a' }, { id: 3, v: 'c' }])
  })

  it('that has no numbers left, or larger ones than are told exactly, is refused', async () => {
    const table = await made(schemaOf(identity('id', 2 ** 53 - 2, 1), field('v', 'string')))
    await expect(add(table, "select unnest(['a', 'b', 'c']) as v")).rejects.toMatchObject({ code: 'delta/cannot-write', message: expect.stringContaining('id') })
    await expect(made(schemaOf(identity('id', 2 ** 60, 1)))).rejects.toMatchObject({ code: 'delta/cannot-write' })
  })
})

describe('a default', () => {
  it('stands where rows lack the column; NULL stays NULL', async () => {
    const table = await made(schemaOf(field('a', 'integer'), field('b', 'string', { CURRENT_DEFAULT: "'none'" }), field('t', 'timestamp', { CURRENT_DEFAULT: "timestamp'2020-01-01 10:00:00'" }), field('d', 'integer', { CURRENT_DEFAULT: '1 + 2' })))
    expect((await table.snapshot()).protocol.writerFeatures).toContain('allowColumnDefaults')
    await add(table, 'select 1 as a')
    await add(table, 'select null as a, null as b, 7 as d')
    expect(await rig.rows(table)).toEqual([{ a: 1, b: 'none', t: '2020-01-01T10:00:00.000Z', d: 3 }, { a: null, b: null, t: '2020-01-01T10:00:00.000Z', d: 7 }].map(row => ({ ...row, t: expect.stringContaining('2020-01-01') })))
  })

  it('that cannot be computed here is needed only by rows that lack the column', async () => {
    const table = await made(schemaOf(field('a', 'integer'), field('b', 'string', { CURRENT_DEFAULT: 'uuid()' })))
    await add(table, "select 1 as a, 'x' as b")
    await expect(add(table, 'select 2 as a')).rejects.toMatchObject({ code: 'delta/cannot-write', message: expect.stringContaining('default of column b') })
  })

  it('is for new rows of a merge, and rows that are there keep what they have', async () => {
    const table = await made(schemaOf(field('k', 'integer'), field('v', 'integer'), field('b', 'string', { CURRENT_DEFAULT: "'none'" })))
    await add(table, "select 1 as k, 1 as v, 'own' as b")
    await mergeInto(table, 'select 1 as k, 2 as v union all select 2, 2', { on: ['k'] })
    expect(await rig.rows(table)).toEqual([{ k: 1, v: 2, b: 'own' }, { k: 2, v: 2, b: 'none' }])
  })
})

describe('a generated column', () => {
  const schema = schemaOf(field('ts', 'timestamp'), field('day', 'date', { 'delta.generationExpression': 'cast(ts as date)' }), field('y', 'integer', { 'delta.generationExpression': 'year(ts)' }))

  it('is computed where rows lack it, also as a partition, and follows an update', async () => {
    const table = await made(schema, { partitionColumns: ['day'] })
    expect((await table.snapshot()).protocol.writerFeatures).toContain('generatedColumns')
    await add(table, "select timestamptz '2024-02-29 23:59:59Z' as ts union all select null")
    const base = await table.snapshot()
    expect([...base.files].map(file => file.partitionValues['day']).sort()).toEqual(['2024-02-29', null])
    const { change } = await rig.database.use(c => stageUpdate(c, base, { ts: "timestamptz '2025-01-01 00:00:00Z'" }, 'ts is not null'))
    committed(await table.commit(change, base, { operation: 'UPDATE' }))
    expect((await rig.rows(table)).map(({ day, y }) => [day, y])).toEqual([['2025-01-01', 2025], [null, null]])
  })

  it('that is given must be what it would be', async () => {
    const table = await made(schema)
    await add(table, "select timestamptz '2024-02-29 23:59:59Z' as ts, date '2024-02-29' as day, 2024 as y")
    await expect(add(table, "select timestamptz '2024-02-29 23:59:59Z' as ts, date '2024-03-01' as day")).rejects.toMatchObject({ code: 'delta/rule-broken', message: expect.stringContaining('day') })
  })
})
