import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { CheckKnowledge } from '../execution/check-knowledge.ts'
import type { PersonalColumns } from '../execution/check-sample.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import { inheritedTags } from '../graph/inherited-tags.ts'
import type { LineageGraph } from '../graph/lineage-graph.ts'
import { NO_GUARANTEES, type QueryGuarantees } from '../graph/query-guarantees.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { columnGraph } from './lineage-of-project.ts'
import type { Parts } from './parts.ts'
import { isPersonal } from './personal-data.ts'
import type { ProjectLineage } from './project-lineage.ts'
import { passRateOf } from './pass-rates.ts'

/** What a project knows of its assets that promises are held with. */
export function checkKnowledge(parts: Parts, lineage: ProjectLineage): CheckKnowledge {
  const { frame } = parts
  const queries = new Map(frame.queries.map(({ definition, parsed }) => [definition.key, parsed]))
  let whole: Promise<LineageGraph> | undefined
  return {
    guarantees: definition => guaranteesOfTable(definition, queries.get(definition.key)),
    rowByRow: ({ key }) => {
      const parsed = queries.get(key)
      return parsed?.ok ? parsed.rowByRow : undefined
    },
    past: (asset, { name }, before = Infinity) => parts.eventLog().checkHistory(asset, name).flatMap(({ metric, tableVersion }) => (metric === undefined || tableVersion! >= before ? [] : [metric])),
    keptAt: (asset, version) => new Set(parts.eventLog().checkResults(asset).flatMap(({ check, tableVersion, passed, failingRows, error }) => (tableVersion === version && passed && failingRows === 0 && error === undefined ? [check] : []))),
    personal: async asset => {
      // Also what may be shown by the word of its author stays personal data.
      whole ??= lineage.outcomes().then(outcomes => inheritedTags(columnGraph(frame, outcomes), isPersonal))
      return personalColumns(await whole, frame.graph, asset)
    },
    leastPassRate: asset => passRateOf(frame.quality.passRates, asset),
  }
}

/** What the form of a query proves holds of its table where the query makes all of it. */
function guaranteesOfTable({ kind, write, partitions }: AssetDefinition, parsed: { readonly ok: boolean; readonly guarantees?: QueryGuarantees } | undefined): QueryGuarantees {
  return kind === 'sql' && write.mode === 'overwrite' && !partitions && parsed?.ok ? (parsed.guarantees ?? NO_GUARANTEES) : NO_GUARANTEES
}

function personalColumns({ nodes }: LineageGraph, graph: AssetGraph, asset: AssetKey): PersonalColumns {
  const found = new Map(nodes.map(({ key, columns = [] }) => [key, columns.filter(({ tags }) => tags.some(isPersonal)).map(({ name }) => name.toLowerCase())]))
  const upstreams = graph.upstreamKeysOf(asset)
  const read = upstreams.some(key => (found.get(key) ?? []).length > 0)
  const { kind, lineage } = graph.get(asset)
  const own = new Set(found.get(asset) ?? [])
  // What TypeScript makes of personal data, nobody can tell unless its author does.
  const known = kind === 'sql' || lineage !== undefined || !read
  return { own: known ? own : undefined, nowhere: own.size === 0 && !read }
}
