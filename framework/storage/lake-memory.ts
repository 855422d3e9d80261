import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { AssetGraph } from '../graph/asset-graph.ts'
import { ledgerShape, withOwnCommit, withUpstreamCommit } from '../graph/ledger-replay.ts'
import { slicedUpstreams } from '../graph/sliced-edges.ts'
import type { Partitions, World } from '../partitions/partitions.ts'
import { emptyLedger, type SliceLedger } from '../partitions/slice-ledger.ts'
import type { EventLog } from '../state/event-log.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import { LakeState, type Observation, type Tampering } from '../vocabulary/lake-state.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { TableStore } from './table-store.ts'
import type { LakeView } from '../graph/lake-view.ts'

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
  async view(graph: AssetGraph, keys: readonly AssetKey[], observations: Iterable<Observation>, world: World): Promise<LakeView> {
    const tampered: Tampering[] = []
    const found: Materialization[] = []
    const wanted = withUpstreams(graph, keys)
    const known = new Map(this.#log.materializations(few(wanted)).map(made => [made.asset, made]))
    await forEachOf(wanted, 32, async key => {
      const definition = graph.get(key)
      if (definition.kind === 'external') return
      const recorded = known.get(key)
      const head = await this.#store.head(definition, recorded?.tableVersion)
      if (recorded && head === recorded.tableVersion) return
      if (recorded) known.delete(key)
      if (recorded && head < recorded.tableVersion) this.#log.forget(key)
      if (head < 0) return
      const { made, foreign } = await this.#store.recall(definition)
      if (made) {
        known.set(key, made)
        const since = head < (recorded?.tableVersion ?? -1) ? -1 : (recorded?.tableVersion ?? -1)
        found.push(...(definition.partitions ? (await this.#store.recallAll(definition)).filter(({ tableVersion }) => tableVersion > since) : [made]))
      }
      if (foreign) tampered.push({ asset: key, recorded: made?.tableVersion ?? -1, head, by: foreign })
    })
    if (found.length > 0) {
      crashpoint('found-unrecorded')
      this.#log.record(found)
    }
    const state = new LakeState(known.values(), observations, tampered)
    return { graph, state, world, ledgers: this.#ledgers(graph, wanted, state, world) }
  }

  /** Fills an empty event log from the commits of all tables. */
  async rebuild(graph: AssetGraph): Promise<{ readonly assets: number; readonly materializations: number }> {
    const found: Materialization[] = []
    const assets = graph.keys.map(key => graph.get(key)).filter(definition => definition.kind !== 'external')
    await forEachOf(assets, 32, async (definition: AssetDefinition) => void found.push(...(await this.#store.recallAll(definition))))
    this.#log.record(found)
    return { assets: new Set(found.map(({ asset }) => asset)).size, materializations: found.length }
  }

  /** The ledgers as they were kept, brought up to the commits that came since; what was new in them is kept for the next time. */
  #ledgers(graph: AssetGraph, keys: readonly AssetKey[], state: LakeState, world: World): Map<AssetKey, SliceLedger> {
    const ledgers = new Map<AssetKey, SliceLedger>()
    const sliced = keys.map(key => graph.get(key)).filter((definition): definition is Sliced => definition.partitions !== undefined)
    if (sliced.length === 0) return ledgers
    const kept = this.#log.ledgers(few(keys))
    const renewed = new Map<AssetKey, string>()
    for (const definition of sliced) {
      const text = kept.get(definition.key)
      const before = text === undefined ? undefined : (JSON.parse(text) as SliceLedger)
      const ledger = this.#upToDate(graph, definition, before, state, world)
      ledgers.set(definition.key, ledger)
      if (ledger === before) continue
      const now = JSON.stringify(ledger)
      // Of what was never made there is nothing to keep: who only plans leaves no file.
      if (now !== text && (text !== undefined || ledger.through >= 0)) renewed.set(definition.key, now)
    }
    if (renewed.size > 0) {
      crashpoint('ledgers-unsaved')
      this.#log.saveLedgers(renewed)
      crashpoint('ledgers-saved')
    }
    return ledgers
  }

  #upToDate(graph: AssetGraph, definition: Sliced, kept: SliceLedger | undefined, state: LakeState, world: World): SliceLedger {
    const { key } = definition
    const shape = ledgerShape(graph, definition)
    const head = state.last(key)?.tableVersion ?? -1
    let ledger = kept?.shape === shape && kept.through <= head ? kept : emptyLedger(shape)
    const upstreams = slicedUpstreams(graph, definition).map(upstream => upstream.key).filter(upstream => upstream !== key)
    const caughtUp = (upstream: AssetKey, to: number) => {
      const from = ledger.seen[upstream] ?? -1
      if (from >= to) return
      for (const made of this.#log.materializationsSince(upstream, from)) if (made.tableVersion <= to) ledger = withUpstreamCommit(ledger, graph, definition, made, world)
    }
    if (ledger.through < head) {
      // What a commit had read is not pending after it; what came later is. So the two logs are replayed in step.
      for (const made of this.#log.materializationsSince(key, ledger.through)) {
        for (const upstream of upstreams) caughtUp(upstream, made.read?.[upstream] ?? -1)
        ledger = withOwnCommit(ledger, graph, definition, made)
      }
    }
    for (const upstream of upstreams) caughtUp(upstream, state.last(upstream)?.tableVersion ?? -1)
    return ledger
  }
}

type Sliced = AssetDefinition & { readonly partitions: Partitions }

function withUpstreams(graph: AssetGraph, keys: readonly AssetKey[]): readonly AssetKey[] {
  if (keys.length === graph.size) return keys
  return [...new Set(keys.flatMap(key => [key, ...graph.upstreamKeysOf(key)]))]
}

/** All at once is the cheaper question once it is about many. */
const few = (keys: readonly AssetKey[]): readonly AssetKey[] | undefined => (keys.length <= 100 ? keys : undefined)

/** Does the work for each, so many at once: a lake on S3 answers slowly, but to many at a time. */
async function forEachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items[Symbol.iterator]()
  await Promise.all(
    Array.from({ length: Math.min(atOnce, items.length) }, async () => {
      for (const item of waiting) await work(item)
    }),
  )
}
