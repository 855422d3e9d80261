import { expect, it } from 'vitest'
import { changesSql } from '../../framework/delta/changes.ts'
import { stageDelete } from '../../framework/delta/row-changes.ts'
import { overwrite } from '../../framework/delta/stage.ts'
import { writeDataFiles } from '../../framework/delta/write-data-files.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()
const FEED = { 'delta.enableChangeDataFeed': 'true' }

it.each(['copy-on-write', 'deletion-vectors'] as const)('the changes between versions are those of appends, merges, deletes and overwrites, by %s', async how => {
  const table = await rig.create(`select i as id, 'p' || i % 2 as p from range(3) r(i)`, { profile: 'modern', properties: FEED, partitionColumns: ['p'] })
  await rig.append(table, `select 3 as id, 'p1' as p`)
  await rig.merge(table, `select 1::bigint as id, 'p9' as p union all select 7, 'p0'`, { on: ['id'] }, how)
  const base = await table.snapshot()
  committed(await table.commit((await rig.database.use(c => stageDelete(c, base, 'id = 0', { how }))).change, base, { operation: 'DELETE' }))
  const next = await table.snapshot()
  committed(await table.commit(overwrite(next, await rig.database.use(c => writeDataFiles(c, `select 50 as id, 'new' as p`, next))), next, { operation: 'WRITE' }))
  const changes = await rig.database.use(async c => c.json(`select _commit_version as v, _change_type as t, id, p from (${await changesSql(table, 1)}) order by all`))
  expect(changes.map(row => Object.values(row).join(' '))).toEqual([
    '1 insert 3 p1', '2 insert 7 p0', '2 update_postimage 1 p9', '2 update_preimage 1 p1', '3 delete 0 p0',
    '4 delete 1 p9', '4 delete 2 p0', '4 delete 3 p1', '4 delete 7 p0', '4 insert 50 new',
  ])
  expect(await rig.database.use(async c => c.json(`select count(*) as n, count(_commit_timestamp) as at from (${await changesSql(table, 3, 3)})`))).toEqual([{ n: 1, at: 1 }])
})

it('what was deleted by a vector is told even where the writer left no change files', async () => {
  const table = await rig.create('select i as id from range(5) r(i)', { profile: 'modern', properties: FEED })
  const base = await table.snapshot()
  const { change } = await rig.database.use(c => stageDelete(c, base, 'id in (1, 3)', { how: 'deletion-vectors' }))
  committed(await table.commit({ ...change, cdc: undefined }, base, { operation: 'DELETE' }))
  expect(await rig.database.use(async c => c.json(`select id, _change_type from (${await changesSql(table, 1)}) order by all`))).toEqual([{ id: 1, _change_type: 'delete' }, { id: 3, _change_type: 'delete' }])
})

it('a table without a change data feed says so', async () => {
  const table = await rig.create('select 1 as id')
  await expect(changesSql(table, 0)).rejects.toMatchObject({ code: 'delta/cannot-read', message: expect.stringContaining('kept no change data at version 0') })
  await expect(changesSql(table, 9)).rejects.toMatchObject({ code: 'delta/no-such-version' })
})
