import { join } from 'node:path'
import { lineageOfQueries, type LineageOutcome } from '../graph/column-lineage-batch.ts'
import type { QueryLineage, ShadowTable } from '../graph/column-lineage-data.ts'
import type { LineageSession } from '../graph/column-lineage-shadow.ts'
import { Cache } from './cache.ts'
import type { ProjectFrame } from './frame.ts'

/** The column lineage of all SQL assets, from the cache where nothing that it hangs on has changed. */
export async function projectLineage({ graph, queries, contracts, services, cacheFolder }: Pick<ProjectFrame, 'graph' | 'queries' | 'contracts' | 'services' | 'cacheFolder'>, session: LineageSession): Promise<ReadonlyMap<string, LineageOutcome>> {
  const tables: ShadowTable[] = graph.keys.flatMap(key => {
    const definition = graph.get(key)
    if (definition.kind === 'files') return [{ name: key, columns: [...(contracts.get(definition.contract ?? '')?.columns ?? []).map(({ name }) => ({ name, type: 'VARCHAR' })), ...LANDING_COLUMNS] }]
    if (definition.kind !== 'rows') return []
    const body = definition.body(services)
    return body.kind === 'rows' ? [{ name: key, columns: Object.entries(body.columns).map(([name, type]) => ({ name, type })) }] : []
  })
  const cache = new Cache<QueryLineage>(join(cacheFolder, 'column-lineage.json'))
  const outcomes = await lineageOfQueries(
    session,
    queries.map(({ definition, text, holes, parsed }) => ({ name: definition.key, sql: text, reads: holes, logic: parsed.ok ? parsed.canonical : undefined })),
    tables,
    { cache },
  )
  cache.save()
  return outcomes
}

/** What every landed row has besides its file's columns. */
const LANDING_COLUMNS = [{ name: '_proc_date', type: 'DATE' }, { name: '_source_file', type: 'VARCHAR' }, { name: '_source_row', type: 'BIGINT' }]
