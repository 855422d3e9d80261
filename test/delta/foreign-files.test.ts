import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { stageDelete } from '../../framework/delta/row-changes.ts'
import { stageOptimize } from '../../framework/delta/optimize.ts'
import { add, field, foreignTable, metaData, PROTOCOL, type Made } from './foreign-table.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()

async function found(table: DeltaTable, filter: string): Promise<Record<string, unknown>[]> {
  const scan = await (await table.snapshot()).scanSql({ filter })
  return rig.database.use(c => c.json(scan))
}

it('texts whose files do not say that they are texts are read as such, at any depth', async () => {
  const bytes = `'\\xC3\\xBC\\x5Cx41'::blob`
  const list = (elementType: unknown) => ({ type: 'array', elementType, containsNull: true })
  const table = await foreignTable(rig, { 'f.parquet': `select ${bytes} as t, [${bytes}] as l, {'x': ${bytes}} as s`, 'g.parquet': `select 'ä' as t, ['ä'] as l, {'x': 'ä'} as s` },
    [[PROTOCOL, metaData([field('t', 'string'), field('l', list('string')), field('s', { type: 'struct', fields: [field('x', 'string')] })]), add('f.parquet'), add('g.parquet')]])
  const text = 'ü\\x41'
  expect(await rig.rows(table)).toEqual([{ t: 'ä', l: ['ä'], s: { x: 'ä' } }, { t: text, l: [text], s: { x: text } }])
  expect(await found(table, `t = '${text}'`)).toHaveLength(1)
})

it('bytes stay bytes beside texts', async () => {
  const table = await foreignTable(rig, { 'f.parquet': `select '\\xFF\\x00a'::blob as b, 'ü' as t` }, [[PROTOCOL, metaData([field('b', 'binary'), field('t', 'string')]), add('f.parquet')]])
  expect(await rig.rows(table)).toEqual([{ b: '\\xFF\\x00a', t: 'ü' }])
})

it('texts of a fixed length are filled up with blanks, as Spark reads them, and found so', async () => {
  const char = (name: string) => field(name, 'string', { __CHAR_VARCHAR_TYPE_STRING: 'char(4)' })
  const stats = (text: string) => ({ stats: JSON.stringify({ numRecords: 1, minValues: { c: text }, maxValues: { c: text }, nullCount: { c: 0 } }) })
  const table = await foreignTable(rig, { 'f.parquet': `select 'ab' as c`, 'g.parquet': `select 'ab  ' as c`, 'h.parquet': `select 'äöüß' as c`, 'i.parquet': 'select null::text as c' }, [[PROTOCOL, metaData([char('c'), char('p')], { partitionColumns: ['p'] }),
    add('f.parquet', { partitionValues: { p: 'x' }, ...stats('ab') }), add('g.parquet', { partitionValues: { p: 'x   ' }, ...stats('ab  ') }), add('h.parquet', { partitionValues: { p: null } }), add('i.parquet', { partitionValues: { p: 'long as it is' } })]])
  expect(await rig.rows(table)).toEqual([{ c: 'ab  ', p: 'x   ' }, { c: 'ab  ', p: 'x   ' }, { c: 'äöüß', p: null }, { c: null, p: 'long as it is' }])
  expect([(await found(table, `c = 'ab  '`)).length, (await found(table, `p = 'x   '`)).length, (await found(table, `c = 'ab'`)).length]).toEqual([2, 2, 0])
})

