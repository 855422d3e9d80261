import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { stageMerge } from '../../framework/delta/merge.ts'
import { ExplainedError } from '../../framework/vocabulary/errors.ts'
import { Rig } from './rig.ts'

const rig = new Rig()
const disk = mkdtempSync(join(tmpdir(), 'varve-disk-'))

/** A small disk of its own; not every machine lets one be made. */
function mounted(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const hasDisk = mounted()
const remount = (how: 'ro' | 'rw') => execFileSync('mount', ['-o', `remount,${how}`, disk])
const free = () => { const { bavail, bsize } = statfsSync(disk); return bavail * bsize }

afterAll(() => {
  if (hasDisk) execFileSync('umount', ['-l', disk])
  rmSync(disk, { recursive: true, force: true })
})

describe.skipIf(!hasDisk)('a disk that is full, or may only be read', () => {
  it('is said by name wherever the write stands, nothing is committed, and the table reads as it was', async () => {
    const outcomes = new Map<string, number>()
    for (let room = 0; room <= 44; room += 4) {
      const table = await rig.create('select i::integer as id, i::varchar as name from range(200) as r(i)', { profile: 'modern', properties: { 'delta.checkpointInterval': '1', 'delta.enableChangeDataFeed': 'true' } }, rig.table(join(disk, `t${room}`)))
      const before = await rig.rows(table)
      const filler = join(disk, 'filler')
      writeFileSync(filler, Buffer.alloc(Math.max(0, free() - room * 1024)))
      const merge = () => rig.database.use(async connection => {
        const base = await table.snapshot()
        const { change } = await stageMerge(connection, base, `select 7 as id, 'seven' as name union all select 1000, 'new'`, { on: ['id'] }, 'deletion-vectors')
        return table.commit(change, base, { operation: 'MERGE' })
      })
      const error: unknown = await merge().then(outcome => (outcome.status === 'committed' ? outcome.trouble ?? 'committed' : outcome), (reason: unknown) => reason)
      rmSync(filler)
      const committed = (await table.head()) === 1
      if (error !== 'committed') {
        expect([room, error]).toEqual([room, expect.any(ExplainedError)])
        expect([room, (error as ExplainedError).code, (error as Error).message, (error as ExplainedError).hint]).toEqual([room, 'delta/storage-failed', expect.stringMatching(/ENOSPC|[Nn]o space left/), expect.stringContaining('Make room on the disk')])
      }
      const rows = await rig.rows(rig.table(table.root))
      if (committed) expect(rows).toHaveLength(201)
      else expect(rows).toEqual(before)
      const name = `${committed ? 'committed' : 'not committed'}, ${error === 'committed' ? 'all well' : 'refused'}`
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1)
      rmSync(table.root, { recursive: true })
    }
    expect([...outcomes.keys()].sort()).toEqual(expect.arrayContaining(['committed, all well', 'not committed, refused']))
  })

  it('that may only be read is said by name for each kind of write', async () => {
    const table = await rig.create('select 1 as id', { profile: 'modern' }, rig.table(join(disk, 'read-only')))
    const base = await table.snapshot()
    remount('ro')
    try {
      const merge = rig.database.use(connection => stageMerge(connection, base, 'select 1 as id, 2 as other', { on: ['id'] }, 'copy-on-write'))
      await merge
      const write = rig.append(table, 'select 2 as id')
      await expect(write).rejects.toMatchObject({ code: 'delta/storage-failed', hint: 'Check who may write there; nothing was committed.' })
      await expect(table.checkpoint()).rejects.toMatchObject({ code: 'delta/storage-failed' })
      await expect(rig.create('select 1 as id', {}, rig.table(join(disk, 'new')))).rejects.toMatchObject({ code: 'delta/storage-failed' })
    } finally {
      remount('rw')
    }
    mkdirSync(join(disk, 'still-there'))
  })
})
