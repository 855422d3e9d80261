import type { ColumnEdge, LineageColumn, LineageNode } from '../lineage-graph.ts'

/** How OpenLineage calls a table: for a lake in S3 the bucket and the path in it. */
export interface DatasetName {
  readonly namespace: string
  readonly name: string
}

/** A facet as it stands in an event: who says it, by which schema, and what. */
export type Facet = Readonly<Record<string, unknown>> & { readonly _producer: string; readonly _schemaURL: string }

/** An edge whose upper end has been found. */
export interface SourceEdge extends Pick<ColumnEdge, 'relation' | 'kind' | 'masked'> {
  readonly dataset: DatasetName
  readonly field: string
  /** The column that it leads to. */
  readonly to: string
}

/** The facets of OpenLineage that tell of a table and of where its columns come from. `producer` is a URI. */
export class Facets {
  constructor(readonly producer: string) {}

  schema(columns: readonly LineageColumn[]): Facet {
    return this.facet('1-2-0/SchemaDatasetFacet', { fields: columns.map(({ name, type }, i) => ({ name, type, ordinal_position: i + 1 })) })
  }

  documentation(description: string): Facet {
    return this.facet('1-1-0/DocumentationDatasetFacet', { description, contentType: 'text/markdown' })
  }

  /** The columns' tags, and the table's own. */
  tags(columns: readonly LineageColumn[], own: readonly string[] = []): Facet {
    const tagged = (tag: string) => ({ key: tag, value: 'true', source: 'VARVE' })
    return this.facet('1-0-0/TagsDatasetFacet', { tags: [...own.map(tagged), ...columns.flatMap(({ name, tags }) => tags.map(tag => ({ ...tagged(tag), field: name })))] })
  }

  jobType(kind: string | undefined): Facet {
    return this.facet('2-0-4/JobTypeJobFacet', { processingType: 'BATCH', integration: 'VARVE', jobType: (kind ?? 'asset').toUpperCase() })
  }

  columnLineage(node: LineageNode, edges: readonly SourceEdge[]): Facet {
    const { whole, fields } = sorted(node, edges)
    return this.facet('1-2-0/ColumnLineageDatasetFacet', {
      fields: Object.fromEntries([...fields].map(([name, sources]) => [name, { inputFields: sources.map(inputField) }])),
      dataset: whole.map(inputField),
    })
  }

  /** What supersedes columnLineage; both are sent while readers of both are about. */
  lineage(node: LineageNode, reads: readonly DatasetName[], edges: readonly SourceEdge[]): Facet {
    const { whole, fields } = sorted(node, edges)
    const typed = (source: Source) => ({ ...inputField(source), type: 'DATASET' })
    return this.facet('1-0-0/LineageFacet', {
      inputs: [...reads.map(({ namespace, name }) => ({ namespace, name, type: 'DATASET' })), ...whole.map(typed)],
      fields: Object.fromEntries([...fields].map(([name, sources]) => [name, { inputs: sources.map(typed) }])),
    }, 'LineageDatasetFacet')
  }

  protected facet(schema: string, body: object, definition = schema.slice(schema.indexOf('/') + 1)): Facet {
    return { _producer: this.producer, _schemaURL: `https://openlineage.io/spec/facets/${schema}.json#/$defs/${definition}`, ...body }
  }
}

/** A source column with all its holds on one column, or on the whole table. */
interface Source {
  readonly dataset: DatasetName
  readonly field: string
  readonly transformations: readonly Transformation[]
}

interface Transformation {
  readonly type: 'DIRECT' | 'INDIRECT'
  readonly subtype?: string | undefined
  readonly description: string
  readonly masking: boolean
}

const inputField = ({ dataset: { namespace, name }, field, transformations }: Source) => ({ namespace, name, field, transformations })

/** What decides on the rows for every column is said once, of the whole table. */
function sorted({ columns = [] }: LineageNode, edges: readonly SourceEdge[]): { whole: Source[]; fields: Map<string, Source[]> } {
  const reached = new Map<string, Set<string>>()
  const sameHold = ({ dataset, field, relation, kind, masked }: SourceEdge) => JSON.stringify([dataset.namespace, dataset.name, field, relation, kind, masked])
  for (const edge of edges) reached.set(sameHold(edge), (reached.get(sameHold(edge)) ?? new Set()).add(edge.to))
  const isWhole = (edge: SourceEdge) => edge.relation === 'rowset' && reached.get(sameHold(edge))!.size === columns.length
  const whole = new Map(edges.filter(isWhole).map(edge => [sameHold(edge), edge]))
  const own = new Map<string, SourceEdge[]>(columns.map(({ name }) => [name, []]))
  for (const edge of edges) if (!isWhole(edge)) own.get(edge.to)?.push(edge)
  return { whole: together([...whole.values()]), fields: new Map([...own].map(([name, into]) => [name, together(into)])) }
}

function together(edges: readonly SourceEdge[]): Source[] {
  const sources = new Map<string, Source>()
  for (const edge of edges) {
    const key = JSON.stringify([edge.dataset.namespace, edge.dataset.name, edge.field])
    const { transformations } = sources.get(key) ?? { transformations: [] }
    sources.set(key, { dataset: edge.dataset, field: edge.field, transformations: [...transformations, transformation(edge)] })
  }
  return [...sources.values()]
}

function transformation({ relation, kind, masked }: SourceEdge): Transformation {
  const subtype = SUBTYPES[kind]
  return { type: relation === 'value' ? 'DIRECT' : 'INDIRECT', ...(subtype !== undefined && { subtype }), description: kind.replace('_', ' '), masking: masked }
}

/** OpenLineage has fewer words than we; the description keeps ours. */
const SUBTYPES: Readonly<Record<ColumnEdge['kind'], string | undefined>> = {
  identity: 'IDENTITY', transformation: 'TRANSFORMATION', aggregation: 'AGGREGATION',
  join: 'JOIN', filter: 'FILTER', group_by: 'GROUP_BY', having: 'FILTER', qualify: 'FILTER', distinct: 'GROUP_BY', window: 'WINDOW', sort_limit: 'SORT', set_operation: 'FILTER', unnest: 'JOIN', unknown: undefined,
}
