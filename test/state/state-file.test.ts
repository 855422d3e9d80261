import Database from 'libsql'
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SqliteEventLog } from '../../framework/state/sqlite-event-log.ts'
import type { StateOptions } from '../../framework/state/state-database.ts'
import { stateFileOf } from '../../framework/state/state-file.ts'
import type { ExplainedError } from '../../framework/vocabulary/errors.ts'
import { childProgram, outputOf, printed, start } from './child-program.ts'
import { made, materialized, orders, started, toldRun } from './told-runs.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'varve-state-'))
  path = join(folder, '.varve', 'state.db')
})
afterEach(() => rm(folder, { recursive: true }))

/** Opens the log, does the work, and closes it. */
function withLog<T>(work: (log: SqliteEventLog) => T, options?: StateOptions): T {
  const log = new SqliteEventLog(path, options)
  try {
    return work(log)
  } finally {
    log.close()
  }
}

function mistakeOf(work: () => unknown): { code: string; message: string; hint: string; place: unknown } {
  try {
    work()
  } catch (error) {
    const { code, message, hint, place } = error as ExplainedError
    return { code, message, hint, place }
  }
  throw new Error('nothing was thrown')
}

test('reading leaves no file behind', () => {
  withLog(log => [log.materializations(), log.materializationsOf(orders), log.checkResults(), log.runs(), log.run('run-1')])
  expect(readdirSync(folder)).toEqual([])
})

test('once the log is closed, its file alone is the whole state', () => {
  withLog(log => log.append(toldRun('run-1')))
  const copy = join(folder, 'copy.db')
  copyFileSync(path, copy)
  path = copy
  expect(withLog(log => [log.runs().length, log.materializations()])).toEqual([1, [made({ at: toldRun('run-1')[7]!.at })]])
})

test('what this process writes is no write of others, from the making of the file on; what another writes is', () => {
  withLog(log => {
    expect(log.writesOfOthers()).toBe(0)
    log.append(toldRun('run-1'))
    expect(log.writesOfOthers()).toBe(0)
    withLog(other => {
      const before = other.writesOfOthers()
      expect(before).not.toBe(0)
      log.append(toldRun('run-2'))
      expect(other.writesOfOthers()).not.toBe(before)
      expect(log.writesOfOthers()).toBe(0)
      other.append(toldRun('run-3'))
      expect(log.writesOfOthers()).not.toBe(0)
    })
  })
})

test('a batch with an event that cannot be stored changes nothing', () => {
  withLog(log => {
    const circular = { type: 'log', run: 'run-1', at: '2026-03-01T06:00:00Z', asset: orders, message: 'x' } as Record<string, unknown>
    circular['self'] = circular
    expect(() => log.append([started('run-1', '2026-03-01T06:00:00Z'), circular as never])).toThrow('circular')
    expect(log.runs()).toEqual([])
    log.append([started('run-2', '2026-03-01T06:00:00Z')])
    expect(log.runs()).toHaveLength(1)
  })
})

test.each<[string, (whole: Buffer) => Buffer, RegExp]>([
  ['is no database', () => Buffer.from('once upon a time '.repeat(400)), /file is not a database/],
  ['is damaged inside', whole => Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096, 0x5a)]), /malformed/],
  ['is cut short', whole => whole.subarray(0, 12_288), /malformed/],
  ['is another program\'s database', anotherProgramsFile, /not one of Varve/],
])('a state file that %s is said, with what to do, and is left as it is', (_, damage, reason) => {
  withLog(log => log.append(Array.from({ length: 40 }, (_, i) => toldRun(`run-${i}`)).flat()))
  const damaged = damage(readFileSync(path))
  path = join(folder, 'damaged.db')
  writeFileSync(path, damaged)
  const mistake = mistakeOf(() => withLog(log => [log.materializations(), log.runs(), log.run('run-7'), log.append([materialized(made())])]))
  expect(mistake).toMatchObject({ code: 'state/unreadable', place: { file: path }, message: expect.stringMatching(reason), hint: expect.stringContaining('varve state rebuild') })
  expect(readFileSync(path).equals(damaged)).toBe(true)
})

function anotherProgramsFile(): Buffer {
  const file = join(folder, 'recipes.db')
  const other = new Database(file)
  other.exec('create table recipes (name text)')
  other.close()
  return readFileSync(file)
}

test('a file of a newer form is not touched', () => {
  withLog(log => log.append(toldRun('run-1')))
  const database = new Database(path)
  database.exec('pragma user_version = 99')
  database.close()
  expect(mistakeOf(() => withLog(log => log.runs()))).toMatchObject({ code: 'state/too-new', message: expect.stringContaining('99') })
})

