import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Plan, Step } from './plan.ts'
import { UpstreamNotMaterialized } from './planning-errors.ts'
import { staleCauses, type Situation } from './staleness.ts'

export interface PlanRequest {
  /** What was asked, in words. */
  readonly selection: string
  /** What that names, upstreams first. */
  readonly keys: readonly AssetKey[]
  /** Write even what is fresh. */
  readonly force?: boolean | undefined
}

/** Works out what to write, why, and in what order. A pure function: the same lake gives the same plan. */
export function plan(situation: Situation, request: PlanRequest): Plan {
  const { graph, state, codeVersions } = situation
  const steps: Step[] = []
  const fresh: AssetKey[] = []
  const planned = new Set<AssetKey>()
  const selected = new Set(request.keys)
  for (const key of request.keys) {
    const { kind } = graph.get(key)
    if (kind === 'external') continue
    const upstreams = graph.upstreamKeysOf(key)
    const before = upstreams.filter(upstream => planned.has(upstream))
    const causes = [...(request.force ? [{ code: 'forced' } as const] : []), ...staleCauses(situation, key, before)]
    if (causes.length === 0) {
      fresh.push(key)
      continue
    }
    for (const upstream of upstreams) {
      const there = graph.get(upstream).kind === 'external' || state.last(upstream) !== undefined || selected.has(upstream)
      if (!there) throw new UpstreamNotMaterialized(key, upstream)
    }
    planned.add(key)
    steps.push({ id: key, asset: key, codeVersion: codeVersions.get(key)!, causes, after: before })
  }
  return { selection: request.selection, steps, fresh }
}
