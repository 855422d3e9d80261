import { join } from 'node:path'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { Contract } from '../definition/contract.ts'
import { columnsAddedBy } from '../definition/write-mode.ts'
import { lineageOfQueries, type LineageOutcome } from '../graph/column-lineage-batch.ts'
import type { BoundColumn, QueryLineage } from '../graph/column-lineage-data.ts'
import type { LineageSession } from '../graph/column-lineage-shadow.ts'
import { Cache } from './cache.ts'
import type { ProjectFrame } from './frame.ts'

export type LineageFrame = Pick<ProjectFrame, 'graph' | 'queries' | 'contracts' | 'services' | 'cacheFolder' | 'config'>

/** The column lineage of all SQL assets, from the cache where nothing that it hangs on has changed. */
export async function projectLineage(frame: LineageFrame, session: LineageSession): Promise<ReadonlyMap<string, LineageOutcome>> {
  const { graph, queries, cacheFolder, config } = frame
  const declared = graph.keys.map(key => ({ definition: graph.get(key), columns: declaredColumns(graph.get(key), frame) }))
  const cache = new Cache<QueryLineage>(join(cacheFolder, 'column-lineage.json'))
  const used = new Set<string>()
  const outcomes = await lineageOfQueries(
    session,
    queries.map(({ definition, text, marked, holes, parsed }) => ({
      name: definition.key,
      sql: marked ?? text,
      reads: holes,
      logic: marked === undefined && parsed.ok ? parsed.canonical : undefined,
      adds: columnsAddedBy(definition.write),
    })),
    declared.flatMap(({ definition, columns }) => (columns ? [{ name: definition.key, columns }] : [])),
    {
      masks: config.pii.masks,
      cache: { get: key => cache.get(used.add(key) && key), set: (key, lineage) => cache.set(key, lineage) },
      shapeless: declared.flatMap(({ definition, columns }) => (columns || definition.kind === 'sql' ? [] : [definition.key])),
    },
  )
  cache.keep(used)
  cache.save()
  return outcomes
}

/** The columns of a table as its asset declares them, in the table's own names; nothing where the asset declares none. */
export function declaredColumns(definition: AssetDefinition, { contracts, services }: Pick<LineageFrame, 'contracts' | 'services'>): readonly BoundColumn[] | undefined {
  const contract = contracts.get(definition.contract ?? '')
  const columns = definition.columns && columnsOf(definition.columns)
  switch (definition.kind) {
    case 'files': return contract && [...contract.columns.map(({ name }) => ({ name, type: 'VARCHAR' })), ...LANDING_COLUMNS]
    case 'rows':
    case 'spark': {
      const body = definition.body(services)
      return body.kind === 'rows' || body.kind === 'spark' ? columnsOf(body.columns) : undefined
    }
    case 'external': return columns ?? (contract && columnsOf(Object.fromEntries(contract.columns.map(({ name, type }) => [name, type]))))
    case 'sql': return columns
    case 'publish': return undefined
  }
}

const columnsOf = (columns: Readonly<Record<string, string>>): BoundColumn[] => Object.entries(columns).map(([name, type]) => ({ name, type: /^[\w (),[\]]+$/.test(type) && !/^(struct|union|map|enum)/i.test(type) ? type.toUpperCase() : type }))

/** The tags that the contract gives a column of the asset's table. What is landed or observed has the source's names. */
export function declaredTags({ kind }: AssetDefinition, contract: Contract | undefined): ReadonlyMap<string, readonly string[]> {
  const asInSource = kind === 'files' || kind === 'external'
  return new Map((contract?.columns ?? []).map(({ name, as, tags = [] }) => [asInSource ? name : (as ?? name), tags]))
}

/** What every landed row has besides its file's columns. */
const LANDING_COLUMNS = [{ name: '_proc_date', type: 'DATE' }, { name: '_source_file', type: 'VARCHAR' }, { name: '_source_row', type: 'BIGINT' }]
