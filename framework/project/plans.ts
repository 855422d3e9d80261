import { existsSync } from 'node:fs'
import type { AssetGraph } from '../graph/asset-graph.ts'
import { columnFacts } from '../graph/column-closure.ts'
import { selectionOfArguments } from '../graph/selection-arguments.ts'
import { asksColumns } from '../graph/selection-columns.ts'
import { select, type SelectionFacts } from '../graph/selection.ts'
import { asksState, type Selection } from '../graph/selection-syntax.ts'
import { isCheckOnly, type Plan } from '../planning/plan.ts'
import { plan } from '../planning/planner.ts'
import { requireWithin } from '../planning/limit.ts'
import type { Situation } from '../planning/situation.ts'
import { staleCauses } from '../planning/staleness.ts'
import type { RecordedCheck } from '../state/event-log.ts'
import { sliceId } from '../state/run-record.ts'
import { LakeMemory } from '../storage/lake-memory.ts'
import { observeSources, type Unreadable } from '../storage/source-observer.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Observation } from '../vocabulary/lake-state.ts'
import { pricedEngineOf } from './price-config.ts'
import { leftOf } from './retry-request.ts'
import { sliceChooser, sliceNamer } from './slice-chooser.ts'
import { stampedChooser } from './stamped-chooser.ts'
import type { Parts } from './parts.ts'
import type { ProjectLineage } from './project-lineage.ts'
import type { PlanOptions } from './requests.ts'

/** Selections, and what is to be done about them: what is asked of a project before anything is written. */
export class Plans {
  readonly #parts: Parts
  readonly #lineage: ProjectLineage
  #writesSeen = 0

  constructor(parts: Parts, lineage: ProjectLineage) {
    this.#parts = parts
    this.#lineage = lineage
  }

  /** Whether another process has written to the state since the last plan looked. */
  get othersWrote(): boolean {
    return this.#parts.eventLog().writesOfOthers() !== this.#writesSeen
  }

