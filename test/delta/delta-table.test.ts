import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { setProperties } from '../../framework/delta/alter.ts'
import { append, overwrite, overwritePartitions } from '../../framework/delta/stage.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { evolve } from '../../framework/delta/evolve-schema.ts'
import { deltaSchemaOf } from '../../framework/delta/schema.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()

describe('a table', () => {
  it('that is not there is told by name, and has head -1', async () => {
    const table = rig.table()
    expect(await table.head()).toBe(-1)
    await expect(table.snapshot()).rejects.toMatchObject({ code: 'delta/no-table' })
  })

  it('is read back with all types, equal to what was written', async () => {
    const query = `select 1::tinyint as t, 2::smallint as s, 3::int as i, 4::bigint as l, 1.5::float as f, 2.5::double as d, 12345678901234567890.12::decimal(38,2) as dec, true as b,
      'text' as v, 'bytes'::blob as bin, date '2026-02-03' as day, timestamptz '2026-02-03 04:05:06.123456' as ts, timestamp '2026-02-03 04:05:06.123456' as ntz,
      {'a': 1, 'b': ['x', null]} as st, [1, null, 3] as li, map {'k': 1.5::double} as m, null::int as n`
    const table = await rig.create(query)
    expect(await rig.rows(table)).toEqual(await rig.database.use(c => c.json(query)))
    expect((await table.snapshot()).protocol).toEqual({ minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ['timestampNtz'], writerFeatures: ['timestampNtz', 'appendOnly', 'invariants'] })
  })

  it('needs no features without naive timestamps, and deletion vectors only when modern', async () => {
    expect((await (await rig.create('select 1 as a')).snapshot()).protocol).toEqual({ minReaderVersion: 1, minWriterVersion: 2 })
    expect((await (await rig.create('select 1 as a', { profile: 'modern' })).snapshot()).protocol.readerFeatures).toEqual(['deletionVectors'])
  })

  it('knows its rows, nulls and bounds from statistics alone', async () => {
    const table = await rig.create(`select i as id, case when i > 2 then 'n' || i end as name, 'p' as part from range(6) r(i)`, { partitionColumns: ['part'] })
    const snapshot = await table.snapshot()
    expect(snapshot.files.rows).toBe(6)
    expect([snapshot.nullCount('id'), snapshot.nullCount('name'), snapshot.nullCount('part')]).toEqual([0, 3, 0])
    expect([snapshot.bounds('id'), snapshot.bounds('name'), snapshot.bounds('part')]).toEqual([{ min: 0, max: 5 }, { min: 'n3', max: 'n5' }, { min: 'p', max: 'p' }])
  })

  it('reads a candidate before it is committed, and leaves the table as it was', async () => {
    const table = await rig.create('select 1 as a')
    const base = await table.snapshot()
    const files = await rig.database.use(c => writeDataFiles(c, 'select 2 as a', base))
    const candidate = base.with(overwrite(base, files))
    expect(await rig.rows(candidate)).toEqual([{ a: 2 }])
    expect(await rig.rows(table)).toEqual([{ a: 1 }])
  })

  it('keeps every version readable, by number and by time', async () => {
    const table = await rig.create('select 0 as a')
    for (const a of [1, 2]) await rig.append(table, `select ${a} as a`)
    expect((await rig.rows(await table.snapshot({ version: 1 }))).map(row => row['a'])).toEqual([0, 1])
    const [second, , first] = await table.history()
    expect((await table.snapshot({ time: first!.timestamp })).version).toBe(0)
    expect((await table.snapshot({ time: new Date(second!.timestamp.getTime() + 3_600_000) })).version).toBe(2)
    await expect(table.snapshot({ version: 7 })).rejects.toMatchObject({ code: 'delta/no-such-version', hint: 'Versions 0 to 2 can be read.' })
    await expect(table.snapshot({ time: new Date(0) })).rejects.toMatchObject({ code: 'delta/no-such-version' })
  })

  it('carries provenance in the commit, untouched', async () => {
    const table = await rig.create('select 0 as a')
    const base = await table.snapshot()
    const files = await rig.database.use(c => writeDataFiles(c, 'select 1 as a', base))
    const provenance = { run: 'r1', inputs: { 'silver/x': 'dh1:...' }, deep: [{ n: 1.5 }] }
    committed(await table.commit(append(base, files), base, { operation: 'WRITE', operationParameters: { mode: 'Append' }, provenance }))
    expect((await table.history(1))[0]).toMatchObject({ version: 1, operation: 'WRITE', operationParameters: { mode: 'Append' }, isBlindAppend: true, provenance, operationMetrics: { numOutputRows: '1' } })
    expect((await table.snapshot()).commitInfo?.varve).toEqual(provenance)
  })

  it('is written once for one transaction of an application', async () => {
    const table = await rig.create('select 0 as a')
    const base = await table.snapshot()
    const files = await rig.database.use(c => writeDataFiles(c, 'select 1 as a', base))
    const change = { ...append(base, files), txn: [{ appId: 'asset', version: 7 }] }
    expect(await table.commit(change, base, { operation: 'WRITE' })).toEqual({ status: 'committed', version: 1 })
    expect(await table.commit(change, base, { operation: 'WRITE' })).toEqual({ status: 'already-committed', version: 1 })
    expect(await table.commit(change, await table.snapshot(), { operation: 'WRITE' })).toEqual({ status: 'already-committed', version: 1 })
    expect(await rig.rows(table)).toHaveLength(2)
  })

  it('rebases appends, and tells an overwrite that lost whom it lost to', async () => {
    const table = await rig.create('select 0 as a')
    const base = await table.snapshot()
    const [one, two, three] = await rig.database.use(c => Promise.all([1, 2, 3].map(a => writeDataFiles(c, `select ${a} as a`, base))))
    committed(await table.commit(append(base, one!), base, { operation: 'WRITE' }))
    expect(committed(await table.commit(overwrite(base, two!), base, { operation: 'WRITE', provenance: { run: 'first' } }))).toBe(2)
    expect(await table.commit(overwrite(base, three!), base, { operation: 'WRITE' })).toMatchObject({ status: 'conflict', version: 2, reason: 'concurrent-delete-delete', with: { provenance: { run: 'first' } } })
  })

  it('cannot be made twice', async () => {
    const table = await rig.create('select 0 as a')
    await expect(rig.create('select 1 as a', {}, table)).rejects.toThrow('table-exists')
  })

  it('overwrites the partitions that are written, and no other', async () => {
    const table = await rig.create(`select i as id, 'p' || (i % 3) as p from range(6) r(i)`, { partitionColumns: ['p'] })
    const base = await table.snapshot()
    const files = await rig.database.use(c => writeDataFiles(c, `select 100 as id, 'p1' as p`, base))
    committed(await table.commit(overwritePartitions(base, files), base, { operation: 'WRITE' }))
    expect((await rig.rows(table)).map(row => row['id'])).toEqual([0, 2, 3, 5, 100])
    expect(() => overwritePartitions(base, files, [{ p: 'p2' }])).toThrow('none of the partitions')
  })

  it.each([
    ['1e300::double', '1.0E300'], ['1.1::float', '1.1'], [`'nan'::double`, 'NaN'], [`'-inf'::double`, '-Infinity'], ['0.0::double', '-0.0'], ['-1.5::decimal(9,3)', '-1.5'], ['0::decimal(9,3)', '0.000'], ['7::integer', '+07'], ['true', 'TRUE'],
    [`'2024-02-29 23:59:59.12+00'::timestamptz`, '2024-02-29 23:59:59.120000'], [`'2024-02-29 10:00:00'::timestamp`, '2024-02-29T10:00:00.000'], [`'2024-02-29 00:00:00'::timestamp`, '2024-02-29'], [`'10000-01-01'::date`, '+10000-01-01'], [`'a'`, 'a'],
  ])('overwrites the partition %s where another writer has the text %s for it, and sees what comes into it meanwhile', async (value, text) => {
    const table = await rig.create(`select 1 as id, ${value} as p union all select 2, null`, { partitionColumns: ['p'] })
    const commit = join(table.root, '_delta_log/00000000000000000000.json')
    const lines = readFileSync(commit, 'utf8').trim().split('\n').map(line => JSON.parse(line) as { add?: { partitionValues: Record<string, string | null> } })
    for (const { add } of lines) if (add?.partitionValues['p']) add.partitionValues['p'] = text
    writeFileSync(commit, lines.map(line => JSON.stringify(line)).join('\n'))
    const base = await rig.table(table.root).snapshot()
    const change = async (id: number) => overwritePartitions(base, await rig.database.use(c => writeDataFiles(c, `select ${id} as id, ${value} as p`, base)))
    const [first, second] = [await change(100), await change(200)]
    committed(await table.commit(first, base, { operation: 'WRITE' }))
    expect((await rig.rows(rig.table(table.root))).map(row => row['id'])).toEqual([2, 100])
    expect(await table.commit({ ...second, removes: [] }, base, { operation: 'WRITE' })).toMatchObject({ status: 'conflict', reason: 'concurrent-append' })
  })

  it('takes new columns where the schema may evolve; old rows have NULL there', async () => {
    const table = await rig.create('select 1 as a')
    const base = await table.snapshot()
    const rows = `select 2 as a, 'new' as b`
    const schema = evolve(base.schema, deltaSchemaOf(await rig.database.use(c => c.describe(rows))), 'add')
    const files = await rig.database.use(c => writeDataFiles(c, rows, { ...base, root: base.root, schema, partitionColumns: [] }))
    committed(await table.commit(append(base, files, schema), base, { operation: 'WRITE' }))
    expect(await rig.rows(table)).toEqual([{ a: 1, b: null }, { a: 2, b: 'new' }])
  })

  it('partitions by values of any type, and reads them back', async () => {
    const query = `select * from (values (1, date '2026-01-02', timestamptz '2026-01-02 03:04:05.678901', 1.50::decimal(5,2), true, 'a/b=c %é'), (2, null, null, null, null, null), (3, date '2026-01-03', timestamptz '2026-01-02 03:04:05', 0, false, '')) v(id, d, ts, n, b, s)`
    const table = await rig.create(query, { partitionColumns: ['d', 'ts', 'n', 'b', 's'] })
    expect(await rig.rows(table)).toEqual(await rig.database.use(c => c.json(`select id, d, ts, n, b, nullif(s, '') as s from (${query}) order by id`)))
    const [, , third] = [...(await table.snapshot()).files].map(file => file.partitionValues).sort((a, b) => String(a['d']).localeCompare(String(b['d'])))
    expect(third).toEqual({ d: null, ts: null, n: null, b: null, s: null })
  })
})

