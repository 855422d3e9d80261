import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { overwrite } from '../../framework/delta/stage.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { queryOver } from '../../framework/engines/query-over.ts'
import { affectedRows, type TableThenAndNow } from '../../framework/storage/affected-rows.ts'
import { committed, Rig } from '../delta/rig.ts'

const rig = new Rig()

/** A few values each, so that rows meet. */
const orders = fc.uniqueArray(fc.record({ id: fc.integer({ min: 0, max: 9 }), buyer: fc.constantFrom('a', 'b', 'c', null), item: fc.constantFrom('x', 'y', null), amount: fc.integer({ min: 0, max: 3 }) }), { selector: ({ id }) => id, maxLength: 8 })
const buyers = fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), town: fc.constantFrom('p', 'q', null), level: fc.integer({ min: 0, max: 2 }) }), { selector: ({ name }) => name, maxLength: 4 })
const visits = fc.array(fc.record({ buyer: fc.constantFrom('a', 'b', 'd', null), page: fc.constantFrom('x', 'y'), day: fc.integer({ min: 1, max: 3 }) }), { maxLength: 6 })
const COLUMNS = { 'silver/orders': { id: 'bigint', buyer: 'varchar', item: 'varchar', amount: 'bigint' }, 'silver/buyers': { name: 'varchar', town: 'varchar', level: 'bigint' }, 'silver/visits': { buyer: 'varchar', page: 'varchar', day: 'bigint' } }
type Name = keyof typeof COLUMNS
type Rows = readonly Readonly<Record<string, string | number | null>>[]

function sqlOf(name: Name, rows: Rows): string {
  const types = Object.entries(COLUMNS[name])
  const row = (values?: Rows[number]) => `select ${types.map(([column, type]) => `${values?.[column] === null || !values ? 'null' : `'${values[column]}'`}::${type} as ${column}`).join(', ')}`
  return rows.length === 0 ? `${row()} where false` : rows.map(row).join(' union all ')
}

/** By how an upstream is written: as a whole each time, or by marks on rows that went. */
async function thenAndNow(name: Name, then: Rows, now: Rows, marks: boolean): Promise<TableThenAndNow> {
  const table = await rig.create(sqlOf(name, then), { profile: 'modern' })
  const first = await table.snapshot()
  const key = Object.keys(COLUMNS[name])[0]!
  if (marks && name !== 'silver/visits') {
    const gone = then.filter(row => !now.some(each => each[key] === row[key]))
    await rig.merge(table, [sqlOf(name, now), sqlOf(name, gone)].map((rows, i) => `select *, ${i === 1} as gone from (${rows})`).join(' union all '), { on: [key], deleteWhen: 'gone' }, 'deletion-vectors')
  } else if (then.length > 0 || now.length > 0) {
    const files = await rig.database.use(c => writeDataFiles(c, sqlOf(name, now), first))
    if (files.length > 0 || [...first.files].length > 0) committed(await table.commit(overwrite(first, files, { schema: first.schema, partitionColumns: [] }), first, { operation: 'WRITE' }))
  }
  return { was: first, now: await table.snapshot(), changed: JSON.stringify(then) !== JSON.stringify(now) }
}

const rowsOf = async (query: string): Promise<string[]> => (await rig.database.use(c => c.json<{ row: string }>(`select to_json(q)::varchar as row from (${query}) as q order by 1`))).map(({ row }) => row)

async function over(text: string, tables: ReadonlyMap<string, TableThenAndNow>, when: 'was' | 'now'): Promise<string> {
  return queryOver(await Promise.all([...tables].map(async ([name, table]) => ({ name, relation: await table[when].scanSql({ filter: table.where }) }))), text)!
}

/** Whether a part told what all would have. Keys are compared as the merge does: those that went take their rows with them. */
async function comesToTheSame(text: string, key: readonly string[], tables: ReadonlyMap<string, TableThenAndNow>): Promise<boolean> {
  const part = await affectedRows(rig.database, text, tables, { key, most: 1000, aside: [], signal: new AbortController().signal })
  if (!part) return false
  const same = key.map(name => `had.${name} is not distinct from t.${name}`).join(' and ')
  const kept = `select t.* from (${await over(text, tables, 'was')}) as t where not exists (select 1 from (${part.keysThen}) as had where ${same})`
  const made = await rowsOf(`select * from (${kept}) union all select * from (${part.now})`)
  await part.forget()
  expect(made).toEqual(await rowsOf(await over(text, tables, 'now')))
  return true
}

