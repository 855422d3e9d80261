import type { AssetGraph } from '../graph/asset-graph.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { LakeState } from '../vocabulary/lake-state.ts'
import type { DataVersion } from '../vocabulary/version.ts'

/** Stands for what is not there: an upstream that has never been materialized. */
export const ABSENT = 'absent' as DataVersion

/** What this asset reads now, as a run records it. The planner compares each of these, told by the same {@link currentVersion}: so the two cannot differ. */
export function inputVersions(graph: AssetGraph, state: LakeState, key: AssetKey): Readonly<Record<AssetKey, DataVersion>> {
  const inputs: Record<AssetKey, DataVersion> = {}
  for (const upstream of graph.upstreamKeysOf(key)) inputs[upstream] = currentVersion(graph, state, upstream)
  return inputs
}

/** What an asset holds now, as far as the state tells. */
export function currentVersion(graph: AssetGraph, state: LakeState, key: AssetKey): DataVersion {
  if (graph.external.has(key)) return state.observationOf(key)?.dataVersion ?? ABSENT
  return state.last(key)?.dataVersion ?? ABSENT
}
