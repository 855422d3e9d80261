import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { contentHash, contentHashText } from '../../framework/delta/content-hash.ts'
import type { DeltaTable } from '../../framework/delta/delta-table.ts'
import { stageOptimize } from '../../framework/delta/optimize.ts'
import { restore } from '../../framework/delta/restore.ts'
import { stageDelete } from '../../framework/delta/row-changes.ts'
import { filesThatMayMatch } from '../../framework/delta/skipping.ts'
import { resolvePath } from '../../framework/delta/table-paths.ts'
import type { TableChange } from '../../framework/delta/table-change.ts'
import { SHORTEST_SAFE_RETENTION_HOURS, vacuum } from '../../framework/delta/vacuum.ts'
import { committed, Rig } from './rig.ts'

const rig = new Rig()

async function hashOf(table: DeltaTable): Promise<string> {
  const snapshot = await table.snapshot()
  const scan = await snapshot.scanSql()
  return rig.database.use(async c => contentHashText(await contentHash(c, scan, snapshot.schema)))
}

async function optimize(table: DeltaTable, options: Parameters<typeof stageOptimize>[2] = {}) {
  const base = await table.snapshot()
  const staged = await rig.database.use(c => stageOptimize(c, base, options))
  const outcome = await table.commit(staged.change, base, { operation: 'OPTIMIZE' })
  return { ...staged.metrics, outcome }
}

describe('optimize', () => {
  it('packs the small files of each partition, and the content is the same', async () => {
    const table = await rig.create(`select i as id, 'p' || i % 2 as p from range(4) r(i)`, { partitionColumns: ['p'], profile: 'modern' })
    for (let from = 4; from < 20; from += 4) await rig.append(table, `select i as id, 'p' || i % 2 as p from range(${from}, ${from + 4}) r(i)`)
    const before = await hashOf(table)
    expect(await optimize(table)).toMatchObject({ filesBefore: 10, filesAfter: 2, outcome: { status: 'committed' } })
    expect(await hashOf(table)).toBe(before)
    expect([...(await table.snapshot()).files].map(file => [file.partitionValues, file.dataChange])).toEqual([[{ p: 'p0' }, false], [{ p: 'p1' }, false]])
    expect((await optimize(table)).outcome).toEqual({ status: 'already-committed', version: 5 })
  })

  it('leaves the values of partitions as they are, of whatever type', async () => {
    const table = await rig.create(`select 1 as id, timestamptz '2024-02-29 23:59:59.123456+00' as t, timestamp '2024-02-29 23:59:59.5' as n, date '0001-01-01' as d, 'a=b/c%'::varchar as s, 1.50::decimal(9,2) as m, true as b, 0.1::double as f, 'a\\x5Cx41\\xC3\\xA4'::blob as x`, { partitionColumns: ['t', 'n', 'd', 's', 'm', 'b', 'f', 'x'] })
    await rig.append(table, `select * replace (id + 1 as id) from (${await (await table.snapshot()).scanSql()})`)
    await rig.append(table, `select * replace (id + 9 as id, null as t, null as n, null as d, null as s, null as m, null as b, null as f, null as x) from (${await (await table.snapshot()).scanSql()})`)
    const [before, rows] = [[...(await table.snapshot()).files].map(({ partitionValues }) => JSON.stringify(partitionValues)), await rig.rows(table)]
    expect(await optimize(table)).toMatchObject({ filesBefore: 2, filesAfter: 1 })
    expect(new Set([...(await table.snapshot()).files].map(({ partitionValues }) => JSON.stringify(partitionValues)))).toEqual(new Set(before))
    expect(await rig.rows(table)).toEqual(rows)
  })

  it('takes away deletion vectors of which enough is deleted, and leaves the others', async () => {
    const table = await rig.create('select i as id from range(100) r(i)', { profile: 'modern' })
    const base = await table.snapshot()
    committed(await table.commit((await rig.database.use(c => stageDelete(c, base, 'id < 10', { how: 'deletion-vectors' }))).change, base, { operation: 'DELETE' }))
    expect(await optimize(table, { targetFileSize: 1, maxDeletedRatio: 0.5 })).toMatchObject({ filesBefore: 0 })
    expect(await optimize(table, { targetFileSize: 1 })).toMatchObject({ deletionVectorsRemoved: 1 })
    expect((await table.snapshot()).files.deletionVectors).toBe(0)
    expect((await rig.rows(table)).length).toBe(90)
  })

  it('does not disturb an append that came in between', async () => {
    const table = await rig.create('select 1 as a')
    await rig.append(table, 'select 2 as a')
    const base = await table.snapshot()
    const staged = await rig.database.use(c => stageOptimize(c, base))
    await rig.append(table, 'select 3 as a')
    expect(await table.commit(staged.change, base, { operation: 'OPTIMIZE' })).toEqual({ status: 'committed', version: 3 })
    expect((await rig.rows(table)).map(row => row['a'])).toEqual([1, 2, 3])
  })

  it('along a curve makes filters on either column skip files', async () => {
    const table = await rig.create('select (i * 7919) % 100000 as x, (i * 104729) % 100003 as y from range(100000) r(i)')
    const hit = async (filter: string) => {
      const snapshot = await table.snapshot()
      return [await rig.database.use(async c => (await filesThatMayMatch(c, snapshot, snapshot.files, { text: filter })).length), snapshot.files.count] as const
    }
    const before = await hashOf(table)
    await optimize(table, { zorderBy: ['x', 'y'], targetFileSize: 30_000 })
    for (const filter of ['x between 1000 and 3000', 'y between 90000 and 92000']) {
      const [touched, all] = await hit(filter)
      expect(all).toBeGreaterThan(8)
      expect(touched).toBeLessThanOrEqual(all / 2)
    }
    expect(await hashOf(table)).toBe(before)
  })
})