it('partitions by bytes where they are text, as the log has them, and says by name where they are none', async () => {
  const table = await rig.create(`select 1 as i, 'a\\x01\\x5Cx41\\xC3\\xA4'::blob as p`, { partitionColumns: ['p'] })
  expect([...(await table.snapshot()).files].map(({ partitionValues }) => partitionValues)).toEqual([{ p: 'a\u0001\\x41ä' }])
  expect(await rig.rows(table)).toEqual(await rig.database.use(c => c.json(`select 1 as i, 'a\\x01\\x5Cx41\\xC3\\xA4'::blob as p`)))
  await expect(rig.append(table, `select 2 as i, '\\xFF'::blob as p`)).rejects.toMatchObject({ code: 'duckdb/query-failed', kind: 'Invalid Input' })
})

describe('in-commit timestamps', () => {
  it('rise from version to version, lead the commit, and are the times of the versions', async () => {
    const table = await rig.create('select 0 as a', { properties: { 'delta.enableInCommitTimestamps': 'true' } })
    const at = (hours: number) => new Date(Date.UTC(2030, 0, 1, hours))
    for (const hours of [5, 3]) {
      const base = await table.snapshot()
      committed(await table.commit(append(base, await rig.database.use(c => writeDataFiles(c, 'select 1 as a', base))), base, { operation: 'WRITE', timestamp: at(hours) }))
    }
    expect((await table.history()).slice(0, 2).map(({ timestamp }) => timestamp)).toEqual([new Date(at(5).getTime() + 1), at(5)])
    expect((await table.snapshot({ time: at(5) })).version).toBe(1)
    expect((await table.snapshot({ time: new Date(at(5).getTime() + 1) })).version).toBe(2)
    expect((await table.snapshot()).timestamp).toEqual(new Date(at(5).getTime() + 1))
    const lines = Buffer.from(await table.store.read('00000000000000000002.json')).toString().split('\n')
    expect(Object.keys(JSON.parse(lines[0]!) as object)).toEqual(['commitInfo'])
    expect((await table.snapshot()).protocol.writerFeatures).toContain('inCommitTimestamp')
  })

  it('stay rising when a writer loses a version to another one', async () => {
    const table = await rig.create('select 0 as a', { properties: { 'delta.enableInCommitTimestamps': 'true' } })
    const base = await table.snapshot()
    const files = await rig.database.use(async c => [await writeDataFiles(c, 'select 1 as a', base), await writeDataFiles(c, 'select 2 as a', base)])
    const later = new Date(Date.now() + 3_600_000)
    committed(await table.commit(append(base, files[0]!), base, { operation: 'WRITE', timestamp: later }))
    committed(await table.commit(append(base, files[1]!), base, { operation: 'WRITE' }))
    expect((await table.history(1))[0]!.timestamp.getTime()).toBe(later.getTime() + 1)
  })

  it('begin at the version and the time that the table says, also where someone came in between and the clock went back', async () => {
    const table = await rig.create('select 0 as a')
    const base = await table.snapshot()
    await rig.append(table, 'select 1 as a')
    const between = (await table.store.stat('00000000000000000001.json'))!.modified
    const version = committed(await table.commit(setProperties(base, { 'delta.enableInCommitTimestamps': 'true' }), base, { operation: 'SET TBLPROPERTIES', timestamp: new Date(0) }))
    const { properties, timestamp } = await table.snapshot()
    expect([version, timestamp!.getTime()]).toEqual([2, between + 1])
    expect(properties).toMatchObject({ 'delta.inCommitTimestampEnablementVersion': '2', 'delta.inCommitTimestampEnablementTimestamp': String(between + 1) })
  })
})

