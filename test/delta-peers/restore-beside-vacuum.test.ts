import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { placesOf } from '../../framework/delta/brought-back.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { restore } from '../../framework/delta/restore.ts'
import { stageDelete } from '../../framework/delta/row-changes.ts'
import { overwrite } from '../../framework/delta/stage.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { committed, Rig } from '../delta/rig.ts'
import { Peer } from './peer.ts'

const rig = new Rig()
let spark: Peer
beforeAll(async () => { spark = await Peer.start('spark') })
afterAll(() => { spark?.stop() })

const LONG_AGO = Date.now() - 30 * 86_400_000
const wanted = [...Array(10).keys()].filter(id => id !== 3).map(id => ({ id }))

/** Version 1 has marked rows; nothing of it is needed since long. */
async function forgotten(): Promise<DeltaTable> {
  vi.useFakeTimers({ toFake: ['Date'], now: LONG_AGO })
  try {
    const table = await rig.create('select range::int as id from range(10)', { profile: 'modern' })
    const first = await table.snapshot()
    committed(await table.commit((await rig.database.use(c => stageDelete(c, first, 'id = 3', { how: 'deletion-vectors' }))).change, first, { operation: 'DELETE' }))
    const marked = await table.snapshot()
    committed(await table.commit(overwrite(marked, await rig.database.use(c => writeDataFiles(c, 'select 100::int as id', marked))), marked, { operation: 'WRITE' }))
    for (const entry of readdirSync(table.root, { withFileTypes: true })) if (entry.isFile()) utimesSync(join(table.root, entry.name), LONG_AGO / 1000, LONG_AGO / 1000)
    return table
  } finally {
    vi.useRealTimers()
  }
}

async function restored(table: DeltaTable): Promise<void> {
  const base = await table.snapshot()
  const change = await restore(base, await table.snapshot({ version: 1 }))
  committed(await table.commit(change, base, { operation: 'RESTORE' }))
}

async function stands(table: DeltaTable): Promise<void> {
  const anew = rig.table(table.root)
  const snapshot = await anew.snapshot()
  expect([...snapshot.files].flatMap(file => placesOf(table.root, file)).filter(place => !existsSync(place))).toEqual([])
  expect(await rig.rows(snapshot)).toEqual(wanted)
  expect((await spark.read(table.root)).rows).toEqual(wanted)
}

it('VACUUM by Spark takes what no version needs: so there is something to be kept from it', async () => {
  const table = await forgotten()
  const places = [...(await table.snapshot({ version: 1 })).files].flatMap(file => placesOf(table.root, file))
  expect(places.filter(existsSync)).toHaveLength(2)
  await spark.ask({ do: 'vacuum', path: table.root })
  expect(places.filter(existsSync)).toEqual([])
  await expect(restored(table)).rejects.toMatchObject({ code: 'delta/cannot-write', message: expect.stringContaining('no longer there') })
})

it('what we are about to bring back is left by a VACUUM by Spark before the commit, and by one after it', async () => {
  const table = await forgotten()
  const base = await table.snapshot()
  const change = await restore(base, await table.snapshot({ version: 1 }))
  await spark.ask({ do: 'vacuum', path: table.root })
  committed(await table.commit(change, base, { operation: 'RESTORE' }))
  await stands(table)
  await spark.ask({ do: 'vacuum', path: table.root })
  await stands(table)
  expect(statSync(placesOf(table.root, [...(await table.snapshot()).files][0]!)[0]!).mtimeMs).toBeGreaterThan(LONG_AGO + 86_400_000)
})

it('a VACUUM by Spark that runs at any moment of a RESTORE takes nothing of it, or it is refused', async () => {
  const told = { stood: 0, refused: 0 }
  for (let round = 0; round < 12; round += 1) {
    const table = await forgotten()
    const vacuum = spark.ask({ do: 'vacuum', path: table.root })
    await pause(round * 60)
    const outcome = await restored(table).then(() => 'stood' as const, error => {
      expect(error).toMatchObject({ code: 'delta/cannot-write', message: expect.stringContaining('no longer there') })
      return 'refused' as const
    })
    await vacuum
    told[outcome] += 1
    if (outcome === 'stood') await stands(table)
    else expect(await table.head()).toBe(2)
  }
  expect(told.stood).toBeGreaterThan(0)
})
