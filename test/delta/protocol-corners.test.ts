import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { add, field, foreignTable, metaData, PROTOCOL, type Actions, type Made } from './foreign-table.ts'
import { Rig } from './rig.ts'

const rig = new Rig()
const foreign = (files: Readonly<Record<string, Made>>, commits: readonly Actions[], root?: string) => foreignTable(rig, files, commits, root)

describe('a table that reads right though', () => {
  it('its folder has a name that reads as a pattern, beside folders that match it', async () => {
    const names = ['plain', 'a', 'a[b]c', 'abc', 'a*b', 'a?b', 'a{b}', "it's", 'a b%20c', 'ä#', 'back\\slash', '"q"', 'a,b', 'x=y', '[ab]']
    for (const [i, name] of names.entries()) {
      const table = await foreign({ 'f.parquet': `select ${i} as a` }, [[PROTOCOL, metaData([field('a', 'integer')]), add('f.parquet')]], join(rig.folder, 'odd', name))
      await rig.append(table, `select ${i + 100} as a`)
      await table.checkpoint()
    }
    for (const [i, name] of names.entries()) expect([name, await rig.rows(rig.table(join(rig.folder, 'odd', name)))]).toEqual([name, [{ a: i }, { a: i + 100 }]])
  })

  it('its columns have names that engines use themselves, or that need quotes', async () => {
    const names = ['file_index', 'file_row_number', 'filename', '__t', '__p', '__d', '__i', 'c0', 'file', 'bits', '__file', '__row', 'rowid', 'q', 's', 't', 'action', '__batch', '__gone', 'old_hash', 'kept_0',
      'r0', 'f', 'i', 'lo', 'hi', 'k', '__none', 'select', 'a"b', "a'b", 'a.b', 'a b', 'x'.repeat(3000), 'tab\there', '数', '-', '1']
    const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
    const row = (id: number, value: number) => `select ${id} as id, ${names.map(name => `${value} as ${quoted(name)}`).join(', ')}`
    const told = (id: number, value: number) => Object.fromEntries([['id', id], ...names.map(name => [name, value])])
    const table = await foreign({ 'f.parquet': row(1, 7), 'g.parquet': `${row(2, 8)} union all ${row(3, 8)}` }, [[PROTOCOL, metaData([field('id', 'integer'), ...names.map(name => field(name, 'integer'))]), add('f.parquet'), add('g.parquet')]])
    expect(await rig.rows(table)).toEqual([told(1, 7), told(2, 8), told(3, 8)])
    await rig.merge(table, `${row(2, 9)} union all ${row(3, 9)}`, { on: ['id'] }, 'deletion-vectors')
    expect(await rig.rows(rig.table(table.root))).toEqual([told(1, 7), told(2, 9), told(3, 9)])
    await rig.merge(table, `select *, id = 2 as __go from (${row(2, 10)} union all ${row(3, 10)})`, { on: ['id'], deleteWhen: '__go' }, 'copy-on-write')
    expect(await rig.rows(rig.table(table.root))).toEqual([told(1, 7), told(3, 10)])
  })

  it('columns of floats were widened: their bounds are of the narrower type', async () => {
    const table = await foreign({ 'f.parquet': 'select 1.1::float as d' }, [[PROTOCOL, metaData([field('d', 'double', { 'delta.typeChanges': [{ fromType: 'float', toType: 'double' }] })]), add('f.parquet', { stats: '{"numRecords":1,"minValues":{"d":1.1},"maxValues":{"d":1.1},"nullCount":{"d":0}}' })]])
    const scan = await (await table.snapshot()).scanSql({ filter: 'd > 1.10000001' })
    expect(await rig.database.use(c => c.json(scan))).toHaveLength(1)
  })

  it.each([
    ['2::integer', 'integer', 'double', 'd > 1.5::double'], ['2::integer', 'integer', 'decimal(12,2)', 'd < 2.4'], ['1.55::decimal(4,2)', 'decimal(4,2)', 'decimal(10,4)', 'd < 1.5501'],
    [`date '2020-01-01'`, 'date', 'timestamp_ntz', `d < timestamp '2020-01-01 12:00:00'`], ['1.1::float', 'float', 'double', 'd > 1.10000001'],
  ])('its column d held %s as %s and is now %s: a filter finds the row', async (value, fromType, type, filter) => {
    const table = await foreign({ 'f.parquet': `select ${value} as d, {'d': ${value}} as s` }, [[PROTOCOL, metaData([field('d', type, { 'delta.typeChanges': [{ fromType, toType: type }] }),
      field('s', { type: 'struct', fields: [field('d', type, { 'delta.typeChanges': [{ fromType, toType: type }] })] })]), add('f.parquet')]])
    const snapshot = await table.snapshot()
    const [top, nested] = [await snapshot.scanSql({ filter }), await snapshot.scanSql({ filter: `s.${filter}` })]
    expect(await rig.database.use(async c => [await c.json(top), await c.json(nested)].map(rows => rows.length))).toEqual([1, 1])
  })

  it('its statistics are no JSON', async () => {
    const table = await foreign({ 'f.parquet': 'select 1 as a' }, [[PROTOCOL, metaData([field('a', 'integer')]), add('f.parquet', { stats: '{"numRecords":1,"minVal' })]])
    const scan = await (await table.snapshot()).scanSql({ filter: 'a = 1' })
    expect(await rig.database.use(c => c.json(scan))).toEqual([{ a: 1 }])
  })

  it('its statistics name bounds that are not of the type', async () => {
    const table = await foreign({ 'f.parquet': "select date '2020-01-01' as a, timestamp '12000-01-01 00:00:00' as b" }, [[PROTOCOL, metaData([field('a', 'date'), field('b', 'timestamp')]), add('f.parquet', { stats: '{"numRecords":1,"minValues":{"a":"+12020-01-01","b":"+12000-01-01T00:00:00.000Z"},"maxValues":{"a":"zz","b":"+12000-01-01T00:00:00.000Z"},"nullCount":{"a":0}}' })]])
    const scan = await (await table.snapshot()).scanSql({ filter: "a = date '2020-01-01' and b > timestamptz '2020-01-01'" })
    expect(await rig.database.use(c => c.json(scan))).toHaveLength(1)
  })

  it('partition values are of every type', async () => {
    const types = { s: 'string', i: 'integer', l: 'long', b: 'boolean', d: 'double', f: 'float', dec: 'decimal(38,10)', dt: 'date', ts: 'timestamp', tn: 'timestamp_ntz', bin: 'binary', sh: 'short', by: 'byte' }
    const values = [
      { s: "O'Neil /%20=:", i: '-5', l: '9223372036854775807', b: 'true', d: 'NaN', f: '-Infinity', dec: '1234567890123456789012345678.0000000001', dt: '0001-01-01', ts: '2021-09-08 11:11:11', tn: '2021-09-08 11:11:11.123456', bin: '\u0001\u0002', sh: '-32768', by: '127' },
      { s: '', i: null, l: null, b: 'false', d: '1.0E10', f: 'Infinity', dec: '-0.0000000001', dt: '9999-12-31', ts: '2021-09-08T11:11:11.000001Z', tn: null, bin: null, sh: null, by: '' },
    ]
    const table = await foreign({ 'f.parquet': 'select 1 as id', 'g.parquet': 'select 2 as id' }, [[PROTOCOL, metaData([field('id', 'integer'), ...Object.entries(types).map(([n, t]) => field(n, t))], { partitionColumns: Object.keys(types) }), add('f.parquet', { partitionValues: values[0]! }), add('g.parquet', { partitionValues: values[1]! })]])
    expect(await rig.rows(table)).toEqual([
      { id: 1, s: "O'Neil /%20=:", i: -5, l: '9223372036854775807', b: true, d: 'NaN', f: '-Infinity', dec: '1234567890123456789012345678.0000000001', dt: '0001-01-01', ts: '2021-09-08T11:11:11Z',
        tn: '2021-09-08T11:11:11.123456', bin: '\\x01\\x02', sh: -32768, by: 127 },
      { id: 2, s: null, i: null, l: null, b: false, d: 10000000000, f: 'Infinity', dec: '-0.0000000001', dt: '9999-12-31', ts: '2021-09-08T11:11:11.000001Z', tn: null, bin: null, sh: null, by: null },
    ])
  })
  it('it is partitioned by days and instants before our era, and of years of five digits', async () => {
    const rows = [['0044-03-15 (BC)', '-0043-03-15'], ['0001-12-31 (BC)', '0000-12-31'], ['10000-01-01', '10000-01-01'], ['0001-01-01', '0001-01-01'], ['12000-02-03 (BC)', '-11999-02-03']] as const
    const table = await rig.create(rows.map(([day], i) => `select ${i} as id, '${day}'::date as d, '${day} 10:00:00.5+00'::timestamptz as t, '${day} 10:00:00'::timestamp as n`).join(' union all '), { partitionColumns: ['d', 't', 'n'] })
    const files = [...(await table.snapshot()).files].map(({ partitionValues }) => partitionValues)
    expect(new Set(files.map(each => JSON.stringify(each)))).toEqual(new Set(rows.map(([, told]) => JSON.stringify({ d: told, t: `${told}T10:00:00.500000Z`, n: `${told} 10:00:00` }))))
    expect(await rig.database.use(async c => c.rows<{ ids: bigint[] }>(`select list(id order by d) as ids from (${await (await table.snapshot()).scanSql()}) where t::date = d and n::date = d`))).toEqual([{ ids: [4, 0, 1, 3, 2] }])
    await rig.append(table, 'select 9 as id, null as d, null as t, null as n')
    expect(await rig.database.use(async c => c.rows(`select id from (${await (await rig.table(table.root).snapshot()).scanSql({ filter: "d < date '0001-01-01'" })}) order by id`))).toEqual([{ id: 0 }, { id: 1 }, { id: 4 }])
  })
  it('it has columns of type void, and fields without metadata', async () => {
    const table = await foreign({ 'f.parquet': 'select 1 as id' }, [[PROTOCOL, metaData([{ name: 'id', type: 'integer' }, { name: 'v', type: 'void' }, { name: 'n', type: { type: 'struct', fields: [{ name: 'x', type: 'void' }] } }]), add('f.parquet')]])
    expect(await rig.rows(table)).toEqual([{ id: 1, v: null, n: null }])
    await rig.append(table, 'select 2 as id, null as v, null as n')
    expect(await rig.rows(table)).toEqual([{ id: 1, v: null, n: null }, { id: 2, v: null, n: null }])
  })
  it('types were widened at any depth', async () => {
    const table = await foreign({ 'f.parquet': 'select {a: 1::smallint, b: [2::smallint]} as s, map {3::tinyint: 4::smallint} as m, [{x: 5::int}] as l, 1.5::decimal(4,2) as d, date \'2020-01-01\' as t, 7::int as id' },
      [[PROTOCOL, metaData([field('s', { type: 'struct', fields: [field('a', 'long'), field('new', 'string'), field('b', { type: 'array', elementType: 'double', containsNull: true })] }), field('m', { type: 'map', keyType: 'integer', valueType: 'decimal(20,2)', valueContainsNull: true }),
        field('l', { type: 'array', elementType: { type: 'struct', fields: [field('x', 'long'), field('y', 'string')] }, containsNull: true }), field('d', 'decimal(10,4)'), field('t', 'timestamp_ntz'), field('id', 'double')]), add('f.parquet')]])
    expect(await rig.rows(table)).toEqual([{ s: { a: 1, new: null, b: [2] }, m: [{ key: 3, value: '4.00' }], l: [{ x: 5, y: null }], d: '1.5000', t: '2020-01-01T00:00:00', id: 7 }])
  })
})

