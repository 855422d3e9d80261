import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendRows } from '../../framework/duckdb/append-rows.ts'
import { columnType, columnTypeText } from '../../framework/duckdb/column-type.ts'
import { writeParquet } from '../../framework/duckdb/copy-to-parquet.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { storableTypeText } from '../../framework/duckdb/storable-type.ts'

let database: Database
let folder: string
beforeAll(async () => {
  database = await Database.open({ memoryLimit: '1GB' })
  folder = mkdtempSync(join(tmpdir(), 'varve-test-'))
})
afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a connection', () => {
  it('gives JavaScript values: bigint for whole numbers, text for decimals, Date for instants', async () => {
    const rows = await database.use(c => c.rows(`select 2::bigint as b, 3::hugeint as h, 1.50::decimal(9,2) as d, 7 as i,
      timestamptz '2026-01-02 03:04:05.678+00' as t, [1.25::decimal(3,2)] as l, map {'a': 1} as m, {'x': null::int} as s`))
    expect(rows).toEqual([{ b: 2n, h: 3n, d: '1.50', i: 7, t: new Date('2026-01-02T03:04:05.678Z'), l: ['1.25'], m: [{ key: 'a', value: 1 }], s: { x: null } }])
  })

  it('gives values that JSON can hold, exactly', async () => {
    const rows = await database.use(c => c.json(`select 2::bigint as b, 9007199254740993::bigint as big, 1.50::decimal(9,2) as d,
      timestamptz '2026-01-02 03:04:05.678901+02' as t, date '2026-01-02' as day, timestamp '2026-01-02 03:04:05' as n`))
    expect(rows).toEqual([{ b: 2, big: '9007199254740993', d: '1.50', t: '2026-01-02T01:04:05.678901Z', day: '2026-01-02', n: '2026-01-02T03:04:05' }])
  })

  it('gives days and instants before our era as ISO 8601 has them, and JavaScript reads them', async () => {
    const [row] = await database.use(c => c.json(`select '0044-03-15 (BC)'::date as day, '0044-03-15 (BC) 10:00:00.5'::timestamp as n, ['0044-03-15 (BC) 10:00:00+00'::timestamptz] as l,
      '0001-12-31 (BC) 23:59:59.999999+00'::timestamptz as zero, '0001-12-31 (BC)'::date as zero_day, '290309-12-22 (BC) 00:00:00'::timestamp as least`))
    expect(row).toEqual({ day: '-000043-03-15', n: '-000043-03-15T10:00:00.5', l: ['-000043-03-15T10:00:00Z'], zero: '0000-12-31T23:59:59.999999Z', zero_day: '0000-12-31', least: '-290308-12-22T00:00:00' })
    expect(new Date((row!['l'] as string[])[0]!).getUTCFullYear()).toBe(-43)
  })

  it('keeps the session in UTC on every connection', async () => {
    const zones = await Promise.all([1, 2, 3, 4, 5].map(() => database.use(c => c.rows(`select current_setting('TimeZone') as zone`))))
    expect(new Set(zones.map(rows => rows[0]!['zone']))).toEqual(new Set(['UTC']))
  })

  it('streams batches as they are asked for', async () => {
    const sizes = await database.use(async c => {
      const seen: number[] = []
      for await (const batch of c.stream<{ i: bigint }>('select i from range(5000) r(i)')) seen.push(batch.length)
      return seen
    })
    expect(sizes.reduce((a, b) => a + b)).toBe(5000)
    expect(sizes.length).toBeGreaterThan(1)
  })

  it('says what DuckDB said, without the noise below it', async () => {
    const failed = database.use(c => c.rows('select * from nowhere'))
    await expect(failed).rejects.toMatchObject({ code: 'duckdb/query-failed', kind: 'Catalog', message: 'Catalog Error: Table with name nowhere does not exist!' })
  })

  it('is interrupted by a signal and rejects with its reason', async () => {
    const controller = new AbortController()
    const query = database.use(c => c.rows('select sum(a.i * b.i) from range(1000000) a(i), range(1000000) b(i)', { signal: controller.signal }))
    setTimeout(() => controller.abort(), 50)
    await expect(query).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('does not start under a signal that was given before', async () => {
    await expect(database.use(c => c.run('select 1', { signal: AbortSignal.abort() }))).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('runs more queries than libuv has threads without a deadlock', async () => {
    const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => database.use(c => c.rows<{ i: number }>(`select ${i} as i`))))
    expect(answers.map(rows => rows[0]!.i)).toEqual(Array.from({ length: 24 }, (_, i) => i))
  })
})

async function* people() {
  yield { id: 1, name: 'Ada', born: '1815-12-10', seen: '2026-01-01T00:00:00.123456Z', owed: '12.345', tags: ['a'], at: { x: 1.5 }, more: { k: 'v' }, note: { deep: 1n } }
  yield { id: 2n, name: null, born: new Date('1906-12-09T13:00:00Z'), seen: new Date(0), owed: -3, tags: [] }
}

const fit = (row: object) => database.use(c => appendRows(c, 'misfits', [{ name: 'n', type: 'INTEGER' }, { name: 'd', type: 'DECIMAL(4,2)' }], [{ n: 1 }, row]))

