import type { AutomationCondition, SliceFact } from '../definition/automation-condition.ts'
import { ticksOf } from '../partitions/ticks.ts'
import { intersect, isEmpty, subtract, union, type SliceSet } from '../partitions/slice-set.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { ConditionTrace } from '../vocabulary/condition-trace.ts'
import { fingerprint } from '../vocabulary/version.ts'
import type { ConditionWorld } from './condition-world.ts'

/** What happened, as far as conditions ask. */
export interface ConditionFacts {
  readonly written: (asset: AssetKey) => SliceSet
  readonly inProgress: (asset: AssetKey) => SliceSet
  /** The newest attempt at these ended badly. */
  readonly failed: (asset: AssetKey) => SliceSet
  /** Made, or found to need nothing, at an instant or later. */
  readonly updatedSince: (asset: AssetKey, instant: number) => SliceSet
  /** Made already, but something that they read came out otherwise since. */
  readonly behind: (asset: AssetKey) => SliceSet
  /** Since the tick before. */
  readonly updates: readonly Update[]
  readonly codeVersion: (asset: AssetKey) => string
}

/** A run made slices of an asset. */
export interface Update {
  readonly asset: AssetKey
  readonly slices: SliceSet
  /** Whether they came out other than they were. */
  readonly changed: boolean
  /** All that the run set out to make. */
  readonly targets: ReadonlySet<AssetKey>
}

/** What one asset's condition remembers from tick to tick: plain data, kept as JSON. */
export interface ConditionCursor {
  /** Of the condition that it was kept for: under another it means nothing. */
  readonly condition: string
  readonly at: number
  readonly codeVersion: string
  readonly requested: SliceSet
  /** By the place in the condition: what `newlyTrue` saw, what `since` holds. */
  readonly kept: Readonly<Record<string, SliceSet>>
}

export interface ConditionAnswer {
  readonly asset: AssetKey
  /** What to ask for; empty where nothing. */
  readonly slices: SliceSet
  readonly trace: ConditionTrace
  readonly cursor: ConditionCursor
}

/** Evaluates the conditions of all assets at one tick, upstreams first. A pure function: of the same facts and cursors come the same requests. */
export function evaluateConditions(world: ConditionWorld, facts: ConditionFacts, cursors: ReadonlyMap<AssetKey, ConditionCursor>): readonly ConditionAnswer[] {
  const requested = new Map<AssetKey, SliceSet>()
  return world.keys.flatMap(asset => {
    const condition = world.conditionOf(asset)
    if (!condition) return []
    const answer = new Evaluation(asset, condition, world, facts, cursors.get(asset), requested).answer()
    if (!isEmpty(answer.slices)) requested.set(asset, answer.slices)
    return [answer]
  })
}

interface Result {
  readonly slices: SliceSet
  readonly trace: ConditionTrace
}

class Evaluation {
  readonly #before: ConditionCursor | undefined
  readonly #kept: Record<string, SliceSet> = {}
  readonly #answered: string[] = []
  readonly #name: string

  constructor(readonly asset: AssetKey, readonly condition: AutomationCondition, readonly world: ConditionWorld, readonly facts: ConditionFacts, cursor: ConditionCursor | undefined, readonly requested: ReadonlyMap<AssetKey, SliceSet>) {
    this.#name = fingerprint(JSON.stringify(condition), world.shapeOf(asset)).slice(0, 16)
    this.#before = cursor?.condition === this.#name ? cursor : undefined
  }

