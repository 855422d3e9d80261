import { afterEach, describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { withLazyConnection } from '../../framework/duckdb/lazy-connection.ts'
import { DUCKDB_VERSION } from '../../framework/duckdb/version.ts'

const opened: Database[] = []
const open = async () => {
  const database = await Database.open()
  opened.push(database)
  return database
}
afterEach(() => {
  for (const database of opened.splice(0)) database.close()
})

describe('a lazy connection', () => {
  it('opens no database for work that asks nothing', async () => {
    expect(await withLazyConnection(open, async () => 'known')).toBe('known')
    expect(opened).toEqual([])
  })

  it('is one connection for all that the work asks, and is handed on after it', async () => {
    const database = await open()
    const asked = await withLazyConnection(async () => database, async connection => {
      await Promise.all([connection.run('create temp table t as select 1 as a'), connection.json('select 2')])
      return connection.json('from t')
    })
    expect(asked).toEqual([{ a: 1 }])
    expect(await database.use(connection => connection.json('from t'))).toEqual([{ a: 1 }])
  })

  it('is not handed on after a failure', async () => {
    const database = await open()
    await expect(withLazyConnection(async () => database, async connection => {
      await connection.run('create temp table t as select 1 as a')
      throw new Error('half done')
    })).rejects.toThrow('half done')
    await expect(database.use(connection => connection.json('from t'))).rejects.toThrow('Table with name t does not exist')
  })
})

it('the database is of the version by which what it said is kept', async () => {
  const database = await open()
  expect(await database.use(connection => connection.json('select version() as version'))).toEqual([{ version: `v${DUCKDB_VERSION}` }])
})
