import { subjectName, type Alert, type Incident, type IncidentSubject, type Severity } from '../vocabulary/alert.ts'

/** What a look found of one subject. `undisclosed`: it could not be told, so that an incident that is open stays as it is. */
export interface Finding {
  readonly subject: IncidentSubject
  readonly state: 'fine' | 'undisclosed' | Severity
}

export interface IncidentChange {
  readonly incident: Incident
  /** Absent where nobody has to be told. */
  readonly notice?: Alert['kind'] | undefined
}

/**
 * What a look changes in the incidents. A pure function, and of equal findings the second changes nothing: one alert when an incident opens, one
 * when it is over, and one each time that it gets worse or too old.
 * @param escalateAfterMs ages of an incident, ascending
 * @param newId names an incident that opens
 */
export function incidentChanges(open: readonly Incident[], findings: readonly Finding[], now: Date, escalateAfterMs: readonly number[], newId: () => string): readonly IncidentChange[] {
  const known = new Map(open.map(incident => [subjectName(incident.subject), incident]))
  const at = now.toISOString()
  const changes = findings.flatMap(({ subject, state }): IncidentChange[] => {
    const incident = known.get(subjectName(subject))
    known.delete(subjectName(subject))
    if (!incident) return state === 'fine' || state === 'undisclosed' ? [] : [{ incident: { id: newId(), subject, severity: state, openedAt: at, escalations: 0 }, notice: 'opened' }]
    if (state === 'fine') return [{ incident: { ...incident, closedAt: at }, notice: 'recovered' }]
    // That nothing can be told any more makes nothing better.
    const severity = state === 'undisclosed' || state === 'unknown' ? incident.severity : state
    const escalations = Math.max(incident.escalations, passed(incident, escalateAfterMs, now))
    const isWorse = RANK[severity] > RANK[incident.severity]
    if (isWorse || escalations > incident.escalations) return [{ incident: { ...incident, severity, escalations }, notice: 'escalated' }]
    return severity === incident.severity ? [] : [{ incident: { ...incident, severity } }]
  })
  // What is no longer watched cannot be found fine again.
  return [...changes, ...[...known.values()].map(incident => ({ incident: { ...incident, closedAt: at } }))]
}

/** When the next open incident gets so old that it is escalated. */
export function nextEscalation(open: readonly Incident[], escalateAfterMs: readonly number[]): number {
  return Math.min(...open.map(({ openedAt, escalations }) => Date.parse(openedAt) + (escalateAfterMs[escalations] ?? Infinity)))
}

const passed = ({ openedAt }: Incident, escalateAfterMs: readonly number[], now: Date): number => escalateAfterMs.filter(age => now.getTime() - Date.parse(openedAt) >= age).length

const RANK: Readonly<Record<Severity, number>> = { unknown: 0, warn: 1, fail: 2 }
