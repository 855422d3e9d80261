import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { isNewer, type EventLog } from '../../framework/state/event-log.ts'
import { MemoryEventLog } from '../../framework/state/memory-event-log.ts'
import { SqliteEventLog } from '../../framework/state/sqlite-event-log.ts'
import type { RunEvent } from '../../framework/vocabulary/run-event.ts'
import { check, made, materialized, minute, orders, returns, sales, slice, started, toldRun } from './told-runs.ts'

const cleanups: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const logs: Record<string, () => Promise<EventLog>> = {
  memory: async () => new MemoryEventLog(),
  sqlite: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'varve-state-'))
    const log = new SqliteEventLog(join(folder, 'state.db'))
    cleanups.push(() => rm(folder, { recursive: true }), () => log.close())
    return log
  },
}

const checked = (run: string, at: number, passed: boolean, name = 'id is never null'): RunEvent =>
  ({ type: 'step-checked', run, at: minute(at), asset: orders, result: check({ passed, check: name }) })

/** An instant, in seconds. */
const at = (seconds: number) => new Date(Date.UTC(2026, 2, 1) + seconds * 1000)


describe.each(Object.entries(logs))('the %s event log', (_, open) => {
  test('knows nothing at first', async () => {
    const log = await open()
    expect([log.materializations(), log.materializationsOf(orders), log.checkResults(), log.runs(), log.run('run-1')]).toEqual([[], [], [], [], undefined])
  })

  test('tells a run with its steps, in the order of the plan', async () => {
    const log = await open()
    log.append(toldRun('run-1'))
    const summary = {
      run: 'run-1', startedAt: minute(0), lastAt: minute(5), selection: '*', profile: 'local', status: 'failed', planned: 3, fresh: 3,
      ended: { materialized: 1, 'check-failed': 1, skipped: 1 }, rowsOut: 7, durationMs: 300_000,
    }
    expect(log.runs()).toEqual([summary])
    expect(log.run('run-1')).toEqual({
      ...summary,
      steps: [
        { asset: orders, status: 'materialized', causes: [{ code: 'missing' }], checks: [check()], attempts: 2, startedAt: minute(1), durationMs: 40, counts: { rowsIn: 8, rowsOut: 7, rejected: 1 }, tableVersion: 0, unchanged: false },
        {
          asset: sales, status: 'check-failed', causes: [{ code: 'upstream', upstream: orders }], attempts: 1, startedAt: minute(3), durationMs: 12,
          checks: [check({ asset: sales, check: 'revenue is not negative', passed: false, failingRows: 2 })],
          error: { code: 'execution/promise-broken', message: 'Two rows.', hint: 'Look.' },
        },
        { asset: returns, status: 'skipped', causes: [{ code: 'missing' }], checks: [], attempts: 0, because: sales },
      ],
    })
  })

  test('tells a run the same whether its events came at once or one by one', async () => {
    const [atOnce, oneByOne] = [await open(), await open()]
    atOnce.append(toldRun('run-1'))
    for (const event of toldRun('run-1')) oneByOne.append([event])
    expect(oneByOne.run('run-1')).toEqual(atOnce.run('run-1'))
    expect(oneByOne.runs()).toEqual(atOnce.runs())
    expect(oneByOne.checkResults()).toEqual(atOnce.checkResults())
  })

  test('a run that never said how it ended is unfinished, with what was running and what was to come', async () => {
    const log = await open()
    log.append(toldRun('run-1').slice(0, 9))
    expect(log.runs()).toMatchObject([{ status: 'unfinished', lastAt: minute(3), ended: { materialized: 1 } }])
    expect(log.run('run-1')!.steps.map(({ status }) => status)).toEqual(['materialized', 'running', 'planned'])
  })

  test('lists runs newest first, and no more than asked for', async () => {
    const log = await open()
    log.append([started('run-a', minute(10))])
    log.append([started('run-c', minute(30))])
    log.append([started('run-b', minute(20))])
    expect(log.runs().map(({ run }) => run)).toEqual(['run-c', 'run-b', 'run-a'])
    expect(log.runs(1).map(({ run }) => run)).toEqual(['run-c'])
  })

  test('keeps the newest materialization of every asset, whichever slice it made, and lists all after a version', async () => {
    const log = await open()
    const first = made({ partition: slice('2026-03-01') })
    const second = made({ partition: slice('2026-03-02'), tableVersion: 1, at: minute(2) })
    const again = made({ partition: slice('2026-03-01'), tableVersion: 2, at: minute(3) })
    log.append([first, second, again].map(one => materialized(one)))
    expect(log.materializations()).toEqual([again])
    expect(log.materializationsSince(orders, 0)).toEqual([second, again])
    expect(log.materializationsOf(orders)).toEqual([again, second, first])
    expect(log.materializationsOf(sales)).toEqual([])
  })

  test('looking again and finding the same refreshes the slice without a new version', async () => {
    const log = await open()
    const first = made()
    const looked = made({ at: minute(9), run: 'run-2' })
    log.append([materialized(first), materialized(looked, { unchanged: true })])
    expect(log.materializations()).toEqual([looked])
    expect(log.materializationsOf(orders)).toEqual([looked, first])
  })

  test('news that comes late does not regress a slice', async () => {
    const log = await open()
    const newest = made({ tableVersion: 5, at: minute(2) })
    log.append([materialized(newest)])
    log.append([materialized(made({ tableVersion: 4, at: minute(9) }))])
    log.record([made({ tableVersion: 5, at: minute(1) })])
    expect(log.materializations()).toEqual([newest])
  })

  test('whatever the order of the news, the newest of an asset is the same', async () => {
    const one = fc.record({ tableVersion: fc.nat(3), at: fc.nat(3).map(minute), partition: fc.constantFrom(undefined, slice('a'), slice('b')) }).map(over => made(over))
    const histories = fc.uniqueArray(one, { minLength: 1, maxLength: 8, selector: ({ tableVersion, at }) => `${tableVersion} ${at}` })
    await fc.assert(
      fc.asyncProperty(histories, async history => {
        const log = await open()
        for (const each of history) log.record([each])
        const newest = history.filter(each => !history.some(other => isNewer(other, each)))
        expect(log.materializations()).toEqual(newest)
        log.close()
      }),
      { numRuns: 40 },
    )
  })

  test('keeps ledgers, and forgets them with their asset', async () => {
    const log = await open()
    log.saveLedgers(new Map([[orders, '{"a":1}'], [sales, '{}']]))
    log.saveLedgers(new Map([[orders, '{"a":2}']]))
    expect([...log.ledgers()].sort()).toEqual([[orders, '{"a":2}'], [sales, '{}']].sort())
    log.forget(orders)
    expect([...log.ledgers()]).toEqual([[sales, '{}']])
  })

  test('a commit recorded twice is one materialization', async () => {
    const log = await open()
    log.append([materialized(made())])
    log.record([made()])
    expect(log.materializationsOf(orders)).toEqual([made()])
  })

  test('a check result belongs to the version that was published, and to none where none was', async () => {
    const log = await open()
    log.append(toldRun('run-1'))
    expect(log.checkResults(orders)).toEqual([{ ...check(), run: 'run-1', at: minute(2), tableVersion: 0 }])
    expect(log.checkResults(sales)).toEqual([{ ...check({ asset: sales, check: 'revenue is not negative', passed: false, failingRows: 2 }), run: 'run-1', at: minute(4) }])
    expect(log.checkResults()).toHaveLength(2)
  })

  test('keeps the newest result of every check', async () => {
    const log = await open()
    log.append([checked('run-1', 1, true), checked('run-1', 1, true, 'id is unique'), checked('run-2', 2, false)])
    expect(log.checkResults(orders).map(({ check, passed, run }) => [check, passed, run]).sort()).toEqual([['id is never null', false, 'run-2'], ['id is unique', true, 'run-1']])
  })

  test('forgets an asset, and lets it begin anew at version 0', async () => {
    const log = await open()
    log.append(toldRun('run-1'))
    log.record([made({ tableVersion: 8 }), made({ asset: sales })])
    log.forget(orders)
    expect([log.materializationsOf(orders), log.checkResults(orders), log.materializations()]).toEqual([[], [], [made({ asset: sales })]])
    log.record([made()])
    expect(log.materializationsOf(orders)).toEqual([made()])
    expect(log.run('run-1')!.steps).toHaveLength(3)
  })

  test('prunes old runs and old materializations, but never the newest of a slice', async () => {
    const log = await open()
    log.append(toldRun('run-1'))
    log.append(toldRun('run-2', 20))
    log.record([made({ tableVersion: 0, at: minute(1) }), made({ tableVersion: 1, at: minute(22) }), made({ asset: sales, at: minute(1) })])
    expect(log.prune(new Date(minute(10)))).toBe(1)
    expect(log.runs().map(({ run }) => run)).toEqual(['run-2'])
    expect([log.run('run-1'), log.run('run-2')?.steps.length]).toEqual([undefined, 3])
    expect(log.materializationsOf(orders).map(({ tableVersion, at }) => [tableVersion, at])).toEqual([[1, minute(22)], [0, minute(23)]])
    expect(log.materializationsOf(sales)).toEqual([made({ asset: sales, at: minute(1) })])
    expect(log.prune(new Date(minute(10)))).toBe(0)
  })
})

