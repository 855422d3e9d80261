import type { AssetDefinition } from '../definition/asset-definition.ts'
import { layerOf, type AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError, throwMistakes } from '../vocabulary/errors.ts'
import { cyclesAmong } from './cycles.ts'
import { Cycle, DuplicateKey, LowerLayerReadsHigher, MissingUpstream, SinkIsRead, UpstreamTwice } from './graph-errors.ts'
import { UnknownAsset } from './selection-errors.ts'

/** All assets of a project and what each reads. Valid from birth: no gaps, no twins, no cycles, no edge down the layers. */
export class AssetGraph {
  readonly #nodes: ReadonlyMap<string, Node>
  /** The keys in the order of their letters. */
  readonly #sorted: readonly AssetKey[]
  /** Every key, upstreams first; the same set of assets always comes in the same order. */
  readonly keys: readonly AssetKey[]
  /** Every asset, in the order of `keys`. */
  readonly definitions: readonly AssetDefinition[]
  /** What is observed and not made. */
  readonly external: ReadonlySet<AssetKey>

  /**
   * @param layers from the lowest to the highest. A layer that is not named has no rank, and may read and be read by any.
   * @throws the mistakes of the whole project at once.
   */
  constructor(definitions: Iterable<AssetDefinition>, layers: readonly string[] = []) {
    const mistakes: ExplainedError[] = []
    const nodes = new Map<string, Node>()
    const twins: [AssetDefinition, AssetDefinition][] = []
    for (const definition of definitions) {
      const twin = nodes.get(definition.key)
      if (twin) twins.push([twin.definition, definition])
      else nodes.set(definition.key, { definition, rank: layers.length === 0 ? -1 : layers.indexOf(layerOf(definition.key)), upstreams: [], downstreams: [], above: [], visited: 'no' })
    }
    throwMistakes(twins.sort(([a], [b]) => (a.key < b.key ? -1 : 1)).map(([first, second]) => new DuplicateKey(first, second)))
    this.#nodes = nodes
    this.#sorted = [...nodes.keys()].sort() as AssetKey[]
    const sorted = this.#sorted.map(key => nodes.get(key)!)
    for (const node of sorted) this.#addEdges(node, mistakes)
    throwMistakes(mistakes)
    const order = this.#upstreamsFirst(sorted)
    this.external = new Set(sorted.flatMap(({ definition: { key, kind } }) => (kind === 'external' ? key : [])))
    this.keys = order.map(({ definition }) => definition.key)
    this.definitions = order.map(({ definition }) => definition)
  }

  get size(): number {
    return this.keys.length
  }

  has(key: string): key is AssetKey {
    return this.#nodes.has(key)
  }

  /** @throws {UnknownAsset} with the names that are near. */
  get(key: AssetKey): AssetDefinition {
    const node = this.#nodes.get(key)
    if (!node) throw new UnknownAsset(key, this.#sorted)
    return node.definition
  }

  /** What the asset reads, in the order it declares it. */
  upstreamKeysOf(key: AssetKey): readonly AssetKey[] {
    return this.#nodes.get(key)?.upstreams ?? []
  }

  /** What reads the asset. */
  downstreamKeysOf(key: AssetKey): readonly AssetKey[] {
    return this.#nodes.get(key)?.downstreams ?? []
  }

  /** What a selection may ask of an asset. */
  facts(key: AssetKey): { readonly layer: string; readonly kind: string; readonly tags: readonly string[]; readonly owners: readonly string[]; readonly group?: string | undefined } {
    const { kind, tags, owners, group } = this.get(key)
    return { layer: layerOf(key), kind, tags, owners, group }
  }

  #addEdges({ definition, rank, upstreams, above }: Node, mistakes: ExplainedError[]): void {
    for (const { property, asset } of definition.upstreams) {
      const upstream = collect(asset, definition, mistakes)
      if (upstream === undefined) continue
      // An asset may read its own earlier slices: that orders its slices, and is no edge between assets.
      if (upstream === definition.key && definition.partitions) continue
      const read = this.#nodes.get(upstream)
      if (!read) mistakes.push(new MissingUpstream(definition, property, upstream, this.#sorted))
      else if (upstreams.includes(upstream)) mistakes.push(new UpstreamTwice(definition, upstream))
      else if (read.definition.kind === 'publish') mistakes.push(new SinkIsRead(definition, upstream))
      else if (rank >= 0 && read.rank > rank) mistakes.push(new LowerLayerReadsHigher(definition, upstream))
      else {
        upstreams.push(read.definition.key)
        above.push(read)
        read.downstreams.push(definition.key)
      }
    }
  }

  #upstreamsFirst(sorted: readonly Node[]): Node[] {
    const order: Node[] = []
    for (const start of sorted) {
      if (start.visited !== 'no') continue
      // An own stack: a chain of assets may be longer than the engine's.
      const path: Node[] = [start]
      const next: number[] = [0]
      start.visited = 'on the path'
      while (path.length > 0) {
        const node = path.at(-1)!
        const at = next[path.length - 1]!
        if (at === node.above.length) {
          path.pop()
          next.pop()
          node.visited = 'yes'
          order.push(node)
          continue
        }
        next[path.length - 1] = at + 1
        const above = node.above[at]!
        if (above.visited === 'on the path') this.#throwCycles()
        if (above.visited === 'yes') continue
        above.visited = 'on the path'
        path.push(above)
        next.push(0)
      }
    }
    return order
  }

  #throwCycles(): never {
    const cycles = cyclesAmong(this.#sorted, key => this.upstreamKeysOf(key))
    throwMistakes(cycles.map(path => new Cycle(path, path.map(key => this.get(key)))))
    throw new Error('a circle was seen and is not there')
  }
}

interface Node {
  readonly definition: AssetDefinition
  /** Of its layer; below 0 where that has none. */
  readonly rank: number
  readonly upstreams: AssetKey[]
  readonly downstreams: AssetKey[]
  /** Those of the upstreams. */
  readonly above: Node[]
  /** While the order is found. */
  visited: 'no' | 'on the path' | 'yes'
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
