import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebhookChannel } from '../../framework/automation/alert-channels.ts'
import type { RunEnding } from '../../framework/automation/run-queue.ts'
import { dueTicks } from '../../framework/automation/schedules.ts'
import { DaemonRig, KeptAlerts, schedule } from './daemon-rig.ts'
import { SteppedAlarm } from './stepped-alarm.ts'

const rigs: DaemonRig[] = []
const rigAt = (now: string): DaemonRig => {
  const rig = new DaemonRig(new SteppedAlarm(now))
  rigs.push(rig)
  return rig
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) {
    await rig.stop()
    rig.remove()
  }
})

const HOUR = 3_600_000

/** A run that ends when it is told to, or is cancelled. */
function held() {
  const endings: ((ending: RunEnding) => void)[] = []
  const run = (_: unknown, signal: AbortSignal) => new Promise<RunEnding>(resolve => {
    endings.push(resolve)
    signal.addEventListener('abort', () => resolve({ run: 'r', ok: false, cancelled: true }))
  })
  return { run, end: (ok = true) => endings.shift()!({ run: 'r', ok, cancelled: false }) }
}

describe('schedules', () => {
  test('keep their times for a week, in their zones, through a change of the clocks', async () => {
    const rig = rigAt('2026-10-22T12:00:00Z')
    rig.schedules = [schedule('berlin', '30 2 * * *', { timezone: 'Europe/Berlin' }), schedule('weekdays', '0 6 * * 1-5'), schedule('quarterly', '*/15 * * * *')]
    rig.start()
    await rig.alarm.advanceTo('2026-10-29T12:00:00Z')
    const times = (name: string) => rig.begun.filter(each => each.endsWith(` ${name}`)).map(each => each.slice(0, 16))
    expect(times('berlin')).toEqual(['2026-10-23T00:30', '2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30', '2026-10-27T01:30', '2026-10-28T01:30', '2026-10-29T01:30'])
    expect(times('weekdays')).toEqual(['2026-10-23T06:00', '2026-10-26T06:00', '2026-10-27T06:00', '2026-10-28T06:00', '2026-10-29T06:00'])
    expect(times('quarterly')).toHaveLength(7 * 24 * 4)
    expect(rig.log.ticks('berlin').map(({ status }) => status)).toEqual(Array(7).fill('fired'))
  })

  test('[IMP-2] fire once, however often the daemon is stopped or killed around their times', async () => {
    const rig = rigAt('2026-03-01T00:00:00Z')
    rig.schedules = [schedule('hourly', '0 * * * *')]
    rig.start()
    for (let at = Date.parse('2026-03-01T00:00:00Z'), round = 0; at <= Date.parse('2026-03-02T00:00:00Z'); at += 20 * 60_000, round += 1) {
      await rig.alarm.advanceTo(at)
      await (round % 2 === 0 ? rig.stop() : rig.kill())
      rig.start()
      await rig.alarm.settle()
    }
    expect(rig.begun.map(each => each.slice(0, 13))).toEqual(Array.from({ length: 24 }, (_, hour) => new Date(Date.parse('2026-03-01T01:00:00Z') + hour * HOUR).toISOString().slice(0, 13)))
    expect(new Set(rig.log.requests().map(({ id }) => id)).size).toBe(24)
  })

  test.each([
    ['are listed, and one run makes up for them', 'latest', ['2026-03-03T08:20 nightly'], ['caught-up', 'missed', 'missed']],
    ['are listed, and nothing else, where that is chosen', 'skip', [], ['missed', 'missed', 'missed']],
  ] as const)('that were missed %s', async (_, catchUp, begun, statuses) => {
    const rig = rigAt('2026-02-28T12:00:00Z')
    rig.schedules = [schedule('nightly', '0 2 * * *', { catchUp })]
    rig.start()
    await rig.alarm.settle()
    await rig.stop()
    await rig.alarm.advanceTo('2026-03-03T08:20:00Z')
    rig.start()
    await rig.alarm.settle()
    expect(rig.begun.map(each => each.replace(':00.000Z', ''))).toEqual(begun)
    expect(rig.log.ticks('nightly').map(({ tick, status }) => `${tick.slice(0, 10)} ${status}`)).toEqual(['2026-03-03', '2026-03-02', '2026-03-01'].map((day, i) => `${day} ${statuses[i]}`))
    expect(rig.said.join('\n')).toContain('nightly missed 3 times: 2026-03-01T02:00:00.000Z, 2026-03-02T02:00:00.000Z, 2026-03-03T02:00:00.000Z')
    await rig.alarm.advanceTo('2026-03-04T02:00:00Z')
    expect(rig.begun.at(-1)).toBe('2026-03-04T02:00:00.000Z nightly')
  })

  test('that come while the run before still waits are done by that one', async () => {
    const rig = rigAt('2026-03-01T00:00:00Z')
    const { run, end } = held()
    rig.run = run
    rig.schedules = [schedule('x', '0 * * * *'), schedule('y', '0 * * * *'), schedule('z', '0 * * * *')]
    rig.start()
    await rig.alarm.advanceTo('2026-03-01T02:00:00Z')
    expect(rig.begun.map(each => each.slice(11, 13) + each.slice(-2))).toEqual(['01 x', '01 y'])
    expect(rig.log.ticks('z').map(({ tick, status }) => `${tick.slice(11, 13)} ${status}`)).toEqual(['02 merged', '01 fired'])
    end()
    await rig.alarm.settle()
    expect(rig.begun.at(-1)).toBe('2026-03-01T02:00:00.000Z z')
  })

  test('that were never looked at begin now', () => {
    expect(dueTicks(schedule('s', '0 2 * * *'), undefined, Date.parse('2026-03-01T02:00:00Z'))).toEqual({ missed: [], next: Date.parse('2026-03-02T02:00:00Z') })
  })
})

