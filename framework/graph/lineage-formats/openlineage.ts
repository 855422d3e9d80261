import { inOrder } from '../lineage.ts'
import { columnRef, type LineageGraph, type LineageNode } from '../lineage-graph.ts'
import { Facets, type DatasetName, type Facet, type SourceEdge } from './openlineage-facets.ts'
import { oneLine } from './visible-text.ts'

export interface OpenLineageOptions {
  /** The namespace of the jobs: the project. */
  readonly namespace: string
  /** How a table is called outside: where the lake lies, and the path in it. */
  readonly dataset: (key: string) => DatasetName
  /** When this was so. */
  readonly at: Date
  /** A URI. */
  readonly producer?: string | undefined
}

/** A job or a table as it is declared, without a run: OpenLineage's JobEvent and DatasetEvent. */
export type StaticEvent = { readonly eventTime: string; readonly producer: string; readonly schemaURL: string } & (
  | { readonly job: { readonly namespace: string; readonly name: string; readonly facets: FacetMap }; readonly inputs: readonly EventDataset[]; readonly outputs: readonly EventDataset[] }
  | { readonly dataset: EventDataset }
)

export interface EventDataset extends DatasetName {
  readonly facets: FacetMap
}

type FacetMap = Readonly<Record<string, Facet>>

/** One event for each asset, each on a line of its own: a job that reads and writes, or a table that comes from outside. */
export const openLineage = (graph: LineageGraph, options: OpenLineageOptions): string => openLineageEvents(graph, options).map(event => `${JSON.stringify(event)}\n`).join('')

/** The same as data. */
export function openLineageEvents(graph: LineageGraph, { namespace, dataset, at, producer = 'urn:varve' }: OpenLineageOptions): StaticEvent[] {
  const { nodes, edges, columnEdges } = inOrder(graph)
  const facets = new Facets(producer)
  const byKey = new Map(nodes.map(node => [node.key, node]))
  const owners = new Map(nodes.flatMap(node => (node.columns ?? []).map(({ name }) => [columnRef(node.key, name), { node, name }])))
  const sources = new Map<LineageNode, SourceEdge[]>()
  for (const { from, to, relation, kind, masked } of columnEdges ?? []) {
    const source = owners.get(from)!
    const target = owners.get(to)!
    const known = sources.get(target.node) ?? []
    sources.set(target.node, known)
    known.push({ dataset: dataset(source.node.key), field: source.name, to: target.name, relation, kind, masked })
  }
  const readsOf = new Map<string, LineageNode[]>()
  for (const { from, to } of edges) readsOf.set(to, [...(readsOf.get(to) ?? []), byKey.get(from)!])
  const said = (definition: string) => ({ eventTime: at.toISOString(), producer, schemaURL: `https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/${definition}` })

  return nodes.map((node): StaticEvent => {
    const reads = readsOf.get(node.key) ?? []
    if (reads.length === 0) return { ...said('DatasetEvent'), dataset: described(node) }
    const into = sources.get(node) ?? []
    const lineage = { ...(columnEdges && { columnLineage: facets.columnLineage(node, into) }), lineage: facets.lineage(node, reads.map(({ key }) => dataset(key)), into) }
    return {
      ...said('JobEvent'),
      job: { namespace, name: node.key, facets: { jobType: facets.jobType(node.kind) } },
      inputs: reads.map(described),
      outputs: [{ ...described(node), facets: { ...described(node).facets, ...lineage } }],
    }
  })

  function described({ key, description, columns = [] }: LineageNode): EventDataset {
    return {
      ...dataset(key),
      facets: {
        ...(columns.length > 0 && { schema: facets.schema(columns) }),
        ...(description !== undefined && { documentation: facets.documentation(oneLine(description)) }),
        ...(columns.some(({ tags }) => tags.length > 0) && { tags: facets.tags(columns) }),
      },
    }
  }
}
