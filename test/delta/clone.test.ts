import { readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { shallowClone } from '../../framework/delta/clone.ts'
import { stageOptimize } from '../../framework/delta/optimize.ts'
import { restore } from '../../framework/delta/restore.ts'
import { stageDelete } from '../../framework/delta/row-changes.ts'
import { vacuum } from '../../framework/delta/vacuum.ts'
import type { Snapshot } from '../../framework/delta/snapshot.ts'
import type { TableChange } from '../../framework/delta/table-change.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()
const filesOf = (root: string) => readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name => !name.startsWith('_delta_log')).sort()

it('a clone has the rows of its source by reference, and the two go their own ways', async () => {
  const source = await rig.create(`select i as a, if(i % 2 = 0, 'a b%', 'ü=1') as p from range(20) r(i)`, { profile: 'modern', partitionColumns: ['p'] }, rig.table(join(rig.folder, 'the source % of it')))
  const remove = (base: Snapshot, where: string) => rig.database.use(async c => (await stageDelete(c, base, where, { how: 'deletion-vectors' })).change)
  const change = async (table: typeof source, think: (base: Snapshot) => Promise<TableChange>) => {
    const base = await table.snapshot()
    return committed(await table.commit(await think(base), base, { operation: 'WRITE' }))
  }
  await change(source, base => remove(base, 'a = 3'))
  const rows = await rig.rows(source)
  const before = filesOf(source.root)

  const clone = rig.table()
  const first = committed(await clone.commit(shallowClone(await source.snapshot()), undefined, { operation: 'CLONE' }))
  expect(await rig.rows(clone)).toEqual(rows)
  expect(filesOf(clone.root)).toEqual([])
  expect((await clone.snapshot()).metadata.id).not.toBe((await source.snapshot()).metadata.id)

  await change(clone, base => remove(base, 'a in (4, 5)'))
  await rig.append(clone, "select 100 as a, 'x' as p")
  expect(await rig.rows(source)).toEqual(rows)
  expect((await rig.rows(clone)).map(({ a }) => a)).toEqual([...Array.from({ length: 20 }, (_, a) => a).filter(a => ![3, 4, 5].includes(a)), 100])

  await change(clone, base => rig.database.use(async c => (await stageOptimize(c, base, { maxDeletedRatio: 0 })).change))
  for (const root of [source.root, clone.root]) for (const name of filesOf(root).filter(each => /\.(parquet|bin)$/.test(each))) utimesSync(join(root, name), 1000, 1000)
  const later = new Date(Date.now() + 400 * 3_600_000)
  await vacuum(await clone.snapshot(), { now: later })
  expect(filesOf(source.root)).toEqual(before)
  expect((await rig.rows(clone))).toHaveLength(18)

  const [base, earlier] = [await clone.snapshot(), await clone.snapshot({ version: first })]
  committed(await clone.commit(await restore(base, earlier), base, { operation: 'RESTORE' }))
  expect(await rig.rows(clone)).toEqual(rows)
  const again = rig.table()
  committed(await again.commit(shallowClone(await clone.snapshot()), undefined, { operation: 'CLONE' }))
  expect(await rig.rows(again)).toEqual(rows)
})