test('of lakes side by side the first has state.db, and each other one a file of its own', () => {
  const write = (lake: string, run: string) => {
    path = stateFileOf(join(folder, lake))
    return withLog(log => {
      log.append(toldRun(run))
      return log.runs().map(each => each.run)
    }, { lake })
  }
  expect([write('lake', 'run-1'), write('other', 'run-2'), write('lake', 'run-3')]).toEqual([['run-1'], ['run-2'], ['run-3', 'run-1']])
  expect(readdirSync(folder).filter(name => name.endsWith('.db')).sort()).toEqual(['state-other.db', 'state.db'])
})

test('a file that another lake has just made is not written', () => {
  withLog(log => log.append(toldRun('run-1')), { lake: 'lake' })
  expect(mistakeOf(() => withLog(log => log.append(toldRun('run-2')), { lake: 'other' }))).toMatchObject({ code: 'state/of-another-lake', message: `The state file ${path} belongs to the lake lake, not to other.` })
  expect(withLog(log => log.runs().map(({ run }) => run), { lake: 'lake' })).toEqual(['run-1'])
})

test('a folder that cannot be made is said', () => {
  writeFileSync(join(folder, '.varve'), 'a file where the folder should be')
  expect(mistakeOf(() => withLog(log => log.append(toldRun('run-1'))))).toMatchObject({ code: 'state/not-writable', place: { file: path } })
})

test('a lock that is never let go is said, and who waits does not wait for ever', () => {
  withLog(log => log.append(toldRun('run-1')))
  const blocker = new Database(path)
  blocker.exec('begin immediate')
  expect(mistakeOf(() => withLog(log => log.append(toldRun('run-2')), { patienceMs: 20 }))).toMatchObject({ code: 'state/busy' })
  expect(withLog(log => log.runs(), { patienceMs: 20 })).toHaveLength(1)
  blocker.close()
})

test('four processes that open a new file at once and write lose nothing', async () => {
  const program = await childProgram(join(folder, 'child'), `
    import { SqliteEventLog } from '#state/sqlite-event-log.ts'
    const [path, name] = process.argv.slice(2)
    const log = new SqliteEventLog(path)
    for (let i = 0; i < 50; i += 1) {
      const run = name + '-' + String(i).padStart(2, '0')
      const at = '2026-03-01T06:00:00.000Z'
      log.append([{ type: 'run-started', run, at, selection: '*', profile: 'local', steps: [], fresh: 0 }])
      const lease = log.leases.acquire('shared', name, 60_000, new Date())
      if (lease.ok) {
        console.log('fence', lease.token.fence)
        log.leases.release(lease.token)
      }
    }
    log.close()
  `)
  const outputs = await Promise.all(['a', 'b', 'c', 'd'].map(name => outputOf(start(program, path, name))))
  expect(withLog(log => log.runs().map(({ run }) => run).sort())).toEqual(['a', 'b', 'c', 'd'].flatMap(name => Array.from({ length: 50 }, (_, i) => `${name}-${String(i).padStart(2, '0')}`)))
  const fences = outputs.flatMap(output => output.match(/\d+/g) ?? [])
  expect(fences.length).toBeGreaterThan(0)
  expect(new Set(fences).size).toBe(fences.length)
})

test('a process killed while it writes loses nothing that was appended, and leaves no half of a batch', async () => {
  const program = await childProgram(join(folder, 'child'), `
    import { SqliteEventLog } from '#state/sqlite-event-log.ts'
    import { writeSync } from 'node:fs'
    const log = new SqliteEventLog(process.argv[2])
    const at = '2026-03-01T06:00:00.000Z'
    for (let i = 0; ; i += 1) {
      const run = 'run-' + i
      log.append([{ type: 'run-started', run, at, selection: '*', profile: 'local', steps: [], fresh: 0 }, { type: 'run-finished', run, at, ok: true, cancelled: false, durationMs: 1 }])
      writeSync(1, 'done ' + i + ';')
    }
  `)
  const child = start(program, path)
  let said = ''
  child.stdout!.on('data', part => (said += String(part)))
  await printed(child, 'done 50;')
  child.kill('SIGKILL')
  await new Promise(resolve => child.once('close', resolve))
  const lastSaid = Number(said.match(/done (\d+);/g)!.at(-1)!.slice(5, -1))
  const runs = withLog(log => log.runs())
  expect(runs.length).toBeGreaterThanOrEqual(lastSaid + 1)
  expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(['succeeded']))
})
