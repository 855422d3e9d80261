import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import { ofMachine, s3ForTests } from '../rig/s3-rig.ts'
import { ending } from './cli-rig.ts'
import { DAY_ONE, DAY_TWO, DisturbedRig } from './disturbed-rig.ts'

const s3 = s3ForTests()
let lakes = 0

/** The shop, with a lake in a bucket. */
class RemoteRig extends DisturbedRig {
  override readonly lake = `s3://lake/shops/${(lakes += 1)}`

  /** Forgets all that this machine knows of the lake. */
  loseCache(): void {
    rmSync(join(this.root, '.varve/lakes'), { recursive: true, force: true })
  }

  /** The keys of the lake's objects, below it. */
  objects(): string[] {
    const prefix = `${this.lake.slice('s3://lake/'.length)}/`
    return [...s3().server.objects('lake').keys()].filter(key => key.startsWith(prefix)).map(key => key.slice(prefix.length)).sort()
  }

  killedAt(nth: number, carriedOut: boolean): Promise<string | null> {
    const child = this.start(['materialize', '--now', DAY_ONE.toISOString()], s3().environment)
    let writes = 0
    s3().proxy.disturb = ({ method }) => {
      if (method === 'GET' || method === 'HEAD' || (writes += 1) !== nth) return undefined
      child.kill('SIGKILL')
      return { kind: 'cut', carriedOut }
    }
    return new Promise(done => child.once('close', (_, signal) => done(signal)))
  }
}

let local: DisturbedRig
let dayOne: Awaited<ReturnType<DisturbedRig['tables']>>
let dayTwo: typeof dayOne
const rigs: DisturbedRig[] = []
const shop = () => {
  const rig = new RemoteRig({ 'config/other.yaml': ofMachine('other') })
  rig.exports(3)
  rigs.push(rig)
  return rig
}

beforeAll(async () => {
  rigs.push((local = new DisturbedRig()))
  local.exports(3)
  expect((await local.day(DAY_ONE)).ok).toBe(true)
  dayOne = await local.tables()
  local.exports(5)
  expect((await local.day(DAY_TWO)).ok).toBe(true)
  dayTwo = await local.tables()
})
afterAll(() => {
  for (const rig of rigs) rig.remove()
})

