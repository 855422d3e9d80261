import type { LakeView } from '../graph/lake-view.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { LakeState } from '../vocabulary/lake-state.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { Inputs } from './inputs.ts'
import type { Landing } from './landing.ts'
import { recalledBatches } from './recall.ts'

/** What landed in one run. */
export interface LandedBatch {
  readonly at: Date
  /** What is read then: these files, and of whatever else landed the newest that was there. Of tables, what they hold now. */
  readonly inputs: () => Promise<Inputs>
}

export interface LandedBatchesRequest {
  readonly landing: Landing
  /** All that is read, tables too. */
  readonly keys: readonly AssetKey[]
  readonly view: LakeView
  /** What is read in a view of the lake. */
  readonly inputs: (then: LakeView) => Promise<Inputs>
  readonly log: (message: string) => void
}

/** All that landed and is still there, oldest first; undefined where the newest batch is all of it. */
export async function landedBatches({ landing, keys, view, inputs, log }: LandedBatchesRequest): Promise<{ readonly of: readonly AssetKey[]; readonly batches: readonly LandedBatch[] } | undefined> {
  const of = keys.filter(key => view.graph.get(key).kind === 'files' && (view.state.last(key)?.tableVersion ?? 0) > 0)
  if (of.length === 0) return undefined
  const landed = keys.filter(key => view.graph.get(key).kind === 'files')
  const all = new Map<AssetKey, readonly Materialization[]>()
  for (const key of landed) all.set(key, await thereOf(landing, key, view.state.last(key)!.tableVersion, log))
  const ofRun = new Map<string, Materialization[]>()
  for (const made of [...all.values()].flat().sort((one, other) => one.at.localeCompare(other.at) || one.tableVersion - other.tableVersion)) ofRun.set(made.run, [...(ofRun.get(made.run) ?? []), made])
  // What begins later is read from its beginning on: rows that it has then and that come again find themselves.
  const newest = new Map(Array.from(all, ([key, batches]) => [key, batches[0]!]))
  const batches = Array.from(ofRun.values(), made => {
    for (const each of made) newest.set(each.asset, each)
    const then = [...newest.values()]
    return { at: new Date(made.at(-1)!.at), inputs: () => inputs({ ...view, state: new LakeState([...keys.flatMap(key => view.state.last(key) ?? []), ...then], keys.flatMap(key => view.state.observationOf(key) ?? [])) }) }
  })
  return { of, batches }
}

/** The batches up to one whose files have not been taken away, oldest first. The newest is wanted in any case: reading it tells what is wrong with it. */
async function thereOf(landing: Landing, key: AssetKey, upTo: number, log: (message: string) => void): Promise<readonly Materialization[]> {
  const there: Materialization[] = []
  for (const { made, version } of (await recalledBatches(landing, key)).toReversed()) {
    if (!made || version > upTo) continue
    if (version === upTo || (await landing.intact(key, version))) there.push(made)
    else log(`batch ${version} of ${key}, of ${made.at.slice(0, 10)}, is no longer there: rows that it alone held are not in the table that is made anew, and stay in its version before`)
  }
  return there
}
