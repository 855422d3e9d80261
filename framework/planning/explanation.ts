import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { StaleCause } from '../vocabulary/stale-cause.ts'
import type { Plan } from './plan.ts'

/** Why an asset is written, down to the roots. An asset that is met a second time is named without its own reasons. */
export interface Explanation {
  readonly key: AssetKey
  readonly causes: readonly StaleCause[]
  /** The reasons of the upstreams that this plan writes first. */
  readonly because: readonly Explanation[]
  readonly seen?: boolean
}

/** The whole tree of causes of one asset in a plan. Empty causes mean that it is fresh. */
export function explain(plan: Plan, key: AssetKey): Explanation {
  const steps = new Map(plan.steps.map(step => [step.asset, step]))
  const told = new Set<AssetKey>()
  const tree = (asset: AssetKey): Explanation => {
    const causes = steps.get(asset)?.causes ?? []
    if (told.has(asset)) return { key: asset, causes, because: [], seen: true }
    told.add(asset)
    const upstreams = causes.flatMap(cause => (cause.code === 'upstream' || (cause.code === 'data' && cause.upstream !== asset) ? [cause.upstream] : []))
    return { key: asset, causes, because: [...new Set(upstreams)].filter(upstream => steps.has(upstream)).map(tree) }
  }
  return tree(key)
}
