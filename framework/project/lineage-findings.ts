import type { LineageOutcome } from '../graph/column-lineage-batch.ts'
import type { LineageGraph } from '../graph/lineage-graph.ts'
import { layerOf, type AssetKey } from '../vocabulary/asset-key.ts'
import type { ExplainedError } from '../vocabulary/errors.ts'
import type { LineageFrame } from './column-lineage-of-project.ts'
import { unmaskedPersonalData } from './personal-data.ts'

/** Something that makes the lineage less than whole, or that it shows to be wrong. */
export interface LineageFinding {
  readonly code: 'graph/edge-down-the-layers' | 'graph/query-does-not-bind' | 'graph/reads-what-does-not-bind' | 'graph/not-understood' | 'graph/unknown-columns' | 'graph/undeclared-lineage' | 'project/unmasked-personal-data'
  /** Where it shows. */
  readonly asset: AssetKey
  readonly message: string
  /** Whether it makes the check fail; else it is only said. */
  readonly fails: boolean
}

/** What is to be said of the project's lineage, in the graph's order. */
export function lineageFindings(frame: LineageFrame, whole: LineageGraph, outcomes: ReadonlyMap<string, LineageOutcome>): LineageFinding[] {
  const { graph, config } = frame
  const rank = (key: AssetKey) => config.layers.indexOf(layerOf(key))
  const unmasked = unmaskedPersonalData(whole, frame)
  const columns = new Map(whole.nodes.map(node => [node.key, node.columns ?? []]))
  return graph.keys.flatMap((asset): LineageFinding[] => {
    const { kind, lineage } = graph.get(asset)
    const down = graph.upstreamKeysOf(asset).filter(upstream => rank(asset) >= 0 && rank(upstream) > rank(asset))
    const outcome = outcomes.get(asset)
    const ways = unmasked.filter(({ columns }) => columns.at(-1)!.startsWith(`${asset}.`))
    const findings: LineageFinding[] = [
      ...down.map(upstream => ({ code: 'graph/edge-down-the-layers' as const, asset, message: `It reads ${upstream}, which is of a higher layer.`, fails: true })),
      ...bound(asset, outcome),
      ...ways.map(({ message }) => ({ code: 'project/unmasked-personal-data' as const, asset, message, fails: true })),
    ]
    if ((kind === 'rows' || kind === 'spark') && !lineage && graph.upstreamKeysOf(asset).length > 0) findings.push({ code: 'graph/undeclared-lineage', asset, message: `${kind === 'rows' ? 'TypeScript' : 'A script'} makes it of other assets, and it does not say of which of their columns: @Asset({ lineage: { column: ['asset.column'] } }).`, fails: false })
    if ((kind === 'files' || kind === 'external') && columns.get(asset)!.every(({ type }) => type === 'UNKNOWN')) findings.push({ code: 'graph/unknown-columns', asset, message: 'Nothing declares its columns: name a contract.', fails: false })
    return findings
  })
}

function bound(asset: AssetKey, outcome: LineageOutcome | undefined): LineageFinding[] {
  if (outcome === undefined) return []
  if (outcome.type === 'refused') return [{ code: outcome.error.code, asset, message: explained(outcome.error), fails: true }]
  if (outcome.lineage.complete) return []
  return [{ code: 'graph/not-understood', asset, message: `Not all of its query is understood (${outcome.lineage.unknown.join('; ')}), so that it is taken to read everything.`, fails: false }]
}

const explained = ({ message, hint }: ExplainedError): string => `${message} ${hint}`
