import { describe, expect, it } from 'vitest'
import { contentHash, contentHashText, addContent, subtractContent } from '../../framework/delta/content-hash.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { stageMerge, stageUpsert, type MergeHow } from '../../framework/delta/merge.ts'
import { stageDelete, stageUpdate } from '../../framework/delta/row-changes.ts'
import { deltaSchemaOf } from '../../framework/delta/schema.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()
const people = `select * from (values (1, 'Ada', timestamptz '2026-01-01'), (2, 'Bob', timestamptz '2026-01-01'), (3, 'Cyd', null)) v(id, name, seen)`

async function hashOf(table: DeltaTable): Promise<string> {
  const snapshot = await table.snapshot()
  const scan = await snapshot.scanSql()
  return rig.database.use(async c => contentHashText(await contentHash(c, scan, snapshot.schema)))
}

describe.each(['copy-on-write', 'deletion-vectors'] as const)('a merge by %s', how => {
  const create = () => rig.create(people, { profile: how === 'deletion-vectors' ? 'modern' : 'compat' })

  it('replaces rows with a known key and inserts the others', async () => {
    const table = await create()
    const { metrics } = await rig.merge(table, `select * from (values (2, 'Bert', timestamptz '2026-01-02'), (4, 'Dan', null)) v(id, name, seen)`, { on: ['id'] }, how)
    expect(metrics).toMatchObject({ sourceRows: 2, inserted: 1, updated: 1, unchanged: 0, filesRead: 1, filesRewritten: 1 })
    expect((await rig.rows(table)).map(row => [row['id'], row['name']])).toEqual([[1, 'Ada'], [2, 'Bert'], [3, 'Cyd'], [4, 'Dan']])
    expect((await table.snapshot()).files.rows).toBe(4)
  })

  it('commits nothing where nothing changes', async () => {
    const table = await create()
    const { change, metrics } = await rig.merge(table, people, { on: ['id'] }, how)
    expect(metrics).toMatchObject({ updated: 0, inserted: 0, unchanged: 3 })
    expect([change.adds, change.removes]).toEqual([[], []])
    expect(await table.head()).toBe(0)
  })

  it('does not write rows that differ only in ignored columns', async () => {
    const table = await create()
    const { metrics } = await rig.merge(table, `select id, name, timestamptz '2030-01-01' as seen from (${people})`, { on: ['id'], ignoring: ['seen'] }, how)
    expect(metrics).toMatchObject({ updated: 0, unchanged: 3 })
  })

  it('never lets an older row overwrite a newer one', async () => {
    const table = await create()
    const { metrics } = await rig.merge(table, `select * from (values (1, 'old', timestamptz '2025-01-01'), (3, 'new', timestamptz '2025-01-01')) v(id, name, seen)`, { on: ['id'], newerBy: 'seen' }, how)
    expect(metrics).toMatchObject({ older: 1, updated: 1 })
    expect((await rig.rows(table)).map(row => row['name'])).toEqual(['Ada', 'Bob', 'new'])
  })

  it('takes the newest of rows with one key where newerBy decides', async () => {
    const table = await create()
    const { metrics } = await rig.merge(table, `select * from (values (1, 'b', timestamptz '2027-01-02'), (1, 'a', timestamptz '2027-01-01'), (1, 'c', null)) v(id, name, seen)`, { on: ['id'], newerBy: 'seen' }, how)
    expect(metrics).toMatchObject({ sourceRows: 3, deduplicated: 2, updated: 1 })
    expect((await rig.rows(table))[0]).toMatchObject({ id: 1, name: 'b' })
  })

  it('takes the greatest of rows that are as new as each other, whatever their order: column by column, a value before none', async () => {
    const batch = ["(1, 'b', timestamptz '2027-01-01')", "(1, null, timestamptz '2027-01-01')", "(1, 'ß', timestamptz '2027-01-01')"]
    for (const rows of [batch, batch.toReversed()]) {
      const table = await create()
      await rig.merge(table, `select * from (values ${rows.join(', ')}) v(id, name, seen)`, { on: ['id'], newerBy: 'seen' }, how)
      expect((await rig.rows(table))[0]).toMatchObject({ id: 1, name: 'ß' })
    }
  })

  it('updates only the columns that it is told, and deletes where it is told', async () => {
    const table = await create()
    const source = `select * from (values (1, 'X', timestamptz '2027-01-01', false), (2, 'Y', null, true), (9, 'Z', null, true)) v(id, name, seen, gone)`
    const { metrics } = await rig.merge(table, source, { on: ['id'], updateColumns: ['seen'], deleteWhen: 'gone' }, how)
    expect(metrics).toMatchObject({ updated: 1, deleted: 1, inserted: 0 })
    expect(await rig.rows(table)).toEqual([{ id: 1, name: 'Ada', seen: '2027-01-01T00:00:00Z' }, { id: 3, name: 'Cyd', seen: null }])
  })

  it('replaces each of the rows that have one key', async () => {
    const table = await rig.create(`from (${people}) union all select 2, 'Bea', null`, { profile: how === 'deletion-vectors' ? 'modern' : 'compat' })
    const { metrics } = await rig.merge(table, `select * from (values (2, 'Bert', timestamptz '2026-01-02'), (3, 'Cyd', null), (4, 'Dan', null)) v(id, name, seen)`, { on: ['id'] }, how)
    expect(metrics).toMatchObject({ inserted: 1, updated: 2, unchanged: 1 })
    expect((await rig.rows(table)).map(row => [row['id'], row['name']])).toEqual([[1, 'Ada'], [2, 'Bert'], [2, 'Bert'], [3, 'Cyd'], [4, 'Dan']])
  })

  it('writes of a batch what is new or other, and neither what is the same nor what is older nor what is gone', async () => {
    const table = await create()
    const source = `select * from (values (1, 'Ada', timestamptz '2026-01-01', false), (2, 'Bob', timestamptz '2025-01-01', false), (3, 'Cy', timestamptz '2026-01-02', false), (4, 'Dan', null, false), (5, 'Eve', null, true)) v(id, name, seen, gone)`
    const { metrics, change } = await rig.merge(table, source, { on: ['id'], newerBy: 'seen', deleteWhen: 'gone' }, how)
    expect(metrics).toMatchObject({ inserted: 1, updated: 1, unchanged: 1, older: 1, deleted: 0 })
    expect(change.metrics).toMatchObject({ numTargetRowsInserted: 1, numTargetRowsUpdated: 1 })
    expect((await rig.rows(table)).map(row => [row['id'], row['name']])).toEqual([[1, 'Ada'], [2, 'Bob'], [3, 'Cy'], [4, 'Dan']])
    expect((await table.snapshot()).files.rows).toBe(4)
  })

  it('refuses NULL in a key and keys that come twice, naming them', async () => {
    const table = await create()
    await expect(rig.merge(table, `select null::int as id, 'x' as name`, { on: ['id'] }, how)).rejects.toMatchObject({ code: 'delta/null-key', message: '1 row has no value in the key (id): id = null.' })
    const twice = `select i % 7 as id, 'n' || i as name from range(14) r(i)`
    await expect(rig.merge(table, twice, { on: ['id'] }, how)).rejects.toMatchObject({ code: 'delta/duplicate-keys', message: '7 keys come more than once in the batch (id): id = 0; id = 1; id = 2; id = 3; id = 4; ....' })
    expect(await table.head()).toBe(0)
  })

  it('tells the content hash without reading the rest of the table', async () => {
    const table = await create()
    const before = await table.snapshot()
    const scan = await before.scanSql()
    const old = await rig.database.use(c => contentHash(c, scan, before.schema))
    const { content } = await rig.merge(table, `select * from (values (1, 'Anna', null), (7, 'Eve', null)) v(id, name, seen)`, { on: ['id'] }, how)
    expect(contentHashText(subtractContent(addContent(old, content.added), content.removed))).toBe(await hashOf(table))
  })

  it('reads only the files that may hold a key, and touches only those that do', async () => {
    const table = await rig.create('select i as id, i as v from range(0, 100) r(i)', { profile: how === 'deletion-vectors' ? 'modern' : 'compat' })
    for (const from of [100, 200, 300]) await rig.append(table, `select i as id, i as v from range(${from}, ${from + 100}) r(i)`)
    const { metrics } = await rig.merge(table, 'select * from (values (150::bigint, -1::bigint), (399, 399), (1000, 1)) v(id, v)', { on: ['id'] }, how)
    expect(metrics).toMatchObject({ filesRead: 2, filesRewritten: 1, updated: 1, unchanged: 1, inserted: 1 })
    expect(await rig.database.use(async c => c.json(`select count(*) as n, sum(v) as s from (${await (await table.snapshot()).scanSql()})`))).toEqual([{ n: 401, s: 79800 - 150 - 1 + 1 }])
  })

  it('reads, of a batch of very many keys, the file that one of them falls into, and not those between', async () => {
    const rows = (from: number, count: number) => `select i + ${from} as id, 'n' as name, null::timestamptz as seen from range(${count}) r(i)`
    const table = await rig.create(rows(0, 50_000), { profile: how === 'deletion-vectors' ? 'modern' : 'compat' })
    for (const from of [1_000_000, 2_000_000, 3_000_000]) await rig.append(table, rows(from, 10))
    const { metrics } = await rig.merge(table, `select 2 * i as id, 'm' as name, null::timestamptz as seen from range(24_999) r(i) union all select 2000003, 'm', null`, { on: ['id'] }, how)
    expect(metrics).toMatchObject({ sourceRows: 25_000, filesRead: 2, filesRewritten: 2, updated: 25_000, inserted: 0 })
  })

  it('works on partitioned tables, keys moving between partitions', async () => {
    const table = await rig.create(`select i as id, 'p' || (i % 3) as p from range(9) r(i)`, { partitionColumns: ['p'], profile: how === 'deletion-vectors' ? 'modern' : 'compat' })
    await rig.merge(table, `select 4::bigint as id, 'new' as p union all select 20, null`, { on: ['id'] }, how)
    expect((await rig.rows(table)).filter(row => row['id'] === 4 || row['id'] === 20)).toEqual([{ id: 4, p: 'new' }, { id: 20, p: null }])
    expect((await rig.rows(table)).length).toBe(10)
  })
})

