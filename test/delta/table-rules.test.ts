import { describe, expect, it } from 'vitest'
import { setProperties } from '../../framework/delta/alter.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { stageDelete } from '../../framework/delta/row-changes.ts'
import type { StructField, StructType } from '../../framework/delta/schema-types.ts'
import { duckdbExpression } from '../../framework/delta/spark-expression.ts'
import { append } from '../../framework/delta/stage.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()
const field = (name: string, type: string, more: Partial<StructField> = {}): StructField => ({ name, type, nullable: true, metadata: {}, ...more })
const schemaOf = (...fields: StructField[]): StructType => ({ type: 'struct', fields })

async function add(table: DeltaTable, query: string) {
  const base = await table.snapshot()
  return table.commit(append(base, await rig.database.use(c => writeDataFiles(c, query, base))), base, { operation: 'WRITE' })
}

describe('the rules of a table', () => {
  it('NOT NULL holds, also inside structs, and a first version is held to it too', async () => {
    const schema = schemaOf(field('id', 'long', { nullable: false }), field('at', 'x', { type: { type: 'struct', fields: [field('x', 'long', { nullable: false })] } }))
    const table = await rig.create(`select 1::bigint as id, {'x': 1::bigint} as at`, { schema })
    await add(table, `select 2 as id, null as at`)
    await expect(add(table, `select null as id, null as at`)).rejects.toMatchObject({ code: 'delta/rule-broken', message: expect.stringContaining('1 row breaks a rule') })
    await expect(add(table, `select 3 as id, {'x': null} as at`)).rejects.toMatchObject({ code: 'delta/rule-broken' })
    await expect(rig.create(`select null::bigint as id, null as at`, { schema })).rejects.toMatchObject({ code: 'delta/rule-broken' })
    expect(await rig.rows(table)).toHaveLength(2)
  })

  it('a CHECK must be true: false and NULL break it, and it is added only where the rows meet it', async () => {
    const table = await rig.create('select 1 as amount union all select 5')
    const set = async (name: string, text: string) => {
      const base = await table.snapshot()
      return table.commit(setProperties(base, { [`delta.constraints.${name}`]: text }), base, { operation: 'ADD CONSTRAINT' })
    }
    await expect(set('large', 'amount > 2')).rejects.toMatchObject({ code: 'delta/rule-broken', message: expect.stringContaining('1 row breaks') })
    committed(await set('positive', '`amount` > 0 AND amount IS NOT NULL'))
    expect((await table.snapshot()).protocol.writerFeatures).toContain('checkConstraints')
    committed(await add(table, 'select 7 as amount'))
    await expect(add(table, 'select 0 as amount union all select null')).rejects.toMatchObject({ code: 'delta/rule-broken', message: expect.stringContaining('2 rows break') })
  })

  it('an invariant and a generated column hold', async () => {
    const schema = schemaOf(
      field('a', 'integer', { metadata: { 'delta.invariants': '{"expression":{"expression":"a < 10"}}' } }),
      field('twice', 'integer', { metadata: { 'delta.generationExpression': 'a * 2' } }))
    const table = await rig.create('select 1 as a, 2 as twice', { schema })
    committed(await add(table, 'select 3 as a, 6 as twice'))
    await expect(add(table, 'select 10 as a, 20 as twice')).rejects.toMatchObject({ code: 'delta/rule-broken' })
    await expect(add(table, 'select 3 as a, 7 as twice')).rejects.toMatchObject({ code: 'delta/rule-broken' })
  })

  it('a generated column that partitions the table is NULL where it is the empty text, since the log knows no other', async () => {
    const schema = schemaOf(field('s', 'string'), field('h', 'string', { metadata: { 'delta.generationExpression': 'substring(s, 1, 1)' } }), field('a', 'integer'))
    const table = await rig.create(`select 'x' as s, 'x' as h, 1 as a`, { schema, partitionColumns: ['h'] })
    committed(await add(table, `select '' as s, '' as h, 2 as a union all select null, null, 3`))
    await expect(add(table, `select 'y' as s, '' as h, 4 as a`)).rejects.toMatchObject({ code: 'delta/rule-broken' })
    expect(await rig.rows(table)).toEqual([{ s: '', h: null, a: 2 }, { s: 'x', h: 'x', a: 1 }, { s: null, h: null, a: 3 }])
  })

  it('that cannot be understood are not written against', async () => {
    const schema = schemaOf(field('a', 'string', { metadata: { 'delta.invariants': '{"expression":{"expression":"regexp_like(a, \'x\')"}}' } }))
    await expect(rig.create(`select 'x' as a`, { schema })).rejects.toMatchObject({ code: 'delta/cannot-write', message: expect.stringContaining('regexp_like') })
  })

  it('append-only tables take rows, and give none', async () => {
    const table = await rig.create('select 1 as a', { properties: { 'delta.appendOnly': 'true' } })
    committed(await add(table, 'select 2 as a'))
    const base = await table.snapshot()
    const { change } = await rig.database.use(c => stageDelete(c, base, 'a = 1'))
    await expect(table.commit(change, base, { operation: 'DELETE' })).rejects.toMatchObject({ code: 'delta/cannot-write', message: expect.stringContaining('append-only') })
  })

  it('of a writer feature that is not known are refused', async () => {
    const table = await rig.create('select 1 as a')
    const base = await table.snapshot()
    const change = { adds: [], removes: [], reads: { kind: 'nothing' }, metrics: {}, protocol: { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ['somethingNew'] } } as const
    await expect(table.commit(change, base, { operation: 'X' })).rejects.toMatchObject({ code: 'delta/unsupported-feature', message: expect.stringContaining('somethingNew') })
  })
})

