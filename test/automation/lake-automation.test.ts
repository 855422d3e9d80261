import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AutomationOptions } from '../../framework/project/automation.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { ProjectRig } from '../rig/project-rig.ts'

const NUMBERS = (to: number) => `
import { Asset, RowAsset } from 'varve'
/** One row per number. */
@Asset({ key: 'bronze/numbers', owners: ['team:numbers'] })
export class Numbers extends RowAsset<{ n: number }> {
  readonly columns = { n: 'bigint' }
  async *rows() {
    for (let n = 0; n < ${to}; n += 1) yield { n }
  }
}`

const SQUARES = (query: string) => `
import { Asset, SqlAsset, Upstream, eager, sql } from 'varve'
import { Numbers } from '../bronze/numbers'
/** One row per number. */
@Asset({ key: 'silver/squares', automation: eager() })
export class Squares extends SqlAsset {
  @Upstream(() => Numbers) readonly numbers!: Numbers
  query() {
    return sql\`${query} from \${this.numbers}\`
  }
}`

const DAYS = `
import { Asset, RowAsset, daily, onCron, type RunContext } from 'varve'
/** One row per day. */
@Asset({ key: 'gold/days', partitions: daily({ column: 'day', start: '2020-01-01' }), automation: onCron('0 3 * * *') })
export class Days extends RowAsset<{ day: string }> {
  readonly columns = { day: 'date' }
  async *rows({ window }: RunContext) {
    yield { day: window!.from.toISOString().slice(0, 10) }
  }
}`

const CONFIG = `
schedules:
  nightly: { cron: "0 2 * * *", select: bronze/*, doneWithin: 30m, runbook: "https://runbooks/{schedule}" }
alerts:
  channels:
    log: { type: file, path: alerts.jsonl }
  runbook: "https://runbooks/{asset}"
`

