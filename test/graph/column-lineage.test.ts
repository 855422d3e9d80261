import { beforeAll, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { lineageOfQueries, queryLineage, type LineageOutcome } from '../../framework/graph/column-lineage.ts'
import { CASES, createMacros, inLines, keepAsExpected, MASKS, TABLES } from './lineage-world.ts'

/** A new case is a new file in `column-lineage/`. With KEEP_LINEAGE=1 what is found is written into those that expect nothing yet. */
describe('the lineage of', () => {
  let found: ReadonlyMap<string, LineageOutcome>

  beforeAll(async () => {
    const database = await Database.open()
    await database.use(async connection => {
      await createMacros(connection)
      const reads = TABLES.map(({ name }) => name)
      found = await lineageOfQueries(connection, CASES.map(({ name, sql }) => ({ name: `case ${name}`, sql, reads })), TABLES, { masks: MASKS })
    })
    database.close()
  })

  it.each(CASES)('$name', one => {
    const outcome = found.get(`case ${one.name}`)!
    if (outcome.type === 'refused') throw outcome.error
    const lineage = inLines(outcome.lineage)
    if (process.env['KEEP_LINEAGE'] && one.expected === '') keepAsExpected(one, lineage)
    else expect(lineage).toBe(one.expected)
  })

  it('is asked of at least 150 small queries and twenty involved ones', () => {
    const involved = CASES.filter(({ name }) => name.startsWith('involved-')).length
    expect([CASES.length - involved >= 150, involved >= 20]).toEqual([true, true])
  })
})

describe('a query whose columns depend on its data', () => {
  it('may read every column of the tables that it names, and of no other', async () => {
    const database = await Database.open()
    const tables = [{ name: 'Sales', columns: [{ name: 'day', type: 'DATE' }, { name: 'amount', type: 'INTEGER' }] }, { name: 'other', columns: [{ name: 'id', type: 'INTEGER' }] }]
    const { reads, rowset, complete } = await database.use(connection => queryLineage(connection, 'pivot sales on day using sum(amount)', tables))
    await database.close()
    expect({ reads, rowset: rowset.map(({ table, column }) => `${table}.${column}`).sort(), complete }).toEqual({ reads: ['Sales'], rowset: ['Sales.amount', 'Sales.day'], complete: false })
  })

  it('is refused where a column has a type that nobody knows, by its name', async () => {
    const database = await Database.open()
    const asked = database.use(connection => queryLineage(connection, 'select 1', [{ name: 'sales', columns: [{ name: 'amount', type: 'NUMBER(10,2)' }] }]))
    await expect(asked).rejects.toMatchObject({ code: 'graph/not-a-column-type', message: 'The type "NUMBER(10,2)" of sales.amount is no type.' })
    await database.close()
  })
})
