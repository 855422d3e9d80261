import type { AssetGraph } from '../graph/asset-graph.ts'
import { selectionOfArguments } from '../graph/selection-arguments.ts'
import { select } from '../graph/selection.ts'
import { asksState } from '../graph/selection-syntax.ts'
import { ticksOf } from '../partitions/ticks.ts'
import { cadences } from '../planning/cadences.ts'
import { freshnessMistakes, freshnessRules } from '../planning/freshness-rules.ts'
import type { FreshnessRule } from '../planning/freshness-rule.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { toMillis } from '../vocabulary/duration.ts'
import { ExplainedError, throwMistakes } from '../vocabulary/errors.ts'
import type { Schedule } from '../automation/schedules.ts'
import type { ProjectConfig, ScheduleConfig } from './project-config.ts'

/** What the configuration and the assets say of when things are made, and of how new they have to be. */
export interface AutomationRules {
  readonly schedules: readonly Schedule[]
  readonly freshness: ReadonlyMap<AssetKey, FreshnessRule>
}

/** @throws every mistake in policies and schedules at once */
export function automationRules(graph: AssetGraph, config: ProjectConfig): AutomationRules {
  const mistakes: ExplainedError[] = [...freshnessMistakes(graph, config.freshness)]
  const schedules = Object.entries(config.schedules).flatMap(([name, written]) => {
    try {
      return [scheduleOf(name, written, graph)]
    } catch (error) {
      if (!(error instanceof ExplainedError)) throw error
      mistakes.push(new BadSchedule(name, error))
      return []
    }
  })
  throwMistakes(mistakes)
  const timed = cadences({ keys: graph.keys, upstreamKeysOf: key => graph.upstreamKeysOf(key), conditionOf: key => graph.get(key).automation, schedules })
  return { schedules, freshness: freshnessRules(graph, config.freshness, timed) }
}

function scheduleOf(name: string, { cron, timezone = 'UTC', select: written, doneWithin, catchUp = 'latest', runbook }: ScheduleConfig, graph: AssetGraph): Schedule {
  ticksOf(cron, timezone)
  const selection = typeof written === 'string' ? [written] : written
  const wanted = selectionOfArguments(selection)
  // What a schedule owes must not hang on what the lake looks like when it is asked.
  if (asksState(wanted)) throw new StateInSchedule(selection)
  return { name, cron, timezone, selection, keys: select(graph, wanted), doneWithinMs: doneWithin && toMillis(doneWithin), catchUp, runbook }
}

export class BadSchedule extends ExplainedError {
  readonly code = 'project/bad-schedule'
  readonly hint: string
  constructor(readonly schedule: string, cause: ExplainedError) {
    super(`The schedule ${schedule} can't be kept: ${cause.message}`)
    this.hint = cause.hint
  }
}

class StateInSchedule extends ExplainedError {
  readonly code = 'project/bad-schedule'
  readonly hint = 'Name assets, layers, tags or groups: a run makes only what is stale anyway.'
  constructor(selection: readonly string[]) {
    super(`its selection "${selection.join(' ')}" asks what the lake is like.`)
  }
}