describe('a lake on S3', () => {
  it('holds the same rows as one in a folder, day after day, and reads them on a machine that has none of them', async () => {
    const rig = shop()
    expect((await rig.day(DAY_ONE)).ok).toBe(true)
    expect(await rig.tables()).toEqual(dayOne)
    rig.exports(5)
    expect((await rig.day(DAY_TWO)).ok).toBe(true)
    rig.loseCache()
    expect(await rig.tables()).toEqual(dayTwo)
    expect(await rig.versions()).toEqual(await local.versions())
    expect((await rig.with(project => project.plan({ selection: [] }), { now: DAY_TWO })).steps).toEqual([])
    expect(rig.objects().filter(key => key.includes('_staging') || key.endsWith('.part') || key.endsWith('.tmp'))).toEqual([])
  })

  it('asks once for each asset to know that there is nothing to do, and makes nothing then', async () => {
    const rig = shop()
    await rig.day(DAY_ONE)
    await rig.planned()
    const before = rig.objects()
    s3().proxy.take()
    expect((await rig.day(DAY_ONE)).steps).toEqual([])
    const asked = s3().proxy.take()
    expect(asked.map(({ method }) => method)).toEqual(Array.from({ length: await rig.with(async project => project.graph.size) }, () => 'GET'))
    expect(rig.objects()).toEqual(before)
  })

  it('asks at most ten times to merge what came since into a table, and makes two objects: the data and the commit', async () => {
    const rig = shop()
    await rig.day(DAY_ONE)
    rig.exports(5)
    await rig.run(['+bronze/orders'], { now: DAY_TWO })
    s3().proxy.take()
    const { steps } = await rig.run(['silver/newest'], { now: DAY_TWO })
    const asked = s3().proxy.take().map(({ method }) => method)
    expect([steps.map(({ status }) => status), asked.filter(method => method === 'PUT' || method === 'POST')]).toEqual([['materialized'], ['PUT', 'PUT']])
    expect(asked.length).toBeLessThanOrEqual(10)
  })

  it('fetches for a query only the files that its conditions leave', async () => {
    const rig = shop()
    rig.write('assets/gold/parted.ts', `
import { Asset, SqlAsset, overwritePartition, sql } from 'varve'
/** One row per number, in four partitions. */
@Asset({ key: 'gold/parted', write: overwritePartition({ by: ['part'] }) })
export class Parted extends SqlAsset {
  query() { return sql\`select i as id, cast(i % 4 as integer) as part from range(20) r(i)\` }
}`)
    await rig.run(['gold/parted'], { now: DAY_ONE })
    const fetched = async (query: string) => {
      rig.loseCache()
      s3().proxy.take()
      const rows = await rig.rows(query)
      return [rows, new Set(s3().proxy.take().map(({ path }) => path).filter(path => path.includes('.parquet'))).size]
    }
    expect(await fetched('select count(*)::int as n from gold.parted where part = 2')).toEqual([[{ n: 5 }], 1])
    expect(await fetched('select count(*)::int as n from gold.parted')).toEqual([[{ n: 20 }], 4])
  })

  it('names its tables in messages and answers as they are called outside', async () => {
    const rig = shop()
    await rig.day(DAY_ONE)
    expect(await rig.with(async project => project.lake)).toBe(rig.lake)
    const { out } = await rig.ask(['table', `${rig.lake}/silver/newest`, '--count', '--json'], s3().environment)
    expect(JSON.parse(out)).toMatchObject({ tableVersion: 0, rows: 50 })
    const { out: text, code } = await rig.ask(['query', 'select count(*)::int as n from silver.newest', '--json', '--as-of', '0'], s3().environment)
    expect([code, (JSON.parse(text) as { rows: unknown }).rows]).toEqual([0, [{ n: 50 }]])
    const none = await rig.ask(['table', `${rig.lake}/silver/nothing`], s3().environment)
    expect([none.code, none.err]).toEqual([2, expect.stringContaining(`There is no Delta table at ${rig.lake}/silver/nothing.`)])
    const late = await rig.ask(['query', 'select 1 from silver.newest', '--as-of', '7'], s3().environment)
    expect([late.code, late.err]).toEqual([2, expect.stringContaining(`${rig.lake}/silver/newest has no version 7.`)])
  })

  it('is refused in words where it cannot be: no bucket, no S3, no permission', async () => {
    const rig = shop()
    const refused = async (lake: string) => {
      const { code, err } = await rig.ask(['plan', '--lake', lake], s3().environment)
      return [code, err.split(':')[0]]
    }
    expect(await refused('s3://nowhere/shop')).toEqual([2, 'objects/no-bucket'])
    expect(await refused('s3://')).toEqual([2, 'objects/bad-place'])
    expect(await refused('gs://lake/shop')).toEqual([2, 'objects/bad-place'])
    s3().proxy.disturb = () => ({ kind: 'refuse', status: 403, code: 'AccessDenied' })
    expect(await refused('s3://lake/shop')).toEqual([2, 'objects/access-denied'])
  })

  it('is remembered from its own commits by a machine that never saw it', async () => {
    const rig = shop()
    await rig.day(DAY_ONE)
    const other = { profile: 'other' }
    expect((await rig.with(project => project.plan({ selection: [] }), { ...other, now: DAY_ONE })).steps).toEqual([])
    await rig.with(project => project.rebuildState(), other)
    expect((await rig.with(project => project.plan({ selection: [] }), { ...other, now: DAY_ONE })).steps).toEqual([])
  })

  it('keeps no more on a machine than it was allowed', async () => {
    const rig = shop()
    rig.write('config/small.yaml', `${ofMachine('small')}  size: 1B\n`)
    await rig.day(DAY_ONE)
    const rows = await rig.with(async project => (await project.query('select count(*)::int as n from bronze.orders')).rows, { profile: 'small' })
    expect(rows).toEqual([{ n: 300 }])
  })

  it('is packed and vacuumed as one in a folder is', async () => {
    const rig = shop()
    await rig.day(DAY_ONE)
    rig.exports(5)
    await rig.day(DAY_TWO)
    const rows = await rig.tables()
    await rig.with(project => project.optimize([], {}), { now: DAY_TWO })
    const later = new Date(Date.now() + 10 * 86_400_000)
    const before = rig.objects()
    const { tables: listed } = await rig.with(project => project.vacuum(['gold/customers', 'silver/newest', 'gold/days'], {}), { now: later })
    expect(listed.flatMap(({ files }) => files).length).toBeGreaterThan(3)
    expect(listed.flatMap(({ files }) => files).every(file => file.startsWith(`${rig.lake}/`))).toBe(true)
    expect(rig.objects()).toEqual(before)
    await rig.with(project => project.vacuum([], { delete: true }), { now: later })
    const gone = before.filter(key => !rig.objects().includes(key))
    expect(gone.length).toBeGreaterThanOrEqual(listed.flatMap(({ files }) => files).length)
    expect(gone.every(key => key.endsWith('.parquet') || key.endsWith('.bin'))).toBe(true)
    rig.loseCache()
    expect(await rig.tables()).toEqual(rows)
  })

  it.each(process.env['VARVE_FULL'] ? Array.from({ length: 24 }, (_, i) => [i + 1, i % 2 === 0] as const) : [[7, true], [13, false], [20, true]] as const)('comes out the same after a run was killed at its write %i (carried out: %s)', async (nth, carriedOut) => {
    const rig = shop()
    const signal = await rig.killedAt(nth, carriedOut)
    s3().proxy.disturb = () => undefined
    expect(signal).toBe('SIGKILL')
    rig.loseCache()
    expect((await rig.day(DAY_ONE)).ok).toBe(true)
    expect(await rig.tables()).toEqual(dayOne)
    const versions = await rig.versions()
    for (const [key, count] of Object.entries(versions)) expect([key, count]).toEqual([key, key === 'gold/days' ? 10 : 1])
  })

  it('takes in the runs of two machines that know nothing of each other, each row once', async () => {
    const rig = shop()
    const results = await Promise.all([rig.run([], { now: DAY_ONE }), rig.run([], { now: DAY_ONE, profile: 'other' })])
    for (const { steps } of results) for (const { status, error } of steps) expect([status, error?.code]).toEqual(status === 'failed' ? ['failed', 'storage/publish-conflict'] : [status, undefined])
    expect((await rig.run([], { now: DAY_ONE, profile: 'other' })).ok).toBe(true)
    expect(await rig.tables()).toEqual(dayOne)
    const keys = await rig.with(async project => project.graph.keys)
    for (const key of keys) expect(new Set((await rig.with(project => project.history(key))).map(({ version }) => version)).size).toBe((await rig.versions())[key as AssetKey])
  })

  it('says that credentials expired in the middle of a run, and what was done stands', async () => {
    const rig = shop()
    let writes = 0
    s3().proxy.disturb = ({ method }) => (method === 'PUT' && (writes += 1) > 6 ? { kind: 'refuse', status: 400, code: 'ExpiredToken' } : undefined)
    const child = rig.start(['materialize', '--now', DAY_ONE.toISOString()], s3().environment)
    const { code, err, out } = await ending(child)
    expect(code).toBe(1)
    expect(out + err).toContain('The credentials expired while trying to')
    expect(out + err).toContain('varve retry')
    s3().proxy.disturb = () => undefined
    const { code: retried } = await rig.ask(['retry', '--now', DAY_ONE.toISOString()], s3().environment)
    expect(retried).toBe(0)
    expect(await rig.tables()).toEqual(dayOne)
  })

  it('is written through a busy store and lost answers as if nothing were', async () => {
    const rig = shop()
    s3().proxy.disturb = ({ method }, nth) => (nth % 5 === 0 ? { kind: 'refuse', status: 503, code: 'SlowDown' } : nth % 7 === 0 ? { kind: 'cut', carriedOut: method === 'PUT' } : undefined)
    expect((await rig.day(DAY_ONE)).ok).toBe(true)
    s3().proxy.disturb = () => undefined
    expect(await rig.tables()).toEqual(dayOne)
    expect(await rig.versions()).toMatchObject({ 'silver/newest': 1, 'silver/ledger': 1 })
  })
})
