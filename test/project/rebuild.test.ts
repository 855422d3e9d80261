import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { causeInWords } from '../../framework/cli/views/cause-words.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { module, ProjectRig } from '../rig/project-rig.ts'

const RAW = (rows: string) => module('Asset, SqlAsset, sql', `
/** Rows as they are now. */
@Asset({ key: 'bronze/raw' })
export class Raw extends SqlAsset { query() { return sql\`select * from (values ${rows}) as t(id, kind, amount)\` } }`)

const KEPT = (write: string, where = '') => module('Asset, SqlAsset, Upstream, append, merge, overwrite, overwritePartition, scd2, sql', `
import { Raw } from '../bronze/raw'
/** Rows as they were ever seen. */
@Asset({ key: 'silver/kept', write: ${write} })
export class Kept extends SqlAsset {
  @Upstream(() => Raw) readonly raw!: Raw
  query() { return sql\`select id, kind, amount from \${this.raw} ${where}\` }
}`)

let rig: ProjectRig
const start = (write: string) => {
  rig = new ProjectRig({ 'assets/bronze/raw.ts': RAW('(1, \'a\', 10), (2, \'b\', 20)'), 'assets/silver/kept.ts': KEPT(write) })
}
const rows = () => rig.rows('select id, kind, amount from silver.kept order by id, kind, amount')
const details = async (more = {}) => rig.with(async project => (await project.plan({ selection: ['silver/kept'], ...more })).steps.map(({ rebuild, causes }) => ({ rebuild, causes: causes.map(causeInWords) })))
const operations = () => rig.with(async project => (await project.history('silver/kept' as AssetKey)).map(({ operation }) => operation))
afterEach(() => rig.remove())

describe('a changed query', () => {
  beforeEach(async () => {
    start('merge({ on: [\'id\'] })')
    await rig.run()
    rig.write('assets/silver/kept.ts', KEPT('merge({ on: [\'id\'] })', 'where id > 1'))
  })

  it('is merged into what the table holds, and the plan says what stays', async () => {
    expect(await details()).toEqual([{ rebuild: undefined, causes: [expect.stringMatching(/^its code changed \(.{8} → .{8}\); rows that only the old code makes stay, unless it is made anew with --rebuild$/)] }])
    await rig.run()
    expect(await rows()).toEqual([{ id: 1, kind: 'a', amount: 10 }, { id: 2, kind: 'b', amount: 20 }])
  })

  it('is carried out anew where that is asked for: one commit, the versions before can still be read, and the next run does nothing', async () => {
    expect(await details({ rebuild: true })).toEqual([{ rebuild: true, causes: ['asked for, to be made anew', expect.stringMatching(/^its code changed/)] }])
    expect((await rig.run(['silver/kept'], { rebuild: true })).steps.map(({ status, tableVersion, counts }) => [status, tableVersion, counts.rowsOut])).toEqual([['materialized', 1, 1]])
    expect(await rows()).toEqual([{ id: 2, kind: 'b', amount: 20 }])
    expect((await rig.with(project => project.query('select id from silver.kept order by id', { asOf: '0' }))).rows).toEqual([{ id: 1 }, { id: 2 }])
    expect(await operations()).toEqual(['WRITE', 'MERGE'])
    expect((await rig.run()).steps).toEqual([])
    rig.write('assets/bronze/raw.ts', RAW('(3, \'c\', 30)'))
    await rig.run()
    expect(await rows()).toEqual([{ id: 2, kind: 'b', amount: 20 }, { id: 3, kind: 'c', amount: 30 }])
  })

  it('that is made anew comes out equal where nothing else is to be said, and commits nothing', async () => {
    await rig.run([], { rebuild: true })
    const before = await rig.version('silver/kept')
    expect((await rig.run([], { rebuild: true })).steps.map(({ unchanged }) => unchanged)).toEqual([true, true])
    expect(await rig.version('silver/kept')).toBe(before)
  })
})

