import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openProject } from '../../framework/project/project.ts'
import { ProjectRig } from '../rig/project-rig.ts'

const TABLE = (layer: string) => `
import { Asset, RowAsset } from 'varve'
/** One row. */
@Asset({ key: '${layer}/table', owners: ['team:${layer}'] })
export class Table extends RowAsset<{ n: number }> {
  readonly columns = { n: 'bigint' }
  async *rows() { yield { n: 1 } }
}`
const MADE = Date.parse('2026-03-01T00:00:00Z')

describe('[Q10-b] layers that have no schedule, by the limits that are shipped', () => {
  let rig: ProjectRig
  beforeAll(async () => {
    rig = new ProjectRig({ ...Object.fromEntries(['bronze', 'silver', 'gold'].map(layer => [`assets/${layer}/table.ts`, TABLE(layer)])), 'config/local.yaml': 'alerts:\n  channels:\n    log: { type: file, path: alerts.jsonl }\n' })
    await rig.run([], { now: new Date(MADE) })
  })
  afterAll(() => rig.remove())

  test.each([
    [59, 'pass', 'pass', 'pass'], [60, 'fail', 'pass', 'pass'], [61, 'fail', 'pass', 'pass'],
    [119, 'fail', 'pass', 'pass'], [120, 'fail', 'fail', 'pass'], [121, 'fail', 'fail', 'pass'],
    [239, 'fail', 'fail', 'pass'], [240, 'fail', 'fail', 'fail'], [241, 'fail', 'fail', 'fail'],
  ])('at %i minutes', async (minutes, bronze, silver, gold) => {
    const found = await rig.with(project => project.freshness(), { now: new Date(MADE + minutes * 60_000) })
    expect(Object.fromEntries(found.map(({ asset, state }) => [asset, state]))).toEqual({ 'bronze/table': bronze, 'silver/table': silver, 'gold/table': gold })
  })

  test('[OBS-W-1] [OBS-W-2] are watched while nothing runs, by their real commits, and nothing is made', async () => {
    const before = await rig.version('bronze/table')
    const told: string[] = []
    for (const minutes of [180, 181]) {
      await rig.with(project => project.automate({ only: ['watchdog'], once: true, stop: new AbortController().signal, onStop: 'cancel', say: () => {}, tell: line => told.push(line) }), { now: new Date(MADE + minutes * 60_000) })
    }
    const alerts = readFileSync(join(rig.root, 'alerts.jsonl'), 'utf8').trim().split('\n').map(line => JSON.parse(line) as { kind: string; subject: { asset: string }; age: number; limit: string; owners: string[] })
    expect(alerts.map(({ kind, subject, age, limit, owners }) => [kind, subject.asset, age, limit, owners])).toEqual([
      ['opened', 'bronze/table', 3 * 3_600_000, '1h', ['team:bronze']], ['opened', 'silver/table', 3 * 3_600_000, '2h', ['team:silver']],
    ])
    expect([await rig.version('bronze/table'), (await rig.with(async project => project.runs())).length]).toEqual([before, 1])
  })
})

describe('the automation that the platform ships', () => {
  const lake = mkdtempSync(join(tmpdir(), 'varve-platform-'))
  afterAll(() => rmSync(lake, { recursive: true, force: true }))

  test('[Q4-e] takes in every source each day, and has half an hour for it', async () => {
    const project = await openProject({ root: resolve('.'), lake: join(lake, 'lake'), now: new Date('2026-03-01T12:00:00Z') })
    try {
      const { schedules } = project.automationStatus()
      expect(schedules.map(({ schedule: { name, cron, timezone, doneWithinMs }, next }) => [name, cron, timezone, doneWithinMs, new Date(next).toISOString()])).toEqual([
        ['ingest', '0 5 * * *', 'UTC', 30 * 60_000, '2026-03-02T05:00:00.000Z'],
        ['daily', '30 5 * * *', 'UTC', 2 * 3_600_000, '2026-03-02T05:30:00.000Z'],
      ])
      const landing = project.graph.keys.filter(key => key.startsWith('landing/'))
      const bronze = project.graph.keys.filter(key => key.startsWith('bronze/'))
      expect([...schedules[0]!.schedule.keys].sort()).toEqual(expect.arrayContaining([...landing, ...bronze].sort()))
      expect(project.config.freshness).toMatchObject({ bronze: { failAfter: '1h' }, silver: { failAfter: '2h' }, gold: { failAfter: '4h' } })
    } finally {
      await project.close()
    }
  })
})
