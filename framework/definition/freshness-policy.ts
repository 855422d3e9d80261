import { BadCron, CronNeverFires, UnknownTimeZone } from '../partitions/partition-errors.ts'
import { ticksOf } from '../partitions/ticks.ts'
import { NotADuration, toMillis, type Duration } from '../vocabulary/duration.ts'
import { ExplainedError } from '../vocabulary/errors.ts'

/** How old an asset may get; `none` keeps it from its layer's policy. */
export type FreshnessPolicy = 'none' | FreshnessLimits

/** At least one of `warnAfter`, `failAfter` and `by`. Where an age and a deadline are given, the worse of the two counts. */
export interface FreshnessLimits {
  readonly warnAfter?: Duration | undefined
  readonly failAfter?: Duration | undefined
  /** A column of dates or instants: the age is that of its greatest value. Without it, that of the newest materialization. */
  readonly column?: string | undefined
  /** A deadline, as a cron expression: from each of its times on, what is there must be no older than that time less `lowerBound`. */
  readonly by?: string | undefined
  /** Default: since the time before. */
  readonly lowerBound?: Duration | undefined
  /** Of `by`, as in `Europe/Berlin`. Default: UTC. */
  readonly timezone?: string | undefined
  /** Where the one who is alerted reads what to do. */
  readonly runbook?: string | undefined
}

const LEAST_MS = 60_000

/** What is wrong with a policy. @param of whose it is, for the messages: `gold/customer_360`, `layer gold` */
export function policyMistakes(policy: FreshnessPolicy, of: string): ExplainedError[] {
  if (policy === 'none') return []
  try {
    return limitMistakes(policy, of)
  } catch (error) {
    if (error instanceof NotADuration || error instanceof BadCron || error instanceof CronNeverFires || error instanceof UnknownTimeZone) return [new BadFreshnessPolicy(of, error.message, error.hint)]
    throw error
  }
}

function limitMistakes({ warnAfter, failAfter, by, lowerBound, timezone }: FreshnessLimits, of: string): ExplainedError[] {
  const mistakes: ExplainedError[] = []
  const wrong = (message: string, hint: string) => mistakes.push(new BadFreshnessPolicy(of, message, hint))
  if (warnAfter === undefined && failAfter === undefined && by === undefined) wrong('it has no limit.', 'Say warnAfter, failAfter or by, or write freshness: none.')
  for (const [name, span] of Object.entries({ warnAfter, failAfter, lowerBound })) {
    if (span !== undefined && toMillis(span) < LEAST_MS) wrong(`${name} is ${span}.`, 'Write a minute or more: 1m, 90s, 2h.')
  }
  if (warnAfter !== undefined && failAfter !== undefined && toMillis(warnAfter) >= toMillis(failAfter)) wrong(`it warns after ${warnAfter} and fails after ${failAfter}.`, 'Let warnAfter be shorter than failAfter.')
  if (by === undefined && (lowerBound !== undefined || timezone !== undefined)) wrong(`${lowerBound !== undefined ? 'lowerBound' : 'timezone'} is said without a deadline.`, 'Say the deadline too: by: 0 6 * * *.')
  if (by !== undefined) ticksOf(by, timezone)
  return mistakes
}

/** A policy that cannot be meant. */
export class BadFreshnessPolicy extends ExplainedError {
  readonly code = 'definition/bad-freshness'
  constructor(readonly of: string, what: string, readonly hint: string) {
    super(`The freshness policy of ${of} can't be kept: ${what}`)
  }
}