it('a table of another format is refused by name', async () => {
  const table = await foreign({}, [[PROTOCOL, { metaData: { ...metaData([field('a', 'integer')]).metaData, format: { provider: 'orc' } } }]])
  await expect(table.snapshot()).rejects.toMatchObject({ code: 'delta/unsupported-feature' })
})

it('times that commits gave themselves count for time travel, whatever times their files have', async () => {
  const table = await foreign({}, [[{ commitInfo: { timestamp: 1, operation: 'X' } }, PROTOCOL, metaData([field('a', 'integer')])],
    [{ commitInfo: { inCommitTimestamp: 1700000000000, operation: 'Y' } }, metaData([field('a', 'integer')], { configuration: { 'delta.enableInCommitTimestamps': 'true', 'delta.inCommitTimestampEnablementVersion': '1', 'delta.inCommitTimestampEnablementTimestamp': '1700000000000' } })],
    [{ commitInfo: { inCommitTimestamp: 1700000001000, operation: 'Z' } }]])
  expect((await table.snapshot({ time: new Date(1700000000500) })).version).toBe(1)
  expect((await table.snapshot({ time: new Date(1700000002000) })).version).toBe(2)
  expect((await table.history()).map(c => c.timestamp.getTime()).slice(0, 2)).toEqual([1700000001000, 1700000000000])
})

it('a version that is not there yet is told with the earliest one, also beyond the newest checkpoint', async () => {
  const table = await foreign({ 'f.parquet': 'select 1 as a' }, [[PROTOCOL, metaData([field('a', 'integer')]), add('f.parquet')]])
  await rig.append(table, 'select 2 as a')
  await table.checkpoint()
  await rig.append(table, 'select 2 as a')
  await expect(rig.table(table.root).snapshot({ version: 9 })).rejects.toMatchObject({ hint: 'Versions 0 to 2 can be read.' })
})
