import { Container } from 'typedi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { promisesOf } from '../../framework/definition/write-mode-checks.ts'
import { merge, scd2 } from '../../framework/definition/write-mode.ts'
import { Database } from '../../framework/duckdb/database.ts'
import { assetKey } from '../../framework/vocabulary/asset-key.ts'
import { sqlText } from '../../framework/vocabulary/sql.ts'

let database: Database
beforeAll(async () => {
  database = await Database.open()
})
afterAll(() => database.close())

const promises = promisesOf(assetKey('gold/dim'), scd2({ on: ['id'], changedBy: 'at' }))
/** How many versions break each promise. Days of January stand for instants, null for no end. */
const broken = (versions: readonly (readonly [number, number | null, number | null, boolean | null])[]) => database.use(async connection => {
  const instant = (day: number | null) => (day === null ? 'null::timestamptz' : `timestamptz '2026-01-${String(day).padStart(2, '0')}'`)
  const table = `(select * from (values ${versions.map(([id, from, to, current]) => `(${id}, ${instant(from)}, ${instant(to)}, ${current})`).join(', ')}) v(id, valid_from, valid_to, is_current))`
  return Promise.all(promises.map(async ({ rule }) => {
    if (rule.kind !== 'method') throw new Error('a promise of a write mode is a query')
    return (await connection.rows(sqlText(rule.violations(Container.of()), () => table))).length
  }))
})

describe('the promises of a history', () => {
  it('hold of versions that follow each other, with gaps or without', async () => {
    expect(await broken([[1, 1, 3, false], [1, 3, 5, false], [1, 8, null, true], [2, 1, 2, false]])).toEqual([0, 0])
  })

  it.each([
    ['overlap', [[1, 1, 4, false], [1, 3, null, true]], [0, 1]],
    ['are both open', [[1, 1, null, true], [1, 3, null, true]], [0, 1]],
    ['begin at once', [[1, 1, 4, false], [1, 1, 4, false]], [0, 1]],
    ['follow one that is open', [[1, 1, null, true], [1, 3, 5, false]], [0, 1]],
    ['end before they begin', [[1, 4, 3, false]], [1, 0]],
    ['are over in no time', [[1, 4, 4, false]], [1, 0]],
    ['never begin', [[1, null, null, true]], [1, 0]],
    ['are open, but not said to be', [[1, 1, null, false]], [1, 0]],
    ['ended, but nobody said whether they are current', [[1, 1, 2, null]], [1, 0]],
  ] as const)('are broken by versions that %s', async (_, versions, expected) => {
    expect(await broken(versions)).toEqual(expected)
  })

  it('are made by no other mode', () => {
    expect(promisesOf(assetKey('gold/dim'), merge({ on: ['id'] }))).toEqual([])
  })
})