describe('a checksum beside the log', () => {
  const checked = async (checksum: (right: { readonly numFiles: number; readonly tableSizeBytes: number }) => object | string) => {
    const table = await rig.create('select 0 as a')
    const snapshot = await table.snapshot()
    const content = checksum({ numFiles: 1, tableSizeBytes: snapshot.files.bytes })
    await table.store.put('00000000000000000000.crc', typeof content === 'string' ? content : JSON.stringify(content))
    return { table, trouble: await table.trouble(snapshot) }
  }

  it.each<[string, Parameters<typeof checked>[0]]>([
    ['is right', right => right], ['is none', () => 'torn {'], ['lacks what it must have', () => ({ numFiles: 2 })], ['is of another commit that once had the version', right => ({ ...right, numFiles: 2, txnId: 'of another' })],
  ])('says nothing where it %s', async (_, checksum) => {
    const { table, trouble } = await checked(checksum)
    expect(trouble).toBeUndefined()
    expect(await rig.append(table, 'select 1 as a')).toBe(1)
  })

  it.each<[string, RegExp, Parameters<typeof checked>[0]]>([
    ['files', /it has 1 files, but its checksum says 2/, right => ({ ...right, numFiles: 2 })], ['bytes', /bytes, but its checksum says 7/, right => ({ ...right, tableSizeBytes: 7 })],
    ['schema', /schema/, right => ({ ...right, metadata: { id: 'other', schemaString: '{}' } })], ['protocol', /protocol/, right => ({ ...right, protocol: { minReaderVersion: 3, minWriterVersion: 7 } })],
  ])('with other %s is told to readers, and is in the way of writers', async (_, difference, checksum) => {
    const { table, trouble } = await checked(checksum)
    expect(trouble).toMatch(difference)
    expect(await rig.rows(table)).toEqual([{ a: 0 }])
    await expect(rig.append(table, 'select 1 as a')).rejects.toMatchObject({ code: 'delta/broken-log', message: expect.stringMatching(difference) })
    await expect(table.checkpoint()).rejects.toMatchObject({ code: 'delta/broken-log' })
    expect(await table.head()).toBe(0)
  })
})