describe('the run queue', () => {
  test('leaves what a stop cancels to the next daemon, which does it once', async () => {
    const rig = rigAt('2026-03-01T00:00:00Z')
    const { run, end } = held()
    rig.run = run
    rig.schedules = [schedule('hourly', '0 * * * *')]
    rig.start('cancel')
    await rig.alarm.advanceTo('2026-03-01T01:00:00Z')
    await rig.stop()
    expect(rig.log.openRequests()).toMatchObject([{ status: 'waiting', attempts: 0 }])
    rig.start()
    await rig.alarm.settle()
    expect(rig.begun).toHaveLength(2)
    end()
    end()
    await rig.alarm.settle()
    expect(rig.log.requests()).toMatchObject([{ status: 'succeeded', attempts: 1 }])
  })

  test('lets what runs end where that is chosen, and begins nothing more', async () => {
    const rig = rigAt('2026-03-01T00:00:00Z')
    const { run, end } = held()
    rig.run = run
    rig.schedules = [schedule('a', '0 * * * *'), schedule('b', '0 * * * *'), schedule('c', '0 * * * *')]
    rig.start('finish')
    await rig.alarm.advanceTo('2026-03-01T01:00:00Z')
    const stopped = rig.stop()
    await rig.alarm.settle()
    end()
    end()
    await stopped
    expect(rig.log.requests().map(({ name, status }) => `${name} ${status}`).sort()).toEqual(['a succeeded', 'b succeeded', 'c waiting'])
  })

  test('begins again what a killed daemon was at, and gives up what kills it each time', async () => {
    const rig = rigAt('2026-03-01T00:00:00Z')
    rig.run = () => new Promise(() => {})
    rig.schedules = [schedule('daily', '0 1 * * *')]
    rig.start()
    await rig.alarm.advanceTo('2026-03-01T01:00:00Z')
    for (let i = 0; i < 4; i += 1) {
      await rig.kill()
      rig.start()
      await rig.alarm.settle()
    }
    expect(rig.begun).toHaveLength(3)
    expect(rig.log.requests()).toMatchObject([{ status: 'failed', attempts: 3, error: 'it was broken off 3 times' }])
  })

  test('keeps why a run could not begin', async () => {
    const rig = rigAt('2026-03-01T00:00:00Z')
    rig.run = async () => {
      throw new Error('the source is gone')
    }
    rig.schedules = [schedule('daily', '0 1 * * *')]
    rig.start()
    await rig.alarm.advanceTo('2026-03-01T01:00:00Z')
    expect(rig.log.requests()).toMatchObject([{ status: 'failed', error: 'the source is gone', endedAt: '2026-03-01T01:00:00.000Z' }])
  })
})

