import { describe, expect, it } from 'vitest'
import { around, columnPath, NotInLineage, withoutColumns } from '../../framework/graph/lineage.ts'
import type { ColumnEdge, LineageGraph } from '../../framework/graph/lineage-graph.ts'

/** a → b → c → e, a → d → e; d reads a's `x` only to filter. */
const graph: LineageGraph = {
  nodes: ['a', 'b', 'c', 'd', 'e'].map(key => ({ key, layer: 'silver', columns: ['x', 'y'].map(name => ({ name, type: 'INTEGER', tags: [] })) })),
  edges: [['a', 'b'], ['b', 'c'], ['c', 'e'], ['a', 'd'], ['d', 'e']].map(([from, to]) => ({ from: from!, to: to! })),
  columnEdges: [value('a.x', 'b.x'), value('a.y', 'b.y'), value('b.x', 'c.x'), value('c.x', 'e.x'), rowset('a.x', 'd.x'), rowset('a.x', 'd.y'), value('a.y', 'd.y'), value('d.y', 'e.y')],
}

function value(from: string, to: string): ColumnEdge {
  return { from, to, relation: 'value', kind: 'identity', masked: false }
}

function rowset(from: string, to: string): ColumnEdge {
  return { from, to, relation: 'rowset', kind: 'filter', masked: false }
}

const keys = ({ nodes }: LineageGraph) => nodes.map(({ key }) => key).join('')
const columns = ({ nodes }: LineageGraph) => nodes.flatMap(({ key, columns = [] }) => columns.map(({ name }) => `${key}.${name}`))
const arrows = (edges: readonly { from: string; to: string }[]) => edges.map(({ from, to }) => `${from} ${to}`)

describe('what lies around assets', () => {
  it('reaches to both ends unless told how far', () => {
    expect(keys(around(graph, ['b']))).toBe('abce')
    expect(keys(around(graph, ['b'], { up: 0 }))).toBe('bce')
    expect(keys(around(graph, ['b'], { down: 1 }))).toBe('abc')
    expect(keys(around(graph, ['b', 'd'], { up: 0, down: 0 }))).toBe('bd')
    expect(keys(around(graph, ['e'], { up: 1 }))).toBe('cde')
  })

  it('keeps the edges, of columns too, between what it keeps', () => {
    const part = around(graph, ['c'], { up: 1, down: 0 })
    expect(arrows(part.edges)).toEqual(['b c'])
    expect(arrows(part.columnEdges!)).toEqual(['b.x c.x'])
    expect(around(withoutColumns(graph), ['c']).columnEdges).toBeUndefined()
  })

  it('ends on a cycle', () => {
    const cyclic = { ...withoutColumns(graph), edges: [{ from: 'a', to: 'b' }, { from: 'b', to: 'a' }] }
    expect(keys(around(cyclic, ['a']))).toBe('ab')
  })

  it('names what is near where a key is not there', () => {
    const orders = { nodes: [{ key: 'gold/orders', layer: 'gold' }], edges: [] }
    expect(() => around(orders, ['gold/order'])).toThrow(NotInLineage)
    expect(() => around(orders, ['gold/order'])).toThrow(expect.objectContaining({ code: 'graph/unknown-asset', hint: 'Did you mean gold/orders?' }))
  })
})

describe('the path of a column', () => {
  it('goes both ways, by values and by rows, and drops the columns and tables beside it', () => {
    const path = columnPath(graph, 'a.x')
    expect(columns(path)).toEqual(['a.x', 'b.x', 'c.x', 'd.x', 'd.y', 'e.x', 'e.y'])
    expect(arrows(path.columnEdges!)).toEqual(['a.x b.x', 'b.x c.x', 'c.x e.x', 'a.x d.x', 'a.x d.y', 'd.y e.y'])
  })

  it('by values alone leaves out what only decides on rows', () => {
    const path = columnPath(graph, 'a.x', {}, ['value'])
    expect(columns(path)).toEqual(['a.x', 'b.x', 'c.x', 'e.x'])
    expect(arrows(path.edges)).toEqual(['a b', 'b c', 'c e'])
  })

  it('does not come back down from what it went up to', () => {
    expect(columns(columnPath(graph, 'd.y', { down: 0 }, ['value']))).toEqual(['a.y', 'd.y'])
    expect(columns(columnPath(graph, 'b.x', { up: 1, down: 1 }))).toEqual(['a.x', 'b.x', 'c.x'])
  })

  it('of a column that nobody reads is the column alone', () => {
    expect(columnPath(graph, 'c.y')).toEqual({ nodes: [{ ...graph.nodes[2], columns: [{ name: 'y', type: 'INTEGER', tags: [] }] }], edges: [], columnEdges: [] })
  })

  it('names what is near where a column is not there', () => {
    expect(() => columnPath(graph, 'a.z')).toThrow(expect.objectContaining({ code: 'graph/unknown-column' }))
  })
})
