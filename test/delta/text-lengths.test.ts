import { describe, expect, it } from 'vitest'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { stageUpdate } from '../../framework/delta/row-changes.ts'
import type { DeltaType, StructField, StructType } from '../../framework/delta/schema-types.ts'
import { overwrite, overwritePartitions } from '../../framework/delta/stage.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { Rig } from './rig.ts'

const rig = new Rig()
const field = (name: string, type: DeltaType, declared?: string): StructField => ({ name, type, nullable: true, metadata: declared === undefined ? {} : { __CHAR_VARCHAR_TYPE_STRING: declared } })
const array = (elementType: DeltaType): DeltaType => ({ type: 'array', elementType, containsNull: true })
const map = (keyType: DeltaType, valueType: DeltaType): DeltaType => ({ type: 'map', keyType, valueType, valueContainsNull: true })
const struct = (...fields: StructField[]): StructType => ({ type: 'struct', fields })

const SCHEMA = struct(field('id', 'integer'), field('c', 'string', 'char(3)'), field('v', 'string', 'varchar(3)'), field('l', array('string'), 'array<varchar(2)>'),
  field('s', struct(field('a:b,c', 'string'), field('n', 'decimal(10,2)'), field('m', map('string', array('string')))), 'struct<a:b,c:char(2),n:decimal(10,2),m:map<varchar(2),array<string>>>'), field('p', 'string', 'varchar(4)'))
const row = (id: number, values: Readonly<Record<string, string>> = {}) => `select ${id} as id, ${Object.entries({ c: 'null', v: 'null', l: 'null', s: 'null', p: 'null', ...values }).map(([name, sql]) => `${sql} as ${name}`).join(', ')}`
const made = (query = row(1, { c: "'a'", v: "'abc'" })): Promise<DeltaTable> => rig.create(query, { schema: SCHEMA, partitionColumns: ['p'] })
const TOO_LONG: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'c is of type char(3)': { c: "'abcd'" }, 'v is of type varchar(3)': { v: "'abc d'" }, 'l is of type array<varchar(2)>': { l: "['a', null, 'abc']" }, 'p is of type varchar(4)': { p: "'12345'" },
  's is of type struct': { s: "{'a:b,c': 'abc', 'n': 1, 'm': null}" }, 's is of type struct<a:b': { s: "{'a:b,c': null, 'n': 1, 'm': map {'abc': []}}" },
}
const told = (rule: string) => ({ code: 'delta/rule-broken', message: expect.stringContaining(rule) })

describe('texts of a length', () => {
  it('that are longer come in by no way, and the table stays as it was', async () => {
    const table = await made()
    for (const [rule, values] of Object.entries(TOO_LONG)) {
      await expect(rig.append(table, `${row(2)} union all ${row(3, values)}`)).rejects.toMatchObject(told(rule))
      await expect(rig.merge(table, row(1, values), { on: ['id'] })).rejects.toMatchObject(told(rule))
      const base = await table.snapshot()
      const [column, value] = Object.entries(values)[0]!
      await expect(rig.database.use(async c => table.commit((await stageUpdate(c, base, { [column]: value }, 'id = 1')).change, base, { operation: 'UPDATE' }))).rejects.toMatchObject(told(rule))
      const files = await rig.database.use(c => writeDataFiles(c, row(1, values), base))
      await expect(table.commit(overwrite(base, files), base, { operation: 'WRITE' })).rejects.toMatchObject(told(rule))
      await expect(table.commit(overwritePartitions(base, files), base, { operation: 'WRITE' })).rejects.toMatchObject(told(rule))
      await expect(made(row(1, values))).rejects.toMatchObject(told(rule))
    }
    expect(await table.head()).toBe(0)
    expect(await rig.rows(table)).toEqual([{ id: 1, c: 'a  ', v: 'abc', l: null, s: null, p: null }])
  })

  it('are counted in characters, blanks at the end among them, and those of char are filled up wherever they are', async () => {
    const table = await made()
    await rig.append(table, row(2, { c: "'ab '", v: "'ab '", l: "['x ', null, '']", s: "{'a:b,c': 'd', 'n': 1.5, 'm': map {'k': ['long enough   ']}}", p: "'pqrs'" }))
    await rig.append(table, row(3, { c: "'😀😀😀'", v: "'äöü'", l: "['😀😀']", s: "{'a:b,c': null, 'n': null, 'm': null}", p: "'😀😀'" }))
    const rows = [
      { id: 1, c: 'a  ', v: 'abc', l: null, s: null, p: null },
      { id: 2, c: 'ab ', v: 'ab ', l: ['x ', null, ''], s: { 'a:b,c': 'd ', n: '1.50', m: [{ key: 'k', value: ['long enough   '] }] }, p: 'pqrs' },
      { id: 3, c: '😀😀😀', v: 'äöü', l: ['😀😀'], s: { 'a:b,c': null, n: null, m: null }, p: '😀😀' },
    ]
    expect(await rig.rows(table)).toEqual(rows)
    for (const values of [{ c: "'ab     '" }, { v: "'ab     '" }, { l: "['x    ']" }, { p: "'pqrs '" }]) await expect(rig.append(table, row(4, values))).rejects.toMatchObject(told('no text may be longer'))
    expect(await rig.rows(table)).toEqual(rows)
  })

  it('of char are filled up in lists, maps and structs, whose other fields stay', async () => {
    const type = array(struct(field('k', map('string', struct(field('c', 'string'), field('x', 'integer')))), field('o', 'string')))
    const table = await rig.create("select [{'k': map {'a': {'c': 'b', 'x': 1}, 'n': null}, 'o': 'o'}, {'k': null, 'o': null}, null] as l", { schema: struct(field('l', type, 'array<struct<k:map<char(2),struct<c:char(3),x:int>>,o:string>>')) })
    expect(await rig.rows(table)).toEqual([{ l: [{ k: [{ key: 'a ', value: { c: 'b  ', x: 1 } }, { key: 'n ', value: null }], o: 'o' }, { k: null, o: null }, null] }])
  })

  it('whose declaration is of another type are not written against', async () => {
    await expect(rig.create("select {'a': 'x'} as s", { schema: struct(field('s', struct(field('a', 'string')), 'struct<b:char(2)>')) })).rejects.toMatchObject({ code: 'delta/cannot-write', message: expect.stringContaining('struct<b:char(2)>') })
  })
})
