import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../../framework/duckdb/connection.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { queryLineage, type ShadowTable } from '../../framework/graph/column-lineage.ts'
import { bindQueries } from '../../framework/graph/column-lineage-binding.ts'
import { PlanReader } from '../../framework/graph/column-lineage-operator.ts'
import type { PlanExpression, PlanOperator } from '../../framework/graph/column-lineage-plan.ts'
import { sourceColumn } from '../../framework/graph/column-lineage-relation.ts'
import { ShadowCatalog } from '../../framework/graph/column-lineage-shadow.ts'
import { CASES, createMacros, TABLES } from './lineage-world.ts'

let database: Database
let connection: Connection
beforeAll(async () => {
  database = await Database.open()
  connection = await database.connection()
  await createMacros(connection)
})
afterAll(() => database.close())

const tables: ShadowTable[] = [{ name: 'x', columns: [{ name: 'a', type: 'INTEGER' }, { name: 'b', type: 'INTEGER' }] }]

/** After a new DuckDB this tells what its plans are made of now, and whether each part still has a case. */
it('the cases meet every operator and every class of expression that is known', async () => {
  const met = new Set<string>()
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { type, join_type: join, expression_class: expression } = value as { type?: unknown; join_type?: unknown; expression_class?: unknown }
    if (typeof type === 'string' && type.startsWith('LOGICAL_')) met.add(join ? `${type} ${String(join)}` : type)
    if (typeof expression === 'string') met.add(expression)
    for (const inner of Object.values(value)) walk(inner)
  }
  await ShadowCatalog.use(connection, [], async catalog => {
    await catalog.declare(TABLES)
    for (const binding of await bindQueries(connection, CASES.map(({ sql }) => sql))) if (binding.type === 'bound') walk(binding.plan)
  })
  expect([...met].sort()).toEqual([
    'BOUND_AGGREGATE', 'BOUND_BETWEEN', 'BOUND_CASE', 'BOUND_CAST', 'BOUND_COLUMN_REF', 'BOUND_COMPARISON', 'BOUND_CONJUNCTION', 'BOUND_CONSTANT', 'BOUND_FUNCTION', 'BOUND_OPERATOR', 'BOUND_PARAMETER', 'BOUND_REF', 'BOUND_UNNEST', 'BOUND_WINDOW',
    'LOGICAL_AGGREGATE_AND_GROUP_BY', 'LOGICAL_ANY_JOIN INNER', 'LOGICAL_ANY_JOIN LEFT', 'LOGICAL_ASOF_JOIN INNER', 'LOGICAL_ASOF_JOIN LEFT', 'LOGICAL_ASOF_JOIN RIGHT', 'LOGICAL_CHUNK_GET',
    'LOGICAL_COMPARISON_JOIN ANTI', 'LOGICAL_COMPARISON_JOIN FULL', 'LOGICAL_COMPARISON_JOIN INNER', 'LOGICAL_COMPARISON_JOIN LEFT', 'LOGICAL_COMPARISON_JOIN MARK', 'LOGICAL_COMPARISON_JOIN SEMI',
    'LOGICAL_CROSS_PRODUCT', 'LOGICAL_CTE_REF', 'LOGICAL_DELIM_GET', 'LOGICAL_DELIM_JOIN INNER', 'LOGICAL_DELIM_JOIN LEFT', 'LOGICAL_DELIM_JOIN MARK', 'LOGICAL_DELIM_JOIN SINGLE',
    'LOGICAL_DISTINCT', 'LOGICAL_DUMMY_SCAN', 'LOGICAL_EXCEPT', 'LOGICAL_EXPRESSION_GET', 'LOGICAL_FILTER', 'LOGICAL_GET', 'LOGICAL_INTERSECT', 'LOGICAL_LIMIT', 'LOGICAL_MATERIALIZED_CTE', 'LOGICAL_ORDER_BY', 'LOGICAL_PIVOT',
    'LOGICAL_POSITIONAL_JOIN', 'LOGICAL_PROJECTION', 'LOGICAL_RECURSIVE_CTE', 'LOGICAL_SAMPLE', 'LOGICAL_UNION', 'LOGICAL_UNNEST', 'LOGICAL_WINDOW',
  ])
})

