import { describe, expect, it } from 'vitest'
import { contentHash, contentHashText, addContent, subtractContent } from '../../framework/delta/content-hash.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { parseExact } from '../../framework/delta/exact-json.ts'
import { replaceWhere, stageDelete, stageUpdate } from '../../framework/delta/row-changes.ts'
import { filesThatMayMatch } from '../../framework/delta/skipping.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { quoteLiteral } from '../../framework/vocabulary/sql.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()

async function hashOf(table: DeltaTable) {
  const snapshot = await table.snapshot()
  const scan = await snapshot.scanSql()
  return rig.database.use(c => contentHash(c, scan, snapshot.schema))
}

describe.each([['copy-on-write', 'compat'], ['deletion-vectors', 'modern']] as const)('by %s', (how, profile) => {
  const create = () => rig.create(`select i as id, case when i < 8 then 'n' || i end as name, i % 2 as p from range(10) r(i)`, { profile, partitionColumns: ['p'] })

  it('a delete takes out the rows that match, and those for which the condition is NULL stay', async () => {
    const table = await create()
    const base = await table.snapshot()
    const before = await hashOf(table)
    const staged = await rig.database.use(c => stageDelete(c, base, `name > 'n4'`, { how }))
    expect(staged.metrics).toMatchObject({ rows: 3 })
    committed(await table.commit(staged.change, base, { operation: 'DELETE' }))
    expect((await rig.rows(table)).map(row => row['id'])).toEqual([0, 1, 2, 3, 4, 8, 9])
    expect(contentHashText(subtractContent(before, staged.content.removed))).toBe(contentHashText(await hashOf(table)))
    expect((await table.snapshot()).files.deletionVectors).toBe(how === 'deletion-vectors' ? 2 : 0)
  })

  it('deletes add up, in several large files', async () => {
    const table = await rig.create('select i as id, i % 3 as p from range(90000) r(i)', { profile, partitionColumns: ['p'] })
    for (const where of ['id % 50 = 7', 'id between 20000 and 41000', 'id % 50 in (7, 8)', 'id >= 89999']) {
      const base = await table.snapshot()
      const { change } = await rig.database.use(c => stageDelete(c, base, where, { how }))
      committed(await table.commit(change, base, { operation: 'DELETE' }))
    }
    const left = await table.snapshot()
    const scan = await left.scanSql()
    const expected = `select i as id, i % 3 as p from range(89999) r(i) where i % 50 not in (7, 8) and i not between 20000 and 41000`
    expect(await rig.database.use(c => c.rows(`(from (${scan}) except all (${expected})) union all ((${expected}) except all from (${scan}))`))).toEqual([])
    expect([left.files.rows, left.files.deletionVectors]).toEqual([Number((await rig.database.use(c => c.rows<{ n: bigint }>(`select count(*) as n from (${expected})`)))[0]!.n), how === 'deletion-vectors' ? 3 : 0])
  })

  it('a delete of all rows of a file takes the file out', async () => {
    const table = await create()
    const base = await table.snapshot()
    const { change } = await rig.database.use(c => stageDelete(c, base, 'p = 1', { how }))
    expect([change.adds.length, change.removes.length]).toEqual([0, 1])
    committed(await table.commit(change, base, { operation: 'DELETE' }))
    expect(await rig.rows(table)).toHaveLength(5)
  })

  it('an update sees the old values, and tells the content', async () => {
    const table = await create()
    const base = await table.snapshot()
    const before = await hashOf(table)
    const staged = await rig.database.use(c => stageUpdate(c, base, { id: 'id + 100', name: `name || '!'` }, 'id in (1, 9)', { how }))
    committed(await table.commit(staged.change, base, { operation: 'UPDATE' }))
    expect((await rig.rows(table)).filter(row => (row['id'] as number) > 50)).toEqual([{ id: 101, name: 'n1!', p: 1 }, { id: 109, name: null, p: 1 }])
    expect(contentHashText(addContent(subtractContent(before, staged.content.removed), staged.content.added))).toBe(contentHashText(await hashOf(table)))
  })

  it('several deletes of one file add up', async () => {
    const table = await create()
    for (const id of [0, 2, 4]) {
      const base = await table.snapshot()
      committed(await table.commit((await rig.database.use(c => stageDelete(c, base, `id = ${id}`, { how }))).change, base, { operation: 'DELETE' }))
    }
    expect((await rig.rows(table)).map(row => row['id'])).toEqual([1, 3, 5, 6, 7, 8, 9])
    expect((await table.snapshot()).files.rows).toBe(7)
  })

  it('what matches nothing changes nothing', async () => {
    const table = await create()
    const base = await table.snapshot()
    const { change } = await rig.database.use(c => stageUpdate(c, base, { name: `'x'` }, 'id > 1000', { how }))
    expect([change.adds, change.removes]).toEqual([[], []])
    expect(await table.commit(change, base, { operation: 'UPDATE' })).toEqual({ status: 'already-committed', version: 0 })
  })

  it('replaceWhere puts rows in place of those that match', async () => {
    const table = await create()
    const base = await table.snapshot()
    const change = await rig.database.use(async c => replaceWhere(c, base, 'id >= 7', await writeDataFiles(c, `select 70 as id, 'new' as name, 0 as p`, base), { how }))
    committed(await table.commit(change, base, { operation: 'WRITE' }))
    expect((await rig.rows(table)).map(row => row['id'])).toEqual([0, 1, 2, 3, 4, 5, 6, 70])
  })
})

