import type { AssetDefinition } from '../definition/asset-definition.ts'
import { dimensionsOf, type Partitions, type World } from '../partitions/partitions.ts'
import { withTouched, writtenSlices, withWritten, type SliceLedger } from '../partitions/slice-ledger.ts'
import { boxesOf, isEmpty, type SimpleSlices, type SliceSet } from '../partitions/slice-set.ts'
import { parseSlices } from '../partitions/slice-text.ts'
import { noSlices } from '../partitions/slices.ts'
import { fingerprint } from '../vocabulary/version.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { AssetGraph } from './asset-graph.ts'
import { slicedUpstreams, slicesFedBy } from './sliced-edges.ts'

type Sliced = AssetDefinition & { readonly partitions: Partitions }

/** Names the partitions and the mappings that a ledger of the asset is kept under. */
export function ledgerShape(graph: AssetGraph, definition: Sliced): string {
  const edges = slicedUpstreams(graph, definition).map(({ key, edge, partitions }) => [key, edge.mapping, partitions])
  return fingerprint(JSON.stringify([definition.partitions, edges])).slice(0, 16)
}

/** The asset's ledger after one of its own commits. */
export function withOwnCommit(ledger: SliceLedger, graph: AssetGraph, definition: Sliced, made: Materialization): SliceLedger {
  const sliced = new Set(slicedUpstreams(graph, definition).map(({ key }) => key))
  const inputs = Object.fromEntries(Object.entries(made.inputs).filter(([upstream]) => !sliced.has(upstream as AssetKey)))
  const written = withWritten(ledger, slicesOf(definition, made.partition), { codeVersion: made.codeVersion, write: made.write, inputs, ...(made.variables && { variables: made.variables }) }, made.tableVersion)
  return sliced.has(definition.key) ? withUpstreamCommit(written, graph, definition, made, worldOf(definition.partitions, writtenSlices(written)!)) : written
}

/** The asset's ledger after a commit of an upstream that has slices, or of itself where it reads its earlier ones. */
export function withUpstreamCommit(ledger: SliceLedger, graph: AssetGraph, definition: Sliced, made: Materialization, world: World): SliceLedger {
  const upstream = graph.get(made.asset) as Sliced
  const changed = slicesOf(upstream, made.changed ?? made.partition)
  const fed = isEmpty(changed) ? noSlices(definition.partitions) : slicesFedBy(graph, definition, made.asset, changed, world)
  return withTouched(ledger, made.asset, fed, made.tableVersion)
}

/** A world in which just those slices exist, and what lies between them: no others can be out of date. */
function worldOf(partitions: Partitions, written: SliceSet): World {
  const boxes = boxesOf(written)
  const ends = boxes.flatMap(box => box.map(simple => (simple.kind === 'time' ? (simple.intervals.at(-1)?.to ?? 0) : 0)))
  return {
    now: new Date(ends.reduce((latest, end) => Math.max(latest, end), 0)),
    dynamicKeys: ({ name }) => [...new Set(dimensionsOf(partitions).flatMap(({ partitions: of }, i) => (of.kind === 'dynamic' && of.name === name ? boxes.flatMap(box => keysIn(box[i]!)) : [])))],
  }
}

const keysIn = (simple: SimpleSlices): readonly string[] => (simple.kind === 'keys' ? simple.keys : [])

/** A text that names slices of another partitioning names none of this one. */
function slicesOf({ partitions }: Sliced, text: string | undefined): SliceSet {
  if (!text) return noSlices(partitions)
  try {
    return parseSlices(partitions, text)
  } catch {
    return noSlices(partitions)
  }
}