describe('what is not known', () => {
  const scan: PlanOperator = { type: 'LOGICAL_GET', names: ['a'], column_indexes: [{ index: 0 }], function_data: { table: 'x' } }
  const first: PlanExpression = { expression_class: 'BOUND_REF', type: 'BOUND_REF', index: 0 }
  /** The numbers of the sources of each column; 7 and 8 stand for all there is. */
  const read = (plan: PlanOperator) => {
    const reader = new PlanReader(new Set(), () => () => 7, () => ({ ...sourceColumn(7), sources: new Map([[7, 1], [8, 1]]) }))
    const { columns } = reader.relation(plan)
    return { from: columns.map(({ sources }) => [...sources.keys()]), unknown: [...reader.unknown] }
  }

  it('reads everything: an operator', () => {
    expect(read({ type: 'LOGICAL_PROJECTION', expressions: [first], children: [{ type: 'LOGICAL_TELEPORT', children: [scan] }] })).toEqual({ from: [[7, 8]], unknown: ['operator TELEPORT'] })
  })

  it('reads everything: a class of expressions', () => {
    expect(read({ type: 'LOGICAL_PROJECTION', expressions: [first, { expression_class: 'BOUND_ORACLE', type: 'ORACLE' }], children: [scan] })).toEqual({ from: [[7], [7, 8]], unknown: ['expression BOUND_ORACLE'] })
  })

  it('reads everything: a kind of join', () => {
    expect(read({ type: 'LOGICAL_ANY_JOIN', join_type: 'MAYBE', children: [scan, scan] })).toEqual({ from: [[7, 8], [7, 8]], unknown: ['join MAYBE'] })
  })

  it('reads everything: an operator without what it always had', () => {
    expect(read({ type: 'LOGICAL_PROJECTION', expressions: [first], children: [{ type: 'LOGICAL_ANY_JOIN', join_type: 'INNER' }] })).toEqual({ from: [[7, 8]], unknown: ['operator ANY_JOIN'] })
    expect(read({ type: 'LOGICAL_PROJECTION', expressions: [{ ...first, index: 5 }], children: [scan] })).toEqual({ from: [[7, 8]], unknown: ['a reference outside of its input'] })
  })

  it('reads everything: a file reader whose plan DuckDB cannot write down, with the columns that it describes', async () => {
    const file = `${database.scratch}/numbers.csv`
    await connection.run(`copy (select 1 as n, 'x' as word) to '${file}'`)
    expect(await queryLineage(connection, `select n, a from read_csv('${file}') join x on true`, tables)).toEqual({
      columns: ['n BIGINT', 'a INTEGER'].map(column => ({ name: column.split(' ')[0], type: column.split(' ')[1], from: ['a', 'b'].map(name => ({ table: 'x', column: name, kind: 'transformation', masked: false })) })),
      rowset: ['a', 'b'].map(column => ({ table: 'x', column, kind: 'unknown', masked: false })),
      reads: ['x'],
      complete: false,
      unknown: ['CSVReaderSerialize not implemented'],
    })
  })
})

describe('a query', () => {
  it('names the tables that it reads, were it only to count', async () => {
    expect(await queryLineage(connection, 'select count(*) as n from x', tables)).toEqual({ columns: [{ name: 'n', type: 'BIGINT', from: [] }], rowset: [], reads: ['x'], complete: true, unknown: [] })
  })

  it('may name schemas and catalogs', async () => {
    const far: ShadowTable[] = [['shop', 'orders'], ['outlet', 'shop', 'orders']].map(path => ({ name: path.join('.'), path, columns: [{ name: 'id', type: 'INTEGER' }] }))
    const { columns } = await queryLineage(connection, 'select s.id as near, o.id as far from shop.orders as s, outlet.shop.orders as o', far)
    expect(columns.map(({ from }) => from.map(({ table }) => table))).toEqual([['shop.orders'], ['outlet.shop.orders']])
  })

  it('that does not bind is told with its place', async () => {
    await expect(queryLineage(connection, 'select a,\n  c from x', tables)).rejects.toMatchObject({ code: 'graph/query-does-not-bind', kind: 'binder', at: { line: 2, column: 3 }, message: 'Referenced column "c" not found in FROM clause! (line 2, column 3)', hint: expect.stringContaining('Candidate bindings') })
    await expect(queryLineage(connection, 'select a frm x where', tables)).rejects.toMatchObject({ kind: 'parser' })
    await expect(queryLineage(connection, 'select a from y', tables)).rejects.toMatchObject({ kind: 'catalog' })
  })

  it('may be long: a thousand branches, a hundred levels', async () => {
    const wide = Array.from({ length: 1000 }, () => 'select a from x').join(' union all ')
    expect((await queryLineage(connection, wide, tables)).columns[0]!.from).toEqual([{ table: 'x', column: 'a', kind: 'identity', masked: false }])
    let deep = 'select a, b from x'
    for (let i = 0; i < 100; i += 1) deep = `select b as a, a as b from (${deep})`
    expect((await queryLineage(connection, deep, tables)).columns.map(({ from }) => from[0]!.column)).toEqual(['a', 'b'])
  })
})
