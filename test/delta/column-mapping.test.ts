import { describe, expect, it } from 'vitest'
import { dropColumn, renameColumn } from '../../framework/delta/alter-columns.ts'
import { setProperties } from '../../framework/delta/alter.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { evolve } from '../../framework/delta/evolve-schema.ts'
import { deltaSchemaOf } from '../../framework/delta/schema.ts'
import { append, newSchema } from '../../framework/delta/stage.ts'
import { COLUMN_ID, physicalName } from '../../framework/delta/schema-types.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import type { Snapshot } from '../../framework/delta/snapshot.ts'
import type { TableChange } from '../../framework/delta/table-change.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()

async function alter(table: DeltaTable, change: (base: Snapshot) => TableChange): Promise<void> {
  const base = await table.snapshot()
  committed(await table.commit(change(base), base, { operation: 'CHANGE COLUMN' }))
}

describe('column mapping', () => {
  it('is turned on for a table with rows, and then columns are renamed and dropped without touching a file', async () => {
    const table = await rig.create(`select 1 as id, 'a' as name, {'x': 1, 'y': 2} as at, 'p1' as p`, { partitionColumns: ['p'] })
    const files = [...(await table.snapshot()).files]
    await expect(alter(table, base => renameColumn(base, 'name', 'title'))).rejects.toMatchObject({ code: 'delta/cannot-write', hint: expect.stringContaining('column mapping') })
    await alter(table, base => setProperties(base, { 'delta.columnMapping.mode': 'name' }))
    await alter(table, base => renameColumn(base, 'name', 'title'))
    await alter(table, base => renameColumn(base, 'p', 'part'))
    await alter(table, base => dropColumn(base, 'id'))
    expect(await rig.rows(table)).toEqual([{ title: 'a', at: { x: 1, y: 2 }, part: 'p1' }])
    expect([...(await table.snapshot()).files]).toEqual(files)
    await rig.append(table, `select 'b' as title, {'x': 3, 'y': 4} as at, 'p2' as part`)
    expect(await rig.rows(table)).toEqual([{ title: 'a', at: { x: 1, y: 2 }, part: 'p1' }, { title: 'b', at: { x: 3, y: 4 }, part: 'p2' }])
    expect((await table.snapshot()).nullCount('title')).toBe(0)
  })

  it.each(['name', 'id'])('by %s: a new table is written, merged into, and its new columns are found', async mode => {
    const table = await rig.create(`select i as id, [{'deep': {'x': i}}] as l, map {'k': {'v': i}} as m from range(5) r(i)`, { properties: { 'delta.columnMapping.mode': mode }, profile: 'modern' })
    const more = `select 3::bigint as id, [{'deep': {'x': 30::bigint}}] as l, map {'k': {'v': 30::bigint}} as m, 'new' as extra`
    const base = await table.snapshot()
    const schema = evolve(base.schema, deltaSchemaOf(await rig.database.use(c => c.describe(more))), 'add')
    await rig.merge(table, more, { on: ['id'], schema })
    const snapshot = await table.snapshot()
    expect(snapshot.schema.fields.map(field => [field.name, physicalName(field, 'name').startsWith('col-')])).toEqual([['id', false], ['l', false], ['m', false], ['extra', true]])
    expect((await rig.rows(table))[3]).toEqual({ id: 3, l: [{ deep: { x: 30 } }], m: [{ key: 'k', value: { v: 30 } }], extra: 'new' })
    await alter(table, now => dropColumn(now, 'extra'))
    const again = evolve((await table.snapshot()).schema, schema, 'add')
    await rig.merge(table, more.replace('3::bigint as id', '4::bigint as id'), { on: ['id'], schema: again })
    expect((await rig.rows(table)).map(row => row['extra'])).toEqual([null, null, null, null, 'new'])
  })

  it('never changes a column that a rule of the table names', async () => {
    const table = await rig.create('select 1 as amount, 2 as b', { properties: { 'delta.columnMapping.mode': 'name', 'delta.constraints.c': 'amount > 0' } })
    await expect(alter(table, base => renameColumn(base, 'amount', 'x'))).rejects.toMatchObject({ code: 'delta/cannot-write', message: expect.stringContaining('amount > 0') })
    await expect(alter(table, base => dropColumn(base, 'nothing'))).rejects.toMatchObject({ code: 'delta/schema-mismatch' })
  })
})

it('tells the largest id in use, also when the schema came with its ids', async () => {
  const table = await rig.create('select 1 as a, 2 as b', { properties: { 'delta.columnMapping.mode': 'name' } })
  for (const name of ['c', 'd']) {
    const base = await table.snapshot()
    const schema = evolve(base.schema, deltaSchemaOf([{ name, type: 'VARCHAR' }]), 'add')
    const target = base.with({ adds: [], removes: [], ...newSchema(base, schema), reads: { kind: 'nothing' }, metrics: {} })
    const files = await rig.database.use(c => writeDataFiles(c, `select *, '${name}' as ${name} from (select 3 as a, 4 as b${name === 'd' ? ", 'x' as c" : ''})`, target))
    committed(await table.commit(append(base, files, target.schema), base, { operation: 'WRITE' }))
  }
  const { schema, properties } = await table.snapshot()
  expect(schema.fields.map(field => field.metadata[COLUMN_ID])).toEqual([1, 2, 3, 4])
  expect(properties['delta.columnMapping.maxColumnId']).toBe('4')
  expect(await rig.rows(table)).toHaveLength(3)
})