describe('the automation of a lake', () => {
  let rig: ProjectRig
  beforeEach(() => {
    rig = new ProjectRig({ 'config/local.yaml': CONFIG, 'assets/bronze/numbers.ts': NUMBERS(3), 'assets/silver/squares.ts': SQUARES('select n, n * n as square'), 'assets/gold/days.ts': DAYS })
  })
  afterEach(() => rig.remove())

  /** What one look of the daemon did, by asset: a process of its own each time. */
  const once = async (now: string, more: Partial<AutomationOptions> = {}) => {
    const before = new Set((await rig.with(async project => project.runs())).map(({ run }) => run))
    await rig.with(project => project.automate({ once: true, stop: new AbortController().signal, onStop: 'cancel', say: () => {}, tell: () => {}, ...more }), { now: new Date(now) })
    return rig.with(async project => project.runs().filter(({ run }) => !before.has(run)).toReversed().flatMap(({ run }) => project.runOf(run)!.steps.map(({ asset, partition, status }) => `${asset}${partition === undefined ? '' : `@${partition}`} ${status}`)))
  }
  const alerts = () => readFileSync(join(rig.root, 'alerts.jsonl'), 'utf8').trim().split('\n').map(line => JSON.parse(line) as { kind: string; message: string })

  test('makes what schedules and conditions ask for, once, whatever process looks', async () => {
    expect(await once('2026-03-01T12:00:00Z')).toEqual([])
    expect(await once('2026-03-02T01:59:00Z')).toEqual([])
    expect(await once('2026-03-02T02:00:00Z')).toEqual(['bronze/numbers materialized', 'silver/squares materialized'])
    expect(await once('2026-03-02T02:00:00Z')).toEqual([])
    expect(await once('2026-03-02T03:00:00Z')).toEqual(['gold/days@2026-03-01 materialized'])
    expect(await once('2026-03-02T03:01:00Z')).toEqual([])
    rig.write('assets/bronze/numbers.ts', NUMBERS(4))
    await rig.run(['bronze/numbers'], { now: new Date('2026-03-02T10:00:00Z') })
    expect(await once('2026-03-02T10:01:00Z')).toEqual(['silver/squares materialized'])
    expect(await rig.rows('select count(*)::int as n from silver.squares')).toEqual([{ n: 4 }])
    expect(await once('2026-03-03T03:00:00Z')).toEqual(['gold/days@2026-03-02 materialized'])
  })

  test('does not ask again for what failed until something above it changes, and says why', async () => {
    rig.write('assets/silver/squares.ts', SQUARES("select n, if(n < 3, error('no'), n) as square"))
    await once('2026-03-01T12:00:00Z')
    await rig.run(['bronze/numbers'], { now: new Date('2026-03-01T12:01:00Z') })
    expect(await once('2026-03-01T12:02:00Z')).toEqual(['silver/squares failed'])
    expect(await once('2026-03-01T12:03:00Z')).toEqual([])
    await rig.run(['bronze/numbers'], { force: true, now: new Date('2026-03-01T12:04:00Z') })
    expect(await once('2026-03-01T12:05:00Z')).toEqual([])
    rig.write('assets/bronze/numbers.ts', NUMBERS(5))
    await rig.run(['bronze/numbers'], { now: new Date('2026-03-01T12:06:00Z') })
    expect(await once('2026-03-01T12:07:00Z')).toEqual(['silver/squares failed'])
    // Only what changed is kept: that nothing was asked for at 12:03 and at 12:05 is what was so before.
    const traces = await rig.with(async project => project.traces('silver/squares' as AssetKey))
    expect(traces.map(({ at, requested }) => [at.slice(11, 16), requested])).toEqual([['12:07', undefined], ['12:07', 'all'], ['12:02', undefined], ['12:02', 'all'], ['12:00', undefined], ['12:00', undefined]])
    expect(traces[1]!.trace).toMatchObject({ label: 'eager', holds: true })
  })

  test('alerts once on what a schedule owes, and once when it is there, whatever process looks', async () => {
    await once('2026-03-01T12:00:00Z', { only: ['watchdog'] })
    for (const minute of ['29', '30', '40', '50']) await once(`2026-03-02T02:${minute}:00Z`, { only: ['watchdog'] })
    await rig.run(['bronze/*'], { now: new Date('2026-03-02T02:55:00Z') })
    await once('2026-03-02T02:56:00Z', { only: ['watchdog'] })
    await once('2026-03-02T02:57:00Z', { only: ['watchdog'] })
    expect(alerts().map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      'opened: nightly, due at 2026-03-02T02:00:00.000Z, was to be done within 30m and is not: bronze/numbers is not made.',
      'recovered: nightly, due at 2026-03-02T02:00:00.000Z, is done.',
    ])
    expect(alerts()[0]).toMatchObject({ version: 1, severity: 'fail', owners: ['team:numbers'], runbook: 'https://runbooks/nightly', subject: { kind: 'deadline', schedule: 'nightly' } })
    // It has made nothing itself.
    expect(await rig.version('silver/squares')).toBeUndefined()
  })

  test('knows when a layer\'s assets are due by their schedules and by what they follow', async () => {
    await once('2026-03-01T12:00:00Z')
    await once('2026-03-02T02:00:00Z')
    const look = async (now: string) => Object.fromEntries((await rig.with(project => project.freshness(['bronze/*', 'silver/*']), { now: new Date(now) })).map(({ asset, state, until }) => [asset, [state, until && new Date(until).toISOString().slice(5, 16)]]))
    expect(await look('2026-03-02T20:00:00Z')).toEqual({ 'bronze/numbers': ['pass', '03-03T03:00'], 'silver/squares': ['pass', '03-03T04:00'] })
    expect(await look('2026-03-03T03:30:00Z')).toEqual({ 'bronze/numbers': ['fail', undefined], 'silver/squares': ['pass', '03-03T04:00'] })
  })

  test.each([
    ['and makes up for them with one run each', 'latest', ['bronze/numbers materialized', 'silver/squares materialized', 'gold/days@2026-03-03 materialized'], 'caught-up'],
    ['and nothing else where that is chosen', 'skip', [], 'missed'],
  ])('lists the times that passed while no daemon ran, %s', async (_, catchUp, made, last) => {
    rig.write('config/local.yaml', `schedules:\n  nightly: { cron: "0 2 * * *", select: bronze/*, catchUp: ${catchUp} }\nautomation: { catchUp: ${catchUp} }\nalerts:\n  channels: {}\n`)
    expect(await once('2026-03-01T12:00:00Z')).toEqual([])
    expect((await once('2026-03-04T10:00:00Z')).sort()).toEqual([...made].sort())
    const { missed } = await rig.with(async project => project.automationStatus(), { now: new Date('2026-03-04T10:00:00Z') })
    expect(missed.map(({ schedule, tick, status }) => `${tick.slice(8, 13)} ${schedule} ${status}`)).toEqual([
      `04T03 condition of gold/days ${last}`, `04T02 nightly ${last}`, '03T03 condition of gold/days missed', '03T02 nightly missed', '02T03 condition of gold/days missed', '02T02 nightly missed',
    ])
    expect(await once('2026-03-04T10:01:00Z')).toEqual([])
  })

  test('takes the address of a webhook from the environment, and says which is lacking', async () => {
    rig.write('config/local.yaml', "alerts:\n  channels:\n    pager: { type: webhook, url: '${VARVE_TEST_PAGER}', timeout: 5s }\n")
    await expect(once('2026-03-01T12:00:00Z')).rejects.toMatchObject({ code: 'project/channel-without-address', message: 'The alert channel pager takes its address from VARVE_TEST_PAGER, which is not set.' })
    rig.write('config/local.yaml', "alerts:\n  channels:\n    pager: { type: webhook, url: 'ftp://somewhere' }\n")
    await expect(once('2026-03-01T12:00:00Z')).rejects.toMatchObject({ code: expect.stringMatching(/^project\//) })
  })

  test('is the work of one daemon at a time', async () => {
    const stop = new AbortController()
    await rig.with(async project => {
      const running = project.automate({ stop: stop.signal, onStop: 'cancel', say: () => {}, tell: () => {} })
      await expect(rig.with(other => other.automate({ once: true, stop: stop.signal, onStop: 'cancel', say: () => {}, tell: () => {} }))).rejects.toMatchObject({ code: 'project/daemon-running' })
      await rig.with(other => other.automate({ once: true, only: [], stop: stop.signal, onStop: 'cancel', say: () => {}, tell: () => {} }))
      stop.abort()
      await running
    })
    expect(await once('2026-03-01T12:00:00Z')).toEqual([])
  })
})
