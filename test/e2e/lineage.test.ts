import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CliRig, CONTRACT } from './cli-rig.ts'

const tagged = { ...CONTRACT, columns: CONTRACT.columns.map(column => (column.name === 'customer' ? { ...column, tags: ['pii:name'] } : column)) }

let rig: CliRig
beforeAll(() => {
  rig = new CliRig()
})
afterAll(() => rig.remove())

describe('varve lineage', () => {
  it('shows the path of one column both ways, or so many steps', async () => {
    const { nodes, columnEdges } = await rig.json('lineage', '--column', 'gold/spending.spent', '--up', '1')
    expect(nodes).toEqual([
      { key: 'bronze/orders', layer: 'bronze', columns: [{ name: 'customer', type: 'VARCHAR', tags: [] }, { name: 'amount', type: 'DECIMAL(18,2)', tags: [] }] },
      { key: 'gold/spending', layer: 'gold', columns: [{ name: 'spent', type: 'DECIMAL(38,2)', tags: [] }] },
    ])
    expect(columnEdges).toEqual([
      { from: 'bronze/orders.amount', to: 'gold/spending.spent', relation: 'value', kind: 'aggregation', masked: false },
      { from: 'bronze/orders.customer', to: 'gold/spending.spent', relation: 'rowset', kind: 'group_by', masked: false },
    ])
    const { out } = await rig.ask(['lineage', '--column', 'gold/spending.spent'])
    expect(out.split('\n').map(line => line.trim().replaceAll(/ +/g, ' '))).toEqual(['column type is made of', 'landing/orders', 'amount varchar', 'bronze/orders', 'amount decimal(18,2) landing/orders.amount (transformation)', 'gold/spending', 'spent decimal(38,2) bronze/orders.amount (aggregation)', ''])
    expect((await rig.ask(['lineage', '--column', 'gold/spending.spend'])).code).toBe(2)
  })

  it('is written in each format, also to a file', async () => {
    const answers = await Promise.all(['mermaid', 'dot', 'graphml', 'gexf'].map(format => rig.ask(['lineage', '--columns', '--format', format])))
    expect(answers.map(({ code, out, err }) => [code, out.includes('spent'), err])).toEqual(answers.map(() => [0, true, '']))
    const { code, out, err } = await rig.ask(['lineage', '+gold/spending', '--format', 'html', '--columns', '--output', 'page.html'])
    expect([code, out, err]).toEqual([0, '', 'Wrote 3 assets to page.html.\n'])
    expect(readFileSync(join(rig.root, 'page.html'), 'utf8')).toMatch(/^<!doctype html>/i)
    const events = (await rig.ask(['lineage', '--format', 'openlineage', '--now', '2026-03-01T06:00:00Z'])).out.trimEnd().split('\n').map(line => JSON.parse(line) as { eventTime: string; outputs?: { namespace: string; name: string }[] })
    expect(events.map(({ eventTime }) => eventTime)).toEqual(events.map(() => '2026-03-01T06:00:00.000Z'))
    expect(events.flatMap(({ outputs = [] }) => outputs.map(({ namespace, name }) => [namespace, name]))).toContainEqual(['file', join(rig.lake, 'gold/spending')])
  })

  it('tells the lineage of a query that is in no asset, without a project', async () => {
    rig.write('query.sql', '-- what was sold\nselect upper(c.name) as name, sum(o.amount) as total from orders o join crm.customers c on c.id = o.customer where o.open group by all;\n')
    rig.write('tables.json', JSON.stringify({ orders: { customer: 'BIGINT', amount: 'DECIMAL(18,2)', open: 'BOOLEAN' }, 'crm.customers': { id: 'BIGINT', name: 'VARCHAR' } }))
    const { nodes, edges, columnEdges, complete } = await rig.json('lineage', '--sql-file', 'query.sql', '--schema', 'tables.json', '--format', 'json', '--mask', 'upper')
    expect([(nodes as { key: string }[]).map(({ key }) => key), edges, complete]).toEqual([['crm.customers', 'orders', 'query'], [{ from: 'crm.customers', to: 'query' }, { from: 'orders', to: 'query' }], true])
    expect((columnEdges as { relation: string }[]).filter(({ relation }) => relation === 'value')).toEqual([
      { from: 'crm.customers.name', to: 'query.name', relation: 'value', kind: 'transformation', masked: true },
      { from: 'orders.amount', to: 'query.total', relation: 'value', kind: 'aggregation', masked: false },
    ])
    rig.write('query.sql', 'create table sold (who) as select customer from orders; -- by whom')
    expect((await rig.json('lineage', '--sql-file', 'query.sql', '--schema', 'tables.json', '--format', 'json'))['columnEdges']).toMatchObject([{ from: 'orders.customer', to: 'query.who' }])
    for (const [text, count] of [['select 1; select 2', 'holds 2 queries'], ['-- nothing', 'holds no statement']]) {
      rig.write('query.sql', text!)
      expect(await rig.ask(['lineage', '--sql-file', 'query.sql', '--schema', 'tables.json'])).toMatchObject({ code: 2, err: expect.stringContaining(count!) })
    }
    rig.write('query.sql', 'set threads = 2;\ncreate view open_orders (who, much) as select customer, amount from orders where open;\nupdate crm.customers as c set name = upper(o.much::varchar) from open_orders o where o.who = c.id;')
    expect((await rig.json('lineage', '--sql-file', 'query.sql', '--schema', 'tables.json', '--format', 'json'))['columnEdges']).toEqual([
      { from: 'crm.customers.id', to: 'query.name', relation: 'rowset', kind: 'filter', masked: false },
      { from: 'orders.amount', to: 'query.name', relation: 'value', kind: 'transformation', masked: false },
      { from: 'orders.customer', to: 'query.name', relation: 'rowset', kind: 'filter', masked: false },
      { from: 'orders.open', to: 'query.name', relation: 'rowset', kind: 'filter', masked: false },
    ])
    rig.write('query.sql', 'create view open_orders as from orders;\n\nselect customer,\n  nobody from open_orders')
    expect((await rig.ask(['lineage', '--sql-file', 'query.sql', '--schema', 'tables.json'])).err).toContain('(line 4, column 3)')
    rig.write('query.sql', 'select nobody from orders')
    const refused = await rig.ask(['lineage', '--sql-file', 'query.sql', '--schema', 'tables.json', '--json'])
    expect([refused.code, JSON.parse(refused.out)]).toMatchObject([2, { error: { code: 'graph/query-does-not-bind' } }])
    expect((await rig.ask(['lineage', '--sql-file', 'query.sql'])).code).toBe(2)
    expect((await rig.ask(['lineage', '--sql-file', 'query.sql', '--schema', 'absent.json'])).err).toContain('There is no file absent.json')
  })

  it('is checked for continuous integration: ends with 1 where a query does not bind', async () => {
    expect(await rig.json('lineage', '--check')).toEqual({ version: 1, ok: true, assets: 4, findings: [] })
    rig.write('assets/gold/days.ts', readFileSync(join(rig.root, 'assets/gold/days.ts'), 'utf8').replace('select updated as day', 'select updatd as day'))
    const { code, out } = await rig.ask(['lineage', '--check', '--json'])
    expect([code, JSON.parse(out)]).toMatchObject([1, { ok: false, findings: [{ code: 'graph/query-does-not-bind', key: 'gold/days', fails: true }] }])
  })

  it('and every command refuses personal data that gold would show', async () => {
    rig.write('config/schema_definitions/shop_orders.json', JSON.stringify(tagged))
    const { code, err } = await rig.ask(['plan'])
    expect([code, err]).toEqual([2, expect.stringContaining('Personal data (pii:name) reaches gold/spending.customer unmasked: landing/orders.customer -> bronze/orders.customer -> gold/spending.customer')])
  })
})
