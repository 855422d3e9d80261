import fc from 'fast-check'
import { expect, it } from 'vitest'
import { inOrder } from '../../framework/graph/lineage.ts'
import type { ColumnEdge, LineageGraph } from '../../framework/graph/lineage-graph.ts'
import { packed, unpacked } from '../../framework/graph/packed-lineage.ts'

const KINDS: readonly Pick<ColumnEdge, 'relation' | 'kind'>[] = [
  ...(['identity', 'transformation', 'aggregation'] as const).map(kind => ({ relation: 'value' as const, kind })),
  ...(['join', 'filter', 'group_by', 'having', 'qualify', 'distinct', 'window', 'sort_limit', 'set_operation', 'unnest', 'unknown'] as const).map(kind => ({ relation: 'rowset' as const, kind })),
]

/** Up to eight assets with up to four columns, and edges of every kind between any of them, doubles among them. */
const graphs = fc.uniqueArray(fc.tuple(fc.stringMatching(/^(silver|gold)\/[a-z]{1,2}$/), fc.uniqueArray(fc.constantFrom('x', 'Y', 'z.z', 'ü'), { maxLength: 4 }), fc.boolean()), { selector: ([key]) => key, minLength: 1, maxLength: 8 }).chain(assets => {
  const keys = assets.map(([key]) => key)
  const columns = assets.flatMap(([key, names]) => names.map(name => `${key}.${name}`))
  const between = (names: readonly string[]) => (names.length === 0 ? fc.constant([]) : fc.array(fc.record({ from: fc.constantFrom(...names), to: fc.constantFrom(...names) }), { maxLength: 40 }))
  return fc.record({ edges: between(keys), columnEdges: between(columns).chain(edges => fc.tuple(...edges.map(edge => fc.record({ kind: fc.constantFrom(...KINDS), masked: fc.boolean() }).map(({ kind, masked }): ColumnEdge => ({ ...edge, ...kind, masked }))))) })
    .map(({ edges, columnEdges }): LineageGraph => ({
      nodes: assets.map(([key, names, told]) => ({ key, layer: key.split('/')[0]!, ...(told && { kind: 'sql', description: `What ${key} is.` }), columns: names.map(name => ({ name, type: 'INTEGER', tags: told ? ['pii'] : [] })) })),
      edges, columnEdges,
    }))
})

it('a packed graph comes back as it was', () => {
  fc.assert(fc.property(graphs, graph => {
    expect(unpacked(JSON.parse(JSON.stringify(packed(graph))))).toEqual(graph)
    const { columnEdges: _none, ...tables } = graph
    expect(unpacked(packed(tables))).toEqual(tables)
  }))
})

it('a graph in order has each edge once, sorted by its ends, its relation, its kind and its mask', () => {
  const word = ({ from, to, relation, kind, masked }: ColumnEdge) => [from, to, relation, kind, String(masked)]
  const sorted = (words: readonly string[][]) => words.toSorted((a, b) => a.reduce((order, part, i) => order || (part < b[i]! ? -1 : part > b[i]! ? 1 : 0), 0))
  fc.assert(fc.property(graphs, graph => {
    const ordered = inOrder(graph)
    const once = [...new Map(graph.columnEdges!.map(edge => [JSON.stringify(word(edge)), word(edge)])).values()]
    expect(ordered.columnEdges!.map(word)).toEqual(sorted(once))
    expect(inOrder(ordered)).toEqual(ordered)
  }))
})

it('an edge at a column that no node lists is a bug of the caller', () => {
  expect(() => packed({ nodes: [{ key: 'a', layer: 'a', columns: [] }], edges: [], columnEdges: [{ from: 'a.x', to: 'a.x', relation: 'value', kind: 'identity', masked: false }] })).toThrow('an edge at a.x')
})
