import type { AssetKey } from './asset-key.ts'

/** What an incident is about. */
export type IncidentSubject =
  | { readonly kind: 'freshness'; readonly asset: AssetKey }
  /** A schedule whose assets were not all made in time. */
  | { readonly kind: 'deadline'; readonly schedule: string }

/** `unknown`: it can't be told how bad it is, because looking failed. */
export type Severity = 'unknown' | 'warn' | 'fail'

/** From when something was found wrong until it was found right again. */
export interface Incident {
  readonly id: string
  readonly subject: IncidentSubject
  readonly severity: Severity
  /** ISO 8601, UTC, as are the others. */
  readonly openedAt: string
  /** How often it was escalated because of its age. */
  readonly escalations: number
  readonly closedAt?: string | undefined
}

/** One message about an incident: it opened, it grew, it is over. */
export interface Alert {
  readonly incident: string
  readonly kind: 'opened' | 'escalated' | 'recovered'
  readonly severity: Severity
  /** ISO 8601, UTC, as are the others. */
  readonly at: string
  readonly openedAt: string
  readonly subject: IncidentSubject
  /** For people: one sentence with the names in it. */
  readonly message: string
  /** In milliseconds; null where nothing is known of it. */
  readonly age: number | null
  /** For people: `2h`, `by 0 6 * * * Europe/Berlin`. */
  readonly limit: string | null
  readonly until: string | null
  readonly blame: AssetKey | null
  readonly owners: readonly string[]
  readonly runbook: string | null
}

/** The name under which an incident is found again. */
export const subjectName = (subject: IncidentSubject): string => (subject.kind === 'freshness' ? `freshness ${subject.asset}` : `deadline ${subject.schedule}`)