const PROVEN: readonly (readonly [string, readonly string[], string])[] = [
  ['single rows', ['id'], 'select id, upper(buyer) as buyer, amount * 2 as twice from "silver/orders" where amount > 0'],
  ['a key that is made', ['hash'], 'select md5(id::varchar) as hash, amount from "silver/orders"'],
  ['groups', ['buyer'], 'select buyer, count(*) as n, sum(amount) as amount, count(distinct item) as items from "silver/orders" group by buyer'],
  ['groups by two columns', ['buyer', 'item'], 'select buyer, item, max(amount) as most from "silver/orders" group by 1, 2 having count(*) > 0'],
  ['the newest of each', ['buyer'], 'select * exclude (place) from (select *, row_number() over (partition by buyer order by amount desc, id) as place from "silver/orders") as placed where place = 1'],
  ['a choice by qualify', ['buyer'], 'select buyer, id from "silver/orders" qualify row_number() over (partition by buyer order by amount desc, id) = 1'],
  ['different rows', ['buyer', 'item'], 'select distinct buyer, item from "silver/orders"'],
  ['groups beside a table of the same key', ['name'], `
    with bought as (select buyer, count(*) as n, sum(amount) as amount from "silver/orders" group by buyer), heard as (select buyer, max(day) as last from (select buyer, day from "silver/visits" union all select buyer, amount from "silver/orders") as e group by buyer)
    select b.name, b.town, coalesce(bought.n, 0) as n, bought.amount, heard.last from "silver/buyers" as b left join bought on bought.buyer = b.name left join heard on b.name = heard.buyer`],
  ['a table that is looked up', ['id'], 'select o.id, o.amount, b.town from "silver/orders" as o left join "silver/buyers" as b on b.name = o.buyer'],
  ['two that are looked up, one of them in groups', ['id'], `
    with seen as (select buyer, min(day) as first, count(*) as n from "silver/visits" group by buyer)
    select o.id, b.level, seen.first, seen.n from "silver/orders" as o join "silver/buyers" as b on b.name = o.buyer left join seen on seen.buyer = o.buyer and seen.first >= o.amount`],
  ['one that is looked up by two columns, told with a truth value', ['id'], `
    select o.id, o.amount, v.last from "silver/orders" as o left join (select page, buyer, max(day) as last from "silver/visits" group by page, buyer) as v on v.buyer = o.buyer and v.page = o.item where (o.amount > 2) is not true`],
  ['a join by a shared name', ['id', 'page', 'day'], 'select distinct o.id, v.page, v.day from "silver/orders" as o join "silver/visits" as v using (buyer)'],
  ['rows that are only those of a table within', ['name'], 'select b.name, b.level, n.most from "silver/buyers" as b cross join (select max(amount) as most from "silver/orders") as n'],
  ['a table within that is told by itself', ['id'], 'select id, amount from (select * from "silver/orders" where amount = (select max(amount) from "silver/orders")) as top where buyer is not null'],
  ['both branches of a union', ['who', 'what'], 'select distinct * from (select buyer as who, item as what from "silver/orders" union all select buyer, page from "silver/visits") as e'],
]

describe('a part is made of', () => {
  it.each(PROVEN)('%s, and comes to what all would', async (_, key, text) => {
    let told = 0
    await fc.assert(fc.asyncProperty(orders, orders, buyers, buyers, visits, visits, fc.boolean(), fc.integer({ min: 1, max: 7 }), fc.constantFrom(undefined, 'id < 5'), async (o1, o2, b1, b2, v1, v2, marks, which, where) => {
      const tables = new Map<string, TableThenAndNow>([
        ['silver/orders', { ...(await thenAndNow('silver/orders', o1, which & 1 ? o2 : o1, marks)), where }],
        ['silver/buyers', await thenAndNow('silver/buyers', b1, which & 2 ? b2 : b1, marks)],
        ['silver/visits', await thenAndNow('silver/visits', v1, which & 4 ? v2 : v1, marks)],
      ])
      if (await comesToTheSame(text, key, tables)) told += 1
    }), { numRuns: 12 })
    expect(told).toBeGreaterThan(0)
  })
})

