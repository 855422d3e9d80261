import type { Freshness } from '../planning/freshness.ts'
import type { Crossing } from '../planning/freshness-rule.ts'
import { layerOf } from '../vocabulary/asset-key.ts'
import type { Alert, Incident } from '../vocabulary/alert.ts'
import { inWords } from '../vocabulary/near-names.ts'
import type { DeadlineStatus } from './job-deadlines.ts'
import { spanInWords } from './span-in-words.ts'

/** Takes alerts to where people see them. */
export interface AlertChannel {
  readonly name: string
  /** Fails where the alert may not have arrived. It is then sent again, so that one may arrive twice, but none never. */
  send(alert: Alert, signal: AbortSignal): Promise<void>
}

/** What stands in an alert besides what was found. */
export interface AlertFacts {
  readonly owners: readonly string[]
  readonly runbook: string | undefined
}

/** An alert on an asset that is too old, or new again. There is nothing of the asset's rows in it. */
export function freshnessAlert(incident: Incident, kind: Alert['kind'], found: Freshness, { owners, runbook }: AlertFacts, now: Date): Alert {
  const { asset, ageMs, limit, until, blame } = found
  return {
    ...head(incident, kind, now),
    message: freshnessMessage(incident, kind, found),
    age: ageMs ?? null,
    limit: limit ? limitInWords(limit) : null,
    until: until === undefined ? null : new Date(until).toISOString(),
    blame: blame ?? null,
    owners,
    runbook: runbook === undefined ? null : filled(runbook, { asset, layer: layerOf(asset), name: asset.slice(asset.lastIndexOf('/') + 1), schedule: '' }),
  }
}

/** An alert on a schedule that was not done in time, or is done at last. */
export function deadlineAlert(incident: Incident, kind: Alert['kind'], { schedule, tick, lacking, until }: DeadlineStatus, { owners, runbook }: AlertFacts, now: Date): Alert {
  const limit = spanInWords(schedule.doneWithinMs ?? 0)
  const due = new Date(tick ?? now).toISOString()
  return {
    ...head(incident, kind, now),
    message: kind === 'recovered' ? `${schedule.name}, due at ${due}, is done.` : `${schedule.name}, due at ${due}, was to be done within ${limit} and is not: ${several(lacking)} ${lacking.length === 1 ? 'is' : 'are'} not made${kind === 'escalated' ? ' yet' : ''}.`,
    age: now.getTime() - Date.parse(due),
    limit,
    until: new Date(until).toISOString(),
    blame: lacking[0] ?? null,
    owners,
    runbook: runbook === undefined ? null : filled(runbook, { asset: '', layer: '', name: schedule.name, schedule: schedule.name }),
  }
}

export const limitInWords = (limit: Crossing['limit']): string => (limit.kind === 'age' ? spanInWords(limit.ms) : `by ${limit.cron} ${limit.timezone}`)

const head = ({ id, severity, openedAt, subject }: Incident, kind: Alert['kind'], now: Date) => ({ incident: id, kind, severity, at: now.toISOString(), openedAt, subject })

function freshnessMessage({ severity }: Incident, kind: Alert['kind'], { asset, state, ageMs, limit, blame }: Freshness): string {
  const age = ageMs === undefined ? '' : `: ${spanInWords(ageMs)} old`
  if (kind === 'recovered') return `${asset} is fresh again${age}.`
  if (state === 'unknown') return `How fresh ${asset} is can't be told: looking at it failed.`
  const behind = blame === undefined ? '' : ` ${blame} holds it back.`
  return `${asset} is ${kind === 'escalated' ? 'still ' : ''}too old (${severity})${age}${limit ? `, allowed ${limitInWords(limit)}` : ''}.${behind}`
}

function several(names: readonly string[]): string {
  return names.length <= 3 ? inWords(names) : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`
}

function filled(template: string, values: Readonly<Record<'asset' | 'layer' | 'name' | 'schedule', string>>): string {
  return template.replaceAll(/\{(asset|layer|name|schedule)\}/g, (_, name: keyof typeof values) => values[name])
}
