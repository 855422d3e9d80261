import { describe, expect, it } from 'vitest'
import { setProperties } from '../../framework/delta/alter.ts'
import { evolve } from '../../framework/delta/evolve-schema.ts'
import { deltaSchemaOf } from '../../framework/delta/schema.ts'
import { append, newSchema } from '../../framework/delta/stage.ts'
import { mayWiden, widensTypes } from '../../framework/delta/type-widening.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()
const schemaOf = (query: string) => rig.database.use(async c => deltaSchemaOf(await c.describe(query)))

async function appended(table: DeltaTable, query: string): Promise<void> {
  const base = await table.snapshot()
  const schema = evolve(base.schema, await schemaOf(query), 'add', widensTypes(base))
  const target = base.with({ adds: [], removes: [], ...newSchema(base, schema), reads: { kind: 'nothing' }, metrics: {} })
  const files = await rig.database.use(c => writeDataFiles(c, query, target))
  committed(await table.commit(append(base, files, schema), base, { operation: 'WRITE' }))
}

describe('a table that may widen its types', () => {
  it('takes wider ones, at any depth, says so in its fields, and keeps its old files', async () => {
    const table = await rig.create(`select 1::integer as id, 1.5::float as f, {'a': 2::smallint} as s, [3::tinyint] as l, map {'k': date '2020-01-01'} as m, 1.25::decimal(4,2) as d`, { properties: { 'delta.enableTypeWidening': 'true' } })
    const before = await table.snapshot()
    expect(before.protocol.writerFeatures).toContain('typeWidening')
    await appended(table, `select 5000000000::bigint as id, 2.5::double as f, {'a': 70000::integer} as s, [300::smallint] as l, map {'k': timestamp '2021-01-01 12:00:00'} as m, 1000.125::decimal(9,3) as d`)
    const { schema, files } = await table.snapshot()
    expect(files.count).toBe(2)
    expect(schema.fields.map(({ type, metadata }) => [type, metadata])).toEqual([
      ['long', { 'delta.typeChanges': [{ fromType: 'integer', toType: 'long' }] }],
      ['double', { 'delta.typeChanges': [{ fromType: 'float', toType: 'double' }] }],
      [{ type: 'struct', fields: [{ name: 'a', type: 'integer', nullable: true, metadata: { 'delta.typeChanges': [{ fromType: 'short', toType: 'integer' }] } }] }, {}],
      [{ type: 'array', elementType: 'short', containsNull: true }, { 'delta.typeChanges': [{ fromType: 'byte', toType: 'short', fieldPath: 'element' }] }],
      [{ type: 'map', keyType: 'string', valueType: 'timestamp_ntz', valueContainsNull: true }, { 'delta.typeChanges': [{ fromType: 'date', toType: 'timestamp_ntz', fieldPath: 'value' }] }],
      ['decimal(9,3)', { 'delta.typeChanges': [{ fromType: 'decimal(4,2)', toType: 'decimal(9,3)' }] }],
    ])
    expect((await table.snapshot()).protocol.readerFeatures).toEqual(expect.arrayContaining(['typeWidening', 'timestampNtz']))
    expect(await rig.rows(rig.table(table.root))).toEqual([
      { id: 1, f: 1.5, s: { a: 2 }, l: [3], m: [{ key: 'k', value: '2020-01-01T00:00:00' }], d: '1.250' },
      { id: 5000000000, f: 2.5, s: { a: 70000 }, l: [300], m: [{ key: 'k', value: '2021-01-01T12:00:00' }], d: '1000.125' },
    ])
    await rig.merge(table, 'select 1::bigint as id, 9.5::double as f', { on: ['id'], updateColumns: ['f'] })
    expect((await rig.rows(table))[0]).toMatchObject({ id: 1, f: 9.5, s: { a: 2 }, d: '1.250' })
  })

  it('is told of in the refusal of one that may not', async () => {
    const table = await rig.create('select 1::integer as id')
    await expect(appended(table, 'select 5000000000::bigint as id')).rejects.toMatchObject({ code: 'delta/schema-mismatch', hint: expect.stringContaining('delta.enableTypeWidening') })
    const base = await table.snapshot()
    committed(await table.commit(setProperties(base, { 'delta.enableTypeWidening': 'true' }), base, { operation: 'SET TBLPROPERTIES' }))
    await appended(table, 'select 5000000000::bigint as id')
    expect(await rig.rows(table)).toEqual([{ id: 1 }, { id: 5000000000 }])
    await expect(appended(table, `select 'x' as id`)).rejects.toMatchObject({ code: 'delta/schema-mismatch', hint: expect.not.stringContaining('delta.enableTypeWidening') })
  })

  it.each([
    ['byte', 'short', true], ['integer', 'long', true], ['long', 'integer', false], ['long', 'double', false], ['integer', 'double', true], ['integer', 'float', false], ['float', 'double', true], ['integer', 'decimal(10,0)', true],
    ['integer', 'decimal(10,1)', false], ['long', 'decimal(20,0)', true], ['long', 'decimal(19,0)', false], ['decimal(4,2)', 'decimal(5,3)', true], ['decimal(4,2)', 'decimal(4,3)', false], ['date', 'timestamp_ntz', true], ['date', 'timestamp', false],
    ['integer', 'string', false], ['string', 'string', false],
  ])('%s becomes %s: %s', (from, to, may) => expect(mayWiden(from, to)).toBe(may))
})
