import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MaintenanceJob } from '../../framework/automation/maintenance-job.ts'
import { SqliteAutomationLog } from '../../framework/state/sqlite-automation-log.ts'

let folder: string
let log: SqliteAutomationLog
let said: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-test-'))
  log = open()
  said = []
})
afterEach(() => {
  log.close()
  rmSync(folder, { recursive: true, force: true })
})

const open = () => new SqliteAutomationLog(join(folder, 'state.db'), { lake: 'lake' })
const never = () => new Promise<readonly string[]>(() => {})
const daemon = (maintain: () => Promise<readonly string[]>, catchUp: 'latest' | 'skip' = 'skip') => new MaintenanceJob({ cron: '0 3 * * *', timezone: 'UTC', catchUp }, log, maintain, message => said.push(message))

/** The state as the next process finds it after this one is gone. */
const kill = () => {
  log.close()
  log = open()
}
const at = (time: string) => new Date(`2026-03-${time}:00Z`)

describe('the maintenance of tables', () => {
  test('is begun again where a daemon was killed at it, and given up where it kills each time', async () => {
    await daemon(never).look(at('01T02:00'))
    kill()
    await daemon(never).look(at('01T03:00'))
    for (const time of ['01T09:00', '01T10:00', '01T11:00', '01T12:00']) {
      kill()
      await daemon(never).look(at(time))
    }
    expect(said).toEqual(['begun', 'begun again', 'begun again', 'given up after it was broken off 3 times'].map(word => `maintenance of 2026-03-01T03:00:00.000Z: ${word}`))
  })

  test('is not begun again once it has ended, well or badly', async () => {
    await daemon(never).look(at('01T02:00'))
    const first = daemon(async () => ['packed'])
    await first.look(at('01T03:00'))
    await first.settle()
    kill()
    const second = daemon(async () => { throw new Error('no space') })
    await second.look(at('01T04:00'))
    await second.look(at('02T03:00'))
    await second.settle()
    kill()
    await daemon(never).look(at('02T04:00'))
    expect(said).toEqual(['maintenance of 2026-03-01T03:00:00.000Z: begun', 'packed', 'maintenance of 2026-03-01T03:00:00.000Z: ended', 'maintenance of 2026-03-02T03:00:00.000Z: begun', 'maintenance of 2026-03-02T03:00:00.000Z failed: no space'])
  })

  test('is not begun beside itself, and a newer time takes the place of what was broken off', async () => {
    const job = daemon(never)
    await job.look(at('01T02:00'))
    await job.look(at('01T03:00'))
    await job.look(at('02T03:00'))
    kill()
    await daemon(never).look(at('03T03:01'))
    expect(said).toEqual(['maintenance of 2026-03-01T03:00:00.000Z: begun', 'maintenance of 2026-03-03T03:00:00.000Z: begun'])
  })

  test.each([['latest', ['maintenance of 2026-03-02T03:00:00.000Z: begun']], ['skip', []]] as const)('of a time that passed while no daemon ran is made up for or left: %s', async (catchUp, words) => {
    await daemon(never, catchUp).look(at('01T02:00'))
    kill()
    await daemon(never, catchUp).look(at('02T09:00'))
    expect(said).toEqual(words)
  })
})