it('a table that rows are only added to can be made anew, and promises the same afterwards', async () => {
  start('append({ key: [\'id\'] })')
  await rig.run()
  rig.write('assets/silver/kept.ts', KEPT('append({ key: [\'id\'] })', 'where id > 1'))
  expect((await rig.run([], { rebuild: true })).ok).toBe(true)
  expect(await rows()).toEqual([{ id: 2, kind: 'b', amount: 20 }])
  rig.write('assets/bronze/raw.ts', RAW('(2, \'x\', 0), (3, \'c\', 30)'))
  expect((await rig.run()).ok).toBe(true)
  expect(await rows()).toEqual([{ id: 2, kind: 'b', amount: 20 }, { id: 3, kind: 'c', amount: 30 }])
  const metadata = rig.filesOf('silver/kept').filter(file => file.startsWith('_delta_log/') && file.endsWith('.json')).flatMap(file => readFileSync(join(rig.lake, 'silver/kept', file), 'utf8').trim().split('\n').map(line => JSON.parse(line) as { metaData?: { configuration: object } })).flatMap(({ metaData }) => metaData ?? [])
  expect(metadata.map(({ configuration }) => configuration)).toEqual([{ 'delta.appendOnly': 'true' }, { 'delta.appendOnly': 'false' }, { 'delta.appendOnly': 'true' }])
})

it('a history of rows begins anew', async () => {
  start('scd2({ on: [\'id\'], compare: [\'amount\'] })')
  await rig.run()
  rig.write('assets/bronze/raw.ts', RAW('(1, \'a\', 11)'))
  await rig.run()
  expect(await rig.rows('select count(*) as n from silver.kept')).toEqual([{ n: 3 }])
  await rig.run(['silver/kept'], { rebuild: true })
  expect(await rig.rows('select id, amount, is_current from silver.kept')).toEqual([{ id: 1, amount: 11, is_current: true }])
})

describe('a write mode that changed', () => {
  it.each([
    ['other keys', 'merge({ on: [\'id\'] })', 'merge({ on: [\'id\', \'kind\'] })'],
    ['from added to replaced', 'append({ key: [\'id\'] })', 'overwrite()'],
    ['from replaced to merged', 'overwrite()', 'merge({ on: [\'id\'] })'],
    ['other partitions', 'overwritePartition({ by: [\'kind\'] })', 'overwritePartition({ by: [\'id\'] })'],
    ['from merged to a history', 'merge({ on: [\'id\'] })', 'scd2({ on: [\'id\'], compare: \'all\' })'],
  ])('has the table made anew where its rows cannot be gone on with: %s', async (_, was, now) => {
    start(was)
    await rig.run()
    rig.write('assets/bronze/raw.ts', RAW('(1, \'z\', 11), (3, \'c\', 30)'))
    rig.write('assets/silver/kept.ts', KEPT(now))
    expect(await details()).toEqual([{ rebuild: true, causes: [expect.stringMatching(/^how it is written changed from .* to .*, so that the table is made anew$/)] }])
    expect((await rig.run()).ok).toBe(true)
    expect(await rows()).toEqual([{ id: 1, kind: 'z', amount: 11 }, { id: 3, kind: 'c', amount: 30 }])
    expect((await rig.run()).steps).toEqual([])
  })

  it('goes on with the table where rows are told apart as before', async () => {
    start('merge({ on: [\'id\'] })')
    await rig.run()
    rig.write('assets/bronze/raw.ts', RAW('(3, \'c\', 30)'))
    rig.write('assets/silver/kept.ts', KEPT('merge({ on: [\'id\'], newerBy: \'amount\' })'))
    await rig.run()
    expect(await rows()).toEqual([{ id: 1, kind: 'a', amount: 10 }, { id: 2, kind: 'b', amount: 20 }, { id: 3, kind: 'c', amount: 30 }])
  })
})

it('a table that is cut into slices afterwards, or along another column, holds nothing that is in no slice', async () => {
  start('append()')
  await rig.run()
  const cut = (column: string, keys: string) => KEPT('overwrite()').replace('write: overwrite()', `partitions: staticPartitions({ column: '${column}', keys: [${keys}] })`).replace('sql }', 'sql, staticPartitions }')
  rig.write('assets/silver/kept.ts', cut('kind', '\'a\', \'c\''))
  expect((await rig.run()).ok).toBe(true)
  expect(await rows()).toEqual([{ id: 1, kind: 'a', amount: 10 }])
  rig.write('assets/silver/kept.ts', cut('id', '\'2\''))
  expect((await rig.run()).ok).toBe(true)
  expect(await rows()).toEqual([{ id: 2, kind: 'b', amount: 20 }])
  expect((await rig.run()).steps).toEqual([])
})
