import { DirectedGraph } from 'graphology'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import { layerOf, type AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError, throwMistakes } from '../vocabulary/errors.ts'
import { Cycle, DuplicateKey, LowerLayerReadsHigher, MissingUpstream, SinkIsRead, UpstreamTwice } from './graph-errors.ts'
import { UnknownAsset } from './selection-errors.ts'

/** All assets of a project and what each reads. Valid from birth: no gaps, no twins, no cycles, no edge down the layers. */
export class AssetGraph {
  readonly #graph = new DirectedGraph<{ readonly definition: AssetDefinition }>()
  // What a plan asks of every asset many times over is kept ready: a look into the graph makes a list each time.
  readonly #definitions = new Map<string, AssetDefinition>()
  readonly #upstreams = new Map<AssetKey, AssetKey[]>()
  readonly #downstreams = new Map<AssetKey, AssetKey[]>()
  /** Every key, upstreams first; the same set of assets always comes in the same order. */
  readonly keys: readonly AssetKey[]

  /**
   * @param layers from the lowest to the highest. A layer that is not named has no rank, and may read and be read by any.
   * @throws the mistakes of the whole project at once.
   */
  constructor(definitions: Iterable<AssetDefinition>, layers: readonly string[] = []) {
    const mistakes: ExplainedError[] = []
    const sorted = [...definitions].sort((a, b) => (a.key < b.key ? -1 : 1))
    for (const definition of sorted) {
      if (this.#graph.hasNode(definition.key)) mistakes.push(new DuplicateKey(this.get(definition.key), definition))
      else {
        this.#graph.addNode(definition.key, { definition })
        this.#definitions.set(definition.key, definition)
        this.#upstreams.set(definition.key, [])
        this.#downstreams.set(definition.key, [])
      }
    }
    throwMistakes(mistakes)
    for (const definition of sorted) this.#addEdges(definition, layers, mistakes)
    throwMistakes(mistakes)
    this.keys = this.#upstreamsFirst()
  }

  get size(): number {
    return this.keys.length
  }

  has(key: string): key is AssetKey {
    return this.#definitions.has(key)
  }

  /** @throws {UnknownAsset} with the names that are near. */
  get(key: AssetKey): AssetDefinition {
    const definition = this.#definitions.get(key)
    if (!definition) throw new UnknownAsset(key, this.#graph.nodes())
    return definition
  }

  /** What the asset reads, in the order it declares it. */
  upstreamKeysOf(key: AssetKey): readonly AssetKey[] {
    return this.#upstreams.get(key) ?? []
  }

  /** What reads the asset. */
  downstreamKeysOf(key: AssetKey): readonly AssetKey[] {
    return this.#downstreams.get(key) ?? []
  }

  /** What a selection may ask of an asset. */
  facts(key: AssetKey): { readonly layer: string; readonly kind: string; readonly tags: readonly string[]; readonly owners: readonly string[]; readonly group?: string | undefined } {
    const { kind, tags, owners, group } = this.get(key)
    return { layer: layerOf(key), kind, tags, owners, group }
  }

  #addEdges(definition: AssetDefinition, layers: readonly string[], mistakes: ExplainedError[]): void {
    const rank = (key: AssetKey) => layers.indexOf(layerOf(key))
    for (const { property, asset } of definition.upstreams) {
      const upstream = collect(asset, definition, mistakes)
      if (upstream === undefined) continue
      // An asset may read its own earlier slices: that orders its slices, and is no edge between assets.
      if (upstream === definition.key && definition.partitions) continue
      if (!this.has(upstream)) mistakes.push(new MissingUpstream(definition, property, upstream, this.#graph.nodes()))
      else if (this.#graph.hasDirectedEdge(upstream, definition.key)) mistakes.push(new UpstreamTwice(definition, upstream))
      else if (this.get(upstream).kind === 'publish') mistakes.push(new SinkIsRead(definition, upstream))
      else if (rank(definition.key) >= 0 && rank(upstream) > rank(definition.key)) mistakes.push(new LowerLayerReadsHigher(definition, upstream))
      else {
        this.#graph.addDirectedEdge(upstream, definition.key)
        this.#upstreams.get(definition.key)!.push(upstream)
        this.#downstreams.get(upstream)!.push(definition.key)
      }
    }
  }

  #upstreamsFirst(): AssetKey[] {
    const order: AssetKey[] = []
    const done = new Set<AssetKey>()
    const onPath = new Set<AssetKey>()
    for (const start of this.#graph.nodes() as AssetKey[]) {
      if (done.has(start)) continue
      // An own stack: a chain of assets may be longer than the engine's.
      const stack: { readonly key: AssetKey; readonly upstreams: Iterator<AssetKey> }[] = []
      const enter = (key: AssetKey) => {
        onPath.add(key)
        stack.push({ key, upstreams: this.upstreamKeysOf(key)[Symbol.iterator]() })
      }
      enter(start)
      while (stack.length > 0) {
        const { key, upstreams } = stack.at(-1)!
        const next = upstreams.next()
        if (next.done) {
          stack.pop()
          onPath.delete(key)
          done.add(key)
          order.push(key)
        } else if (onPath.has(next.value)) {
          const path = stack.map(frame => frame.key)
          throw new Cycle([...path.slice(path.indexOf(next.value)), next.value].toReversed(), path.map(each => this.get(each)))
        } else if (!done.has(next.value)) enter(next.value)
      }
    }
    return order
  }
}

/** The upstream's key, or undefined with the mistake noted: all mistakes are told in one look. */
function collect(asset: () => AssetKey, { place }: AssetDefinition, mistakes: ExplainedError[]): AssetKey | undefined {
  try {
    return asset()
  } catch (error) {
    if (!(error instanceof ExplainedError)) throw error
    mistakes.push(error.place || !place ? error : Object.assign(error, { place }))
    return undefined
  }
}