describe('columns that are mapped by id', () => {
  const mapped = (name: string, id: number, physical: string, type: string) => field(name, type, { 'delta.columnMapping.id': id, 'delta.columnMapping.physicalName': physical })
  const files: Readonly<Record<string, Made>> = {
    'ids.parquet': [`select 1::bigint as p1, 'x' as p2`, 'field_ids {p1: 1, p2: 2}'],
    'others.parquet': [`select 'z' as p1, 3::bigint as q`, 'field_ids {p1: 2, q: 1}'],
    'none.parquet': `select 2::bigint as p1, 'y' as p2`,
  }

  it.each([['ids', 'none', 'others'], ['none', 'ids', 'others'], ['others', 'none', 'ids']])('are found in files with and without ids: %s, %s, %s', async (...order) => {
    const table = await foreignTable(rig, files, [[{ protocol: { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ['columnMapping', 'deletionVectors'], writerFeatures: ['columnMapping', 'deletionVectors'] } },
      metaData([mapped('a', 1, 'p1', 'long'), mapped('b', 2, 'p2', 'string')], { configuration: { 'delta.columnMapping.mode': 'id', 'delta.columnMapping.maxColumnId': '2', 'delta.enableDeletionVectors': 'true' } }), ...order.map(name => add(`${name}.parquet`, { stats: '{"numRecords":1}' }))]])
    const all = [{ a: 1, b: 'x' }, { a: 2, b: 'y' }, { a: 3, b: 'z' }]
    expect(await rig.rows(table)).toEqual(all)
    for (const row of all) expect(await found(table, `a = ${row.a} and b = '${row.b}'`)).toEqual([row])
    const base = await table.snapshot()
    committed(await table.commit((await rig.database.use(c => stageDelete(c, base, 'a = 2'))).change, base, { operation: 'DELETE' }))
    expect(await rig.rows(table)).toEqual([all[0], all[2]])
    const worn = await table.snapshot()
    committed(await table.commit((await rig.database.use(c => stageOptimize(c, worn))).change, worn, { operation: 'OPTIMIZE' }))
    expect(await rig.rows(rig.table(table.root))).toEqual([all[0], all[2]])
  })
})

it.each<readonly [what: string, ids: string, refused: boolean]>([
  ['under their physical names', 'a: 2, b: 3', false], ['without ids', '', false], ['under other names', 'a: 3, b: 2', true], ['under the names of dropped ones', 'a: 9, b: 3', true],
])('fields inside columns that are mapped by id are found %s, or refused by name', async (_, ids, refused) => {
  const mapped = (name: string, id: number, physical: string, type: unknown) => field(name, type, { 'delta.columnMapping.id': id, 'delta.columnMapping.physicalName': physical })
  const inner = { type: 'struct', fields: [mapped('x', 2, 'a', 'integer'), mapped('y', 3, 'b', 'integer')] }
  const written = ids === '' ? 'field_ids {p: 1, q: 8}' : `field_ids {p: {__duckdb_field_id: 1, element: {${ids}}}, q: {__duckdb_field_id: 8, a: 7}}`
  const table = await foreignTable(rig, { 'f.parquet': [`select [{'a': 1, 'b': 2}] as p, {'a': 5} as q`, written] },
    [[{ protocol: { minReaderVersion: 2, minWriterVersion: 5 } }, metaData([mapped('l', 1, 'p', { type: 'array', elementType: inner, containsNull: true }), mapped('q', 8, 'q', { type: 'struct', fields: [mapped('z', 7, 'a', 'integer')] })], { configuration: { 'delta.columnMapping.mode': 'id', 'delta.columnMapping.maxColumnId': '8' } }), add('f.parquet')]])
  if (refused) await expect(rig.rows(table)).rejects.toMatchObject({ code: 'delta/cannot-read', message: expect.stringMatching(/Column l of .* has a field [ab] that f.parquet holds under another name/) })
  else expect(await rig.rows(table)).toEqual([{ l: [{ x: 1, y: 2 }], q: { z: 5 } }])
  const { rows } = await rig.database.use(async c => ({ rows: await c.json(await (await table.snapshot()).scanSql({ columns: ['q'] })) }))
  expect(rows).toEqual([{ q: { z: 5 } }])
})

