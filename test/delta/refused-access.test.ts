import { execFile } from 'node:child_process'
import { chownSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { beforeAll, describe, expect, it } from 'vitest'
import { Rig } from './rig.ts'
import type { Tried } from './without-permission.ts'

const rig = new Rig()
const NOBODY = 65_534
/** Whoever may do all is refused nothing, so another user tries it; only they can become one. */
const becomesAnother = process.getuid?.() === 0
const BEFORE = [[1, 10], [3, 30], [4, 40]]
/** The rows after each deed that changes some. */
const AFTER: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'append': [...BEFORE, [5, 50]], 'append to a new partition': [...BEFORE, [6, 60]], 'merge by vectors': [[1, 11], [3, 30], [4, 40]], 'merge by copies': [[1, 11], [3, 30], [4, 40]], 'delete': [[1, 10], [4, 40]], 'optimize': BEFORE,
}
const READ: Readonly<Record<string, readonly (readonly number[])[]>> = { 'read': BEFORE, 'read an old version': [[1, 10], [3, 30]] }

describe.skipIf(!becomesAnother)('each folder and file of a table, closed to who works on it', () => {
  let tried: Tried[]
  beforeAll(async () => {
    chownSync(rig.folder, NOBODY, NOBODY)
    const script = join(import.meta.dirname, '../../.varve', `without-permission-${process.pid}.mjs`)
    const bundle = await rolldown({ input: join(import.meta.dirname, 'without-permission.ts'), platform: 'node', external: /^(?:node:|@duckdb)/, logLevel: 'silent' })
    await bundle.write({ file: script, format: 'esm' })
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [script, rig.folder, String(NOBODY)], { maxBuffer: 1e8 })
      tried = JSON.parse(stdout) as Tried[]
    } finally {
      rmSync(script)
    }
  }, 300_000)

  it('is said by name, with the place and what to do, or was not needed', () => {
    const codes = new Set(tried.map(({ outcome }) => outcome))
    expect([...codes].sort()).toEqual(['delta/storage-failed', 'done', 'duckdb/query-failed'])
    for (const each of tried.filter(({ outcome }) => outcome !== 'done')) {
      expect(each).toMatchObject({ message: expect.stringContaining(each.place), hint: expect.stringMatching(/may (?:not )?(?:read|be read|write)/) })
      if (each.outcome === 'duckdb/query-failed') expect(each).toMatchObject({ place: expect.stringMatching(/^p=/), message: expect.stringMatching(/Permission denied|No files found/) })
    }
  })

  it('never leaves half a deed: all of it is there afterwards, or nothing', () => {
    for (const each of tried) {
      const changed = each.outcome === 'done' && each.deed in AFTER
      expect({ ...each, rows: JSON.parse(each.rows) }).toMatchObject({ version: changed ? 3 : 2, rows: changed ? AFTER[each.deed]! : BEFORE })
    }
  })

  it('never gives other rows than those that are there', () => {
    const reads = tried.filter(({ result }) => result !== undefined)
    expect(reads.length).toBeGreaterThan(15)
    for (const { place, deed, result } of reads) expect({ place, deed, rows: JSON.parse(result!) }).toEqual({ place, deed, rows: READ[deed] })
  })

  it('is no hindrance where a closed file is a hint or an old commit only', () => {
    const outcome = (place: string, deed: string) => tried.find(each => each.place.endsWith(place) && each.mode === 0 && each.deed === deed)?.outcome
    expect([outcome('_last_checkpoint', 'read'), outcome('0.json', 'read'), outcome('1.checkpoint.parquet', 'read'), outcome('2.json', 'read')]).toEqual(['done', 'done', 'done', 'delta/storage-failed'])
    expect([outcome('_delta_log', 'read'), outcome('', 'read')]).toEqual(['delta/storage-failed', 'delta/storage-failed'])
  })
})