describe('all is made', () => {
  const changed = async () => new Map<string, TableThenAndNow>([
    ['silver/orders', await thenAndNow('silver/orders', [{ id: 1, buyer: 'a', item: 'x', amount: 1 }, { id: 2, buyer: 'b', item: 'y', amount: 2 }], [{ id: 1, buyer: 'a', item: 'x', amount: 1 }, { id: 2, buyer: 'b', item: 'y', amount: 3 }], false)],
    ['silver/buyers', await thenAndNow('silver/buyers', [{ name: 'a', town: 'p', level: 1 }], [{ name: 'a', town: 'q', level: 1 }], false)],
    ['silver/visits', await thenAndNow('silver/visits', [], [{ buyer: 'a', page: 'x', day: 1 }], false)],
  ])
  it.each([
    ['the whole is a number', 'select sum(amount) as id from "silver/orders"'],
    ['rows look at all others', 'select id, count(*) over () as n from "silver/orders"'],
    ['rows look at those of another column', 'select id, buyer, sum(amount) over (partition by buyer) as b, sum(amount) over (partition by item) as i from "silver/orders"'],
    ['the first are taken', 'select id from "silver/orders" order by amount limit 1'],
    ['it is in an order', 'select id from "silver/orders" order by amount'],
    ['one of each is taken by chance', 'select distinct on (buyer) id from "silver/orders"'],
    ['rows are left out that are elsewhere', 'select id from "silver/orders" where buyer not in (select name from "silver/buyers")'],
    ['rows ask for others', 'select id from "silver/orders" as o where exists (select 1 from "silver/buyers" as b where b.name = o.buyer)'],
    ['both sides of a join are kept', 'select id, name from "silver/orders" as o full join "silver/buyers" as b on b.name = o.buyer'],
    ['the tables meet by no column', 'select o.id, b.name from "silver/orders" as o join "silver/buyers" as b on b.level < o.amount'],
    ['they meet by a column that is made', 'select o.id, b.level from "silver/orders" as o left join "silver/buyers" as b on upper(b.name) = o.buyer'],
    ['the moment is asked for', 'select id, current_date as day from "silver/orders"'],
    ['chance is asked for', 'select id, random() as n from "silver/orders"'],
    ['a group is not under its own name', 'select upper(buyer) as buyer, count(*) as n from "silver/orders" group by upper(buyer)'],
    ['rows are grouped more than once', 'select buyer, item, count(*) as n from "silver/orders" group by rollup (buyer, item)'],
    ['what is in one table alone is asked for', 'select buyer as id from "silver/orders" except select name from "silver/buyers"'],
    ['the order of rows decides', 'select buyer, first(id) as id from "silver/orders" group by buyer'],
    ['a part is a sample', 'select id from "silver/orders" using sample 50%'],
    ['a table within changed that all rows look at', 'select o.id, n.most from "silver/orders" as o cross join (select max(amount) as most from "silver/orders") as n'],
    ['a file is read', 'select id from "silver/orders" union all select 1'],
    ['a table is not known', 'select o.id from "silver/orders" as o left join other on other.id = o.id'],
    ['columns have other types', 'select v.day as id, o.n from (select distinct day from "silver/visits") as v left join (select buyer, count(*) as n from "silver/orders" group by buyer) as o on o.buyer = v.day'],
    ['a number is too long', 'select id, 12345678901234567890 as n from "silver/orders"'],
    ['a query calls itself', 'with recursive r as (select id from "silver/orders" union all select id + 1 from r where id < 3) select * from r'],
  ])('where %s', async (_, text) => {
    expect(await affectedRows(rig.database, text, await changed(), { key: ['id'], most: 1000, aside: [], signal: new AbortController().signal })).toBeUndefined()
  })

  it('but not where rows only stand elsewhere, if that is of no account and only handed on', async () => {
    const moved = new Map([['silver/visits', await thenAndNow('silver/visits', [{ buyer: 'a', page: 'x', day: 1 }, { buyer: 'b', page: 'x', day: 2 }], [{ buyer: 'a', page: 'x', day: 3 }, { buyer: 'b', page: 'y', day: 2 }], false)]])
    const values = async (text: string) => (await affectedRows(rig.database, text, moved, { key: ['buyer'], most: 1000, aside: ['day'], signal: new AbortController().signal }))?.values
    const newest = 'from "silver/visits" where page = (select min(page) from "silver/visits")'
    expect(await values(`select buyer, page, day from (select buyer, page, day ${newest}) as v`)).toBe(1)
    expect(await values(`select buyer, page, day + 1 as day from (select buyer, page, day ${newest}) as v`)).toBe(2)
    expect(await values(`select buyer, page, day as other from (select buyer, page, day ${newest}) as v`)).toBe(2)
    expect(await values(`select buyer, page, day from (select buyer, page, day ${newest}) as v where day > 0`)).toBe(2)
    expect(await values(`select distinct buyer, page, day from (select buyer, page, day ${newest}) as v`)).toBe(2)
  })

  it('where too much changed', async () => {
    const many = (changed: number) => Array.from({ length: 100 }, (_, id) => ({ id, buyer: `b${id % 50}`, item: null, amount: id % 50 < changed ? 1 : 0 }))
    const values = async (changed: number, text: string) => (await affectedRows(rig.database, text, new Map([['silver/orders', await thenAndNow('silver/orders', many(0), many(changed), false)]]), { key: ['hash'], most: 1000, aside: [], signal: new AbortController().signal }))?.values
    const byBuyer = 'select md5(buyer) as hash, sum(amount) as amount from "silver/orders" group by buyer'
    expect([await values(12, byBuyer), await values(13, byBuyer)]).toEqual([12, undefined])
    expect(await affectedRows(rig.database, 'select id from "silver/orders"', await changed(), { key: ['id'], most: 0, aside: [], signal: new AbortController().signal })).toBeUndefined()
    expect(await affectedRows(rig.database, 'select id from "silver/orders"', await changed(), { key: ['id'], most: 1, aside: [], signal: new AbortController().signal })).toMatchObject({ values: 1 })
  })
})
