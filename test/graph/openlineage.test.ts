import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import type { ColumnEdge, LineageGraph } from '../../framework/graph/lineage-graph.ts'
import { openLineage, openLineageEvents, type StaticEvent } from '../../framework/graph/lineage-formats/openlineage.ts'
import { withoutColumns } from '../../framework/graph/lineage.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'

const SCHEMAS = new URL('../../../shared/openlineage/', import.meta.url)
const options = { namespace: 'shop', dataset: (key: string) => ({ namespace: 's3://lake', name: `tables/${key}` }), at: new Date('2026-03-01T12:00:00Z') }

const edge = (from: string, to: string, relation: ColumnEdge['relation'], kind: ColumnEdge['kind'], masked = false): ColumnEdge => ({ from, to, relation, kind, masked })
const graph: LineageGraph = {
  nodes: [
    { key: 'bronze/people', layer: 'bronze', kind: 'row', description: 'One row\n per person.', columns: [{ name: 'id', type: 'INTEGER', tags: [] }, { name: 'email', type: 'VARCHAR', tags: ['pii'] }] },
    { key: 'silver/contacts', layer: 'silver', kind: 'sql', columns: [{ name: 'id', type: 'INTEGER', tags: [] }, { name: 'mail', type: 'VARCHAR', tags: [] }] },
  ],
  edges: [{ from: 'bronze/people', to: 'silver/contacts' }],
  columnEdges: [
    edge('bronze/people.id', 'silver/contacts.id', 'value', 'identity'),
    edge('bronze/people.email', 'silver/contacts.mail', 'value', 'transformation', true),
    edge('bronze/people.email', 'silver/contacts.id', 'rowset', 'qualify'),
    edge('bronze/people.email', 'silver/contacts.mail', 'rowset', 'qualify'),
    edge('bronze/people.id', 'silver/contacts.mail', 'rowset', 'window'),
  ],
}

describe('OpenLineage', () => {
  it('tells of a table from outside as a dataset, and of an asset as a job', () => {
    const [people, contacts] = openLineageEvents(graph, options)
    expect(people).toMatchObject({ eventTime: '2026-03-01T12:00:00.000Z', dataset: { namespace: 's3://lake', name: 'tables/bronze/people', facets: { documentation: { description: 'One row per person.' }, tags: { tags: [{ key: 'pii', value: 'true', field: 'email' }] } } } })
    expect(contacts).toMatchObject({ job: { namespace: 'shop', name: 'silver/contacts', facets: { jobType: { jobType: 'SQL' } } }, inputs: [{ name: 'tables/bronze/people' }], outputs: [{ name: 'tables/silver/contacts' }] })
  })

  it('says of each column where it comes from, and once for all what decides on the rows', () => {
    const [, contacts] = openLineageEvents(graph, options) as [StaticEvent, Extract<StaticEvent, { job: object }>]
    const { columnLineage, lineage } = contacts.outputs[0]!.facets
    const from = { namespace: 's3://lake', name: 'tables/bronze/people' }
    expect(columnLineage).toMatchObject({
      dataset: [{ ...from, field: 'email', transformations: [{ type: 'INDIRECT', subtype: 'FILTER', description: 'qualify', masking: false }] }],
      fields: {
        id: { inputFields: [{ ...from, field: 'id', transformations: [{ type: 'DIRECT', subtype: 'IDENTITY', description: 'identity', masking: false }] }] },
        mail: { inputFields: [
          { ...from, field: 'email', transformations: [{ type: 'DIRECT', subtype: 'TRANSFORMATION', description: 'transformation', masking: true }] },
          { ...from, field: 'id', transformations: [{ type: 'INDIRECT', subtype: 'WINDOW', description: 'window', masking: false }] },
        ] },
      },
    })
    expect(lineage).toMatchObject({ inputs: [{ ...from, type: 'DATASET' }, { ...from, field: 'email', type: 'DATASET' }], fields: { id: { inputs: [{ field: 'id', type: 'DATASET' }] } } })
  })

  it('is one event a line', () => {
    const lines = openLineage(graph, options).trimEnd().split('\n')
    expect(lines.map(line => JSON.parse(line) as unknown)).toEqual(JSON.parse(JSON.stringify(openLineageEvents(graph, options))))
  })

  it.skipIf(!existsSync(SCHEMAS))('is valid by its schemas, core and each facet (skipped where ../shared is not there)', () => {
    const validator = new Ajv2020({ strict: false, allErrors: true })
    addFormats.default(validator)
    const read = (path: string) => JSON.parse(readFileSync(new URL(path, SCHEMAS), 'utf8')) as { $id: string }
    for (const file of ['OpenLineage.json', ...readdirSync(new URL('facets/', SCHEMAS)).map(file => `facets/${file}`)]) validator.addSchema(read(file))
    const hostile: LineageGraph = {
      nodes: HOSTILE_NAMES.map(name => ({ key: name, layer: name, kind: name, description: name, columns: [{ name, type: name, tags: [name] }] })),
      edges: HOSTILE_NAMES.slice(1).map(name => ({ from: HOSTILE_NAMES[0]!, to: name })),
      columnEdges: HOSTILE_NAMES.slice(1).map(name => edge(`${HOSTILE_NAMES[0]}.${HOSTILE_NAMES[0]}`, `${name}.${name}`, 'rowset', 'unknown')),
    }
    let facets = 0
    for (const event of [graph, withoutColumns(graph), hostile].flatMap(each => openLineageEvents(each, options))) {
      const plain = JSON.parse(JSON.stringify(event)) as Record<string, never> & { schemaURL: string }
      expect([validator.validate(plain.schemaURL, plain), validator.errors]).toEqual([true, null])
      expect(validator.validate(plain.schemaURL, { ...plain, eventTime: 'soon' })).toBe(false)
      for (const { schema, facet } of facetsIn(plain)) {
        expect([validator.validate(schema, facet), schema, validator.errors]).toEqual([true, schema, null])
        facets += 1
      }
    }
    expect(facets).toBeGreaterThan(500)
  })
})

function facetsIn(value: unknown): { schema: string; facet: object }[] {
  if (typeof value !== 'object' || value === null) return []
  const { _schemaURL: schema } = value as { _schemaURL?: string }
  return [...(schema === undefined ? [] : [{ schema, facet: value }]), ...Object.values(value).flatMap(facetsIn)]
}
