import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../framework/duckdb/connection.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { boundColumns, lineageOfQueries, queryLineage, type LineageQuery, type LineageSession, type QueryLineage, type ShadowTable } from '../../framework/graph/column-lineage.ts'
import { CASES, createMacros, TABLES } from './lineage-world.ts'

const orders: ShadowTable = { name: 'bronze/orders', columns: [{ name: 'id', type: 'INTEGER' }, { name: 'amount', type: 'INTEGER' }, { name: 'note', type: 'VARCHAR' }] }
const totals: LineageQuery = { name: 'silver/totals', sql: 'select id, sum(amount) as total from "bronze/orders" group by id', reads: ['bronze/orders'] }
const top: LineageQuery = { name: 'gold/top', sql: 'select max(total) as top from "silver/totals"', reads: ['silver/totals'] }

let database: Database
let connection: Connection
let statements: string[]
/** The connection, with a count of what it is asked. */
const session: LineageSession = {
  run: sql => { statements.push(sql); return connection.run(sql) },
  json: sql => { statements.push(sql); return connection.json(sql) },
}

beforeAll(async () => {
  database = await Database.open()
  connection = await database.connection()
})
beforeEach(() => { statements = [] })
afterAll(() => database.close())

const lineageOf = async (queries: readonly LineageQuery[], tables: readonly ShadowTable[] = [orders], options: Parameters<typeof lineageOfQueries>[3] = {}) => {
  const outcomes = await lineageOfQueries(session, queries, tables, options)
  return (name: string): QueryLineage => {
    const outcome = outcomes.get(name)!
    if (outcome.type === 'refused') throw outcome.error
    return outcome.lineage
  }
}

/** How many of the queries had to be bound. */
const bound = () => statements.filter(sql => sql.includes('json_serialize_plan')).join('').split('select * from (').length - 1

const state = async () => [await connection.json("select current_setting('search_path') as path, current_catalog() as catalog"), await connection.json('select database_name from duckdb_databases() order by all')]

describe('queries that read each other', () => {
  it('are bound over the tables that they will find: each as it is stored, whatever order they are given in', async () => {
    const of = await lineageOf([top, totals])
    expect(of('silver/totals').columns.map(({ name, type }) => `${name} ${type}`)).toEqual(['id INTEGER', 'total HUGEINT'])
    expect(of('gold/top').columns).toEqual([{ name: 'top', type: 'DECIMAL(38,0)', from: [{ table: 'silver/totals', column: 'total', kind: 'aggregation', masked: false }] }])
  })

  it('find the columns that are added to a stored table', async () => {
    const history = { ...totals, adds: [{ name: 'valid_from', type: 'TIMESTAMP' }] }
    const of = await lineageOf([history, { ...top, sql: 'select max(valid_from) as newest from "silver/totals"' }])
    expect(of('gold/top').columns[0]).toMatchObject({ name: 'newest', type: 'TIMESTAMP' })
  })

  it('are an outcome where DuckDB refuses them, and so is what reads them', async () => {
    const outcomes = await lineageOfQueries(session, [{ ...totals, sql: 'select id,\n  totl from "bronze/orders"' }, top, { ...top, name: 'gold/other', sql: 'select id from "bronze/orders"', reads: ['bronze/orders'] }], [orders])
    expect(outcomes.get('silver/totals')).toMatchObject({ type: 'refused', error: { code: 'graph/query-does-not-bind', at: { line: 2, column: 3 }, hint: expect.stringContaining('Candidate bindings') } })
    expect(outcomes.get('gold/top')).toMatchObject({ type: 'refused', error: { code: 'graph/reads-what-does-not-bind', message: 'gold/top reads silver/totals, whose query does not bind.' } })
    expect(outcomes.get('gold/other')).toMatchObject({ type: 'known' })
  })

  it('read everything from one whose columns depend on its data, unless its table is known', async () => {
    const wide: LineageQuery = { name: 'silver/wide', sql: 'pivot "bronze/orders" on note using sum(amount)', reads: ['bronze/orders'] }
    const reader: LineageQuery = { name: 'gold/reader', sql: 'select red from "silver/wide"', reads: ['silver/wide', 'bronze/orders'] }
    const of = await lineageOf([wide, reader])
    expect(of('gold/reader')).toMatchObject({ columns: [], complete: false, unknown: ['the columns of silver/wide'] })
    expect(of('gold/reader').rowset.map(({ column, kind }) => `${kind} ${column}`)).toEqual(['unknown amount', 'unknown id', 'unknown note'])
    const known = await lineageOf([wide, reader], [orders, { name: 'silver/wide', columns: [{ name: 'red', type: 'INTEGER' }] }])
    expect(known('gold/reader').columns[0]!.from).toEqual([{ table: 'silver/wide', column: 'red', kind: 'identity', masked: false }])
  })

  it('in a circle are a bug of the caller', async () => {
    await expect(lineageOfQueries(session, [{ ...totals, reads: ['gold/top'] }, top], [orders])).rejects.toThrow('circle')
  })
})

