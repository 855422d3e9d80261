import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { compareContracts } from '../../framework/definition/contract-changes.ts'
import type { Contract, ContractColumn } from '../../framework/definition/contract.ts'
import { contractHistory } from '../../framework/project/contract-history.ts'
import { module, type ProjectRig } from '../rig/project-rig.ts'
import { contract, shop } from '../rig/shop.ts'

let rig: ProjectRig | undefined
afterEach(() => rig?.remove())

const column = (name: string, changes: Partial<ContractColumn> = {}): ContractColumn => ({ name, type: 'varchar', required: false, tags: [], ...changes })
const version = (version: string, columns: readonly ContractColumn[], primaryKey = ['a']): Contract => ({ name: 'x', version, source: 's', table: 't', primaryKey, columns })
const compared = (before: readonly ContractColumn[], after: readonly ContractColumn[], to = '1.0.0', key = ['a']) => {
  const { changes, needs, ok } = compareContracts(version('1.0.0', before), version(to, after, key))
  return [changes.map(({ change, column, breaking }) => `${change} ${column ?? ''}${breaking ? '!' : ''}`.trim()), needs, ok]
}

describe('two versions of a contract', () => {
  const A = [column('a', { required: true }), column('b', { type: 'bigint' })]

  it('[Q11-c] [Q11-b] differ compatibly by a column that may be missing, and break by one that is required', () => {
    expect(compared(A, [...A, column('c')])).toEqual([['column-added c'], 'minor', true])
    expect(compared(A, [...A, column('c', { required: true })])).toEqual([['column-added c!'], 'major', false])
    expect(compared(A, [...A, column('c', { required: true })], '1.9.0')).toEqual([['column-added c!'], 'major', false])
    expect(compared(A, [...A, column('c', { required: true })], '2.0.0')).toEqual([['column-added c!'], 'major', true])
  })

  it('[Q11-b] break by what makes a query mean something else, unless the major version says so', () => {
    expect(compared(A, [A[0]!, column('b', { type: 'varchar' })])).toEqual([['type-changed b!'], 'major', false])
    expect(compared(A, [A[0]!])).toEqual([['column-removed b!'], 'major', false])
    expect(compared(A, [A[0]!, column('b', { type: 'bigint', as: 'c' })])).toEqual([['table-name-changed b!'], 'major', false])
    expect(compared(A, [A[0]!, column('b', { type: 'bigint', required: true })])).toEqual([['became-required b!'], 'major', false])
    expect(compared(A, A, '1.0.0', ['b'])).toEqual([['key-changed !'], 'major', false])
    expect(compared(A, [column('a'), A[1]!])).toEqual([['became-optional a'], 'minor', true])
    expect(compared(A, A.map(each => ({ ...each, description: 'now' })))).toEqual([[], 'patch', true])
    expect(compared(A, A)).toEqual([[], 'none', true])
    expect(compared(A, [A[0]!], '0.9.0')).toEqual([['column-removed b!'], 'major', false])
  })

  it('are equal to themselves, and what breaks one way round or the other is never silent', () => {
    const columns = fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), type: fc.constantFrom('varchar', 'bigint'), required: fc.boolean(), tags: fc.constant([]) }), { selector: ({ name }) => name, minLength: 1 })
    fc.assert(fc.property(columns, columns, (before, after) => {
      const there = compareContracts(version('1.0.0', before), version('1.0.0', after))
      const back = compareContracts(version('1.0.0', after), version('1.0.0', before))
      expect(compareContracts(version('1.0.0', before), version('1.0.0', before)).needs).toBe('none')
      // A column that came or went is gone on one of the two ways.
      const differs = before.length !== after.length || before.some(one => !after.some(other => JSON.stringify(one) === JSON.stringify(other)))
      const onlyOrder = !differs
      expect(there.changes.length === 0 && back.changes.length === 0).toBe(onlyOrder)
      if (!onlyOrder) expect(there.breaking || back.breaking).toBe(true)
    }))
  })
})

