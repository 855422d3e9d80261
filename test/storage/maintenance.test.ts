import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { stageDelete } from '../../framework/delta/row-changes.ts'
import { optimizeTable } from '../../framework/storage/maintenance.ts'
import { assetKey } from '../../framework/vocabulary/asset-key.ts'
import { committed, Rig } from '../delta/rig.ts'

const rig = new Rig()
const key = assetKey('silver/numbers')

/** The table, where others delete a row of its first file just before each of so many commits. */
async function disturbed(times: number): Promise<DeltaTable> {
  const table = await rig.create('select i as a from range(10) r(i)')
  await rig.append(table, 'select i as a from range(10, 20) r(i)')
  const others = rig.table(table.root)
  const commit = table.commit.bind(table)
  let left = times
  table.commit = async (...change) => {
    if (left > 0) {
      left -= 1
      const base = await others.snapshot()
      committed(await others.commit((await rig.database.use(c => stageDelete(c, base, `a = ${left}`, { how: 'copy-on-write' }))).change, base, { operation: 'DELETE' }))
    }
    return commit(...change)
  }
  return table
}

const dataFiles = (table: DeltaTable) => readdirSync(table.root).filter(name => name.endsWith('.parquet')).length

describe('packing a table that others change meanwhile', () => {
  it('starts over from what they left, and leaves no files of what it gave up', async () => {
    const table = await disturbed(2)
    expect(await optimizeTable(key, table, rig.database, {})).toMatchObject({ version: 4, filesBefore: 2, filesAfter: 1 })
    expect((await rig.rows(table)).map(({ a }) => Number(a))).toEqual(Array.from({ length: 18 }, (_, i) => i + 2))
    expect(dataFiles(table)).toBe(5)
  })

  it('is given up where they never stop, and says who was first', async () => {
    const table = await disturbed(10)
    await expect(optimizeTable(key, table, rig.database, {})).rejects.toMatchObject({ code: 'storage/publish-conflict', message: expect.stringContaining('silver/numbers') })
    expect((await table.snapshot()).files.count).toBe(2)
    expect(dataFiles(table)).toBe(7)
  })
})
