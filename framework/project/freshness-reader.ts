import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import type { World } from '../partitions/partitions.ts'
import { newestEvent } from '../planning/freshness-evidence.ts'
import { freshness, type Freshness, type FreshnessEvidence } from '../planning/freshness.ts'
import type { FreshnessRule } from '../planning/freshness-rule.ts'
import type { AutomationLog } from '../state/automation-log.ts'
import type { EventLog } from '../state/event-log.ts'
import { LakeMemory } from '../storage/lake-memory.ts'
import type { TableStore } from '../storage/table-store.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'

export interface FreshnessCollaborators {
  readonly graph: AssetGraph
  readonly rules: ReadonlyMap<AssetKey, FreshnessRule>
  readonly store: TableStore
  readonly log: () => EventLog
  readonly automationLog: () => AutomationLog
  readonly world: () => World
}

/** Looks how new assets are. A look that fails concerns its own asset only. */
export class FreshnessReader {
  readonly #with: FreshnessCollaborators

  constructor(collaborators: FreshnessCollaborators) {
    this.#with = collaborators
  }

  async read(keys: readonly AssetKey[]): Promise<readonly Freshness[]> {
    const { graph, rules, world } = this.#with
    const needed = withAllUpstreams(graph, keys)
    const evidence = await this.#evidence(needed)
    return freshness(keys, { upstreamKeysOf: key => graph.upstreamKeysOf(key), rules, evidence, now: world().now.getTime() })
  }

  /** When each of these was last made, or found to need nothing. */
  async newestEvents(keys: readonly AssetKey[]): Promise<ReadonlyMap<AssetKey, number>> {
    await this.#reconcile(keys)
    return this.#events(keys)
  }

  async #evidence(keys: readonly AssetKey[]): Promise<ReadonlyMap<AssetKey, FreshnessEvidence>> {
    const { graph, rules, store } = this.#with
    const failed = await this.#reconcile(keys)
    const events = this.#events(keys)
    const evidence = new Map<AssetKey, FreshnessEvidence>()
    await Promise.all(keys.map(async key => {
      const definition = graph.get(key)
      const column = rules.get(key)?.column
      const broken = failed.get(key)
      if (broken !== undefined) evidence.set(key, { clock: 'failed', why: broken })
      else if (column !== undefined) evidence.set(key, await attempt(async () => ({ clock: 'data', newest: await store.newestOf(definition, column) }), why => ({ clock: 'failed', why })))
      else if (definition.kind !== 'external') evidence.set(key, { clock: 'event', newest: events.get(key) })
    }))
    return evidence
  }

  #events(keys: readonly AssetKey[]): ReadonlyMap<AssetKey, number> {
    const { graph, log, automationLog, world } = this.#with
    const [times, looks] = [log().newestTimes(), automationLog().looks()]
    return new Map(keys.flatMap(key => {
      const definition = graph.get(key)
      const at = times.get(key)
      // A look at a table that is gone since then tells nothing.
      const newest = at === undefined ? undefined : newestEvent(definition, definition.partitions ? log().materializationsOf(key) : [{ at }], looks.get(key), world())
      return newest === undefined ? [] : [[key, newest] as const]
    }))
  }

  /** Brings the event log up to the lake, and says of which assets the lake can't be read. */
  async #reconcile(keys: readonly AssetKey[]): Promise<ReadonlyMap<AssetKey, string>> {
    const { graph, log, store, world } = this.#with
    const failed = new Map<AssetKey, string>()
    const made = keys.filter(key => graph.get(key).kind !== 'external')
    const recorded = new Map(log().materializations().map(({ asset, tableVersion }) => [asset, tableVersion]))
    await Promise.all(made.map(async key => {
      const why = await attempt(async () => void (await this.#look(graph.get(key), recorded.get(key))), reason => reason)
      if (why !== undefined) failed.set(key, why)
    }))
    const sound = made.filter(key => !failed.has(key) && graph.upstreamKeysOf(key).every(upstream => !failed.has(upstream)))
    await new LakeMemory(log(), store).view(graph, sound, [], world())
    return failed
  }

  async #look(definition: AssetDefinition, recorded: number | undefined): Promise<void> {
    const { store } = this.#with
    const head = await store.head(definition, recorded)
    if (head >= 0 && head !== recorded) await store.recall(definition)
  }
}

/** What fails here makes one asset unknown, whatever it fails with. */
async function attempt<T, F>(work: () => Promise<T>, otherwise: (why: string) => F): Promise<T | F> {
  try {
    return await work()
  } catch (error) {
    return otherwise(error instanceof Error ? error.message.split('\n', 1)[0]! : String(error))
  }
}

function withAllUpstreams(graph: AssetGraph, keys: readonly AssetKey[]): readonly AssetKey[] {
  const all = new Set(keys)
  for (const key of graph.keys.toReversed()) if (all.has(key)) for (const upstream of graph.upstreamKeysOf(key)) all.add(upstream)
  return graph.keys.filter(key => all.has(key))
}
