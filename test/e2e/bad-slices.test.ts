import { openSync, closeSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { DAY_ONE, DAY_TWO, DisturbedRig } from './disturbed-rig.ts'

let rig: DisturbedRig
afterEach(() => rig.remove())

const NOW = ['--now', '2026-03-06T06:00:00Z']

/** Asks for what must be refused: exit 2, a code, a message and a hint, and not a file written. */
async function refusal(...words: readonly string[]): Promise<readonly [code: string, message: string, hint: string]> {
  const { code, out, err } = await rig.ask([...words, ...NOW, '--json'])
  const { error } = JSON.parse(out) as { error: { code: string; message: string; hint: string } }
  expect([code, err, rig.written()]).toEqual([2, '', []])
  return [error.code, error.message, error.hint]
}

const shop = (files: Readonly<Record<string, string>> = {}) => {
  rig = new DisturbedRig(files)
  rig.exports(3)
}

const sliced = (partitions: string, upstream = "import { Orders as Read } from '../bronze/orders'", mapping = '') => `
import { Asset, SqlAsset, Upstream, cronPartitions, daily, sql, timeWindow } from 'varve'
${upstream}
/** One row per order. */
@Asset({ key: 'gold/more', partitions: ${partitions} })
export class More extends SqlAsset {
  @Upstream(() => Read${mapping}) readonly read!: Read
  query() {
    return sql\`select * from \${this.read}\`
  }
}`

test('ranges that end before they begin, or hold nothing', async () => {
  shop()
  const inverted = ['partitions/inverted-range', 'The range from 2026-03-05 to 2026-03-04 ends before it begins.', 'Write 2026-03-04..2026-03-05; the end is exclusive.']
  expect(await refusal('backfill', 'gold/days', '--from', '2026-03-05', '--to', '2026-03-04')).toEqual(inverted)
  expect(await refusal('plan', 'gold/days', '--partition', '2026-03-05..2026-03-04')).toEqual(inverted)
  expect(await refusal('backfill', 'gold/days', '--from', '2026-03-05', '--to', '2026-03-05')).toEqual(['partitions/inverted-range', 'The range from 2026-03-05 to 2026-03-05 is empty: the end is exclusive.', 'For one slice write 2026-03-05 alone.'])
  expect(await refusal('plan', 'gold/days', '--from', '2026-03-05')).toEqual(['cli/wrong-argument', '--from is given without --to.', 'A range needs both ends; the end is exclusive.'])
  expect(await refusal('backfill', 'gold/days', '--to', '2026-03-05')).toEqual(['cli/wrong-argument', '--to is given without --from.', 'A range needs both ends; the end is exclusive.'])
  expect(await refusal('backfill', 'gold/days', '--rebuild')).toEqual(['cli/wrong-argument', 'Nothing says which slices to fill.', expect.stringContaining('--from 2026-03-01 --to 2026-04-01')])
})

test('a backfill takes slices by name too, and makes them anew where that is asked for', async () => {
  shop()
  expect((await rig.ask(['materialize', ...NOW])).code).toBe(0)
  const { out } = await rig.ask(['backfill', 'gold/days', '--partition', '2026-03-04', '--rebuild', '--dry-run', ...NOW, '--json'])
  const { steps } = JSON.parse(out) as { steps: { key: string; partition: string; causes: object[] }[] }
  expect(steps.map(({ key, partition, causes }) => [key, partition, causes])).toEqual([['gold/days', '2026-03-04', [expect.objectContaining({ code: 'forced', detail: 'asked for: 2026-03-04' })]]])
})

test('slices that there are not', async () => {
  shop()
  const there = 'There are 2026-03-03..2026-03-06.'
  expect(await refusal('plan', 'gold/days', '--partition', '2027-03-05')).toEqual(['partitions/unknown-slice', 'There is no slice 2027-03-05 (not ended yet).', there])
  expect(await refusal('materialize', 'gold/days', '--partition', '2026-03-01')).toEqual(['partitions/unknown-slice', 'There is no slice 2026-03-01 (they begin with 2026-03-03).', there])
  expect(await refusal('materialize', 'gold/days', '--partition', '2026-13-05')).toEqual(['partitions/unknown-slice', 'There is no slice 2026-13-05 in UTC.', 'Write a day, as in 2026-03-03.'])
  expect(await refusal('backfill', 'gold/days', '--from', 'yesterday', '--to', '2026-03-05')).toMatchObject(['partitions/unknown-slice', 'There is no slice yesterday in UTC.', expect.anything()])
  expect(await refusal('plan', 'gold/spending', '--partition', '2026-03-01')).toMatchObject(['project/nothing-has-slices', 'Slices were asked for, but gold/spending has none.', expect.anything()])
})

describe('a cron', () => {
  const plan = async (cron: string) => {
    shop({ 'assets/gold/more.ts': sliced(`cronPartitions('${cron}', { column: 'updated', start: '2026-03-01' })`) })
    return refusal('plan')
  }

  test('that never fires', async () => {
    expect(await plan('0 0 30 2 *')).toMatchObject(['partitions/cron-never-fires', expect.stringContaining('0 0 30 2 *'), expect.stringMatching(/./)])
  })

  test('that is none', async () => {
    expect(await plan('61 * * * *')).toMatchObject(['partitions/bad-cron', expect.stringContaining('61'), expect.stringMatching(/./)])
  })
})

test('a mapping to slices that the upstream does not have', async () => {
  shop({ 'assets/gold/more.ts': sliced("daily({ column: 'day', start: '2026-03-03' })", "import { Days as Read } from './days'", ', { partitions: timeWindow({ from: -2 }) }') })
  expect(await refusal('plan')).toMatchObject(['partitions/missing-upstream-slices', expect.stringMatching(/gold\/more.*gold\/days/), expect.stringMatching(/./)])
})

test('a clock that jumped back writes nothing anew, says nothing wrong, and holds nobody up', async () => {
  shop()
  rig.exports(5)
  await rig.day(DAY_TWO)
  const [before, versions] = [await rig.tables(), await rig.versions()]
  expect(await rig.json('plan', '--now', DAY_ONE.toISOString())).toMatchObject({ steps: [] })
  expect(await rig.ask(['materialize', '--now', DAY_ONE.toISOString()])).toMatchObject({ code: 0 })
  expect([await rig.tables(), await rig.versions()]).toEqual([before, versions])
  // What is made by the earlier clock is newer all the same: the table's version says so.
  rig.exports(6)
  expect(await rig.ask(['materialize', '--now', DAY_ONE.toISOString()])).toMatchObject({ code: 0 })
  expect((await rig.tables())['silver/ledger']![0]).toBe(600)
  // Two days are not over by that clock; by the right one they are, and are stale.
  const { steps } = (await rig.json('plan', '--now', DAY_TWO.toISOString())) as { steps: readonly { key: string; partition?: string }[] }
  expect(steps.map(({ key, partition }) => [key, partition])).toEqual([['gold/days', '2026-03-13..2026-03-15']])
})

test('a state file with damaged pages is said, and what is rebuilt from the lake has lost nothing', async () => {
  shop()
  await rig.day(DAY_ONE)
  const status = await rig.with(project => project.status(), { now: DAY_ONE })
  const path = join(rig.root, 'state.db')
  const file = openSync(path, 'r+')
  for (let at = 4096; at < statSync(path).size; at += 4096) writeSync(file, Buffer.alloc(512, 0xee), 0, 512, at)
  closeSync(file)
  const { code, err } = await rig.ask(['plan', '--now', DAY_ONE.toISOString()])
  expect([code, err.startsWith('state/unreadable: '), err.includes('Run "varve state rebuild"')]).toEqual([2, true, true])
  expect(await rig.ask(['state', 'rebuild'])).toMatchObject({ code: 0 })
  expect(await rig.with(project => project.status(), { now: DAY_ONE })).toEqual(status)
  expect(await rig.json('plan', '--now', DAY_ONE.toISOString())).toMatchObject({ steps: [] })
})
