import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CliRig, ending } from './cli-rig.ts'

describe('varve daemon', () => {
  let rig: CliRig
  beforeEach(() => {
    rig = new CliRig({ 'config/local.yaml': 'sources:\n  dir: exports\nlayers: [landing, bronze, silver, gold]\nschedules:\n  often: { cron: "*/2 * * * * *", select: "*" }\nautomation: { every: 1s }\nalerts:\n  channels: {}\n' })
  })
  afterEach(() => rig.remove())

  test('makes what is due, says what it does, and stops when it is told to', async () => {
    const child = rig.start(['daemon', '--json'])
    const told: string[] = []
    child.stdout!.on('data', part => told.push(String(part)))
    while (!/succeeded/.test(told.join(''))) await once(child.stdout!, 'data')
    child.kill('SIGTERM')
    const { code, err } = await ending(child)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const lines = told.join('').trim().split('\n').map(line => JSON.parse(line) as { version: number; kind: string; message: string })
    expect(lines[0]).toMatchObject({ version: 1, kind: 'said', message: 'The daemon of profile local is at work: schedules, conditions, watchdog.' })
    expect(lines.at(-1)).toMatchObject({ message: 'Stopped.' })
    expect((await rig.json('status'))['assets']).toMatchObject([1, 2, 3, 4].map(() => ({ stale: false })))
    const { schedules, requests } = (await rig.json('daemon', '--status')) as { schedules: { name: string; ticks: { status: string }[] }[]; requests: { status: string; by: string }[] }
    expect(schedules).toMatchObject([{ name: 'often', cron: '*/2 * * * * *', timezone: 'UTC', selection: ['*'], doneWithin: null, catchUp: 'latest' }])
    expect(schedules[0]!.ticks.at(-1)).toMatchObject({ status: 'fired' })
    expect(requests.at(-1)).toMatchObject({ by: 'schedule', name: 'often', status: 'succeeded', attempts: 1, slices: {} })
  })

  test('does what is due once, with a clock that stands still, and refuses to wait for such a one', async () => {
    expect(await rig.ask(['daemon', '--once', '--now', '2026-03-01T12:00:00Z'])).toEqual({ code: 0, out: '', err: '' })
    const { code, out } = await rig.ask(['daemon', '--once', '--only', 'schedules', '--now', '2026-03-01T12:00:02Z'])
    expect(code).toBe(0)
    expect(out).toContain('schedule often 2026-03-01T12:00:02.000Z: succeeded')
    expect(await rig.ask(['daemon', '--now', '2026-03-01T12:00:00Z'])).toMatchObject({ code: 2, err: expect.stringContaining('A daemon whose clock stands still would wait for ever.') })
    expect(await rig.ask(['daemon', '--only', 'nothing'])).toMatchObject({ code: 2, err: expect.stringContaining('schedules, conditions, watchdog') })
  })

  test('leaves freshness to be asked for, with an exit code that a script can go by', async () => {
    await rig.ask(['materialize', '--now', '2026-03-01T12:00:00Z'])
    const look = async (now: string) => {
      const { code, out } = await rig.ask(['freshness', '--json', '--now', now])
      return [code, (JSON.parse(out) as { assets: { key: string; state: string }[] }).assets.map(({ key, state }) => `${key} ${state}`)]
    }
    // The schedule's cadence is every other second: an hour, two or four from the next one on.
    expect(await look('2026-03-01T12:30:00Z')).toEqual([0, ['landing/orders none', 'bronze/orders pass', 'gold/days pass', 'gold/spending pass']])
    expect(await look('2026-03-01T13:30:00Z')).toEqual([1, ['landing/orders none', 'bronze/orders fail', 'gold/days pass', 'gold/spending pass']])
    expect(await rig.ask(['why', 'gold/days'])).toEqual({ code: 0, out: 'gold/days has no condition: it is made by schedules and by hand.\n', err: '' })
  })
})
