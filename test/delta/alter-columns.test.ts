import { describe, expect, it } from 'vitest'
import { addColumn, dropColumn, moveColumn, renameColumn, widenColumn } from '../../framework/delta/alter-columns.ts'
import { setProperties } from '../../framework/delta/alter.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import type { Snapshot } from '../../framework/delta/snapshot.ts'
import type { TableChange } from '../../framework/delta/table-change.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()
const MAPPED = { 'delta.columnMapping.mode': 'name' }

async function alter(table: DeltaTable, change: (base: Snapshot) => TableChange): Promise<void> {
  const base = await table.snapshot()
  committed(await table.commit(change(base), base, { operation: 'CHANGE COLUMN' }))
}

const names = async (table: DeltaTable) => (await table.snapshot()).schema.fields.map(({ name }) => name)
const QUERY = `select 1 as id, {'x': 1, 'y': {'z': 'deep', 'w': 2}} as s, [{'k': 1, 'v': 'e'}] as l, map {'m': {'p': 1, 'q': 2}} as m, 'a' as part`

describe.each([['without column mapping', {}], ['with column mapping', MAPPED]])('columns %s', (_, properties) => {
  it('are moved first or after another, inside of others too, and rows are read and written as before', async () => {
    const table = await rig.create(QUERY, { partitionColumns: ['part'], properties })
    const files = [...(await table.snapshot()).files]
    await alter(table, base => moveColumn(base, 'part', 'first'))
    await alter(table, base => moveColumn(base, 'id', { after: 'L' }))
    await alter(table, base => moveColumn(base, ['s', 'y', 'w'], 'first'))
    await alter(table, base => moveColumn(base, ['s', 'x'], { after: 'y' }))
    await alter(table, base => moveColumn(base, ['l', 'element', 'v'], 'first'))
    await alter(table, base => moveColumn(base, ['m', 'value', 'p'], { after: 'q' }))
    expect(await names(table)).toEqual(['part', 's', 'l', 'id', 'm'])
    expect([...(await table.snapshot()).files]).toEqual(files)
    await rig.append(table, `select 2 as id, {'x': 5, 'y': {'z': 'more', 'w': 6}} as s, [{'k': 7, 'v': 'f'}] as l, map {'n': {'p': 8, 'q': 9}} as m, 'b' as part`)
    expect((await rig.rows(table)).map(row => JSON.stringify(row))).toEqual([
      '{"part":"a","s":{"y":{"w":2,"z":"deep"},"x":1},"l":[{"v":"e","k":1}],"id":1,"m":[{"key":"m","value":{"q":2,"p":1}}]}',
      '{"part":"b","s":{"y":{"w":6,"z":"more"},"x":5},"l":[{"v":"f","k":7}],"id":2,"m":[{"key":"n","value":{"q":9,"p":8}}]}',
    ])
    await rig.merge(table, `select 1 as id, {'x': 0, 'y': {'z': 'new', 'w': 0}} as s, null as l, null as m, 'a' as part`, { on: ['id'] })
    expect((await rig.rows(table))[0]).toMatchObject({ id: 1, s: { x: 0, y: { z: 'new', w: 0 } } })
  })

  it('are added at a place, inside of others too, and are NULL in the rows that are there', async () => {
    const table = await rig.create(QUERY, { properties })
    await alter(table, base => addColumn(base, { name: 'first', type: 'date', place: 'first' }))
    await alter(table, base => addColumn(base, { name: 'n', type: 'long', into: ['s', 'y'], place: { after: 'z' } }))
    await alter(table, base => addColumn(base, { name: 'more', type: 'string', into: ['l', 'element'] }))
    expect((await names(table))[0]).toBe('first')
    expect(await rig.rows(table)).toMatchObject([{ first: null, s: { y: { z: 'deep', n: null, w: 2 } }, l: [{ k: 1, v: 'e', more: null }] }])
    await rig.append(table, `select date '2026-01-01' as first, 2 as id, {'x': 5, 'y': {'z': 'more', 'n': 7, 'w': 6}} as s, [{'k': 7, 'v': 'f', 'more': 'x'}] as l, null as m, 'b' as part`)
    expect((await rig.rows(table)).find(row => row['id'] === 2)).toMatchObject({ s: { y: { n: 7 } }, l: [{ more: 'x' }] })
  })

  it('become wider, inside of others too, and filters find the rows of both', async () => {
    const table = await rig.create(QUERY, { properties: { ...properties, 'delta.enableTypeWidening': 'true' } })
    await alter(table, base => widenColumn(base, 'id', 'long'))
    await alter(table, base => widenColumn(base, ['s', 'y', 'w'], 'long'))
    await alter(table, base => widenColumn(base, ['m', 'value', 'p'], 'double'))
    await rig.append(table, `select 5000000000 as id, {'x': 5, 'y': {'z': 'more', 'w': 6000000000}} as s, null as l, map {'n': {'p': 1.5, 'q': 9}} as m, 'b' as part`)
    expect(await rig.database.use(async c => c.json(await (await table.snapshot()).scanSql({ columns: ['id', 's'], filter: 's.y.w > 1 and id > 0' })))).toHaveLength(2)
    expect((await rig.rows(table)).map(row => row['m'])).toEqual([[{ key: 'm', value: { p: 1, q: 2 } }], [{ key: 'n', value: { p: 1.5, q: 9 } }]])
    const base = await table.snapshot()
    for (const type of ['integer', 'long', 'string']) expect(() => widenColumn(base, 'id', type)).toThrow(expect.objectContaining({ code: 'delta/schema-mismatch' }))
  })

  it('are refused by name where there are none, or are such already', async () => {
    const base = await (await rig.create(QUERY, { properties })).snapshot()
    for (const change of [
      () => moveColumn(base, 'nothing', 'first'), () => moveColumn(base, 'id', { after: 'nothing' }), () => moveColumn(base, ['s', 'nothing'], 'first'), () => moveColumn(base, ['l', 'k'], 'first'),
      () => addColumn(base, { name: 'ID', type: 'long' }), () => addColumn(base, { name: 'n', type: 'long', into: 'id' }), () => widenColumn(base, ['m', 'element'], 'long'),
    ]) expect(change).toThrow(expect.objectContaining({ code: 'delta/schema-mismatch' }))
    expect(() => widenColumn(base, 'id', 'long')).toThrow(/delta.enableTypeWidening|INTEGER/)
  })
})