it('translates only what means the same in Spark and DuckDB', async () => {
  const types = schemaOf(field('a', 'integer'), field('b', 'string'), field('d', 'date'), field('ts', 'timestamp'), field('x', 'double'))
  const translated = (spark: string) => rig.database.use(c => duckdbExpression(c, spark, types))
  for (const spark of ['a > 0', "`a b` = 'x'", 'a between 1 and 2 or b is null', "a in ('x', 'y')", 'not (a <= 3)', "name like 'A%'", 'length(name) > 2', 'a + b * 2 = 4', 'year(d) = 2026', 'cast(ts as date)', 'cast(a as bigint)', "date'2026-01-01'", 'true', "date_format(ts, 'yyyy-MM')", 'substring(b, 1, 3)', "date_trunc('MONTH', ts)"]) expect(await translated(spark)).toBeTruthy()
  for (const spark of ['a / 2 = 1', 'a > "text"', 'rand() > 1', "a rlike 'x'", '(select 1) = 1', 'a = 1; drop table x', 'a % 2 = 0', "b = X'1F'", "b = r'x'", 'cast(b as date)', 'cast(x as int)', 'cast(1.5 as int)', 'substring(b, 0, 2)', "date_format(ts, 'E')", 'a = 9007199254740993', "a = 'x\\n'", "a = 'it''s'", 'true) or (1=1']) expect([spark, await translated(spark)]).toEqual([spark, undefined])
})

it('gives the values that Spark gives', async () => {
  const types = schemaOf(field('b', 'string'), field('ts', 'timestamp'))
  const value = (spark: string) => rig.database.use(async c => (await c.rows<{ v: string | null }>(`select ${await duckdbExpression(c, spark, types)}::varchar as v from (select null::varchar as n, 'ab' as b, 'é' as e, timestamptz '2024-02-29 23:59:59.5Z' as ts)`))[0]!.v)
  expect(await value("concat(b, '-', b)")).toBe('ab-ab')
  expect(await value('concat(b, n)')).toBeNull()
  expect(await value('upper(b)')).toBe('AB')
  expect(await value('upper(n)')).toBeNull()
  await expect(value('upper(e)')).rejects.toThrow(/beyond ASCII/)
  expect(await value("date_format(ts, 'yyyy/MM/dd HH:mm:ss')")).toBe('2024/02/29 23:59:59')
  expect(await value('cast(ts as date)')).toBe('2024-02-29')
  expect(await value('substr(b, 2, 5)')).toBe('b')
})