describe('a cache', () => {
  const kept = new Map<string, QueryLineage>()
  const cache = { get: (key: string) => kept.get(key), set: (key: string, lineage: QueryLineage) => void kept.set(key, lineage) }
  beforeEach(() => kept.clear())

  it('spares all binding while nothing changes', async () => {
    const first = await lineageOf([totals, top], [orders], { cache })
    statements = []
    const again = await lineageOf([totals, top], [orders], { cache })
    expect([again('silver/totals'), again('gold/top')]).toEqual([first('silver/totals'), first('gold/top')])
    expect(statements).toEqual([])
  })

  it('is passed by where the logic, a shape below or the masks changed, and only there', async () => {
    await lineageOf([totals, top], [orders], { cache })
    const after = async (...given: Parameters<typeof lineageOf>) => {
      statements = []
      await lineageOf(...given)
      return bound()
    }
    expect(await after([{ ...totals, sql: totals.sql.replace('sum', 'min') }, top], [orders], { cache })).toBe(2)
    expect(await after([{ ...totals, sql: `${totals.sql} having count(*) > 1` }, top], [orders], { cache })).toBe(1)
    expect(await after([totals, top], [{ ...orders, columns: [...orders.columns, { name: 'more', type: 'DATE' }] }], { cache })).toBe(1)
    expect(await after([totals, top], [orders], { cache, masks: ['sha256'] })).toBe(2)
    expect(await after([totals, top], [orders], { cache })).toBe(0)
  })

  it('does not look at the text where the logic has a name', async () => {
    await lineageOf([{ ...totals, logic: 'v1' }], [orders], { cache })
    statements = []
    await lineageOf([{ ...totals, logic: 'v1', sql: `${totals.sql} -- by id` }], [orders], { cache })
    expect(bound()).toBe(0)
  })

  it('holds plain data', async () => {
    const of = await lineageOf([totals], [orders], { cache })
    expect(JSON.parse(JSON.stringify([...kept.values()]))).toEqual([of('silver/totals')])
  })
})

describe('the connection', () => {
  it('is left as it was, after a mistake too', async () => {
    const before = await state()
    await queryLineage(connection, 'select id from "bronze/orders"', [orders])
    await expect(queryLineage(connection, 'select nothing', [orders])).rejects.toThrow('nothing')
    await expect(queryLineage(connection, 'select 1', [{ name: 'x', columns: [{ name: 'y', type: 'integer); drop table z; --' }] }])).rejects.toThrow('is no type')
    expect(await state()).toEqual(before)
  })

  it('may have tables of the same names: the shadow is seen', async () => {
    await connection.run('create or replace table "bronze/orders" (other integer)')
    expect(await boundColumns(connection, 'from "bronze/orders"', [orders])).toEqual(orders.columns)
    await connection.run('drop table "bronze/orders"')
  })

  it('may serve several at once, each with its own tables', async () => {
    const shapes = await Promise.all(['INTEGER', 'DATE', 'VARCHAR'].map(type => database.use(own => boundColumns(own, 'from x', [{ name: 'x', columns: [{ name: 'y', type }] }]))))
    expect(shapes).toEqual(['INTEGER', 'DATE', 'VARCHAR'].map(type => [{ name: 'y', type }]))
  })
})

describe('the columns of a query', () => {
  it('have the names and types that DuckDB describes', async () => {
    await database.use(async own => {
      await createMacros(own)
      for (const { name, columns } of TABLES) await own.run(`create table "${name}" (${columns.map(column => `"${column.name}" ${column.type}`).join(', ')})`)
      const wrong: unknown[] = []
      for (const { name, sql } of CASES) {
        if (name === 'pivot-without-list' || name === 'where-parameter') continue
        const found = await boundColumns(own, sql, [])
        const described = await own.describe(`select * from (${sql.replace(/[\s;]*$/, '')}\n) as q`)
        if (JSON.stringify(found) !== JSON.stringify(described)) wrong.push({ name, found, described })
      }
      expect(wrong).toEqual([])
    })
  })

  it('are typed as DuckDB writes types', async () => {
    const types = ['HUGEINT', 'UTINYINT', 'DECIMAL(5,1)', 'INTEGER[]', 'INTEGER[2]', 'DATE[][]', 'STRUCT(a INTEGER, "b c" VARCHAR[], "select" DATE, Upper DOUBLE, "key" DATE)', 'MAP(VARCHAR, STRUCT(x INTEGER))', "ENUM('a', 'it''s')", 'JSON', 'JSON[]', 'UNION(k INTEGER, t VARCHAR)', 'TIMESTAMP WITH TIME ZONE', 'TIME WITH TIME ZONE', 'TIMESTAMP_NS', 'TIMESTAMP_S', 'INTERVAL', 'BLOB', 'UUID', 'BIT', 'FLOAT', 'TIME', 'UHUGEINT']
    const columns = types.map((type, i) => ({ name: `c${i}`, type }))
    expect(await boundColumns(connection, 'from x', [{ name: 'x', columns }])).toEqual(columns)
    await connection.run(`create temp table described (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')})`)
    expect(await connection.describe('from described')).toEqual(columns)
  })
})