it('fields inside of columns are renamed and dropped under column mapping, and their names are free again', async () => {
  const table = await rig.create(QUERY, { properties: MAPPED })
  await alter(table, base => renameColumn(base, ['s', 'y', 'z'], 'zz'))
  await alter(table, base => renameColumn(base, ['l', 'element', 'k'], 'key'))
  await alter(table, base => dropColumn(base, ['m', 'value', 'p']))
  await alter(table, base => dropColumn(base, ['s', 'x']))
  await alter(table, base => addColumn(base, { name: 'x', type: 'string', into: 's', place: 'first' }))
  expect(await rig.rows(table)).toEqual([{ id: 1, s: { x: null, y: { zz: 'deep', w: 2 } }, l: [{ key: 1, v: 'e' }], m: [{ key: 'm', value: { q: 2 } }], part: 'a' }])
  await rig.append(table, `select 2 as id, {'x': 'text', 'y': {'zz': 'd', 'w': 3}} as s, [{'key': 4, 'v': 'f'}] as l, map {'n': {'q': 5}} as m, 'b' as part`)
  expect((await rig.rows(table))[1]).toEqual({ id: 2, s: { x: 'text', y: { zz: 'd', w: 3 } }, l: [{ key: 4, v: 'f' }], m: [{ key: 'n', value: { q: 5 } }], part: 'b' })
  const base = await table.snapshot()
  expect(() => dropColumn(base, ['m', 'value', 'q'])).toThrow(/only column/)
  expect(() => renameColumn(base, ['s', 'x'], 'Y')).toThrow(/already/)
  expect(() => dropColumn(base, ['l', 'element'])).toThrow(expect.objectContaining({ code: 'delta/schema-mismatch' }))
})

it('columns that statistics are kept of by name are neither renamed nor dropped', async () => {
  const table = await rig.create(QUERY, { properties: MAPPED })
  await alter(table, base => setProperties(base, { 'delta.dataSkippingStatsColumns': 'id,part' }))
  const base = await table.snapshot()
  expect(() => renameColumn(base, 'id', 'key')).toThrow(/dataSkippingStatsColumns/)
})