it('makes the table where there is none', async () => {
  const table = rig.table()
  await rig.database.use(async c => {
    const schema = deltaSchemaOf(await c.describe(people))
    const staged = await stageMerge(c, { root: table.root, schema, profile: 'modern' }, people, { on: ['id'] }, 'auto' satisfies MergeHow)
    expect(staged.metrics).toMatchObject({ inserted: 3 })
    expect(committed(await table.commit(staged.change, undefined, { operation: 'MERGE' }))).toBe(0)
  })
  expect(await rig.rows(table)).toHaveLength(3)
})

it('as an upsert rewrites every match without comparing, and still never lets the older win', async () => {
  const table = await rig.create(people, { profile: 'modern' })
  const base = await table.snapshot()
  const staged = await rig.database.use(c => stageUpsert(c, base, `select id, name || '?' as name, seen from (${people}) where id < 3 union all select 1 + 8, 'new', null`, { on: ['id'], newerBy: 'seen' }))
  expect(staged.metrics).toMatchObject({ updated: 2, inserted: 1, unchanged: 0 })
  committed(await table.commit(staged.change, base, { operation: 'MERGE' }))
  expect((await rig.rows(table)).map(row => row['name'])).toEqual(['Ada?', 'Bob?', 'Cyd', 'new'])
})