describe('vacuum', () => {
  const old = (path: string, hours = 1000) => utimesSync(path, Date.now() / 1000 - hours * 3600, Date.now() / 1000 - hours * 3600)

  it('takes away what nothing needs, and only that', async () => {
    const table = await rig.create('select i as a from range(10) r(i)', { profile: 'modern' })
    const first = [...(await table.snapshot()).files].map(file => resolvePath(table.root, file.path))
    const base = await table.snapshot()
    committed(await table.commit((await rig.database.use(c => stageDelete(c, base, 'a = 1', { how: 'deletion-vectors' }))).change, base, { operation: 'DELETE' }))
    await optimize(table, { maxDeletedRatio: 0 })
    const orphan = join(table.root, 'part-orphan.parquet')
    const staged = join(table.root, '_staging', 'dead-writer', 'part-1.parquet')
    const inside = join(table.root, '_staging', 'dead-writer', 'table', '_delta_log', '00000000000000000000.json')
    const young = join(table.root, '_staging', 'live-writer', 'part-1.parquet')
    for (const path of [orphan, staged, inside, young]) {
      mkdirSync(join(path, '..'), { recursive: true })
      writeFileSync(path, 'x')
    }
    writeFileSync(join(table.root, '_other'), 'hidden')
    for (const name of readdirSync(table.root).filter(each => !each.startsWith('_'))) old(join(table.root, name))
    for (const path of [staged, inside, join(table.root, '_other')]) old(path)
    const snapshot = await table.snapshot()
    expect(await vacuum(snapshot, { dryRun: true })).toEqual({ files: [staged, inside, orphan].sort(), bytes: 3, deleted: false })
    expect(existsSync(orphan)).toBe(true)
    expect((await vacuum(snapshot)).files).toEqual([staged, inside, orphan].sort())
    expect([existsSync(orphan), existsSync(young), existsSync(first[0]!), existsSync(join(table.root, '_other'))]).toEqual([false, true, true, true])
    const later = await vacuum(snapshot, { now: new Date(Date.now() + 400 * 3_600_000) })
    expect(later.files).toContain(first[0])
    expect(later.files.some(path => path.includes('deletion_vector_'))).toBe(true)
    expect((await rig.rows(rig.table(table.root))).length).toBe(9)
  })

  it('refuses a retention of less than a week, unless it is meant', async () => {
    const table = await rig.create('select 1 as a')
    const snapshot = await table.snapshot()
    await expect(vacuum(snapshot, { retentionHours: 1 })).rejects.toThrow('less than the 168')
    expect((await vacuum(snapshot, { retentionHours: 0, force: 'files of running writers may be lost' })).files).toEqual([])
  })

  it('keeps the files of partitions whose column begins with an underscore', async () => {
    const table = await rig.create(`select 1 as a, 'x' as _p`, { partitionColumns: ['_p'] })
    const [file] = [...(await table.snapshot()).files]
    old(resolvePath(table.root, file!.path))
    expect((await vacuum(await table.snapshot())).files).toEqual([])
    expect(await rig.rows(table)).toHaveLength(1)
  })
})

