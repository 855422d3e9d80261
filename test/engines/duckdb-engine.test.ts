import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { DuckDbEngine } from '../../framework/engines/duckdb-engine.ts'
import type { EngineSession } from '../../framework/engines/engine.ts'

const ORDERS = { name: 'bronze/orders', relation: 'select range as id, range % 3 as customer from range(6)' }
const CUSTOMERS = { name: 'bronze/customers', relation: "select range as customer, 'c' || range as name from range(3)" }

let database: Database
let folder: string
beforeAll(async () => {
  database = await Database.open()
  folder = mkdtempSync(join(tmpdir(), 'varve-engine-'))
})
afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true })
})

async function within<T>(work: (session: EngineSession) => Promise<T>, inputs = [ORDERS, CUSTOMERS]): Promise<T> {
  const session = await new DuckDbEngine(database).open(inputs, new AbortController().signal)
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

describe('a query finds its inputs by name', () => {
  test.each([
    ['where it begins with select', 'select * from "bronze/orders"', 6],
    ['where it begins with from', 'from "bronze/orders" where id > 3', 2],
    ['behind comments and blanks', '-- all of them\n/* and\n * more */ select * from "bronze/orders" join "bronze/customers" using (customer)', 6],
    ['where it has tables of its own', 'with few as (select * from "bronze/orders" where id < 2), none as (select 1 where false) select * from few, "bronze/customers"', 6],
    ['where those are recursive', 'WITH RECURSIVE n(i) as (select 0 union all select i + 1 from n where i < 4) select * from n join "bronze/orders" on i = id', 5],
    ['in a subquery that has tables of its own', 'select * from "bronze/customers" where customer in (with few as (select * from "bronze/orders" where id < 2) select customer from few)', 2],
    ['in parentheses', '(with few as (select * from "bronze/orders") select * from few limit 1)', 1],
    ['where it pivots', 'pivot "bronze/orders" on customer using count(*)', 6],
    ['where it unpivots', 'unpivot (select * from "bronze/orders") on id, customer', 12],
    ['of which it names none', 'select 1', 1],
  ])('%s', async (_, sql, rows) => {
    await within(async session => {
      const written = await session.writeQuery(sql, { folder: join(folder, crypto.randomUUID()), partitionBy: [] })
      expect(written.rows).toBe(rows)
      expect(await session.count('select * from "bronze/orders"')).toBe(6)
    })
  })

  test('and an input that is given again is the new one', async () => {
    await within(async session => {
      expect(await session.count('(select * from "bronze/orders")')).toBe(6)
      await session.add({ ...ORDERS, relation: 'select 1 as id, 1 as customer' })
      expect(await session.count('(select * from "bronze/orders")')).toBe(1)
      expect(await session.count('select * from "bronze/orders"')).toBe(1)
    })
  })

  test('and what it does not name need not be there any more', async () => {
    await within(async session => {
      await session.add({ name: 'varve made', relation: `from read_parquet('${join(folder, 'gone.parquet')}')` })
      const written = await session.writeQuery('pivot "bronze/orders" on customer using count(*)', { folder: join(folder, crypto.randomUUID()), partitionBy: [] })
      expect(written.rows).toBe(6)
    })
  })

  test('and no session sees what another was given', async () => {
    await within(session => session.writeQuery('pivot "bronze/orders" on customer using count(*)', { folder: join(folder, 'pivoted'), partitionBy: [] }))
    await within(async session => {
      await expect(session.count('select * from "bronze/orders"')).rejects.toThrow('Table with name bronze/orders does not exist')
    }, [CUSTOMERS])
  })
})

describe('files that are put right into a folder of others', () => {
  test('have the names that were asked for', async () => {
    const place = { folder: join(folder, 'table'), prefix: 'part-one-' }
    const { files } = await within(session => session.writeQuery('select * from "bronze/orders"', { folder: join(folder, 'unused'), place, partitionBy: [] }))
    expect(files.map(({ path }) => path)).toEqual([join(place.folder, 'part-one-0-c000.zstd.parquet')])
  })

  test('are taken away where the query fails, and the others stay', async () => {
    const place = { folder: join(folder, 'table'), prefix: 'part-two-' }
    writeFileSync(join(place.folder, 'part-two-0-c000.zstd.parquet'), 'what was written before it failed')
    const before = readdirSync(place.folder).filter(name => !name.startsWith(place.prefix))
    const failing = within(session => session.writeQuery('select error(\'no\') from "bronze/orders"', { folder: join(folder, 'unused'), place, partitionBy: [] }))
    await expect(failing).rejects.toThrow('no')
    expect(readdirSync(place.folder)).toEqual(before)
  })
})

test('how far a query is, is counted where someone asks only', async () => {
  const counts = (onProgress?: () => void) => within(async session => {
    await session.writeQuery('select 1', { folder: join(folder, crypto.randomUUID()), partitionBy: [], onProgress })
    return session.count("select 1 where current_setting('enable_progress_bar')")
  })
  expect([await counts(), await counts(() => {}), await counts(() => {})]).toEqual([0, 1, 1])
})
