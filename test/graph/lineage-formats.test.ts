import { execFileSync, spawnSync } from 'node:child_process'
import { MultiDirectedGraph } from 'graphology'
import parseGexf from 'graphology-gexf'
import parseGraphml from 'graphology-graphml'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ColumnEdge, LineageGraph } from '../../framework/graph/lineage-graph.ts'
import { LINEAGE_FORMATS, lineageText } from '../../framework/graph/lineage-formats/format.ts'
import { visibleText } from '../../framework/graph/lineage-formats/visible-text.ts'
import { withoutColumns } from '../../framework/graph/lineage.ts'
import { parseDot } from './dot-grammar.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'

const small: LineageGraph = {
  nodes: [
    { key: 'silver/orders', layer: 'silver', kind: 'sql', description: 'One row per order,\n  as <it> stands & "now".', columns: [{ name: 'id', type: 'BIGINT', tags: [] }, { name: 'total', type: 'DECIMAL(18,2)', tags: [] }] },
    { key: 'bronze/orders', layer: 'bronze', columns: [{ name: 'id', type: 'VARCHAR', tags: [] }, { name: 'email', type: 'VARCHAR', tags: ['pii', 'contact'] }] },
  ],
  edges: [{ from: 'bronze/orders', to: 'silver/orders' }],
  columnEdges: [
    { from: 'bronze/orders.id', to: 'silver/orders.id', relation: 'value', kind: 'transformation', masked: false },
    { from: 'bronze/orders.email', to: 'silver/orders.id', relation: 'rowset', kind: 'group_by', masked: true },
  ],
}

/** Each hostile name as a key, a column, a layer, a type, a tag, a kind and a description. */
const hostile: LineageGraph = {
  nodes: HOSTILE_NAMES.map(name => ({ key: name, layer: name, kind: name, description: name, columns: [{ name, type: name, tags: [name] }] })),
  edges: HOSTILE_NAMES.slice(1).map((name, i) => ({ from: HOSTILE_NAMES[i]!, to: name })),
  columnEdges: HOSTILE_NAMES.slice(1).map((name, i): ColumnEdge => ({ from: `${HOSTILE_NAMES[i]}.${HOSTILE_NAMES[i]}`, to: `${name}.${name}`, relation: i % 2 ? 'rowset' : 'value', kind: i % 2 ? 'sort_limit' : 'identity', masked: i % 3 === 0 })),
}

describe('every format', () => {
  it.each(LINEAGE_FORMATS)('%s does not depend on the order in which nodes and edges were found, nor on doubles', format => {
    const turned: LineageGraph = { nodes: small.nodes.toReversed(), edges: [...small.edges, ...small.edges], columnEdges: small.columnEdges!.toReversed() }
    expect(lineageText(turned, format)).toBe(lineageText(small, format))
  })

  it.each(LINEAGE_FORMATS)('%s of an empty graph is a document', format => {
    expect(lineageText({ nodes: [], edges: [] }, format)).not.toBe('')
  })

  it('refuses an edge that ends outside of the graph', () => {
    expect(() => lineageText({ nodes: [], edges: [{ from: 'a', to: 'b' }] }, 'dot')).toThrow('The lineage edge a -> b ends outside of the graph')
    expect(() => lineageText({ ...small, columnEdges: [{ ...small.columnEdges![0]!, from: 'bronze/orders.no' }] }, 'dot')).toThrow('ends in a column that no node lists')
  })
})

describe('JSON', () => {
  it('is the graph itself', () => {
    const { nodes, edges, columnEdges } = small
    expect(JSON.parse(lineageText(small, 'json'))).toEqual({ nodes: nodes.toReversed(), edges, columnEdges: columnEdges!.toReversed() })
    expect(JSON.parse(lineageText(withoutColumns(small), 'json'))).toEqual({ nodes: nodes.toReversed().map(({ columns: _columns, ...node }) => node), edges })
  })

  it('keeps every name as it is', () => {
    const read = JSON.parse(lineageText(hostile, 'json')) as LineageGraph
    expect(new Set(read.nodes.map(({ key }) => key))).toEqual(new Set(HOSTILE_NAMES))
  })
})