describe('restore', () => {
  it('brings an earlier version back as the next one, schema and all', async () => {
    const table = await rig.create('select 1 as a')
    await rig.append(table, 'select 2 as a')
    const wanted = await table.snapshot()
    await rig.merge(table, 'select 2 as a, true as gone', { on: ['a'], deleteWhen: 'gone' })
    const base = await table.snapshot()
    expect(committed(await table.commit(await restore(base, wanted), base, { operation: 'RESTORE' }))).toBe(3)
    expect(await rig.rows(table)).toEqual([{ a: 1 }, { a: 2 }])
  })

  it('is refused where a file is gone', async () => {
    const table = await rig.create('select 1 as a')
    const wanted = await table.snapshot()
    await rig.merge(table, 'select 1 as a, true as gone', { on: ['a'], deleteWhen: 'gone' })
    const base = await table.snapshot()
    await vacuum(base, { retentionHours: 0, force: 'files of running writers may be lost', now: new Date(Date.now() + 1000) })
    await expect(restore(base, wanted)).rejects.toThrow('no longer there')
  })

  it.each(['looked through the log already', 'comes before the commit'])('of files older than the retention stands, with a VACUUM that %s', async when => {
    const table = await rig.create('select range as id from range(10)', { profile: 'modern', properties: { 'delta.deletedFileRetentionDuration': 'interval 0 hours' } })
    for (const filter of ['id = 3', 'true']) {
      const base = await table.snapshot()
      committed(await table.commit((await rig.database.use(c => stageDelete(c, base, filter))).change, base, { operation: 'DELETE' }))
    }
    for (const name of readdirSync(table.root, { withFileTypes: true })) if (name.isFile()) utimesSync(join(table.root, name.name), 1000, 1000)
    await pause(60)
    const base = await table.snapshot()
    const change = async () => restore(base, await table.snapshot({ version: 1 }))
    const commit = async (restored: TableChange) => committed(await table.commit(restored, base, { operation: 'RESTORE' }))
    const late = { retentionHours: SHORTEST_SAFE_RETENTION_HOURS, now: new Date(Date.now() + SHORTEST_SAFE_RETENTION_HOURS * 3_600_000 - 20) }
    if (when === 'comes before the commit') {
      const restored = await change()
      // They are young now, under both of their names.
      expect((await vacuum(base, late)).files).toEqual([])
      await commit(restored)
    } else {
      const { files } = await vacuum(base, { ...late, newest: async () => {
        const seen = await table.snapshot()
        await commit(await change())
        return seen
      } })
      expect(files).toHaveLength(2)
    }
    expect((await rig.rows(table)).map(({ id }) => id)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9])
    expect((await vacuum(await table.snapshot(), late)).files).toEqual([])
    expect(await rig.rows(rig.table(table.root))).toHaveLength(9)
  })
})
