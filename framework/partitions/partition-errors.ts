import { ExplainedError } from '../vocabulary/errors.ts'
import { didYouMean } from '../vocabulary/near-names.ts'

/** A declaration of partitions that cannot be meant. */
export class BadPartitions extends ExplainedError {
  readonly code = 'partitions/bad-declaration'
  constructor(message: string, readonly hint: string) {
    super(message)
  }
}

/** A beginning or an end that no window has. */
export class NotABoundary extends ExplainedError {
  readonly code = 'partitions/not-a-boundary'
  constructor(readonly text: string, unit: string, readonly hint: string) {
    super(`${text} is not where a ${unit} begins.`)
  }
}

/** A range whose end does not lie behind its beginning. */
export class InvertedRange extends ExplainedError {
  readonly code = 'partitions/inverted-range'
  readonly hint: string
  constructor(readonly from: string, readonly to: string) {
    super(from === to ? `The range from ${from} to ${to} is empty: the end is exclusive.` : `The range from ${from} to ${to} ends before it begins.`)
    this.hint = from === to ? `For one slice write ${from} alone.` : `Write ${to}..${from}; the end is exclusive.`
  }
}

/** A key that names no slice. */
export class UnknownSlice extends ExplainedError {
  readonly code = 'partitions/unknown-slice'
  constructor(readonly slice: string, why: string, readonly hint: string) {
    super(`There is no slice ${slice}${why}.`)
  }
}

export class UnknownTimeZone extends ExplainedError {
  readonly code = 'partitions/unknown-time-zone'
  readonly hint: string
  constructor(readonly zone: string) {
    super(`"${zone}" is not a time zone.`)
    this.hint = didYouMean(zone, Intl.supportedValuesOf('timeZone'), 'Write a name of the IANA database: Europe/Berlin, America/New_York, UTC.')
  }
}

/** A cron expression that cannot be read. */
export class BadCron extends ExplainedError {
  readonly code = 'partitions/bad-cron'
  readonly hint = 'Write minute, hour, day, month and weekday: 0 6 * * * is each day at six.'
  constructor(readonly cron: string, why: string) {
    super(`"${cron}" is not a cron expression: ${why}`)
  }
}

/** A cron expression that can be read, but that no day satisfies. */
export class CronNeverFires extends ExplainedError {
  readonly code = 'partitions/cron-never-fires'
  readonly hint = 'Look at its day and month: 0 0 30 2 * asks for the 30th of February.'
  constructor(readonly cron: string, readonly after: string) {
    super(`"${cron}" never fires after ${after}.`)
  }
}

/** A mapping between partitions that it does not fit. */
export class MappingMismatch extends ExplainedError {
  readonly code = 'partitions/mapping-mismatch'
  constructor(message: string, readonly hint: string) {
    super(message)
  }
}

/** Slices that a child needs of its upstream and that are not there. */
export class MissingUpstreamSlices extends ExplainedError {
  readonly code = 'partitions/missing-upstream-slices'
  readonly hint: string
  constructor(child: string, upstream: string, readonly slices: string, readonly reasons: readonly string[]) {
    super(`${child} needs slices of ${upstream} that do not exist: ${slices} (${reasons.join('; ')}).`)
    this.hint = 'Start later, change the mapping, or say that what is missing may be: timeWindow({ from: -6, to: 0, allowMissing: true }).'
  }
}
