import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { columnPath } from '../../framework/graph/lineage.ts'
import type { LineageGraph } from '../../framework/graph/lineage-graph.ts'
import type { LineageFinding } from '../../framework/project/lineage-findings.ts'
import { inProject } from './platform-rig.ts'

let whole: LineageGraph
let findings: readonly LineageFinding[]
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varve-platform-'))
  ;[whole, findings] = await inProject(folder, 1, async project => [await project.columnLineage(), await project.checkLineage()])
  rmSync(folder, { recursive: true, force: true })
})

const valuesInto = (column: string) => (whole.columnEdges ?? []).filter(({ to, relation }) => to === column && relation === 'value').map(({ from, kind, masked }) => `${from} ${kind}${masked ? ' masked' : ''}`).sort()
const pathTo = (column: string) => columnPath(whole, column, { down: 0 }, ['value']).nodes.flatMap(({ key, columns = [] }) => columns.map(({ name }) => `${key}.${name}`)).sort()

describe('the lineage of the platform', () => {
  it('has every asset, bound to its last operator, with edges up the layers only [OBS-L-1]', () => {
    expect(findings).toEqual([])
    const rank = ['landing', 'bronze', 'silver', 'gold', 'features', 'serve']
    const layers = new Map(whole.nodes.map(({ key, layer }) => [key, rank.indexOf(layer)]))
    expect(whole.edges.filter(({ from, to }) => layers.get(from)! > layers.get(to)!)).toEqual([])
    expect(whole.nodes.filter(({ key, columns = [] }) => columns.length === 0 || whole.edges.every(({ from, to }) => from !== key && to !== key))).toEqual([])
  })

  it('tells of each column of customer_360 where it comes from [OBS-L-2]', () => {
    expect(Object.fromEntries(['customer_id', 'full_name', 'email', 'account_name', 'total_orders', 'lifetime_value_usd', 'last_event_at', 'pipeline_usd'].map(name => [name, valuesInto(`gold/customer_360.${name}`)]))).toEqual({
      customer_id: ['silver/customers.customer_id identity'],
      full_name: ['silver/customers.first_name transformation masked', 'silver/customers.last_name transformation masked'],
      email: ['silver/customers.email transformation masked'],
      account_name: ['silver/crm_accounts.account_name identity'],
      total_orders: [],
      lifetime_value_usd: ['silver/orders_usd.amount_usd aggregation'],
      last_event_at: ['silver/behavior.event_ts aggregation', 'silver/order_events.event_ts aggregation', 'silver/user_actions.event_ts aggregation'],
      pipeline_usd: ['silver/crm_opportunities.amount_usd aggregation'],
    })
    expect(pathTo('gold/customer_360.email')).toEqual(['bronze/snowflake_customers.email', 'gold/customer_360.email', 'landing/snowflake_customers.email', 'silver/customers.email'])
  })

  it('lets no personal data into gold unmasked [GOV-PII-4]', () => {
    const tagged = (layer: string) => whole.nodes.filter(node => node.layer === layer).flatMap(({ key, columns = [] }) => columns.flatMap(({ name, tags }) => (tags.some(tag => tag.startsWith('pii')) ? [`${key}.${name}`] : [])))
    expect(tagged('gold')).toEqual([])
    expect(tagged('silver')).toContain('silver/customers.email')
    expect(tagged('landing')).toContain('landing/crm_contacts.MobilePhone')
  })
})
