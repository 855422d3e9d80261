import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { Partitions } from '../partitions/partitions.ts'
import { emptyLedger, writtenSlices, type SliceLedger } from '../partitions/slice-ledger.ts'
import { intersect, isEmpty, subtract, union, type SliceSet } from '../partitions/slice-set.ts'
import { slicesText } from '../partitions/slice-text.ts'
import { existingSlices, noSlices } from '../partitions/slices.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { StaleCause } from '../vocabulary/stale-cause.ts'
import type { CodeVersion, DataVersion } from '../vocabulary/version.ts'
import { writeVersionOf } from './code-version.ts'
import { currentVersion } from './input-versions.ts'
import { slicesFedBy } from '../graph/sliced-edges.ts'
import type { Situation } from './situation.ts'
import { codeChanged, tampered } from './staleness.ts'

/** Which slices of an asset are stale, and why. */
export interface SlicedStaleness {
  readonly slices: SliceSet
  readonly causes: readonly SlicedCause[]
}

/** A cause with the slices that it concerns. */
export interface SlicedCause {
  readonly slices: SliceSet
  readonly cause: StaleCause
}

/** The causes as far as they concern these slices, in words and ranges. */
export function causesWithin(partitions: Partitions, causes: readonly SlicedCause[], slices: SliceSet): StaleCause[] {
  return causes.flatMap(({ slices: concerned, cause }) => {
    const both = intersect(concerned, slices)
    return isEmpty(both) ? [] : [{ ...cause, slices: slicesText(partitions, both) }]
  })
}

/** What an upstream will have written by the time that its reader's turn comes; undefined where it has no slices. */
export type PlannedUpstreams = ReadonlyMap<AssetKey, SliceSet | undefined>

type Sliced = AssetDefinition & { readonly partitions: Partitions }

/** As `staleCauses`, slice by slice: every cause tells of ranges, however many slices those hold. */
export function slicedStaleness(situation: Situation, definition: Sliced, before: PlannedUpstreams = new Map()): SlicedStaleness {
  const { partitions, key } = definition
  const existing = existingSlices(partitions, situation.world)
  const ledger = situation.ledgers.get(key) ?? emptyLedger('')
  const written = intersect(writtenSlices(ledger) ?? noSlices(partitions), existing)
  const found: SlicedCause[] = []
  const add = (slices: SliceSet, cause: StaleCause) => {
    if (!isEmpty(slices)) found.push({ slices, cause })
  }
  const absent = subtract(existing, written)
  if (isEmpty(written)) add(absent, { code: 'missing' })
  const touched: StaleCause[] = []
  tampered(touched, situation.state, key)
  for (const cause of touched) add(written, cause)
  for (const segment of ledger.segments) for (const cause of makingChanged(situation, definition, segment)) add(intersect(segment.slices, existing), cause)
  for (const [upstream, waiting] of Object.entries(ledger.pending)) {
    const { last, by } = pendingOf(situation, upstream as AssetKey)
    if (!before.has(upstream as AssetKey)) add(intersect(waiting, existing), { code: 'data', upstream: upstream as AssetKey, now: last, by })
  }
  if (!isEmpty(written)) add(absent, { code: partitions.kind === 'time' || partitions.kind === 'product' ? 'interval' : 'missing' })
  if (definition.volatile) add(written, { code: 'volatile', because: 'it is declared volatile' })
  for (const [upstream, slices] of before) add(intersect(slicesFedBy(situation.graph, definition, upstream, slices, situation.world), written), { code: 'upstream', upstream })
  return { slices: found.reduce((all, { slices }) => union(all, slices), noSlices(partitions)), causes: found }
}

function makingChanged(situation: Situation, definition: Sliced, segment: SliceLedger['segments'][number]): StaleCause[] {
  const { graph, state, codeVersions } = situation
  const causes: StaleCause[] = []
  codeChanged(causes, { codeVersion: segment.codeVersion as CodeVersion, variables: segment.variables }, codeVersions.get(definition.key)!, situation.variables)
  const write = writeVersionOf(definition)
  if (segment.write !== write) causes.push({ code: 'write', was: segment.write, now: write, needs: 'rebuild' })
  const whole = graph.upstreamKeysOf(definition.key).filter(key => graph.get(key).partitions === undefined)
  const added = whole.filter(key => !(key in segment.inputs))
  const consumed = Object.keys(segment.inputs) as AssetKey[]
  const removed = consumed.length + added.length === whole.length ? [] : consumed.filter(key => !whole.includes(key))
  if (added.length + removed.length > 0) causes.push({ code: 'dependencies', added, removed })
  for (const upstream of whole) {
    const was = segment.inputs[upstream] as DataVersion | undefined
    if (was === undefined) continue
    const now = currentVersion(graph, state, upstream)
    if (was !== now) causes.push({ code: 'data', upstream, was, now, by: state.last(upstream)?.run })
  }
  return causes
}

function pendingOf({ state }: Situation, upstream: AssetKey): { readonly last: DataVersion | undefined; readonly by: string | undefined } {
  const made = state.last(upstream)
  return { last: made?.dataVersion, by: made?.run }
}