describe('rows from JavaScript', () => {
  const columns = [
    { name: 'id', type: 'BIGINT' }, { name: 'name', type: 'VARCHAR' }, { name: 'born', type: 'DATE' }, { name: 'seen', type: 'TIMESTAMPTZ' },
    { name: 'owed', type: 'DECIMAL(9,2)' }, { name: 'tags', type: 'VARCHAR[]' }, { name: 'at', type: 'STRUCT(x DOUBLE)' }, { name: 'more', type: 'MAP(VARCHAR, VARCHAR)' },
    { name: 'note', type: 'VARCHAR' },
  ]

  it('fill a temp table with their declared types', async () => {
    const rows = await database.use(async c => {
      expect(await appendRows(c, 'people', columns, people())).toBe(2)
      const found = await c.json('select * from people order by id')
      await c.run('drop table people')
      return found
    })
    expect(rows).toEqual([
      { id: 1, name: 'Ada', born: '1815-12-10', seen: '2026-01-01T00:00:00.123456Z', owed: '12.35', tags: ['a'], at: { x: 1.5 }, more: [{ key: 'k', value: 'v' }], note: '{"deep":"1"}' },
      { id: 2, name: null, born: '1906-12-09', seen: '1970-01-01T00:00:00Z', owed: '-3.00', tags: [], at: null, more: null, note: null },
    ])
  })

  it('that do not fit are refused with row, column and reason', async () => {
    await expect(fit({ n: 1.5 })).rejects.toThrow('Row 2 does not fit column n: 1.5 is no INTEGER.')
    await expect(fit({ n: 3_000_000_000 })).rejects.toThrow('3000000000 is out of the range of INTEGER')
    await expect(fit({ d: '123.4' })).rejects.toThrow('123.4 has more digits than DECIMAL(4,2) holds')
    await expect(fit({ m: 1 })).rejects.toThrow('Row 2 does not fit column m: there is no such column.')
  })
})

describe('types', () => {
  it('are taken apart and put together again', () => {
    for (const text of ['INTEGER', 'DECIMAL(18,2)', "ENUM('a', 'b(c')", 'TIMESTAMP WITH TIME ZONE', 'STRUCT("a b" INTEGER, "x" DECIMAL(2,1)[])', 'MAP(VARCHAR, STRUCT("z""q" INTEGER)[])[]']) {
      expect(columnTypeText(columnType(text))).toBe(text)
    }
    expect(columnTypeText(columnType('INTEGER[2][]'))).toBe('INTEGER[][]')
  })

  it('that other engines do not read become the nearest that they do, at any depth', () => {
    expect(storableTypeText('STRUCT(a UUID, b HUGEINT[], c MAP(UINTEGER, TIME WITH TIME ZONE))')).toBe('STRUCT("a" VARCHAR, "b" DECIMAL(38,0)[], "c" MAP(BIGINT, VARCHAR))')
    expect(['UBIGINT', 'TIMESTAMP_NS', "ENUM('a', 'b')", 'JSON', 'TIMESTAMP WITH TIME ZONE', 'DECIMAL(4,1)'].map(storableTypeText))
      .toEqual(['DECIMAL(20,0)', 'TIMESTAMP', 'VARCHAR', 'VARCHAR', 'TIMESTAMP WITH TIME ZONE', 'DECIMAL(4,1)'])
  })
})

describe('writing parquet', () => {
  it('tells the files, their statistics, and the columns as they were stored', async () => {
    const written = await database.use(c => writeParquet(c, `select i as id, sum(i) over () as total, uuid() as u from range(10) r(i)`, join(folder, 'plain')))
    expect(written.columns).toEqual([{ name: 'id', type: 'BIGINT' }, { name: 'total', type: 'DECIMAL(38,0)' }, { name: 'u', type: 'VARCHAR' }])
    expect(written.rows).toBe(10)
    expect(written.files[0]!.columnStats['"id"']).toMatchObject({ min: '0', max: '9', null_count: '0' })
  })

  it('makes a folder a partition, with NULL told from text', async () => {
    const sql = `select i, case when i % 2 = 0 then 'a/b' end as p from range(4) r(i)`
    const written = await database.use(c => writeParquet(c, sql, join(folder, 'parts'), { partitionBy: ['p'] }))
    expect(written.files.map(file => file.partitionValues['p']).sort()).toEqual(['a/b', null].sort())
  })

  it('closes files at the target size, in partitions too', async () => {
    const sql = 'select i, hash(i) as h, i // 900000 as p from range(1000000) r(i)'
    for (const partitionBy of [[], ['p']]) {
      const written = await database.use(c => writeParquet(c, sql, join(folder, `sized-${partitionBy.length}`), { partitionBy, targetFileSize: 2_000_000 }))
      expect(written.files.length).toBeGreaterThan(3)
      expect(written.rows).toBe(1_000_000)
      expect(written.files.reduce((most, file) => Math.max(most, file.bytes), 0)).toBeLessThan(4_500_000)
      expect(new Set(written.files.map(file => file.partitionValues['p']))).toEqual(new Set(partitionBy.length === 0 ? [undefined] : ['0', '1']))
      const paths = written.files.map(file => `'${file.path}'`).join(', ')
      expect(await database.use(c => c.json(`select count(*) as n, sum(i) as s from read_parquet([${paths}], hive_partitioning=false)`))).toEqual([{ n: 1_000_000, s: 499_999_500_000 }])
    }
  })

  it('makes no file of no rows, and leaves no folder of a failure', async () => {
    const nothing = await database.use(c => writeParquet(c, 'select 1 as a where false', join(folder, 'none')))
    expect(nothing).toEqual({ files: [], rows: 0, bytes: 0, columns: [{ name: 'a', type: 'INTEGER' }] })
    await expect(database.use(c => writeParquet(c, `select error('broken ' || i)::int as a from range(3) r(i)`, join(folder, 'failed')))).rejects.toMatchObject({ code: 'duckdb/query-failed', kind: 'Invalid Input' })
    expect(readdirSync(folder)).not.toContain('failed')
  })
})