describe('a filter', () => {
  it('leaves out files that cannot have a matching row, and none that can', async () => {
    const table = await rig.create(`select i as id, 'n' || lpad(i::varchar, 3, '0') as name, timestamptz '2026-01-01' + to_days(i::int) as seen, (i / 100)::double as d, null::int as nul from range(10) r(i)`)
    for (const from of [10, 20, 30]) {
      await rig.append(table, `select i as id, 'n' || lpad(i::varchar, 3, '0') as name, timestamptz '2026-01-01' + to_days(i::int) as seen, (i / 100)::double as d, case when i = 25 then 1 end as nul from range(${from}, ${from + 10}) r(i)`)
    }
    const snapshot = await table.snapshot()
    const kept = (filter: string) => rig.database.use(async c => (await filesThatMayMatch(c, snapshot, snapshot.files, { text: filter })).length)
    const cases: readonly (readonly [filter: string, files: number])[] = [
      ['id = 15', 1], ['15 = id', 1], ['id < 10', 1], ['id <= 10', 2], ['id > 35', 1], ['id between 5 and 12', 2], ['id in (1, 39)', 2], ['id = 99', 0],
      [`name = 'n021'`, 1], [`name > 'n0295'`, 1], [`seen >= timestamptz '2026-01-31'`, 1], [`seen < '2026-01-02'::timestamptz`, 1], ['d < 0.05', 1],
      ['id < 5 or id > 35', 2], ['id < 5 and name > \'n030\'', 0], ['nul is null', 4], ['nul is not null', 1], ['nul = 1', 4], ['id % 2 = 0', 4], ['not (id = 3)', 4],
      ['id = (select 3)', 4], ['random() < 2', 4], ['ID = 15', 1], ['id <> 3', 4], ['id > null', 4],
    ]
    for (const [filter, files] of cases) {
      expect([filter, await kept(filter)]).toEqual([filter, files])
      const rows = await rig.database.use(async c => [await c.json(`select * from (${await snapshot.scanSql({ filter: filter.replace('random() < 2', 'true') })}) order by id`), await c.json(`select * from (${await snapshot.scanSql()}) where ${filter} order by id`)])
      expect(rows[0]).toEqual(rows[1])
    }
  })

  it('leaves out no file for a condition that takes texts for numbers or days, or that names a field within a column', async () => {
    const table = await rig.create(`select * from (values ('10', '2026-1-15', 1, {id: 7, code: '3'}), ('9', '2026-01-02', 2, {id: 8, code: '4'}), ('05', 'x', 3, {id: 1, code: '5'})) v(code, day, id, s)`)
    const snapshot = await table.snapshot()
    const found = (filter: string) => rig.database.use(async c => (await c.rows<{ id: number }>(`select id from (${await snapshot.scanSql({ filter })}) order by id`)).map(({ id }) => Number(id)))
    expect(await found('code::int between 6 and 9')).toEqual([2])
    expect(await found(`try_cast(day as date) = '2026-01-15'`)).toEqual([1])
    expect(await found('s.id = 8')).toEqual([2])
    expect(await found(`s.code = '4'`)).toEqual([2])
    expect(await found(`code = '9'`)).toEqual([2])
  })

  it('reads files whose texts, bounds and constants hold a zero', async () => {
    const table = await rig.create(`select 'a' || chr(0) || 'b' as t`)
    await rig.append(table, `select 'c' as t union all select chr(0)`)
    const snapshot = await table.snapshot()
    const found = (filter: string) => rig.database.use(async c => (await c.rows<{ t: string }>(`select t from (${await snapshot.scanSql({ filter })}) order by t`)).map(({ t }) => t))
    expect(await found(`t >= 'a'`)).toEqual(['a\0b', 'c'])
    expect(await found(`t = ${quoteLiteral('a\0b')}`)).toEqual(['a\0b'])
    expect(await found(`t = ${quoteLiteral('\0')}`)).toEqual(['\0'])
  })

  it('takes bounds of numbers with every digit, wherever their point stands', async () => {
    const digits = '1234567890123456789'
    for (let scale = 0; scale < 19; scale += 1) {
      const value = `${digits.slice(0, 19 - scale)}${scale === 0 ? '' : '.'}${digits.slice(19 - scale)}`
      const table = await rig.create(`select '${value}'::decimal(20,${scale}) as d union all select '-${value}'::decimal(20,${scale})`)
      const snapshot = await table.snapshot()
      for (const wanted of [value, `-${value}`]) expect([wanted, await rig.database.use(async c => (await c.rows(`select 1 from (${await snapshot.scanSql({ filter: `d = '${wanted}'::decimal(20,${scale})` })})`)).length)]).toEqual([wanted, 1])
    }
    expect(parseExact('{"a":-123456789012345.678,"b":"1234567890123456.7","c":1.5,"d":123456789012345,"e":1.2345678901234567E-10}'))
      .toEqual({ a: '-123456789012345.678', b: '1234567890123456.7', c: 1.5, d: 123456789012345, e: '1.2345678901234567E-10' })
  })
})