describe.each([['GEXF', 'gexf', parseGexf.parse], ['GraphML', 'graphml', parseGraphml.parse]] as const)('%s', (_, format, parse) => {
  const read = (graph: LineageGraph) => parse(MultiDirectedGraph, lineageText(graph, format))

  it('holds tables, columns and both kinds of edges with their attributes', () => {
    const graph = read(small)
    expect(graph.nodes().toSorted()).toEqual(['bronze/orders', 'bronze/orders.email', 'bronze/orders.id', 'silver/orders', 'silver/orders.id', 'silver/orders.total'])
    expect(graph.getNodeAttributes('silver/orders')).toMatchObject({ label: 'silver/orders', type: 'asset', layer: 'silver', kind: 'sql', description: 'One row per order, as <it> stands & "now".' })
    expect(graph.getNodeAttributes('bronze/orders.email')).toMatchObject({ label: 'email', type: 'column', layer: 'bronze', asset: 'bronze/orders', dataType: 'VARCHAR', tags: 'pii, contact' })
    expect(graph.mapEdges((_, { relation, kind, masked }, from, to) => ({ from, to, relation, kind, masked }))).toEqual([
      { from: 'bronze/orders', to: 'silver/orders', relation: 'reads', kind: undefined, masked: undefined },
      { from: 'bronze/orders.email', to: 'silver/orders.id', relation: 'rowset', kind: 'group_by', masked: true },
      { from: 'bronze/orders.id', to: 'silver/orders.id', relation: 'value', kind: 'transformation', masked: false },
    ])
  })

  it('without columns holds tables only', () => {
    const graph = read(withoutColumns(small))
    expect([graph.order, graph.size]).toEqual([2, 1])
  })

  it('brings hostile names back, with what XML cannot hold made visible', () => {
    const graph = read(hostile)
    expect([graph.order, graph.size]).toEqual([2 * HOSTILE_NAMES.length, 2 * (HOSTILE_NAMES.length - 1)])
    const labels = new Set(graph.mapNodes((_, { label }) => (label as string | undefined) ?? '').map(label => label.trim()))
    expect(labels).toEqual(new Set(HOSTILE_NAMES.map(name => visibleText(name).trim())))
  })
})

describe('DOT', () => {
  it('draws a cluster per layer and the columns as ports', () => {
    const { clusters, nodes, edges } = parseDot(lineageText(small, 'dot'))
    expect(clusters).toEqual(['bronze', 'silver'])
    expect(nodes).toEqual(['bronze/orders', 'silver/orders'])
    expect(edges).toEqual([
      { from: 'bronze/orders', to: 'silver/orders' },
      { from: 'bronze/orders', fromPort: 'c1', to: 'silver/orders', toPort: 'c0' },
      { from: 'bronze/orders', fromPort: 'c0', to: 'silver/orders', toPort: 'c0' },
    ])
  })

  it('keeps hostile names apart and whole', () => {
    const { nodes, edges } = parseDot(lineageText(hostile, 'dot'))
    expect(new Set(nodes)).toEqual(new Set(HOSTILE_NAMES.map(visibleText)))
    expect(edges).toHaveLength(2 * (HOSTILE_NAMES.length - 1))
  })

  it.skipIf(spawnSync('dot', ['-V']).error)('is accepted by Graphviz (skipped where it is not installed)', () => {
    for (const graph of [small, hostile, withoutColumns(hostile)]) {
      const drawn = JSON.parse(execFileSync('dot', ['-Tjson'], { input: lineageText(graph, 'dot'), encoding: 'utf8' })) as { objects: { name: string }[]; edges: unknown[] }
      expect(drawn.objects.length).toBeGreaterThan(graph.nodes.length)
    }
  })
})

describe('Mermaid', () => {
  let parse: (text: string) => Promise<{ vertices: { text: string }[]; edges: unknown[]; boxes: { title: string }[] }>

  beforeAll(async () => {
    // The parser asks the sanitiser of a browser page about each label. There is no page here, and nothing is shown.
    const { default: purify } = await import('dompurify')
    Object.assign(purify, { addHook: () => {}, sanitize: (text: string) => text })
    const { default: mermaid } = await import('mermaid')
    mermaid.initialize({ maxTextSize: 10_000_000, maxEdges: 100_000 })
    parse = async text => {
      const { db } = (await mermaid.mermaidAPI.getDiagramFromText(text)) as unknown as { db: { getVertices(): Map<string, { text: string }>; getEdges(): unknown[]; getSubGraphs(): { title: string }[] } }
      return {
        vertices: [...db.getVertices().values()].map(vertex => ({ text: readable(vertex.text) })),
        edges: db.getEdges(),
        boxes: db.getSubGraphs().map(({ title }) => ({ title: readable(title) })),
      }
    }
  })

  it('draws a box per layer, and with columns a box per table', async () => {
    expect((await parse(lineageText(withoutColumns(small), 'mermaid'))).vertices).toEqual([{ text: 'bronze/orders' }, { text: 'silver/orders' }])
    const { vertices, boxes, edges } = await parse(lineageText(small, 'mermaid'))
    expect(vertices.map(({ text }) => text).filter(text => text.includes(': '))).toEqual(['id: VARCHAR', 'email: VARCHAR', 'id: BIGINT', 'total: DECIMAL(18,2)'])
    expect(boxes.map(({ title }) => title).toSorted()).toEqual(['bronze', 'bronze/orders', 'silver', 'silver/orders'])
    expect(edges).toHaveLength(3)
  })

  it('brings hostile names back', async () => {
    const names = new Set(HOSTILE_NAMES.map(name => visibleText(name).trim()))
    const { vertices, boxes } = await parse(lineageText(withoutColumns(hostile), 'mermaid'))
    expect(new Set(vertices.map(({ text }) => text.trim()))).toEqual(names)
    expect(new Set(boxes.map(({ title }) => title.trim()))).toEqual(names)
    expect((await parse(lineageText(hostile, 'mermaid'))).edges).toHaveLength(2 * (HOSTILE_NAMES.length - 1))
  })
})

/** Mermaid keeps entities in a form of its own until it draws. */
const readable = (shown: string): string => shown.replaceAll(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code)))
