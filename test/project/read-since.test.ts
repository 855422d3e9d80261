import { rmSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { module, type ProjectRig } from '../rig/project-rig.ts'
import { shop } from '../rig/shop.ts'

let rig: ProjectRig
afterEach(() => rig.remove())

const BRONZE = module('Asset, SqlAsset, Upstream, conform, merge, type QueryContext', `
import { Landed } from '../landing/shop_orders'
@Asset({ key: 'bronze/shop_orders', contract: 'shop_orders_bronze', write: merge({ on: ['order_id'] }) })
export class Bronze extends SqlAsset {
  @Upstream(() => Landed) readonly raw!: Landed
  query({ contract }: QueryContext) { return conform(this.raw, contract) }
}`)
const SILVER = (query = 'select order_id, upper(trim(customer)) as customer, amount, updated, _cast_failed from ${this.raw}', checks = 'castable(), notNull(\'amount\', { onFail: \'quarantine\' })', write = 'merge({ on: [\'order_id\'], newerBy: \'updated\' })') => module('Asset, SqlAsset, Upstream, append, castable, expression, merge, notNull, recent, sql', `
import { Bronze } from '../bronze/shop_orders'
@Asset({ key: 'silver/orders', write: ${write}, checks: [${checks}] })
export class Orders extends SqlAsset {
  @Upstream(() => Bronze) readonly raw!: Bronze
  query() { return sql\`${query}\` }
}`)

const begin = (silver = SILVER(), config = '') => shop({ 'orders.csv': file(FIRST) }, { 'assets/bronze/shop_orders.ts': BRONZE, 'assets/silver/orders.ts': silver, 'config/local.yaml': `sources: { dir: exports }\n${config}` })
const file = (rows: Readonly<Record<string, string>>) => `id,customer,amount,updated\n${Object.entries(rows).map(([id, rest]) => `${id},${rest}\n`).join('')}`
const FIRST = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`o${i}`, `ann ${i},${i},2026-03-01`]))
const exported = (rows: Readonly<Record<string, string>>) => rig.write('exports/orders.csv', file(rows))
const run = (more: Parameters<ProjectRig['run']>[1] = {}) => rig.run([], { now: new Date('2026-03-05T06:00:00Z'), ...more })
const silver = ({ steps }: Awaited<ReturnType<ProjectRig['run']>>) => steps.find(({ asset }) => asset === 'silver/orders')!
const table = () => rig.rows('select * from "silver/orders" order by order_id')

describe.each([['files that are written anew', ''], ['deletion vectors', 'tables: { layers: { bronze: { profile: modern }, silver: { profile: modern } } }\n']])('a table whose rows come of single rows, over %s', (_, config) => {
  it('reads what came since it was made, and comes to what it would by reading all', async () => {
    rig = begin(SILVER(), config)
    expect(silver(await run()).counts).toMatchObject({ rowsIn: 40, accepted: 40 })
    exported({ ...FIRST, o3: 'bob,33,2026-03-04', o7: 'no amount,,2026-03-04', o99: 'new,1,2026-03-04' })
    expect(silver(await run()).counts).toMatchObject({ rowsIn: 3, accepted: 2, rejected: 1 })
    const made = await table()
    expect(made.filter(row => ['o3', 'o7', 'o99'].includes(String(row['order_id']))).map(row => row['customer'])).toEqual(['BOB', 'ANN 7', 'NEW'])
    const all = silver(await run({ force: true }))
    expect([all.counts, await table()]).toMatchObject([{ rowsIn: 41, rowsOut: 0, accepted: 40, rejected: 1 }, made])
  })

  it('comes to the same after any history of changes', async () => {
    rig = begin(SILVER(), config)
    await run()
    const known: Record<string, string> = { ...FIRST }
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    for (let day = 2; day < 8; day += 1) {
      for (let n = random(6); n >= 0; n -= 1) known[`o${random(50)}`] = `c${random(5)},${random(9) === 0 ? '' : random(100)},2026-03-0${1 + random(day)}`
      exported(known)
      await run()
      const made = await table()
      await rig.run(['silver/orders'], { force: true })
      expect(await table()).toEqual(made)
    }
  })
})

describe('all is read', () => {
  const rowsIn = async (silverNow: string | undefined, change: () => void = () => undefined) => {
    await run()
    if (silverNow !== undefined) rig.write('assets/silver/orders.ts', silverNow)
    change()
    exported({ ...FIRST, o1: 'bob,1,2026-03-04' })
    return silver(await run()).counts?.rowsIn
  }

  it.each([
    ['where other promises take rows out', undefined, SILVER(undefined, 'castable(), notNull(\'customer\', { onFail: \'quarantine\' })')],
    ['where the logic changed', undefined, SILVER('select order_id, lower(customer) as customer, amount, updated, _cast_failed from ${this.raw}')],
    ['where rows are looked at together', SILVER('select order_id, customer, amount, updated, _cast_failed, count(*) over () as n from ${this.raw}'), undefined],
    ['where the moment is asked for', SILVER('select order_id, customer, amount, updated, _cast_failed, current_date as day from ${this.raw}'), undefined],
    ['where what takes rows out asks for the moment', SILVER(undefined, 'castable(), expression(\'not of the future\', sql`updated <= current_date`, { onFail: \'quarantine\' })'), undefined],
    ['where what takes rows out asks how old they are', SILVER(undefined, 'castable(), recent(\'updated\', { days: 90 }, { onFail: \'quarantine\' })'), undefined],
    ['where the key is made', SILVER('select lower(order_id) as order_id, customer, amount, updated, _cast_failed from ${this.raw}'), undefined],
    ['where the key is another', SILVER('select customer as order_id, customer, amount, updated, _cast_failed from ${this.raw}'), undefined],
  ])('%s', async (_, first, second) => {
    rig = begin(first)
    expect(await rowsIn(second)).toBe(40)
  })

  it('where the upstream was made anew under its old numbers', async () => {
    rig = begin()
    expect(await rowsIn(undefined, () => {
      rmSync(join(rig.lake, 'bronze/shop_orders'), { recursive: true })
      for (const name of readdirSync(rig.root)) if (name.startsWith('state')) rmSync(join(rig.root, name))
    })).toBe(40)
  })
})

it('a table that keeps the first of each key reads what came since, too', async () => {
  rig = begin(SILVER('select * from ${this.raw}', 'castable()', 'append({ key: [\'order_id\'] })'))
  await run()
  exported({ ...FIRST, o3: 'bob,33,2026-03-04', o99: 'new,1,2026-03-04' })
  expect(silver(await run()).counts).toMatchObject({ rowsIn: 2, rowsOut: 1, accepted: 1, deduplicated: 1 })
  expect(silver(await run({ force: true })).counts).toMatchObject({ rowsIn: 41, rowsOut: 0, deduplicated: 41 })
})
