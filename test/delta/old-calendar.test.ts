import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stageOptimize } from '../../framework/delta/optimize.ts'
import { stageDelete } from '../../framework/delta/row-changes.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { add, field, foreignTable, metaData, PROTOCOL, type Made } from './foreign-table.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()

/** Written by Spark 4.0.1, which reads what stands here: the table of this name in `test/delta-peers/foreign_tables.py`. */
const written = (name: string): DeltaTable => {
  const table = rig.table()
  cpSync(join(import.meta.dirname, 'spark-tables', name), table.root, { recursive: true })
  return table
}

describe('days and instants that Spark wrote in its older calendar', () => {
  // Of the last insert nothing is moved; the other two cannot tell the ten days that the old calendar does not have.
  const rows = (missing: string) => [
    { i: 0, d: '2024-01-01', t: '2024-01-01T00:00:00.123456Z', s: { d: '2024-01-01' }, l: ['2024-01-01'], m: [{ key: '0900-02-28', value: '0900-02-28T01:00:00Z' }] },
    { i: 1, d: `1582-10-${missing}`, t: `1582-10-${missing}T12:00:00Z`, s: { d: '1582-10-04' }, l: ['1500-02-28', '1500-03-01'], m: [] },
    { i: 2, d: '0001-01-01', t: '0001-01-01T00:00:00Z', s: { d: '0001-01-01' }, l: ['1000-01-01'], m: null },
    { i: 3, d: '1400-03-10', t: '1400-03-10T01:02:03.456789Z', s: { d: null }, l: [null], m: null },
    { i: 4, d: '1582-10-15', t: '1582-10-15T00:00:00Z', s: null, l: null, m: null },
    { i: 5, d: '1890-06-01', t: '1890-06-01T00:00:00Z', s: null, l: null, m: null },
    { i: 6, d: null, t: null, s: null, l: null, m: null },
  ]

  it.each([[1, ['15']], [2, ['15', '15']], [3, ['15', '15', '14']]])('are read as Spark reads them, plain, as INT96 and beside files of the other calendar: version %s', async (version, inserts) => {
    const found = await rig.rows(await written('old_calendar').snapshot({ version }))
    const byPlace = (all: readonly object[]) => all.map(row => JSON.stringify(row)).sort()
    expect(byPlace(found)).toEqual(byPlace(inserts.flatMap(rows)))
  })

  it('are found by filters, packed and rewritten', async () => {
    const table = written('old_calendar')
    const count = async (filter: string) => rig.database.use(async c => Number((await c.rows<{ n: bigint }>(`select count(*) as n from (${await (await table.snapshot()).scanSql({ filter })})`))[0]!.n))
    const counts = () => Promise.all([count(`d = date '1400-03-10'`), count(`d < date '1400-03-11'`), count(`t = timestamptz '1400-03-10 01:02:03.456789+00'`), count(`list_contains(l, date '1500-02-28')`), count(`s.d = date '0001-01-01'`)])
    expect(await counts()).toEqual([3, 6, 3, 3, 3])
    const apart = await table.snapshot()
    committed(await table.commit((await rig.database.use(c => stageOptimize(c, apart))).change, apart, { operation: 'OPTIMIZE' }))
    expect(await counts()).toEqual([3, 6, 3, 3, 3])
    const base = await table.snapshot()
    committed(await table.commit((await rig.database.use(c => stageDelete(c, base, `d = date '0001-01-01'`))).change, base, { operation: 'DELETE' }))
    expect(await counts()).toEqual([3, 3, 3, 3, 0])
  })

  it('are refused by name where they are instants before 1900 of another zone, and only there', async () => {
    const snapshot = await written('old_calendar_elsewhere').snapshot()
    await rig.database.use(async c => {
      await expect(c.rows(await snapshot.scanSql())).rejects.toThrow(/Column t of .* has an instant before 1900, in the time zone America\/Los_Angeles/)
      expect(await c.json(`select count(t) as n from (${await snapshot.scanSql({ columns: ['t'] })}) where t is null`).catch(String)).toMatch(/America\/Los_Angeles/)
      expect(await c.json(`select i, d, s, l from (${await snapshot.scanSql({ columns: ['i', 'd', 's', 'l'] })}) where i in (1, 3) order by i`)).toEqual([
        { i: 1, d: '1582-10-15', s: { d: '1582-10-04' }, l: ['1500-02-28', '1500-03-01'] }, { i: 3, d: '1400-03-10', s: { d: '1400-03-10' }, l: [null] },
      ])
    })
  })

  const day = `date '1400-03-19'`
  const early: readonly (readonly [what: string, file: Made, stats: string | undefined, found: unknown])[] = [
    ['of Spark 2 without statistics', [`select ${day} as d`, `kv_metadata {'org.apache.spark.version': '2.4.8'}`], undefined, [{ d: '1400-03-10' }]],
    ['of Spark 2 with statistics', [`select ${day} as d`, `kv_metadata {'org.apache.spark.version': '2.4.8'}`], '{"numRecords":1,"minValues":{"d":"1400-03-10"},"maxValues":{"d":"1400-03-10"},"nullCount":{"d":0}}', [{ d: '1400-03-10' }]],
    ['of Spark 3', [`select ${day} as d`, `kv_metadata {'org.apache.spark.version': '3.5.1'}`], undefined, [{ d: '1400-03-19' }]],
    ['of who names no version', `select ${day} as d`, undefined, [{ d: '1400-03-19' }]],
  ]

  it.each(early)('are told by the footer: a file %s', async (_, file, stats, found) => {
    const table = await foreignTable(rig, { 'f.parquet': file }, [[PROTOCOL, metaData([field('d', 'date')]), add('f.parquet', stats === undefined ? {} : { stats })]])
    expect(await rig.rows(table)).toEqual(found)
  })

  it('are refused where the file is of Spark 2, which names no zone, or lie before the year 1', async () => {
    const kept = `kv_metadata {'org.apache.spark.version': '2.4.8'}`
    const table = await foreignTable(rig, { 'f.parquet': [`select timestamptz '1899-12-31 00:00:00+00' as t, date '0000-01-01' as d`, kept], 'g.parquet': [`select timestamptz '1900-01-01 00:00:00+00' as t, date '2000-01-01' as d`, kept] },
      [[PROTOCOL, metaData([field('t', 'timestamp'), field('d', 'date')]), add('f.parquet')], [add('g.parquet'), { remove: { path: 'f.parquet', dataChange: true } }]])
    const first = await table.snapshot({ version: 0 })
    await expect(rig.rows(first)).rejects.toThrow(/Column t of .* has an instant before 1900, and the file does not say in which time zone/)
    await expect(rig.database.use(async c => c.rows(await first.scanSql({ columns: ['d'] })))).rejects.toThrow(/Column d of .* has a day before the year 1/)
    expect(await rig.rows(table)).toEqual([{ t: '1900-01-01T00:00:00Z', d: '2000-01-01' }])
  })
})
