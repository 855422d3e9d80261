import { describe, expect, it } from 'vitest'
import { Database } from '../../framework/duckdb/database.ts'
import { queryLineage, type ShadowTable } from '../../framework/graph/column-lineage.ts'
import { lineageOfAssets, lineageOfStatement, type LineageAsset } from '../../framework/graph/lineage-of-assets.ts'
import { LINEAGE_FORMATS, lineageText } from '../../framework/graph/lineage-formats/format.ts'
import { unmaskedPaths } from '../../framework/graph/unmasked-paths.ts'

const people: LineageAsset = { key: 'bronze/people', layer: 'bronze', kind: 'row', description: 'One row per person.', reads: [], columns: [{ name: 'id', type: 'INTEGER', tags: [] }, { name: 'email', type: 'VARCHAR', tags: ['pii'] }] }
const contacts: LineageAsset = {
  key: 'silver/contacts', layer: 'silver', reads: ['bronze/people'],
  lineage: {
    columns: [
      { name: 'id', type: 'INTEGER', from: [{ table: 'bronze/people', column: 'id', kind: 'identity', masked: false }] },
      { name: 'email', type: 'VARCHAR', from: [{ table: 'bronze/people', column: 'email', kind: 'transformation', masked: false }] },
    ],
    rowset: [{ table: 'bronze/people', column: 'country', kind: 'filter', masked: false }, { table: 'bronze/people', column: 'id', kind: 'window', masked: false, only: ['id'] }],
  },
}
const mailings = (masked: boolean): LineageAsset => ({
  key: 'gold/mailings', layer: 'gold', reads: ['silver/contacts'],
  lineage: { columns: [{ name: 'address', type: 'VARCHAR', from: [{ table: 'silver/contacts', column: 'email', kind: 'transformation', masked }] }], rowset: [{ table: 'silver/contacts', column: 'email', kind: 'filter', masked: false }] },
})

describe('the lineage of assets', () => {
  it('has an edge from each column into each that it concerns', () => {
    const { nodes, edges, columnEdges } = lineageOfAssets([people, contacts])
    expect(edges).toEqual([{ from: 'bronze/people', to: 'silver/contacts' }])
    expect(columnEdges).toEqual([
      { from: 'bronze/people.id', to: 'silver/contacts.id', relation: 'value', kind: 'identity', masked: false },
      { from: 'bronze/people.email', to: 'silver/contacts.email', relation: 'value', kind: 'transformation', masked: false },
      { from: 'bronze/people.country', to: 'silver/contacts.id', relation: 'rowset', kind: 'filter', masked: false },
      { from: 'bronze/people.country', to: 'silver/contacts.email', relation: 'rowset', kind: 'filter', masked: false },
      { from: 'bronze/people.id', to: 'silver/contacts.id', relation: 'rowset', kind: 'window', masked: false },
    ])
    expect(nodes[0]).toEqual({ key: 'bronze/people', layer: 'bronze', kind: 'row', description: 'One row per person.', columns: [...people.columns!, { name: 'country', type: 'UNKNOWN', tags: [] }] })
    expect(nodes[1]!.columns).toEqual([{ name: 'id', type: 'INTEGER', tags: [] }, { name: 'email', type: 'VARCHAR', tags: [] }])
  })

  it('leaves out what no asset stands for', () => {
    expect(lineageOfAssets([contacts])).toMatchObject({ edges: [], columnEdges: [] })
  })

  it('is fit for every format', () => {
    for (const format of LINEAGE_FORMATS) expect(lineageText(lineageOfAssets([people, contacts, mailings(true)]), format)).toContain('gold/mailings')
  })
})

it('the lineage of a query in no asset names its result `query`', async () => {
  const database = await Database.open()
  const tables: ShadowTable[] = [{ name: 'shop.orders', path: ['shop', 'orders'], columns: [{ name: 'id', type: 'INTEGER' }, { name: 'total', type: 'DOUBLE' }] }, { name: 'unread', columns: [{ name: 'x', type: 'INTEGER' }] }]
  const lineage = await database.use(connection => queryLineage(connection, 'select sum(total) as turnover, count(*) as n from shop.orders;', tables))
  database.close()
  const graph = lineageOfStatement(lineage, tables)
  expect(graph.nodes.map(({ key, layer }) => `${layer} ${key}`)).toEqual(['shop shop.orders', 'query query'])
  expect(graph.columnEdges).toEqual([{ from: 'shop.orders.total', to: 'query.turnover', relation: 'value', kind: 'aggregation', masked: false }])
})

describe('tagged columns', () => {
  const isGold = (key: string) => key.startsWith('gold/')

  it('are followed to where they must not come, and the way there is told', () => {
    expect(unmaskedPaths(lineageOfAssets([people, contacts, mailings(false)]), 'pii', isGold)).toEqual([{ tag: 'pii', columns: ['bronze/people.email', 'silver/contacts.email', 'gold/mailings.address'] }])
  })

  it('are stopped by a mask or a waiver; to be filtered by is not to be shown', () => {
    expect(unmaskedPaths(lineageOfAssets([people, contacts, mailings(true)]), 'pii', isGold)).toEqual([])
    expect(unmaskedPaths(lineageOfAssets([people, contacts, mailings(false)]), 'pii', isGold, column => column === 'gold/mailings.address')).toEqual([])
    expect(unmaskedPaths(lineageOfAssets([people, contacts, mailings(false)]), 'secret', isGold)).toEqual([])
  })

  it('are found where they stand themselves, too', () => {
    const tagged: LineageAsset = { key: 'gold/people', layer: 'gold', reads: [], columns: [{ name: 'email', type: 'VARCHAR', tags: ['pii'] }] }
    expect(unmaskedPaths(lineageOfAssets([tagged]), 'pii', isGold)).toEqual([{ tag: 'pii', columns: ['gold/people.email'] }])
  })
})