it('a partition column that the metadata names in other letters than the schema has its values, and skips files by them', async () => {
  const table = await foreignTable(rig, { 'f.parquet': 'select 1 as id', 'g.parquet': 'select 2 as id' }, [[PROTOCOL, metaData([field('id', 'integer'), field('Part', 'string')], { partitionColumns: ['part'] }),
    add('f.parquet', { partitionValues: { part: 'x' }, stats: '{"numRecords":1}' }), add('g.parquet', { partitionValues: { part: null }, stats: '{"numRecords":1}' })]])
  const rows = [{ id: 1, Part: 'x' }, { id: 2, Part: null }]
  expect(await rig.rows(table)).toEqual(rows)
  expect([await found(table, `Part = 'x'`), await found(table, 'Part is null'), await found(table, 'Part is not null')]).toEqual([[rows[0]], [rows[1]], [rows[0]]])
  expect([(await table.snapshot()).nullCount('Part'), (await table.snapshot()).bounds('Part')]).toEqual([1, { min: 'x', max: 'x' }])
  await rig.append(table, `select 3 as id, 'y' as Part`)
  expect(await rig.rows(rig.table(table.root))).toEqual([...rows, { id: 3, Part: 'y' }])
})

it('days and instants in partition values are as Java tells them, however far away', async () => {
  const values = [['-0044-03-15', '-0044-03-15 00:00:00'], ['+12020-01-01', '+12020-01-01 00:00:00'], ['2024-1-5', '2024-01-05T01:00:00.5+02:00'], ['0001-01-01', '0001-01-01 00:00:00.000001']]
  const table = await foreignTable(rig, Object.fromEntries(values.map((_, i) => [`f${i}.parquet`, `select ${i} as i`])), [[PROTOCOL, metaData([field('i', 'integer'), field('d', 'date'), field('t', 'timestamp')], { partitionColumns: ['d', 't'] }),
    ...values.map(([d, t], i) => add(`f${i}.parquet`, { partitionValues: { d, t } }))]])
  const scan = await (await table.snapshot()).scanSql()
  const told = await rig.database.use(c => c.rows<{ d: string; t: string }>(`select d::varchar as d, t::varchar as t from (${scan}) order by i`))
  expect(told.map(({ d, t }) => [d, t])).toEqual([['0045-03-15 (BC)', '0045-03-15 (BC) 00:00:00+00'], ['12020-01-01', '12020-01-01 00:00:00+00'], ['2024-01-05', '2024-01-04 23:00:00.5+00'], ['0001-01-01', '0001-01-01 00:00:00.000001+00']])
  expect(await found(table, `d > date '9999-12-31'`)).toHaveLength(1)
})

it('rows that a deletion vector in the log itself marks are gone', async () => {
  // The vector that the tests of delta-kernel-rs have.
  const marked = { storageType: 'i', pathOrInlineDv: '^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L', sizeInBytes: 44, cardinality: 6 }
  const both = ['deletionVectors']
  const table = await foreignTable(rig, { 'f.parquet': 'select i::int as i from range(30) r(i)' }, [[{ protocol: { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: both, writerFeatures: both } },
    metaData([field('i', 'integer')], { configuration: { 'delta.enableDeletionVectors': 'true' } }), add('f.parquet', { stats: '{"numRecords":30}', deletionVector: marked })]])
  const gone = new Set([3, 4, 7, 11, 18, 29])
  const left = Array.from({ length: 30 }, (_, i) => i).filter(i => !gone.has(i))
  expect((await rig.rows(table)).map(({ i }) => i)).toEqual(left)
  await table.checkpoint()
  const base = await rig.table(table.root).snapshot()
  committed(await table.commit((await rig.database.use(c => stageDelete(c, base, 'i < 2', { how: 'deletion-vectors' }))).change, base, { operation: 'DELETE' }))
  expect((await rig.rows(rig.table(table.root))).map(({ i }) => i)).toEqual(left.slice(2))
})

it('a file whose name is of no version that there can be is none of the log', async () => {
  const table = await foreignTable(rig, { 'f.parquet': 'select 1 as i' }, [[PROTOCOL, metaData([field('i', 'integer')]), add('f.parquet')]])
  for (const name of ['99999999999999999999.json', '09007199254740993000.checkpoint.parquet', '09007199254740993000.json', '09007199254740993001.json']) writeFileSync(join(table.root, '_delta_log', name), '{}')
  expect(await rig.rows(table)).toEqual([{ i: 1 }])
  await rig.append(table, 'select 2 as i')
  expect(await rig.rows(rig.table(table.root))).toEqual([{ i: 1 }, { i: 2 }])
})