describe('a table with a change data feed', () => {
  const feed = async (table: DeltaTable) => {
    const { readCommit } = await import('../../framework/delta/read-commit.ts')
    const files = (await readCommit(table.store, await table.head())).flatMap(action => ('cdc' in action ? [`'${table.root}/${action.cdc.path}'`] : []))
    return files.length === 0 ? [] : rig.database.use(c => c.json(`select id, name, _change_type from read_parquet([${files.join(', ')}]) order by all`))
  }

  it.each(['copy-on-write', 'deletion-vectors'] as const)('is told of merges, deletes and updates, by %s', async how => {
    const table = await rig.create(people, { profile: 'modern', properties: { 'delta.enableChangeDataFeed': 'true' } })
    await rig.merge(table, `select * from (values (2, 'Bert', null, false), (3, 'x', null, true), (4, 'Dan', null, false)) v(id, name, seen, gone)`, { on: ['id'], deleteWhen: 'gone' }, how)
    expect(await feed(table)).toEqual([
      { id: 2, name: 'Bert', _change_type: 'update_postimage' }, { id: 2, name: 'Bob', _change_type: 'update_preimage' },
      { id: 3, name: 'Cyd', _change_type: 'delete' }, { id: 4, name: 'Dan', _change_type: 'insert' },
    ])
    const base = await table.snapshot()
    committed(await table.commit((await rig.database.use(c => stageUpdate(c, base, { name: `'Eve'` }, 'id = 1', { how }))).change, base, { operation: 'UPDATE' }))
    expect(await feed(table)).toEqual([{ id: 1, name: 'Ada', _change_type: 'update_preimage' }, { id: 1, name: 'Eve', _change_type: 'update_postimage' }])
    const next = await table.snapshot()
    committed(await table.commit((await rig.database.use(c => stageDelete(c, next, 'id = 2', { how }))).change, next, { operation: 'DELETE' }))
    expect(await feed(table)).toEqual([{ id: 2, name: 'Bert', _change_type: 'delete' }])
    expect((await rig.rows(table)).map(row => row['name'])).toEqual(['Eve', 'Dan'])
  })
})
