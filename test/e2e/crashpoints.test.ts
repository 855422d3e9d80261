import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Project } from '../../framework/project/project.ts'
import { CRASHPOINTS, type Crashpoint } from '../../framework/vocabulary/crashpoint.ts'
import { DAY_ONE, DAY_TWO, DisturbedRig } from './disturbed-rig.ts'

/** What must have happened before, or has to happen, for a run to come to a point at all. The other points every run comes to. */
const SETTING: Readonly<Partial<Record<Crashpoint, { readonly state?: 'lost'; readonly environment?: NodeJS.ProcessEnv }>>> = {
  'state-made': { state: 'lost' },
  'found-unrecorded': { state: 'lost' },
  'candidate-discarded': { environment: { BREAK_PROMISES: '1' } },
}

/** How many passings of each point are tried: the first as a rule, and more of them where there is time. */
const PASSINGS = process.env['VARVE_FULL'] === '1' ? [1, 2, 3, 5, 8, 13] : [1]

describe('a run that is killed on the second day', () => {
  let rig: DisturbedRig
  let undisturbed: Awaited<ReturnType<DisturbedRig['tables']>>
  let status: unknown

  const statusOf = async (project: Project) => (await project.status()).map(({ key, stale, causes }) => ({ key, stale, causes }))

  beforeAll(async () => {
    rig = new DisturbedRig()
    rig.exports(12)
    expect(await rig.day(DAY_ONE)).toMatchObject({ ok: true })
    rig.keep('day one')
    rig.exports(14)
    expect(await rig.day(DAY_TWO)).toMatchObject({ ok: true })
    undisturbed = await rig.tables()
    status = await rig.with(statusOf, { now: DAY_TWO })
    expect(Object.fromEntries(Object.entries(undisturbed).map(([key, [rows]]) => [key, rows]))).toEqual({
      'landing/orders': 1400, 'bronze/orders': 1400, 'silver/ledger': 1400, 'silver/newest': 50, 'gold/customers': 50, 'gold/days': 12, 'gold/spending': 50,
    })
  })
  afterAll(() => rig.remove())

  test.each(CRASHPOINTS)('at "%s" leaves every table readable, and the next run makes of it what an undisturbed one would have made', async point => {
    for (const passing of PASSINGS) {
      rig.restore('day one')
      const { state, environment } = SETTING[point] ?? {}
      if (state === 'lost') rig.loseState()
      const child = rig.start(['materialize', '--now', DAY_TWO.toISOString()], { ...environment, VARVE_CRASHPOINT: `${point}:${passing}` })
      const ended = await new Promise<readonly unknown[]>(resolve => child.once('exit', (...how) => resolve(how)))
      // A point may be passed fewer times than are tried, but once at least.
      if (passing > 1 && ended[1] === null) break
      expect(ended).toEqual([null, 'SIGKILL'])

      await rig.tables()
      expect(await rig.day(DAY_TWO)).toMatchObject({ ok: true })
      expect(await rig.tables()).toEqual(undisturbed)
      await rig.with(async project => {
        expect((await project.plan({ selection: [] })).steps).toEqual([])
        const before = await project.status()
        await project.rebuildState()
        expect(await project.status()).toEqual(before)
        expect(await statusOf(project)).toEqual(status)
      }, { now: DAY_TWO })
    }
  })
})

test('a first run that is killed before its first commit, or after it, is taken up where it was', async () => {
  const rig = new DisturbedRig()
  try {
    rig.exports(5)
    for (const point of ['manifest-hidden', 'commit-hidden', 'commit-linked:2', 'chunk-done:3'] as const) {
      const child = rig.start(['materialize', '--now', DAY_ONE.toISOString()], { VARVE_CRASHPOINT: point })
      expect(await new Promise(resolve => child.once('exit', (_, signal) => resolve(signal)))).toBe('SIGKILL')
    }
    expect(await rig.day(DAY_ONE)).toMatchObject({ ok: true })
    const { 'silver/ledger': ledger, 'silver/newest': newest } = await rig.tables()
    expect([ledger![0], newest![0]]).toEqual([500, 50])
    expect((await rig.day(DAY_ONE)).steps).toEqual([])
  } finally {
    rig.remove()
  }
})
