import { policyMistakes, type FreshnessPolicy } from '../definition/freshness-policy.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import { layerOf, type AssetKey } from '../vocabulary/asset-key.ts'
import type { ExplainedError } from '../vocabulary/errors.ts'
import { atCadence, ruleOf, type Cadence, type FreshnessRule } from './freshness-rule.ts'

/** The rule of each asset that has one: its own policy, else its layer's, counted from when the asset is due. A table that someone else fills goes by no layer's. */
export function freshnessRules(graph: AssetGraph, layers: Readonly<Record<string, FreshnessPolicy>>, cadences: ReadonlyMap<AssetKey, readonly Cadence[]>): ReadonlyMap<AssetKey, FreshnessRule> {
  const rules = new Map<AssetKey, FreshnessRule>()
  for (const { key, freshness: own, kind } of graph.definitions) {
    const policy = own ?? (kind === 'external' ? 'none' : (layers[layerOf(key)] ?? 'none'))
    if (policy === 'none') continue
    rules.set(key, own ? ruleOf(policy, 'asset') : atCadence(ruleOf(policy, 'layer'), cadences.get(key) ?? []))
  }
  return rules
}

/** What is wrong with the policies of assets and layers. */
export function freshnessMistakes(graph: AssetGraph, layers: Readonly<Record<string, FreshnessPolicy>>): ExplainedError[] {
  const mistakes: ExplainedError[] = []
  for (const [layer, policy] of Object.entries(layers)) mistakes.push(...policyMistakes(policy, `layer ${layer}`))
  for (const { key, freshness, place } of graph.definitions) {
    if (freshness) mistakes.push(...policyMistakes(freshness, key).map(mistake => Object.assign(mistake, { place })))
  }
  return mistakes
}
