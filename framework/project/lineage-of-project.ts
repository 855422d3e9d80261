import { columnsAddedBy } from '../definition/write-mode.ts'
import type { LineageOutcome } from '../graph/column-lineage-batch.ts'
import type { LineageOfColumn, QueryLineage } from '../graph/column-lineage-data.ts'
import { lineageOfAssets, type LineageAsset } from '../graph/lineage-of-assets.ts'
import type { LineageColumn, LineageGraph } from '../graph/lineage-graph.ts'
import { layerOf, type AssetKey } from '../vocabulary/asset-key.ts'
import { declaredColumns, declaredTags, type LineageFrame } from './column-lineage-of-project.ts'

/** The whole project down to the columns, each with the tags that its contract gives it. */
export function columnGraph(frame: LineageFrame, outcomes: ReadonlyMap<string, LineageOutcome>): LineageGraph {
  const known = new Map<AssetKey, readonly LineageColumn[]>()
  return lineageOfAssets(frame.graph.keys.map((key): LineageAsset => {
    const asset = assetOf(key, frame, outcomes.get(key), known)
    known.set(key, asset.columns)
    return asset
  }))
}

function assetOf(key: AssetKey, frame: LineageFrame, outcome: LineageOutcome | undefined, known: ReadonlyMap<AssetKey, readonly LineageColumn[]>): LineageAsset & { readonly columns: readonly LineageColumn[] } {
  const definition = frame.graph.get(key)
  const reads = frame.graph.upstreamKeysOf(key)
  const tags = declaredTags(definition, frame.contracts.get(definition.contract ?? ''))
  const tagged = ({ name, type }: { readonly name: string; readonly type: string }): LineageColumn => ({ name, type, tags: tags.get(name) ?? [] })
  const head = { key, layer: layerOf(key), kind: definition.kind, description: definition.description, reads }
  switch (definition.kind) {
    case 'sql': {
      const lineage = outcome?.type === 'known' ? outcome.lineage : undefined
      const found = lineage?.columns.length ? lineage.columns : (declaredColumns(definition, frame) ?? [])
      const masked = new Set((lineage?.columns ?? []).filter(allMasked).map(({ name }) => name))
      const columns = found.map(tagged).map(column => (masked.has(column.name) ? { ...column, tags: [] } : column))
      return { ...head, columns: [...columns, ...columnsAddedBy(definition.write).map(tagged)], lineage }
    }
    case 'publish': {
      const columns = new Map(reads.flatMap(read => known.get(read) ?? []).map(({ name, type }) => [name, { name, type, tags: tags.get(name) ?? [] }]))
      return { ...head, columns: [...columns.values()], lineage: copied(reads, known, columns) }
    }
    case 'rows':
    case 'spark':
    case 'files':
    case 'external': {
      const columns = (declaredColumns(definition, frame) ?? []).map(tagged)
      return { ...head, columns, lineage: definition.lineage && declared(definition.lineage, columns) }
    }
  }
}

/** Every value that goes in is masked on the way: then the contract's word on a column of this name is about another. */
const allMasked = ({ from }: LineageOfColumn): boolean => from.length > 0 && from.every(({ masked }) => masked)

/** A sink shows what it reads, column by column. */
function copied(reads: readonly AssetKey[], known: ReadonlyMap<AssetKey, readonly LineageColumn[]>, columns: ReadonlyMap<string, LineageColumn>): Pick<QueryLineage, 'columns' | 'rowset'> {
  const has = (read: AssetKey, column: string) => known.get(read)?.some(({ name }) => name === column)
  return {
    columns: [...columns.values()].map(({ name, type }) => ({ name, type, from: reads.filter(read => has(read, name)).map(table => ({ table, column: name, kind: 'identity', masked: false })) })),
    rowset: [],
  }
}

/** As the author says what TypeScript makes a column of. */
function declared(lineage: Readonly<Record<string, readonly string[]>>, columns: readonly LineageColumn[]): Pick<QueryLineage, 'columns' | 'rowset'> {
  const from = (column: string) => (lineage[column] ?? []).map(ref => ({ table: ref.slice(0, ref.lastIndexOf('.')), column: ref.slice(ref.lastIndexOf('.') + 1), kind: 'transformation' as const, masked: false }))
  return { columns: columns.map(({ name, type }) => ({ name, type, from: from(name) })), rowset: [] }
}
