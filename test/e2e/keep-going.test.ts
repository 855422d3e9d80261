import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { CliRig, ORDERS } from './cli-rig.ts'

let rig: CliRig
afterEach(() => rig.remove())

const LANDING = (name: string) => `
import { createReadStream, statSync } from 'node:fs'
import { join } from 'node:path'
import { Asset, FileAsset, Resource, SourceSettings, type SourceFile } from 'varve'
/** An export as it came. */
@Asset({ key: 'landing/${name}', contract: 'shop_orders' })
export class Landed${name} extends FileAsset {
  @Resource(() => SourceSettings) readonly settings!: SourceSettings
  files(): SourceFile[] {
    const location = join(this.settings.dir, '${name}.csv')
    const found = statSync(location, { throwIfNoEntry: false })
    return found ? [{ name: '${name}.csv', location, format: 'csv', gzip: false, size: found.size, identity: found.size + '-' + found.mtimeMs, open: () => createReadStream(location) }] : []
  }
}`
const BRONZE = (name: string) => `
import { Asset, SqlAsset, Upstream, conform, type QueryContext } from 'varve'
import { Landed${name} } from '../landing/${name}'
@Asset({ key: 'bronze/${name}', contract: 'shop_orders' })
export class Bronze${name} extends SqlAsset {
  @Upstream(() => Landed${name}) readonly raw!: Landed${name}
  query({ contract }: QueryContext) { return conform(this.raw, contract) }
}`
/** Two sources, and what is made of both. */
function shops(): CliRig {
  rig = new CliRig({
    'exports/north.csv': ORDERS, 'exports/south.csv': ORDERS.replaceAll('ann', 'eve'),
    ...Object.fromEntries(['north', 'south'].flatMap(name => [[`assets/landing/${name}.ts`, LANDING(name)], [`assets/bronze/${name}.ts`, BRONZE(name)]])),
    'assets/silver/both.ts': "import { Asset, SqlAsset, Upstream, sql } from 'varve'\nimport { Bronzenorth } from '../bronze/north'\nimport { Bronzesouth } from '../bronze/south'\n@Asset({ key: 'silver/both' })\nexport class Both extends SqlAsset {\n  @Upstream(() => Bronzenorth) readonly north!: Bronzenorth\n  @Upstream(() => Bronzesouth) readonly south!: Bronzesouth\n  query() { return sql`select * from ${this.north} union all select * from ${this.south}` }\n}\n",
  })
  for (const asset of ['landing/orders', 'bronze/orders', 'gold/spending', 'gold/days']) rmSync(join(rig.root, `assets/${asset}.ts`))
  return rig
}
const BROKEN = `${ORDERS}4,bob\n`
const endings = async (words: readonly string[]) => {
  const { code, out } = await rig.ask([...words, '--json'])
  const { steps } = JSON.parse(out) as { steps: { key: string; status: string; error?: { code: string } }[] }
  return { code, ...Object.fromEntries(steps.map(({ key, status, error }) => [key, error ? `${status}: ${error.code}` : status])) }
}

test('a source that cannot be taken in fails its own step, and the others are made', async () => {
  shops().write('exports/south.csv', BROKEN)
  expect(await rig.ask(['materialize', '--json'])).toMatchObject({ code: 2 })
  expect(rig.written()).toEqual([])
  expect(await endings(['materialize', '--keep-going'])).toEqual({ code: 1, 'landing/south': 'failed: landing/malformed-file', 'landing/north': 'materialized', 'bronze/north': 'materialized', 'bronze/south': 'skipped', 'silver/both': 'skipped' })
  // It is not taken for looked at, and fails as long as it is broken; what was made is not made again.
  expect(await endings(['materialize', '--keep-going'])).toEqual({ code: 1, 'landing/south': 'failed: landing/malformed-file', 'bronze/south': 'skipped', 'silver/both': 'skipped' })
  rig.write('exports/south.csv', ORDERS)
  expect(await endings(['materialize', '--keep-going'])).toEqual({ code: 0, 'landing/south': 'materialized', 'bronze/south': 'materialized', 'silver/both': 'materialized' })
})

test('a table stays as it was where its source is broken or gone, and its plan says why', async () => {
  shops()
  expect((await endings(['materialize'])).code).toBe(0)
  rig.write('exports/north.csv', `${ORDERS}4,dan,1.00,2026-03-03\n`)
  for (const breakIt of [() => rig.write('exports/south.csv', BROKEN), () => rmSync(join(rig.root, 'exports/south.csv'))]) {
    breakIt()
    const { steps } = (await rig.json('plan', '--keep-going')) as unknown as { steps: { key: string; causes: { code: string; detail?: string }[] }[] }
    expect(steps.find(({ key }) => key === 'landing/south')!.causes).toEqual([{ code: 'volatile', detail: expect.stringContaining('south') as string }])
    expect(await endings(['materialize', '--keep-going'])).toMatchObject({ code: 1, 'bronze/south': 'skipped', 'silver/both': 'skipped' })
    expect(await rig.json('query', 'select (select count(*) from "bronze/north") as north, (select count(*) from "bronze/south") as south, (select count(*) from "silver/both") as both')).toMatchObject({ rows: [{ north: 4, south: 3, both: 6 }] })
  }
})

test('the daemon takes in what it can', async () => {
  shops().write('config/local.yaml', "sources:\n  dir: exports\nlayers: [landing, bronze, silver]\nschedules:\n  daily: { cron: '0 5 * * *', select: '*' }\n")
  rig.write('exports/south.csv', BROKEN)
  await rig.ask(['daemon', '--once', '--now', '2026-03-01T04:59:00Z'])
  expect(await rig.ask(['daemon', '--once', '--now', '2026-03-01T05:00:01Z'])).toMatchObject({ code: expect.any(Number) as number })
  expect(await rig.json('query', 'select count(*) as n from "bronze/north"')).toMatchObject({ rows: [{ n: 3 }] })
})

test('a retry makes what failed for another reason, and the source that still cannot be taken in fails again', async () => {
  shops().write('exports/south.csv', BROKEN)
  const north = BRONZE('north')
  rig.write('assets/bronze/north.ts', north.replace('return conform(this.raw, contract)', "return sql`select error('no room') as oops, * from (${conform(this.raw, contract)})`").replace('conform, type', 'conform, sql, type'))
  expect(await endings(['materialize', '--keep-going'])).toMatchObject({ code: 1, 'landing/south': 'failed: landing/malformed-file', 'landing/north': 'materialized', 'bronze/south': 'skipped', 'silver/both': 'skipped' })
  rig.write('assets/bronze/north.ts', north)
  const { code, out } = await rig.ask(['retry', '--dry-run', '--json'])
  expect([code, (JSON.parse(out) as { steps: { key: string }[] }).steps.map(({ key }) => key).sort()]).toEqual([0, ['bronze/north', 'bronze/south', 'landing/south', 'silver/both']])
  expect(await endings(['retry'])).toEqual({ code: 1, 'landing/south': 'failed: landing/malformed-file', 'bronze/north': 'materialized', 'bronze/south': 'skipped', 'silver/both': 'skipped' })
  rig.write('exports/south.csv', ORDERS)
  expect(await endings(['retry'])).toEqual({ code: 0, 'landing/south': 'materialized', 'bronze/south': 'materialized', 'silver/both': 'materialized' })
})
