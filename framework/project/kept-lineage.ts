import { join } from 'node:path'
import { LINEAGE_VERSION } from '../graph/column-lineage-batch.ts'
import type { LineageGraph } from '../graph/lineage-graph.ts'
import { packed, unpacked, type PackedLineage } from '../graph/packed-lineage.ts'
import { fingerprint } from '../vocabulary/version.ts'
import { readJson, replaceFile } from './cache.ts'
import { declaredColumns, declaredTags, type LineageFrame } from './column-lineage-of-project.ts'

/** The finished column lineage of a project between runs, good as long as all that it is made of is the same. */
export class KeptLineage {
  readonly #path: string
  readonly #stamp: string

  constructor(frame: LineageFrame) {
    this.#path = join(frame.cacheFolder, 'column-graph.json')
    this.#stamp = stampOf(frame)
  }

  graph(): LineageGraph | undefined {
    const kept = readJson(this.#path) as Kept | undefined
    return kept?.stamp === this.#stamp ? unpacked(kept.graph) : undefined
  }

  keep(graph: LineageGraph): void {
    replaceFile(this.#path, JSON.stringify({ stamp: this.#stamp, graph: packed(graph) } satisfies Kept))
  }
}

interface Kept {
  readonly stamp: string
  readonly graph: PackedLineage
}

/** To be raised when the graph of equal queries and definitions is put together otherwise than before. */
const FORM = '1'

/** Names all that the graph of a project hangs on. */
function stampOf(frame: LineageFrame): string {
  const { graph, queries, contracts, config } = frame
  const assets = graph.keys.map(key => {
    const definition = graph.get(key)
    const { kind, description, lineage, waivers, write, contract } = definition
    return [key, kind, description, graph.upstreamKeysOf(key), declaredColumns(definition, frame), [...declaredTags(definition, contracts.get(contract ?? ''))], lineage, waivers, write]
  })
  const asked = queries.map(({ definition, text, marked, holes, parsed }) => [definition.key, marked ?? (parsed.ok ? parsed.canonical : text), holes])
  return fingerprint(FORM, LINEAGE_VERSION, JSON.stringify([config.pii.masks, assets, asked]))
}
