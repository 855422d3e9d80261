import type { AssetDefinition } from '../definition/asset-definition.ts'
import { parseSlices } from '../partitions/slice-text.ts'
import { intersect, subtract, union, type SliceSet } from '../partitions/slice-set.ts'
import { writtenSlices } from '../partitions/slice-ledger.ts'
import { hasSlices } from '../planning/planner.ts'
import { slicedStaleness } from '../planning/sliced-staleness.ts'
import type { Situation } from '../planning/situation.ts'
import { staleCauses } from '../planning/staleness.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { StaleCause } from '../vocabulary/stale-cause.ts'
import { WHOLE, type ConditionWorld } from './condition-world.ts'
import type { ConditionFacts } from './evaluate-conditions.ts'
import type { RunNews } from './run-news.ts'

/** Where facts come from, besides what runs told. */
export interface FactSources {
  readonly situation: Situation
  readonly world: ConditionWorld
  /** Assets that are being written or are about to be, whole or in part. */
  readonly inProgress: readonly { readonly asset: AssetKey; readonly slices?: string | undefined }[]
  /** All that is known of an asset's materializations. */
  readonly materializationsOf: (asset: AssetKey) => readonly Materialization[]
  /** When runs last found assets to need nothing. */
  readonly looks: ReadonlyMap<AssetKey, string>
}

/** What conditions ask, told from the lake's state and from the events of runs. */
export function conditionFacts(news: RunNews, { situation, world, inProgress, materializationsOf, looks }: FactSources): ConditionFacts {
  const { graph, state, ledgers, codeVersions } = situation
  const slicesOf = (asset: AssetKey, text: string | undefined): SliceSet => intersect(namedSlices(graph.get(asset), text, world), world.all(asset))
  const behind = remembered((asset: AssetKey) => behindOf(situation, asset, world))
  return {
    written: asset => {
      const ledger = ledgers.get(asset)
      if (graph.get(asset).partitions) return intersect((ledger && writtenSlices(ledger)) ?? world.none(asset), world.all(asset))
      return state.last(asset) ? WHOLE : world.none(asset)
    },
    inProgress: asset => inProgress.filter(each => each.asset === asset).map(({ slices }) => slicesOf(asset, slices)).reduce(union, world.none(asset)),
    failed: asset => {
      const attempts = Object.entries(news.failed).find(([key]) => key === asset)?.[1] ?? []
      return attempts.reduce((failed, attempt) => {
        const slices = slicesOf(asset, attempt.length > 1 ? attempt.slice(1) : undefined)
        return attempt.startsWith('+') ? union(failed, slices) : subtract(failed, slices)
      }, world.none(asset))
    },
    behind,
    updatedSince(asset, instant) {
      const at = new Date(instant).toISOString()
      if ((looks.get(asset) ?? '') >= at) return world.all(asset)
      return materializationsOf(asset).filter(made => made.at >= at).map(({ partition }) => slicesOf(asset, partition)).reduce(union, world.none(asset))
    },
    updates: news.updates.filter(({ asset }) => graph.has(asset)).map(({ asset, slices, changed, targets }) => ({ asset, slices: slicesOf(asset, slices), changed, targets: new Set(targets) })),
    codeVersion: asset => codeVersions.get(asset) ?? '',
  }
}

/** All slices where none are named; none where the names are of another cut. */
function namedSlices({ key, partitions }: AssetDefinition, text: string | undefined, world: ConditionWorld): SliceSet {
  if (!partitions || text === undefined) return world.all(key)
  try {
    return parseSlices(partitions, text)
  } catch {
    return world.none(key)
  }
}

function behindOf(situation: Situation, asset: AssetKey, world: ConditionWorld): SliceSet {
  const definition = situation.graph.get(asset)
  if (definition.kind === 'external' || !situation.state.last(asset)) return world.none(asset)
  const isOfData = ({ code }: StaleCause) => code === 'data' || code === 'dependencies'
  if (!hasSlices(definition)) return staleCauses(situation, asset).some(isOfData) ? WHOLE : world.none(asset)
  return slicedStaleness(situation, definition).causes.filter(({ cause }) => isOfData(cause)).map(({ slices }) => intersect(slices, world.all(asset))).reduce(union, world.none(asset))
}

function remembered<K, V>(of: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return key => {
    if (!known.has(key)) known.set(key, of(key))
    return known.get(key)!
  }
}
