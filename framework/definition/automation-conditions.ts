import { ticksOf } from '../partitions/ticks.ts'
import type { AutomationCondition, SliceFact } from './automation-condition.ts'

const fact = (is: SliceFact) => (): AutomationCondition => Object.freeze({ is })

export const missing = fact('missing')
export const inProgress = fact('inProgress')
export const executionFailed = fact('executionFailed')
export const newlyUpdated = fact('newlyUpdated')
export const newlyRequested = fact('newlyRequested')
export const willBeRequested = fact('willBeRequested')
export const upstreamUpdated = fact('upstreamUpdated')
export const behind = fact('behind')
export const inLatestTimeWindow = fact('inLatestTimeWindow')
export const codeChanged = fact('codeChanged')

/** A time of the expression has come since the tick before. @throws {BadCron | CronNeverFires | UnknownTimeZone} */
export const cronTickPassed = (cron: string, timezone = 'UTC'): AutomationCondition => atTicks('cronTickPassed', cron, timezone)

/** Made, or found to need nothing, since the newest time of the expression. @throws {BadCron | CronNeverFires | UnknownTimeZone} */
export const updatedSinceCron = (cron: string, timezone = 'UTC'): AutomationCondition => atTicks('updatedSinceCron', cron, timezone)

export const and = (...of: readonly AutomationCondition[]): AutomationCondition => Object.freeze({ is: 'and', of })
export const or = (...of: readonly AutomationCondition[]): AutomationCondition => Object.freeze({ is: 'or', of })
export const not = (of: AutomationCondition): AutomationCondition => Object.freeze({ is: 'not', of })

/** It holds, and at the tick before it did not. */
export const newlyTrue = (of: AutomationCondition): AutomationCondition => Object.freeze({ is: 'newlyTrue', of })

/** From when the trigger holds until the reset does. Where both do, the reset wins. */
export const since = (trigger: AutomationCondition, reset: AutomationCondition): AutomationCondition => Object.freeze({ is: 'since', trigger, reset })

export const anyDepsMatch = (of: AutomationCondition): AutomationCondition => Object.freeze({ is: 'anyDepsMatch', of })
export const allDepsMatch = (of: AutomationCondition): AutomationCondition => Object.freeze({ is: 'allDepsMatch', of })
export const named = (name: string, of: AutomationCondition): AutomationCondition => Object.freeze({ is: 'named', name, of })

/**
 * Made when something that it reads has changed, or when it is missing; of slices of time only the newest, so that a new asset does not
 * make its whole past. What was asked for and failed is not asked for again until something above it changes.
 */
export const eager = (): AutomationCondition => named('eager', and(inLatestTimeWindow(), since(or(newlyTrue(missing()), upstreamUpdated()), or(newlyRequested(), and(newlyUpdated(), not(or(behind(), anyDepsMatch(willBeRequested())))))), ...ready()))

/** Made once for each time of the expression, as soon as everything that it reads was made since then. */
export const onCron = (cron: string, timezone = 'UTC'): AutomationCondition =>
  named(`onCron ${cron} ${timezone}`, and(inLatestTimeWindow(), since(cronTickPassed(cron, timezone), newlyRequested()), allDepsMatch(or(updatedSinceCron(cron, timezone), willBeRequested())), not(inProgress())))

/** Made when it is missing and everything that it reads is there; of slices of time only the newest. */
export const onMissing = (): AutomationCondition => named('onMissing', and(inLatestTimeWindow(), since(newlyTrue(missing()), or(newlyRequested(), newlyUpdated())), ...ready()))

/** Nothing that it reads is missing or in the making, nor is it itself in the making. */
const ready = () => [not(anyDepsMatch(and(missing(), not(willBeRequested())))), not(anyDepsMatch(and(inProgress(), not(willBeRequested())))), not(inProgress())]

function atTicks(is: 'cronTickPassed' | 'updatedSinceCron', cron: string, timezone: string): AutomationCondition {
  ticksOf(cron, timezone)
  return Object.freeze({ is, cron, timezone })
}
