import { afterEach, expect, it } from 'vitest'
import { compareContracts } from '../../framework/definition/contract-changes.ts'
import type { AssetKey } from '../../framework/vocabulary/asset-key.ts'
import type { ProjectRig } from '../rig/project-rig.ts'
import { COLUMNS, contract, shop } from '../rig/shop.ts'

/** The shop's columns, some of them with more said. */
const columns = (more: Readonly<Record<string, object>>) => COLUMNS.map(column => ({ ...column, ...more[(column as { name: string }).name] }))
const CONTRACT = 'config/schema_definitions/shop_orders_bronze.json'

let rig: ProjectRig
const start = (more: Readonly<Record<string, object>>) => {
  rig = shop({ 'orders.csv': 'id,customer,amount,updated\no1,ann,1.50,2026-03-01\no2,,2,2026-03-01\no3,  ,,2026-03-02\no4,dan,,\no5,eve,much,2026-03-02\n' }, { [CONTRACT]: contract({ columns: columns(more) }) })
}
const orders = () => rig.rows('select order_id, customer, amount::varchar as amount, updated from "bronze/shop_orders" order by all')
afterEach(() => rig.remove())

it('[XF-BS-4] a contract says of each column what becomes of a row without its value: it is taken in, kept aside, or given a default, which is counted', async () => {
  start({ customer: { nullable: false }, amount: { default: 0.25 } })
  const { ok, steps } = await rig.run()
  expect(ok).toBe(true)
  expect(await orders()).toEqual([
    { order_id: 'o1', customer: 'ann', amount: '1.50', updated: '2026-03-01' },
    // A text of spaces is a text; of a number there is none in it.
    { order_id: 'o3', customer: '  ', amount: '0.25', updated: '2026-03-02' },
    { order_id: 'o4', customer: 'dan', amount: '0.25', updated: null },
    // What can't be read is not missing.
    { order_id: 'o5', customer: 'eve', amount: null, updated: '2026-03-02' },
  ])
  expect((await rig.with(project => project.quarantined('bronze/shop_orders' as AssetKey))).map(({ rules, row }) => [rules, row['order_id']])).toEqual([[['customer is never null'], 'o2']])
  const bronze = steps.find(({ asset }) => asset === 'bronze/shop_orders')!
  expect(bronze.counts).toMatchObject({ read: 5, accepted: 4, rejected: 1, deduplicated: 0 })
  expect(bronze.checks.filter(({ passed }) => !passed).map(({ check, severity, failingRows }) => [check, severity, failingRows])).toEqual([['customer is never null', 'warn', 1], ['nulls_defaulted: amount is given, else it is 0.25', 'warn', 2]])
})

it('a default of another type is refused, and so is one of a column that may not be NULL, both with their line', async () => {
  start({ amount: { default: 'none' }, updated: { default: '2026-02-30' }, customer: { default: 'x', nullable: false } })
  const refused = await rig.run().catch((error: Error) => error)
  expect(refused).toMatchObject({ message: expect.stringContaining('gives "amount" the default "none", which is no decimal(18,2).') as string })
  expect((refused as Error).message).toContain('gives "updated" the default "2026-02-30", which is no date.')
  expect((refused as Error).message).toContain('gives "customer" a default, so that it is never NULL, and says besides that it may not be.')
})

it('another policy is told by the comparison of contracts, and asks for a minor version', () => {
  const before = { version: '1.0.0', primaryKey: ['id'], columns: [{ name: 'id', type: 'varchar', required: true, tags: [] }, { name: 'kind', type: 'varchar', required: false, tags: [] }] }
  const after = { ...before, version: '1.1.0', columns: [before.columns[0]!, { ...before.columns[1]!, default: 'other' }] }
  expect(compareContracts(before, after)).toMatchObject({ breaking: false, needs: 'minor', changes: [{ change: 'null-policy-changed', column: 'kind', detail: 'a row without kind was taken in and is given "other"' }] })
})
