import type { AutomationCondition } from '../definition/automation-condition.ts'
import { ticksOf } from '../partitions/ticks.ts'
import { isEmpty } from '../partitions/slice-set.ts'
import { cronsIn } from '../planning/cadences.ts'
import type { Situation } from '../planning/situation.ts'
import type { AutomationLog, QueuedRequest } from '../state/automation-log.ts'
import type { EventLog } from '../state/event-log.ts'
import { isAssetKey, type AssetKey } from '../vocabulary/asset-key.ts'
import { Bell } from './bell.ts'
import { conditionFacts } from './condition-facts.ts'
import { conditionWorld } from './condition-world.ts'
import type { Job } from './daemon.ts'
import { evaluateConditions, type ConditionAnswer, type ConditionCursor } from './evaluate-conditions.ts'
import { noMemory, runNews, type RunMemory } from './run-news.ts'
import { GRACE_MS } from './schedules.ts'

export interface ConditionsOptions {
  readonly log: AutomationLog
  readonly events: Pick<EventLog, 'materializationsOf'>
  /** The lake as it is now. */
  readonly situation: () => Promise<Situation>
  /** The assets that a request means. */
  readonly assetsOf: (request: QueuedRequest) => readonly AssetKey[]
  readonly everyMs: number
  /** Of times of the clock that passed while nobody looked. */
  readonly catchUp: 'latest' | 'skip'
  /** Is called when something was asked for. */
  readonly requested: () => void
  readonly say: (message: string) => void
}

/** Evaluates the conditions of assets, and asks for what they ask for. How far it has read is written down together with what it asked for. */
export class ConditionsJob implements Job {
  readonly name = 'the conditions'
  readonly bell = new Bell()
  readonly #options: ConditionsOptions

  constructor(options: ConditionsOptions) {
    this.#options = options
  }

  async look(now: Date): Promise<number> {
    const { log, everyMs, requested } = this.#options
    const memory = this.#memory()
    const { events, point } = log.eventsSince(memory.point)
    const news = runNews(memory, events, point, now)
    const situation = await this.#options.situation()
    const { graph } = situation
    const world = conditionWorld(graph, { ...situation.world, now })
    const cursors = this.#cursors(world.keys)
    const conditions = world.keys.flatMap(asset => {
      const condition = world.conditionOf(asset)
      return condition ? [{ asset, condition }] : []
    })
    const started = new Map([...cursors].map(([asset, cursor]) => [asset, cursor] as const))
    for (const { asset, condition } of conditions) this.#passTicks(asset, condition, started, now)
    const facts = conditionFacts(news, { situation, world, inProgress: this.#inProgress(now), materializationsOf: asset => this.#options.events.materializationsOf(asset), looks: log.looks() })
    const answers = evaluateConditions(world, facts, started)
    const asked = log.transaction(() => {
      for (const { asset, cursor } of answers) log.setCursor(`condition ${asset}`, JSON.stringify(cursor))
      const { updates: _, ...kept } = news
      log.setCursor(MEMORY, JSON.stringify(kept))
      for (const { asset, slices, trace } of answers) log.trace({ asset, at: now.toISOString(), requested: isEmpty(slices) ? undefined : (world.text(asset, slices) ?? 'all'), trace })
      return this.#request(answers.filter(({ slices }) => !isEmpty(slices)), (asset, slices) => world.text(asset, slices), now)
    })
    if (asked) requested()
    const crons = conditions.flatMap(({ condition }) => cronsIn(condition)).map(({ cron, timezone }) => ticksOf(cron, timezone).next(now.getTime()))
    return Math.min(now.getTime() + everyMs, ...crons)
  }

  #memory(): RunMemory {
    const { log } = this.#options
    const text = log.cursor(MEMORY)
    // Who looks for the first time has missed nothing: what happened before is no news.
    return text === undefined ? noMemory(log.eventPoint()) : (JSON.parse(text) as RunMemory)
  }

  #cursors(assets: readonly AssetKey[]): Map<AssetKey, ConditionCursor> {
    return new Map(assets.flatMap(asset => {
      const text = this.#options.log.cursor(`condition ${asset}`)
      return text === undefined ? [] : [[asset, JSON.parse(text) as ConditionCursor] as const]
    }))
  }

  /** Lists the times that nobody answered, and lets go of the last one too where it is not to be made up for. */
  #passTicks(asset: AssetKey, condition: AutomationCondition, cursors: Map<AssetKey, ConditionCursor>, now: Date): void {
    const { log, catchUp, say } = this.#options
    const before = cursors.get(asset)
    if (!before) return
    for (const { cron, timezone } of cronsIn(condition)) {
      const passed = ticksOf(cron, timezone).between(before.at, now.getTime())
      const late = passed.length > 0 && now.getTime() - passed.at(-1)! > GRACE_MS
      const skipped = late && catchUp === 'skip'
      const missed = skipped ? passed : passed.slice(0, -1)
      for (const tick of missed) log.recordTick({ schedule: `condition of ${asset}`, tick: new Date(tick).toISOString(), status: 'missed', at: now.toISOString() })
      if (late && !skipped) log.recordTick({ schedule: `condition of ${asset}`, tick: new Date(passed.at(-1)!).toISOString(), status: 'caught-up', at: now.toISOString() })
      if (missed.length > 0) say(`the condition of ${asset} missed ${missed.length === 1 ? 'a time' : `${missed.length} times`}, the last at ${new Date(missed.at(-1)!).toISOString()}`)
      if (skipped) cursors.set(asset, { ...before, at: now.getTime() })
    }
  }

  #inProgress(now: Date): readonly { readonly asset: AssetKey; readonly slices?: string | undefined }[] {
    const { log, assetsOf } = this.#options
    const asked = log.openRequests().flatMap(request => assetsOf(request).map(asset => ({ asset, slices: request.slices[asset] })))
    return [...asked, ...log.heldLeases(now).filter(isAssetKey).map(asset => ({ asset }))]
  }

  #request(answers: readonly ConditionAnswer[], text: (asset: AssetKey, slices: ConditionAnswer['slices']) => string | undefined, now: Date): boolean {
    if (answers.length === 0) return false
    const slices = Object.fromEntries(answers.flatMap(answer => {
      const named = text(answer.asset, answer.slices)
      return named === undefined ? [] : [[answer.asset, named]]
    })) as Record<AssetKey, string>
    const at = now.toISOString()
    return this.#options.log.request({ id: `conditions ${at} ${crypto.randomUUID().slice(0, 8)}`, by: 'conditions', name: 'conditions', at, selection: answers.map(({ asset }) => asset), slices })
  }
}

const MEMORY = 'run memory'
