import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunRequest } from '../../framework/state/automation-log.ts'
import { SqliteAutomationLog } from '../../framework/state/sqlite-automation-log.ts'
import type { Alert, Incident } from '../../framework/vocabulary/alert.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'

const orders = 'silver/orders' as AssetKey
const day = (n: number) => new Date(Date.UTC(2026, 2, n)).toISOString()
const request = (id: string, at: string): RunRequest => ({ id, by: 'schedule', name: 'nightly', at, selection: ['*'], slices: {} })
const incident = (id: string, openedAt: string, closedAt?: string): Incident => ({ id, subject: { kind: 'freshness', asset: orders }, severity: 'fail', openedAt, escalations: 0, closedAt })
const alert = (at: string): Alert => ({ incident: 'i', kind: 'opened', severity: 'fail', at, openedAt: at, subject: { kind: 'freshness', asset: orders }, message: '', age: 1, limit: '1h', until: null, blame: null, owners: [], runbook: null })
const trace = (label: string) => ({ label, holds: true, of: [] })

describe('the automation log', () => {
  let folder: string
  let log: SqliteAutomationLog
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'varve-automation-'))
    log = new SqliteAutomationLog(join(folder, 'state.db'))
  })
  afterEach(() => {
    log.close()
    rmSync(folder, { recursive: true })
  })

  test('knows nothing at first, and makes no file to know it', () => {
    expect([log.looks().size, log.cursor('x'), log.eventPoint(), log.openRequests(), log.ticks(), log.traces(orders), log.openIncidents(), log.undelivered()]).toEqual([0, undefined, 0, [], [], [], [], []])
  })

  test('takes a request once, under its id', () => {
    expect([log.request(request('a', day(1))), log.request(request('a', day(2))), log.request(request('b', day(1)))]).toEqual([true, false, true])
    log.updateRequest('a', { status: 'succeeded', run: 'r' })
    expect(log.request(request('a', day(3)))).toBe(false)
    expect(log.openRequests().map(({ id }) => id)).toEqual(['b'])
    expect(log.requests().map(({ id, status }) => `${id} ${status}`)).toEqual(['b waiting', 'a succeeded'])
  })

  test('keeps the newest look, whatever order they come in', () => {
    log.looked([orders], day(2))
    log.looked([orders], day(1))
    expect([...log.looks()]).toEqual([[orders, day(2)]])
  })

  test('keeps a trace where it is another than the last', () => {
    const told = (['a', 'a', 'b', 'b', 'a'] as const).map((label, i) => log.trace({ asset: orders, at: day(i + 1), trace: trace(label) }))
    expect(told).toEqual([true, false, true, false, true])
    expect(log.trace({ asset: orders, at: day(9), requested: 'all', trace: trace('a') })).toBe(true)
    expect(log.traces(orders, 2)).toEqual([{ asset: orders, at: day(9), requested: 'all', trace: trace('a') }, { asset: orders, at: day(5), trace: trace('a') }])
  })

  test('does all of a transaction or nothing', () => {
    expect(() => log.transaction(() => {
      log.setCursor('schedule nightly', day(1))
      log.request(request('a', day(1)))
      throw new Error('killed')
    })).toThrow('killed')
    expect([log.cursor('schedule nightly'), log.openRequests()]).toEqual([undefined, []])
  })

  test('holds one open incident of a subject', () => {
    log.saveIncident(incident('i', day(1)))
    log.saveIncident(incident('i', day(1), day(2)))
    log.saveIncident(incident('j', day(3)))
    expect(log.openIncidents().map(({ id }) => id)).toEqual(['j'])
    expect(log.incidents().map(({ id }) => id)).toEqual(['j', 'i'])
  })

  test('delivers to each channel until it is told that it is done', () => {
    log.post(alert(day(1)), ['a', 'b'])
    const [first] = log.undelivered()
    log.updateDelivery(first!.id, { attempts: 1, nextAt: day(1), doneAt: day(1) })
    expect(log.undelivered()).toEqual([{ id: first!.id + 1, channel: 'b', alert: alert(day(1)), attempts: 0, nextAt: day(1) }])
  })

  test('drops what is old and over, and nothing else', () => {
    for (const [id, at] of [['old', 1], ['open', 1], ['new', 20]] as const) log.request(request(id, day(at)))
    for (const id of ['old', 'new']) log.updateRequest(id, { status: 'failed' })
    log.recordTick({ schedule: 'nightly', tick: day(1), status: 'fired', at: day(1) })
    log.recordTick({ schedule: 'nightly', tick: day(20), status: 'fired', at: day(20) })
    for (const [at, label] of [[1, 'a'], [2, 'b']] as const) log.trace({ asset: orders, at: day(at), trace: trace(label) })
    log.saveIncident(incident('over', day(1), day(2)))
    log.saveIncident(incident('open', day(3)))
    log.post(alert(day(1)), ['done', 'waiting'])
    log.updateDelivery(log.undelivered()[0]!.id, { attempts: 1, nextAt: day(1), doneAt: day(1) })
    log.prune(new Date(day(10)))
    expect(log.requests().map(({ id }) => id)).toEqual(['new', 'open'])
    expect(log.ticks().map(({ tick }) => tick)).toEqual([day(20)])
    expect(log.traces(orders).map(({ at }) => at)).toEqual([day(2)])
    expect(log.incidents().map(({ id }) => id)).toEqual(['open'])
    expect(log.undelivered().map(({ channel }) => channel)).toEqual(['waiting'])
  })
})