describe.each(Object.entries(logs))('the leases of the %s event log', (_, open) => {
  test('a lease whose holder is gone is free, and is no longer its own', async () => {
    const { leases } = await open()
    const first = leases.acquire('a', 'run-1', 10_000, at(0))
    if (!first.ok) throw new Error('not acquired')
    expect(leases.acquire('a', 'run-2', 10_000, at(1), holder => holder !== 'run-1')).toMatchObject({ ok: false, heldBy: 'run-1' })
    expect(leases.acquire('a', 'run-2', 10_000, at(1), holder => holder === 'run-1')).toMatchObject({ ok: true })
    expect(leases.renew(first.token, 10_000, at(2))).toBe(false)
  })

  test('one holder at a time; the other hears who holds it and until when', async () => {
    const { leases } = await open()
    expect(leases.acquire('bronze/orders', 'run-1', 10_000, at(0))).toMatchObject({ ok: true })
    expect(leases.acquire('bronze/orders', 'run-2', 10_000, at(1))).toEqual({ ok: false, heldBy: 'run-1', until: at(10) })
    expect(leases.acquire('bronze/orders', 'run-1', 10_000, at(1))).toMatchObject({ ok: false })
    expect(leases.acquire('gold/sales', 'run-2', 10_000, at(1))).toMatchObject({ ok: true })
  })

  test('a lease that was given back is free', async () => {
    const { leases } = await open()
    const first = leases.acquire('a', 'run-1', 10_000, at(0))
    if (first.ok) leases.release(first.token)
    expect(leases.acquire('a', 'run-2', 10_000, at(1))).toMatchObject({ ok: true })
  })

  test('a renewed lease lasts from then on', async () => {
    const { leases } = await open()
    const first = leases.acquire('a', 'run-1', 10_000, at(0))
    if (!first.ok) throw new Error('not acquired')
    expect(leases.renew(first.token, 10_000, at(8))).toBe(true)
    expect(leases.acquire('a', 'run-2', 10_000, at(12))).toEqual({ ok: false, heldBy: 'run-1', until: at(18) })
  })

  test('after it ran out another takes over with a greater fence, and the late holder can neither renew nor release', async () => {
    const { leases } = await open()
    const first = leases.acquire('a', 'run-1', 10_000, at(0))
    const second = leases.acquire('a', 'run-2', 10_000, at(10))
    if (!first.ok || !second.ok) throw new Error('not acquired')
    expect(second.token.fence).toBeGreaterThan(first.token.fence)
    expect(leases.renew(first.token, 10_000, at(11))).toBe(false)
    leases.release(first.token)
    expect(leases.acquire('a', 'run-3', 10_000, at(12))).toMatchObject({ ok: false, heldBy: 'run-2' })
    leases.release(second.token)
    expect(leases.renew(first.token, 10_000, at(13))).toBe(false)
  })

  test('a lease that ran out and that nobody took is still its holder\'s', async () => {
    const { leases } = await open()
    const first = leases.acquire('a', 'run-1', 10_000, at(0))
    expect(first.ok && leases.renew(first.token, 10_000, at(60))).toBe(true)
  })

  test('a clock that jumped back keeps nobody out for longer than the lease lasts', async () => {
    const { leases } = await open()
    leases.acquire('a', 'run-1', 10_000, at(3600))
    expect(leases.acquire('a', 'run-2', 10_000, at(0))).toEqual({ ok: false, heldBy: 'run-1', until: at(10) })
    expect(leases.acquire('a', 'run-2', 10_000, at(10))).toMatchObject({ ok: true })
  })
})
