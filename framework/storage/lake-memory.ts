import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import type { EventLog } from '../state/event-log.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { LakeState, type Observation, type Tampering } from '../vocabulary/lake-state.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { TableStore } from './table-store.ts'

/**
 * What the lake holds, as its own commits tell. The event log is an index over them: fast to read, and set right here wherever a
 * commit was made without its event, a table is gone, or someone else wrote.
 */
export class LakeMemory {
  readonly #log: EventLog
  readonly #store: TableStore

  constructor(log: EventLog, store: TableStore) {
    this.#log = log
    this.#store = store
  }

  /** The state of these assets and of all that they read. Costs two look-ups a table where nothing happened behind our back. */
  async state(graph: AssetGraph, keys: readonly AssetKey[], observations: Iterable<Observation>): Promise<LakeState> {
    const known = new Map(this.#log.materializations().map(made => [made.asset, made]))
    const tampered: Tampering[] = []
    const found: Materialization[] = []
    await forEachOf(withUpstreams(graph, keys), 32, async key => {
      const definition = graph.get(key)
      if (definition.kind === 'external') return
      const recorded = known.get(key)
      const head = await this.#store.head(definition, recorded?.tableVersion)
      if (recorded && head === recorded.tableVersion) return
      if (recorded) known.delete(key)
      if (head < 0) {
        if (recorded) this.#log.forget(key)
        return
      }
      const { made, foreign } = await this.#store.recall(definition)
      if (recorded && head < recorded.tableVersion) this.#log.forget(key)
      if (made) {
        known.set(key, made)
        found.push(made)
      }
      if (foreign) tampered.push({ asset: key, recorded: made?.tableVersion ?? -1, head, by: foreign })
    })
    if (found.length > 0) this.#log.record(found)
    return new LakeState(known.values(), observations, tampered)
  }

  /** Fills an empty event log from the commits of all tables. */
  async rebuild(graph: AssetGraph): Promise<{ readonly assets: number; readonly materializations: number }> {
    const found: Materialization[] = []
    const assets = graph.keys.map(key => graph.get(key)).filter(definition => definition.kind !== 'external')
    await forEachOf(assets, 32, async (definition: AssetDefinition) => void found.push(...(await this.#store.recallAll(definition))))
    this.#log.record(found)
    return { assets: new Set(found.map(({ asset }) => asset)).size, materializations: found.length }
  }
}

function withUpstreams(graph: AssetGraph, keys: readonly AssetKey[]): AssetKey[] {
  return [...new Set(keys.flatMap(key => [key, ...graph.upstreamKeysOf(key)]))]
}

/** Does the work for each, so many at once: a lake on S3 answers slowly, but to many at a time. */
async function forEachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items[Symbol.iterator]()
  await Promise.all(
    Array.from({ length: Math.min(atOnce, items.length) }, async () => {
      for (const item of waiting) await work(item)
    }),
  )
}