  /** The keys that the selection names, upstreams first; an empty selection is everything. */
  async select(selection: readonly string[], exclude: readonly string[] = []): Promise<AssetKey[]> {
    const wanted = selectionOfArguments(selection, exclude)
    const facts = asksState(wanted) ? await this.#selectionFacts(wanted) : {}
    return select(this.#parts.frame.graph, wanted, asksColumns(wanted) ? { ...facts, ...columnFacts(await this.#lineage.graph()) } : facts)
  }

  /** A plan with the situation that it was made for. Who only looks leaves out sources that can't be taken in. */
  async planned({ selection, exclude, force, rebuild, partitions, between, slices, onlySliced, withDownstream, maxBytes, maxCost, keepGoing }: PlanOptions, unreadable: Unreadable = keepGoing ? 'fail its step' : 'refuse'): Promise<{ plan: Plan; situation: Situation }> {
    const named = await this.select(selection, exclude)
    const sliced = onlySliced ? named.filter(key => this.#parts.frame.graph.get(key).partitions) : named
    // Where none has any, the request for slices says so.
    const chosen = sliced.length > 0 ? sliced : named
    const keys = withDownstream ? this.#parts.frame.graph.keys.filter(reachedFrom(this.#parts.frame.graph, chosen)) : chosen
    const situation = await this.situation(keys, unreadable)
    const words = [...(selection.length === 0 ? ['*'] : selection), ...(exclude ?? []).map(text => `--exclude ${text}`)].join(' ')
    const selected = new Set(chosen)
    const stamped = stampedChooser(this.#parts.frame.graph, chosen, { partitions, between })
    const within = slices ? sliceNamer(slices) : stamped ? undefined : sliceChooser(this.#parts.frame.graph, chosen, { partitions, between }, situation.world)
    const work = plan(situation, { selection: words, keys, force: force && (key => selected.has(key)), rebuild: rebuild ? key => selected.has(key) : undefined, stamped, within, onlyTouched: withDownstream ? key => !selected.has(key) : undefined })
    requireWithin(work, { maxBytes, maxCost })
    return { plan: work, situation }
  }

  /** The plan of what a run left undone. A source that can't be taken in, perhaps what the run failed of, holds up nothing else: its step fails. */
  async plannedRetry(id: string): Promise<{ plan: Plan; situation: Situation }> {
    const left = leftOf(this.#parts.eventLog().run(id), this.#parts.frame.graph)
    const situation = await this.situation(left.keys, 'fail its step')
    return { plan: plan(situation, { selection: left.selection, keys: left.keys, force: key => left.forced.has(key), rebuild: key => left.rebuilt.has(key), stamped: key => left.stamped.get(key), within: left.within }), situation }
  }

  /** The lake as it stands for these assets, and what they are held against. */
  async situation(keys: readonly AssetKey[], unreadable: Unreadable): Promise<Situation> {
    const { graph, codeVersions, checkVersions } = this.#parts.frame
    // Noted first: whatever others write from here on makes a run look again.
    this.#writesSeen = this.#parts.eventLog().writesOfOthers()
    await this.#parts.lookAtState()
    const observations = await this.#observations(keys, unreadable)
    const view = await new LakeMemory(this.#parts.eventLog(), this.#parts.store).view(graph, keys, observations, this.#parts.world())
    const situation = { ...view, codeVersions, checkVersions, heldChecks: this.#parts.eventLog().heldChecks(), variables: this.#parts.frame.config.variables, priceOf: (key: AssetKey) => pricedEngineOf(graph, this.#parts.frame.config, key) }
    // Only where an upstream changed does it matter which of its columns are read.
    const matters = keys.some(key => view.state.last(key)?.scopes && staleCauses(situation, key).some(({ code }) => code === 'data'))
    return matters ? { ...situation, columnReads: await this.#lineage.columnReads() } : situation
  }

  async #observations(keys: readonly AssetKey[], unreadable: Unreadable): Promise<readonly Observation[]> {
    const { graph, services, contracts, root, sources } = this.#parts.frame
    // Before the generator has run there is nothing to look at; what reads it is missing in any case.
    const looked = sources.generated && !existsSync(sources.dir) ? keys.filter(key => graph.get(key).kind !== 'files') : keys
    const read = graph.external.size === 0 ? [] : looked.flatMap(key => graph.upstreamKeysOf(key).filter(upstream => graph.external.has(upstream)))
    const definitions = [...new Set([...looked, ...read])].map(key => graph.get(key)).filter(({ kind }) => kind === 'files' || kind === 'external')
    const observed = await observeSources(definitions, { landing: this.#parts.landing, services, contracts, root, sources: sources.dir, unreadable, deltaHead: location => this.#parts.store.externalHead(location) })
    this.#parts.inspections.save()
    return [...observed.values()]
  }

  async #selectionFacts(wanted: Selection): Promise<SelectionFacts> {
    const found = asksState(wanted, ['fresh']) ? await this.#parts.freshness().read(this.#parts.frame.graph.keys) : []
    const states = new Map(found.map(({ asset, state }) => [asset, state]))
    const freshness: SelectionFacts = { freshness: key => states.get(key) ?? 'none' }
    return asksState(wanted, ['stale', 'changed', 'check']) ? { ...freshness, ...(await this.#planFacts()) } : freshness
  }

  async #planFacts(): Promise<SelectionFacts> {
    const { plan: work, situation } = await this.planned({ selection: [] }, 'leave out')
    const stale = new Set(work.steps.filter(step => !isCheckOnly(step)).map(({ asset }) => asset))
    const failed = new Set(newestOf(this.#parts.eventLog().checkResults()).filter(({ passed }) => !passed).map(({ asset }) => asset))
    return {
      stale: key => stale.has(key),
      changed: key => staleCauses(situation, key).some(({ code }) => code === 'code' || code === 'write' || code === 'dependencies'),
      checkFailed: key => failed.has(key),
    }
  }
}

/** Whether an asset is one of these, or downstream of one. Asked in the graph's order, upstreams first. */
function reachedFrom(graph: AssetGraph, keys: readonly AssetKey[]): (key: AssetKey) => boolean {
  const reached = new Set(keys)
  return key => {
    if (!reached.has(key) && graph.upstreamKeysOf(key).some(upstream => reached.has(upstream))) reached.add(key)
    return reached.has(key)
  }
}

/** The results of the last run that held each slice of each asset: what it did not hold any more is nobody's promise now. */
function newestOf(results: readonly RecordedCheck[]): RecordedCheck[] {
  const newest = new Map<string, RecordedCheck>()
  for (const result of results) {
    const slice = sliceId(result.asset, result.partition)
    if (result.at > (newest.get(slice)?.at ?? '')) newest.set(slice, result)
  }
  return results.filter(({ asset, partition, run }) => newest.get(sliceId(asset, partition))!.run === run)
}