  answer(): ConditionAnswer {
    const { slices, trace } = this.#evaluate(this.condition, this.asset, '')
    // A request answers every trigger that waits for one right now: what changes from here on is a new trigger.
    for (const place of this.#answered) this.#kept[place] = subtract(this.#kept[place]!, slices)
    const cursor = { condition: this.#name, at: this.world.now, codeVersion: this.facts.codeVersion(this.asset), requested: slices, kept: this.#kept }
    return { asset: this.asset, slices, trace, cursor }
  }

  /** @param of whose slices: the asset's own, or an upstream's within a condition on upstreams. */
  #evaluate(condition: AutomationCondition, of: AssetKey, place: string): Result {
    switch (condition.is) {
      case 'and':
      case 'or': {
        const parts = condition.of.map((part, i) => this.#evaluate(part, of, `${place}.${i}`))
        const slices = parts.map(part => part.slices)
        return this.#result(condition.is, of, condition.is === 'and' ? slices.reduce(intersect, this.world.all(of)) : slices.reduce(union, this.world.none(of)), parts)
      }
      case 'not': {
        const part = this.#evaluate(condition.of, of, `${place}.0`)
        return this.#result('not', of, subtract(this.world.all(of), part.slices), [part])
      }
      case 'named': {
        const part = this.#evaluate(condition.of, of, `${place}.0`)
        return this.#result(condition.name, of, part.slices, [part])
      }
      case 'newlyTrue': {
        const part = this.#evaluate(condition.of, of, `${place}.0`)
        this.#kept[place] = part.slices
        return this.#result('newlyTrue', of, subtract(part.slices, this.#before?.kept[place] ?? this.world.none(of)), [part])
      }
      case 'since': return this.#since(condition, of, place)
      case 'anyDepsMatch': {
        const parts = this.world.upstreamKeysOf(of).map(upstream => ({ upstream, ...this.#evaluate(condition.of, upstream, `${place}.${upstream}`) }))
        const slices = parts.map(({ upstream, slices }) => this.world.fedBy(of, upstream, slices)).reduce(union, this.world.none(of))
        return this.#result('anyDepsMatch', of, slices, parts.map(({ upstream, trace, slices }) => ({ slices, trace: { ...trace, label: `${upstream}: ${trace.label}` } })))
      }
      case 'allDepsMatch': {
        const parts = this.world.upstreamKeysOf(of).map(upstream => ({ upstream, ...this.#evaluate(condition.of, upstream, `${place}.${upstream}`) }))
        const lacking = parts.map(({ upstream, slices }) => this.world.fedBy(of, upstream, subtract(this.world.all(upstream), slices))).reduce(union, this.world.none(of))
        return this.#result('allDepsMatch', of, subtract(this.world.all(of), lacking), parts.map(({ upstream, trace, slices }) => ({ slices, trace: { ...trace, label: `${upstream}: ${trace.label}` } })))
      }
      case 'cronTickPassed': {
        const last = this.#before && ticksOf(condition.cron, condition.timezone).last(this.world.now)
        const passed = last !== undefined && last > this.#before!.at
        return this.#result(`cronTickPassed ${condition.cron} ${condition.timezone}`, of, passed ? this.world.all(of) : this.world.none(of), [])
      }
      case 'updatedSinceCron': {
        const slices = this.facts.updatedSince(of, ticksOf(condition.cron, condition.timezone).last(this.world.now))
        return this.#result(`updatedSinceCron ${condition.cron} ${condition.timezone}`, of, slices, [])
      }
      default: return this.#result(condition.is, of, this.#fact(condition.is, of), [])
    }
  }

  #since({ trigger, reset }: Extract<AutomationCondition, { is: 'since' }>, of: AssetKey, place: string): Result {
    const [on, off] = [this.#evaluate(trigger, of, `${place}.0`), this.#evaluate(withoutRequests(reset) ?? NEVER, of, `${place}.1`)]
    const held = subtract(union(intersect(this.#before?.kept[place] ?? this.world.none(of), this.world.all(of)), on.slices), off.slices)
    this.#kept[place] = held
    if (withoutRequests(reset) !== reset && of === this.asset) this.#answered.push(place)
    return this.#result('since', of, held, [on, off])
  }

  #fact(is: SliceFact, of: AssetKey): SliceSet {
    const { world, facts } = this
    switch (is) {
      case 'missing': return subtract(world.all(of), facts.written(of))
      case 'inProgress': return facts.inProgress(of)
      case 'executionFailed': return facts.failed(of)
      case 'newlyUpdated': return this.#updatesOf(of).map(({ slices }) => slices).reduce(union, world.none(of))
      case 'newlyRequested': return of === this.asset && this.#before ? this.#before.requested : world.none(of)
      case 'willBeRequested': return this.requested.get(of) ?? world.none(of)
      case 'upstreamUpdated': return this.#upstreamUpdated(of)
      case 'behind': return facts.behind(of)
      case 'inLatestTimeWindow': return world.latest(of)
      case 'codeChanged': return this.#before !== undefined && of === this.asset && this.#before.codeVersion !== facts.codeVersion(of) ? world.all(of) : world.none(of)
    }
  }

  #upstreamUpdated(of: AssetKey): SliceSet {
    const { world } = this
    const changes = world.upstreamKeysOf(of).flatMap(upstream => [
      ...this.#updatesOf(upstream).filter(({ changed, targets }) => changed && !targets.has(of)).map(({ slices }) => world.fedBy(of, upstream, slices)),
      world.fedBy(of, upstream, this.requested.get(upstream) ?? world.none(upstream)),
    ])
    return changes.reduce(union, world.none(of))
  }

  #updatesOf(asset: AssetKey): readonly Update[] {
    return this.facts.updates.filter(update => update.asset === asset)
  }

  #result(label: string, of: AssetKey, slices: SliceSet, parts: readonly Result[]): Result {
    const holds = !isEmpty(slices)
    const text = holds ? this.world.text(of, slices) : undefined
    return { slices, trace: { label, holds, ...(text !== undefined && { slices: text }), of: parts.map(({ trace }) => trace) } }
  }
}

const NEVER: AutomationCondition = { is: 'or', of: [] }

/** The reset without what is reset the moment that something is asked for. */
function withoutRequests(reset: AutomationCondition): AutomationCondition | undefined {
  if (reset.is === 'newlyRequested') return undefined
  if (reset.is !== 'or' || !reset.of.some(part => part.is === 'newlyRequested')) return reset
  return { is: 'or', of: reset.of.filter(part => part.is !== 'newlyRequested') }
}
