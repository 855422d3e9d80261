import { afterEach, describe, expect, it } from 'vitest'
import type { CheckResult } from '../../framework/vocabulary/check-result.ts'
import { module, type ProjectRig } from '../rig/project-rig.ts'
import { shop } from '../rig/shop.ts'

let rig: ProjectRig
afterEach(() => rig.remove())

const CHECKS = `
  primaryKey('order_id'), notNull('customer', { severity: 'warn' }), between('amount', { max: 90 }, { severity: 'warn' }), between('amount', { max: 95 }, { severity: 'warn', where: sql\`customer is not null\` }),
  oneOf('customer', ['ann 0', 'ann 1', 'ann 2', 'ann 3', 'ann 4'], { severity: 'warn' }), matches('customer', /ann \\d/, { severity: 'warn' }), maxLength('customer', 5, { severity: 'warn' }),
  expression('an amount is even or small', sql\`amount % 2 = 0 or amount < 80\`, { severity: 'warn' }), expression('it is not the only one', sql\`amount <= (select 97)\`, { severity: 'warn' }),
  unique(['customer', 'amount'], { severity: 'warn' }), primaryKey(['customer', 'updated', 'amount'], { severity: 'warn' }), unique('amount', { severity: 'warn', where: sql\`amount > 60\` }),
  between('order_id', { min: 'o1' }, { severity: 'warn', tolerance: { warn: { rows: 3 } } })`
const silver = (write: string, checks = CHECKS) => module('Asset, SqlAsset, Upstream, between, expression, matches, maxLength, merge, notNull, oneOf, primaryKey, sql, unique', `
import { Bronze } from '../bronze/shop_orders'
@Asset({ key: 'silver/orders', ${write} checks: [${checks}] })
export class Orders extends SqlAsset {
  @Upstream(() => Bronze) readonly raw!: Bronze
  query() {
    return sql\`
      select order_id, nullif(customer, 'nobody') as customer, amount, updated
      from (select order_id, customer, amount, updated from \${this.raw} where _proc_date = (select max(_proc_date) from \${this.raw})) as delivered
      qualify row_number() over (partition by order_id order by updated desc, amount, customer) = 1\`
  }
}`)

type Rows = Readonly<Record<string, string>>
const text = (rows: Rows) => `id,customer,amount,updated\n${Object.entries(rows).map(([id, rest]) => `${id},${rest}\n`).join('')}`
const FIRST: Rows = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`o${i}`, `ann ${i % 5},${i * 2},2026-03-01`]))
const begin = (write: string, config: string) => shop({ 'orders.csv': text(FIRST) }, { 'assets/silver/orders.ts': silver(write), 'config/local.yaml': `sources: { dir: exports }\ntables: { partsFrom: 1, layers: { ${config} } }\n` })

let day = 5
const run = async (selection: string[] = []) => (await rig.run(selection, { now: new Date(Date.UTC(2026, 2, (day += 1), 6)) })).steps.find(({ asset }) => asset === 'silver/orders')!
const told = (results: readonly CheckResult[]) => Object.fromEntries(results.map(({ check, passed, failingRows, of, error, sample }) => [check, { passed, failingRows, of, error, sample: (sample ?? []).length }]))
const byHand = async () => told((await rig.with(project => project.check(['silver/orders'])))[0]!.results)

const MODERN = 'bronze: { profile: modern }, silver: { profile: modern }'

describe.each([
  ['a table that is made as a whole, of deletion vectors', '', MODERN],
  ['a table that is merged, of deletion vectors', 'write: merge({ on: [\'order_id\'] }),', MODERN],
  ['files that are written anew', '', ''],
])('what checks say of %s', (_, write, config) => {
  it('is what a look at the whole table says, whatever its rows did before', async () => {
    rig = begin(write, config)
    expect(told((await run()).checks)).toEqual(await byHand())
    let known: Record<string, string> = { ...FIRST }
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % below
    }
    const seen = new Set<string>()
    for (let round = 0; round < 9; round += 1) {
      // Every third round breaks nothing, so that promises are kept again and can be broken anew.
      for (let n = 1 + random(3); n > 0; n -= 1) {
        const id = `o${random(34)}`
        known[id] = round % 3 === 2 ? (FIRST[id] ?? `ann 1,${100 - random(20) * 5},2026-03-09`) : `${random(4) === 0 ? 'nobody' : `ann ${random(7)}`},${random(100)},2026-03-0${1 + random(8)}`
      }
      if (round % 3 === 2) known = { ...FIRST }
      if (random(3) === 0) known = Object.fromEntries(Object.entries(known).filter(([id]) => id !== `o${random(30)}`))
      rig.write('exports/orders.csv', text(known))
      const step = await run()
      expect(told(step.checks)).toEqual(await byHand())
      for (const { check, failingRows } of step.checks) if (failingRows > 0) seen.add(check)
    }
    expect(seen.size).toBeGreaterThan(6)
  })
})

describe('a promise that is new, or that was not kept', () => {
  it('is held to the whole table', async () => {
    rig = begin('', MODERN)
    rig.write('assets/silver/orders.ts', silver('', `primaryKey('order_id'), between('amount', { max: 1000 }, { severity: 'warn' })`))
    await run()
    rig.write('assets/silver/orders.ts', silver('', `primaryKey('order_id'), between('amount', { max: 20 }, { severity: 'warn' })`))
    rig.write('exports/orders.csv', text({ ...FIRST, o1: 'ann 1,3,2026-03-02' }))
    const failing = async () => (await run()).checks.map(({ failingRows }) => failingRows)
    expect(await failing()).toEqual([0, 19])
    rig.write('exports/orders.csv', text({ ...FIRST, o1: 'ann 1,5,2026-03-02' }))
    expect(await failing()).toEqual([0, 19])
  })
})
