import { calendarOf } from '../partitions/calendar-of.ts'
import { minuteText } from '../partitions/clock-text.ts'
import { dimensionsOf, type Partitions, type SimplePartitions } from '../partitions/partitions.ts'
import { column, join, sql, type SqlFragment } from '../vocabulary/sql.ts'
import type { CheckDefinition } from './check-definition.ts'

/** A row that names no slice is in none: it is kept aside, so that no row that was made is lost without a word. */
export const slicePromises = (partitions: Partitions | undefined): CheckDefinition[] =>
  (partitions === undefined ? [] : dimensionsOf(partitions).map(({ partitions: each }) => ({
    name: `${each.column} names a slice`,
    severity: 'warn',
    rejects: 'quarantine',
    rule: { kind: 'expression', expression: namesSlice(each) },
  })))

/** Of open windows all exist, so that a row outside of them is in none, now or later. */
function namesSlice(partitions: SimplePartitions): SqlFragment {
  const named = column(partitions.column)
  if (partitions.kind === 'static') return sql`${named}::varchar in (${join(partitions.keys)})`
  if (partitions.kind === 'dynamic' || !partitions.open) return sql`${named} is not null`
  const { zone, start, end } = calendarOf(partitions)
  const [from, to] = [start, end].map(at => minuteText(zone.clockTime(at)).replace(/T00:00$/, ''))
  return sql`${named} is not null and ${named} >= ${from!} and ${named} < ${to!}`
}
