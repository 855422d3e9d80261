import type { AssetDefinition } from '../definition/asset-definition.ts'
import { readsItself, slicedUpstreams, slicesFedBy } from '../graph/sliced-edges.ts'
import { neededSlices, requireNeeded } from '../partitions/mapped-slices.ts'
import type { Partitions } from '../partitions/partitions.ts'
import { emptyLedger, writtenSlices } from '../partitions/slice-ledger.ts'
import { includes, intersect, isEmpty, subtract, union, type SliceSet } from '../partitions/slice-set.ts'
import { slicesText } from '../partitions/slice-text.ts'
import { existingSlices, noSlices } from '../partitions/slices.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { PartitionKey } from '../vocabulary/partition-key.ts'
import type { StaleCause } from '../vocabulary/stale-cause.ts'
import type { StampedRange } from '../vocabulary/stamped-range.ts'
import { checksChanged } from './check-version.ts'
import type { Estimate, Plan, Step } from './plan.ts'
import { cutOtherwise } from './code-version.ts'
import { costOf } from './price.ts'
import { UpstreamNotMaterialized, UpstreamSlicesNotMaterialized } from './planning-errors.ts'
import { causesWithin, slicedStaleness, type PlannedUpstreams } from './sliced-staleness.ts'
import type { Situation } from './situation.ts'
import { staleCauses } from './staleness.ts'

export interface PlanRequest {
  /** What was asked, in words. */
  readonly selection: string
  /** What that names, upstreams first. */
  readonly keys: readonly AssetKey[]
  /** Write even what is fresh: all of it, or these assets. */
  readonly force?: boolean | ((key: AssetKey) => boolean) | undefined
  /** Make these assets anew from all their inputs, whatever their write modes would keep. */
  readonly rebuild?: ((key: AssetKey) => boolean) | undefined
  /** Of these assets, which read only what is new, what their source stamped then, whatever they have read. */
  readonly stamped?: ((key: AssetKey) => StampedRange | undefined) | undefined
  /** Of these assets, only the slices that the plan's other steps touch. */
  readonly onlyTouched?: ((key: AssetKey) => boolean) | undefined
  /** Only these slices of an asset that has any; undefined stands for all. */
  readonly within?: ((definition: AssetDefinition & { readonly partitions: Partitions }) => SliceSet | undefined) | undefined
}

/** Works out what to write, why, and in what order. A pure function: the same lake gives the same plan. */
export function plan(situation: Situation, request: PlanRequest): Plan {
  const { graph, state, codeVersions } = situation
  const steps: Step[] = []
  const fresh: AssetKey[] = []
  const planned = new Map<AssetKey, Step>()
  const selected = new Set(request.keys)
  for (const key of request.keys) {
    const definition = graph.get(key)
    if (definition.kind === 'external') continue
    const upstreams = graph.upstreamKeysOf(key)
    const before = planned.size === 0 ? NONE : upstreams.filter(upstream => planned.has(upstream))
    const made = hasSlices(definition) ? slicedWork(situation, definition, before.length === 0 ? NO_UPSTREAMS : new Map(before.map(upstream => [upstream, planned.get(upstream)!.slices])), request) : wholeWork(situation, key, before, request)
    const checks = made ? [] : checksChanged(situation, key)
    if (!made && checks.length === 0) {
      fresh.push(key)
      continue
    }
    const work: Work = made ?? { causes: checks }
    for (const upstream of upstreams) {
      const there = graph.get(upstream).kind === 'external' || state.last(upstream) !== undefined || selected.has(upstream)
      if (!there) throw new UpstreamNotMaterialized(key, upstream)
    }
    const estimate = estimateOf(situation, key)
    const paid = situation.priceOf?.(key)
    const step: Step = { id: key, asset: key, codeVersion: codeVersions.get(key)!, after: before, estimate, ...(paid && { cost: costOf(estimate, paid) }), ...work }
    if (made) planned.set(key, step)
    steps.push(step)
  }
  return { selection: request.selection, steps, fresh }
}

const NONE: readonly AssetKey[] = []
const NO_UPSTREAMS: PlannedUpstreams = new Map()

/** Whole tables: of what is read in slices, or in few columns, less may be read. */
function estimateOf({ graph, state }: Situation, key: AssetKey): Estimate {
  const made = graph.upstreamKeysOf(key).map(upstream => ({ upstream, made: state.last(upstream) }))
  return {
    rows: made.reduce((total, each) => total + (each.made?.rows ?? 0), 0),
    bytes: made.reduce((total, each) => total + (each.made?.bytes ?? 0), 0),
    unknown: made.filter(each => !each.made).map(({ upstream }) => upstream),
  }
}