describe('the watchdog', () => {
  const told = ({ alerts }: KeptAlerts) => alerts.map(({ at, kind, severity, message }) => `${at.slice(11, 16)} ${kind} ${severity}: ${message}`)

  test('[OBS-W-3] alerts once on a table that is too old at three looks, and once when it is fresh again', async () => {
    const rig = rigAt('2026-03-01T08:00:00Z')
    rig.holds({ 'silver/b': { failAfter: '2h', runbook: 'https://wiki/{name}' }, 'bronze/a': { failAfter: '6h' } })
    rig.makes('bronze/a', 'silver/b')
    rig.start()
    await rig.alarm.advanceTo('2026-03-01T10:00:00Z')
    for (const at of ['2026-03-01T10:10:00Z', '2026-03-01T10:20:00Z', '2026-03-01T10:30:00Z']) {
      await rig.alarm.advanceTo(at)
      await rig.kill()
      rig.start()
    }
    rig.makes('silver/b')
    await rig.alarm.settle()
    await rig.alarm.advanceTo('2026-03-01T11:00:00Z')
    expect(rig.kept.alerts).toEqual([
      {
        incident: expect.any(String), kind: 'opened', severity: 'fail', at: '2026-03-01T10:00:00.000Z', openedAt: '2026-03-01T10:00:00.000Z', subject: { kind: 'freshness', asset: 'silver/b' },
        message: 'silver/b is too old (fail): 2h old, allowed 2h.', age: 2 * HOUR, limit: '2h', until: null, blame: null, owners: ['team:b'], runbook: 'https://wiki/b',
      },
      {
        incident: rig.kept.alerts[0]!.incident, kind: 'recovered', severity: 'fail', at: '2026-03-01T10:30:00.000Z', openedAt: '2026-03-01T10:00:00.000Z', subject: { kind: 'freshness', asset: 'silver/b' },
        message: 'silver/b is fresh again: 0s old.', age: 0, limit: '2h', until: '2026-03-01T12:30:00.000Z', blame: null, owners: ['team:b'], runbook: 'https://wiki/b',
      },
    ])
    expect(rig.log.openIncidents()).toEqual([])
  })

  test('looks only when something can have changed', async () => {
    const rig = rigAt('2026-03-01T08:00:00Z')
    rig.holds({ 'bronze/a': { warnAfter: '1h', failAfter: '2h' } })
    rig.makes('bronze/a')
    rig.start()
    await rig.alarm.advanceTo('2026-03-08T08:00:00Z')
    // At the start, at the warning and at the failure: nothing happens in the rest of the week.
    expect(rig.looks).toBe(3)
  })

  test('escalates what gets worse, and what stays bad for long', async () => {
    const rig = rigAt('2026-03-01T08:00:00Z')
    rig.escalateAfterMs = [2 * HOUR, 6 * HOUR]
    rig.holds({ 'bronze/a': { warnAfter: '1h', failAfter: '2h' }, 'silver/b': { failAfter: '4h' } })
    rig.makes('bronze/a', 'silver/b')
    rig.start()
    await rig.alarm.advanceTo('2026-03-02T08:00:00Z')
    expect(told(rig.kept)).toEqual([
      '09:00 opened warn: bronze/a is too old (warn): 1h old, allowed 1h.',
      '10:00 escalated fail: bronze/a is still too old (fail): 2h old, allowed 2h.',
      '11:00 escalated fail: bronze/a is still too old (fail): 3h old, allowed 2h.',
      '12:00 opened fail: silver/b is too old (fail): 4h old, allowed 4h. bronze/a holds it back.',
      '14:00 escalated fail: silver/b is still too old (fail): 6h old, allowed 4h. bronze/a holds it back.',
      '15:00 escalated fail: bronze/a is still too old (fail): 7h old, allowed 2h.',
      '18:00 escalated fail: silver/b is still too old (fail): 10h old, allowed 4h. bronze/a holds it back.',
    ])
  })

  test('tells that it can\'t tell, of that asset only, and keeps an incident open meanwhile', async () => {
    const rig = rigAt('2026-03-01T08:00:00Z')
    rig.holds({ 'bronze/a': { failAfter: '2h' }, 'silver/b': { failAfter: '2h' } })
    rig.makes('bronze/a')
    rig.start()
    await rig.alarm.advanceTo('2026-03-01T10:00:00Z')
    rig.broken.add('bronze/a' as never)
    rig.broken.add('silver/b' as never)
    rig.makes('silver/b')
    await rig.alarm.settle()
    rig.broken.clear()
    rig.makes('bronze/a', 'silver/b')
    await rig.alarm.settle()
    expect(told(rig.kept)).toEqual([
      '10:00 opened fail: bronze/a is too old (fail): 2h old, allowed 2h.',
      "10:00 opened unknown: How fresh silver/b is can't be told: looking at it failed.",
      '10:00 recovered fail: bronze/a is fresh again: 0s old.',
      '10:00 recovered unknown: silver/b is fresh again: 0s old.',
    ])
  })

  test('[Q10-d] says when a schedule is not done in time, while its run is still at work, and when it is done at last', async () => {
    const rig = rigAt('2026-03-01T00:00:00Z')
    const { run, end } = held()
    rig.run = run
    rig.schedules = [schedule('ingest', '0 2 * * *', { doneWithinMs: HOUR / 2, keys: ['bronze/a', 'silver/b'] as never })]
    rig.start()
    await rig.alarm.advanceTo('2026-03-01T02:10:00Z')
    rig.makes('bronze/a')
    await rig.alarm.advanceTo('2026-03-01T02:29:59Z')
    expect(rig.kept.alerts).toEqual([])
    await rig.alarm.advanceTo('2026-03-01T02:30:00Z')
    expect(rig.log.openRequests()).toMatchObject([{ status: 'running' }])
    await rig.alarm.advanceTo('2026-03-01T02:47:00Z')
    rig.made.set('silver/b' as never, rig.alarm.now().getTime())
    end()
    await rig.alarm.settle()
    expect(told(rig.kept)).toEqual([
      '02:30 opened fail: ingest, due at 2026-03-01T02:00:00.000Z, was to be done within 30m and is not: silver/b is not made.',
      '02:47 recovered fail: ingest, due at 2026-03-01T02:00:00.000Z, is done.',
    ])
    expect(rig.kept.alerts[0]).toMatchObject({ owners: ['team:b'], runbook: 'https://runbooks//ingestingest', age: HOUR / 2, limit: '30m' })
  })

  test('is content with a schedule whose work someone else did in time', async () => {
    const rig = rigAt('2026-03-01T00:00:00Z')
    rig.run = () => new Promise(() => {})
    rig.schedules = [schedule('ingest', '0 2 * * *', { doneWithinMs: HOUR / 2 })]
    rig.start()
    await rig.alarm.advanceTo('2026-03-01T02:10:00Z')
    rig.makes('bronze/a')
    await rig.alarm.advanceTo('2026-03-01T12:00:00Z')
    expect(rig.kept.alerts).toEqual([])
    rig.run = async () => ({ run: 'r', ok: true, cancelled: false })
    await rig.kill()
  })

  test('is held up neither by a webhook that hangs nor by one that fails, and delivers when it can', async () => {
    const got: string[] = []
    let answer: 'never' | 503 | 200 = 'never'
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', part => (body += String(part)))
      request.on('end', () => {
        if (answer === 'never') return
        if (answer === 200) got.push(`${(JSON.parse(body) as { kind: string }).kind} ${request.headers['idempotency-key']}`)
        response.writeHead(answer).end()
      })
    })
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    try {
      const rig = rigAt('2026-03-01T08:00:00Z')
      const hook = new WebhookChannel('hook', `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`, 2_000)
      const sends: Promise<unknown>[] = []
      rig.channels = [{ name: 'hook', send: (alert, signal) => { const sent = hook.send(alert, signal); sends.push(sent.catch(() => {})); return sent } }, rig.kept]
      rig.holds({ 'bronze/a': { failAfter: '1h' }, 'silver/b': { failAfter: '2h' } })
      rig.makes('bronze/a', 'silver/b')
      rig.start()
      await rig.alarm.advanceTo('2026-03-01T09:00:00Z')
      await rig.alarm.advanceTo('2026-03-01T10:00:00Z')
      // Both looks are done and both alerts are out on the other channel while the first post still hangs.
      expect(told(rig.kept)).toHaveLength(2)
      expect(rig.log.undelivered().map(({ channel, attempts }) => `${channel} ${attempts}`)).toEqual(['hook 0', 'hook 0'])
      await Promise.all(sends)
      await rig.alarm.settle()
      expect(rig.log.undelivered().map(({ attempts }) => attempts)).toEqual([1, 0])
      answer = 503
      await rig.alarm.advanceTo('2026-03-01T10:00:30Z')
      await Promise.all(sends)
      await rig.alarm.settle()
      expect(rig.log.undelivered()).toMatchObject([{ attempts: 2, error: 'the webhook answered 503' }, { attempts: 0 }])
      answer = 200
      await rig.alarm.advanceTo('2026-03-01T10:10:00Z')
      while (rig.log.undelivered().length > 0) {
        await Promise.all(sends)
        await rig.alarm.settle()
      }
      expect(got).toEqual([0, 1].map(i => `opened ${rig.kept.alerts[i]!.incident} opened ${rig.kept.alerts[i]!.at}`))
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})

describe('a daemon', () => {
  test('goes on with a job that could not do its work', async () => {
    const rig = rigAt('2026-03-01T08:00:00Z')
    rig.holds({ 'bronze/a': { failAfter: '1h' } })
    rig.makes('bronze/a')
    const { openIncidents } = rig.log
    let failures = 2
    rig.log.openIncidents = function () {
      if (failures-- > 0) throw new Error('the disk is full')
      return openIncidents.call(this)
    }
    rig.start()
    await rig.alarm.advanceTo('2026-03-01T09:00:00Z')
    expect(rig.said).toEqual(Array(2).fill('the watchdog could not do its work and tries again in a minute: the disk is full'))
    expect(rig.kept.alerts).toHaveLength(1)
  })
})
