import { dimensionsOf, type Partitions } from '../partitions/partitions.ts'
import { column, join, sql } from '../vocabulary/sql.ts'
import type { CheckDefinition } from './check-definition.ts'

/** A row that names no slice is in none: it is kept aside, so that no row that was made is lost without a word. */
export const slicePromises = (partitions: Partitions | undefined): CheckDefinition[] =>
  (partitions === undefined ? [] : dimensionsOf(partitions).map(({ partitions: each }) => ({
    name: `${each.column} names a slice`,
    severity: 'warn',
    rejects: 'quarantine',
    rule: { kind: 'expression', expression: each.kind === 'static' ? sql`${column(each.column)}::varchar in (${join(each.keys)})` : sql`${column(each.column)} is not null` },
  })))