export type Sliced = AssetDefinition & { readonly partitions: Partitions }

export const hasSlices = (definition: AssetDefinition): definition is Sliced => definition.partitions !== undefined

function touchedBy(situation: Situation, definition: Sliced, before: PlannedUpstreams): SliceSet {
  return [...before].map(([upstream, slices]) => slicesFedBy(situation.graph, definition, upstream, slices, situation.world)).reduce((all, slices) => union(all, slices), noSlices(definition.partitions))
}

/** What these slices read must exist, and be there or be made before. @throws {MissingUpstreamSlices} {@link UpstreamSlicesNotMaterialized} */
function requireUpstreamSlices({ graph, ledgers, world }: Situation, definition: Sliced, slices: SliceSet, before: PlannedUpstreams): void {
  for (const { key, edge, partitions } of slicedUpstreams(graph, definition)) {
    if (key === definition.key) continue
    const needed = neededSlices(edge.mapping, definition.partitions, partitions, slices, world)
    requireNeeded(needed, { child: definition.key, upstream: key }, partitions, world)
    const there = writtenSlices(ledgers.get(key) ?? emptyLedger('')) ?? noSlices(partitions)
    const absent = subtract(needed.slices, union(there, before.get(key) ?? noSlices(partitions)))
    if (!isEmpty(absent)) throw new UpstreamSlicesNotMaterialized(definition.key, key, slicesText(partitions, absent))
  }
}

/** The slices with all later ones that build on them, of an asset that reads its own earlier slices. */
function withFollowing(situation: Situation, definition: Sliced, slices: SliceSet): SliceSet {
  if (!readsItself(definition)) return slices
  const written = writtenSlices(situation.ledgers.get(definition.key) ?? emptyLedger('')) ?? noSlices(definition.partitions)
  for (let all = slices; ; ) {
    const next = union(all, intersect(slicesFedBy(situation.graph, definition, definition.key, all, situation.world), written))
    if (includes(all, next)) return includes(slices, all) ? slices : all
    all = next
  }
}

function requested({ force, rebuild, stamped }: PlanRequest, key: AssetKey): StaleCause[] {
  if (rebuild?.(key)) return [{ code: 'forced', rebuild: true }]
  const range = stamped?.(key)
  if (range) return [{ code: 'forced', stamped: range }]
  return isForced(force, key) ? [{ code: 'forced' }] : []
}

const isForced = (force: PlanRequest['force'], key: AssetKey): boolean => (typeof force === 'function' ? force(key) : (force ?? false))

type Work = Pick<Step, 'causes' | 'slices' | 'partition' | 'rebuild'>

function wholeWork(situation: Situation, key: AssetKey, before: readonly AssetKey[], request: PlanRequest): Work | undefined {
  const asked = requested(request, key)
  const stale = staleCauses(situation, key, before)
  const causes: readonly StaleCause[] = asked.length === 0 ? stale : [...asked, ...stale]
  const rebuild = request.rebuild?.(key) || causes.some(cause => cause.code === 'write' && cause.needs === 'rebuild')
  return causes.length === 0 ? undefined : { causes, ...(rebuild && { rebuild }) }
}

function slicedWork(situation: Situation, definition: Sliced, before: PlannedUpstreams, request: PlanRequest): Work | undefined {
  const { within, onlyTouched } = request
  const { partitions } = definition
  const allowed = onlyTouched?.(definition.key) ? touchedBy(situation, definition, before) : within?.(definition)
  const stale = slicedStaleness(situation, definition, before)
  const forced = requested(request, definition.key).length > 0
  const wanted = forced ? (allowed ?? existingSlices(partitions, situation.world)) : allowed ? intersect(stale.slices, allowed) : stale.slices
  if (isEmpty(wanted)) return undefined
  requireUpstreamSlices(situation, definition, wanted, before)
  const last = situation.state.last(definition.key)
  // With only some of the slices the rest of the table stays what readers have.
  const anew = last !== undefined && cutOtherwise(last.write, partitions) && includes(wanted, existingSlices(partitions, situation.world)) && { rebuild: true as const }
  const asked = slicesText(partitions, wanted) as PartitionKey
  const causes: readonly StaleCause[] = [...(forced ? [{ code: 'forced', slices: asked } as const] : []), ...causesWithin(partitions, stale.causes, wanted)]
  const slices = withFollowing(situation, definition, wanted)
  if (slices === wanted) return { causes, slices, partition: asked, ...anew }
  const following: StaleCause = { code: 'upstream', upstream: definition.key, slices: slicesText(partitions, subtract(slices, wanted)) }
  return { causes: [...causes, following], slices, partition: slicesText(partitions, slices) as PartitionKey, ...anew }
}