describe('contracts under version control', () => {
  it('[Q11-b] are held against HEAD, or against a file', async () => {
    rig = shop({ 'orders.csv': 'id,customer\n1,ann\n' })
    const git = (...words: string[]) => execFileSync('git', ['-C', rig!.root, '-c', 'user.name=x', '-c', 'user.email=x@example.com', ...words], { stdio: 'ignore' })
    await expect(contractHistory(rig.root, [])).rejects.toMatchObject({ code: 'project/no-history' })
    git('init', '-q')
    git('add', 'config')
    git('commit', '-qm', 'first')
    rig.write('config/schema_definitions/shop_refunds_bronze.json', contract({ name: 'shop_refunds_bronze', table: 'refunds' }))
    rig.write('old.json', contract())
    rig.write('config/schema_definitions/shop_orders_bronze.json', contract({ columns: JSON.parse(contract().replace('decimal(18,2)', 'bigint')).columns }))
    const found = await contractHistory(rig.root, [])
    expect(found.map(({ name, before, ok, changes }) => [name, before, ok, changes.map(({ detail }) => detail)])).toEqual([['shop_orders_bronze', '1.0.0', false, ['amount was decimal(18,2) and is bigint']], ['shop_refunds_bronze', null, true, []]])
    expect(await contractHistory(rig.root, ['shop_orders_bronze'], join(rig.root, 'old.json'))).toEqual([found[0]])
    await expect(contractHistory(rig.root, ['shop_order_bronze'])).rejects.toMatchObject({ code: 'project/unknown-contract', hint: 'Did you mean shop_orders_bronze?' })
    await expect(contractHistory(rig.root, [], join(rig.root, 'old.json'))).rejects.toMatchObject({ code: 'project/one-contract-only' })
  })
})

describe('docs/guides/change-a-contract.md', () => {
  it('[Q11-d] leads from one table to its second version, with the first readable and what read it switched in one step', async () => {
    rig = shop({ 'orders.csv': 'id,customer,amount,updated\n1,ann,10.50,2026-03-01\n' })
    expect((await rig.run([], { now: new Date('2026-03-05T06:00:00Z') })).ok).toBe(true)
    rig.write('config/schema_definitions/shop_orders_v2_bronze.json', contract({ name: 'shop_orders_v2_bronze', table: 'orders_v2', version: '2.0.0', columns: JSON.parse(contract().replace('decimal(18,2)', 'bigint')).columns }))
    const edit = async (path: string, change: (text: string) => string) => {
      const { readFileSync } = await import('node:fs')
      rig!.write(path, change(readFileSync(join(rig!.root, path), 'utf8')))
    }
    await edit('assets/landing/shop_orders.ts', text => text.replace('shop_orders_bronze', 'shop_orders_v2_bronze'))
    rig.write('assets/bronze/shop_orders.ts', module('Asset, ExternalAsset', `
      @Asset({ key: 'bronze/shop_orders' })
      export class OrdersV1 extends ExternalAsset {
        readonly location = 'lake/bronze/shop_orders'
        readonly format = 'delta'
      }`))
    rig.write('assets/bronze/shop_orders_v2.ts', module('Asset, SqlAsset, Upstream, conform, overwritePartition, sql, type QueryContext', `
      import { Landed } from '../landing/shop_orders'
      import { OrdersV1 } from './shop_orders'
      @Asset({ key: 'bronze/shop_orders_v2', contract: 'shop_orders_v2_bronze', write: overwritePartition({ by: ['_proc_date'] }) })
      export class OrdersV2 extends SqlAsset {
        @Upstream(() => Landed) readonly raw!: Landed
        @Upstream(() => OrdersV1) readonly before!: OrdersV1
        query({ contract }: QueryContext) {
          return sql\`
            \${conform(this.raw, contract, [sql\`_proc_date\`])}
            union all by name
            select * replace ((amount * 100)::bigint as amount)
            from \${this.before}\`
        }
      }`))
    await edit('assets/silver/orders.ts', text => text.replaceAll('../bronze/shop_orders', '../bronze/shop_orders_v2').replaceAll('Bronze', 'OrdersV2'))
    rig.write('exports/orders.csv', 'id,customer,amount,updated\n1,ann,1250,2026-03-06\n2,bob,300,2026-03-06\n')
    expect((await rig.run([], { now: new Date('2026-03-06T06:00:00Z') })).ok).toBe(true)
    expect(await rig.rows('select _proc_date, order_id, amount::integer as amount from "bronze/shop_orders_v2" order by all')).toEqual([
      { _proc_date: '2026-03-05', order_id: '1', amount: 1050 }, { _proc_date: '2026-03-06', order_id: '1', amount: 1250 }, { _proc_date: '2026-03-06', order_id: '2', amount: 300 },
    ])
    expect([await rig.rows('select order_id, amount from "bronze/shop_orders"'), await rig.rows('select order_id, amount::integer as amount from "silver/orders" order by 1')]).toEqual([
      [{ order_id: '1', amount: '10.50' }], [{ order_id: '1', amount: 1250 }, { order_id: '2', amount: 300 }],
    ])
  })
})
