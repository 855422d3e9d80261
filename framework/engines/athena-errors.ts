import type { QueryExecution } from '@aws-sdk/client-athena'
import { ExplainedError } from '../vocabulary/errors.ts'
import { JobFailed } from './engine-errors.ts'
import type { AthenaSettings } from './athena-settings.ts'

/** A query that Athena ended. `transient`: by Athena's own word, another try may go well. */
export class QueryFailed extends JobFailed {
  constructor(query: string, state: string, reason: string, hint: string, transient: boolean) {
    super('athena', query, state, reason, hint, transient)
  }
}

/** Why the query ended as it did, in Athena's words. */
export const reasonOf = ({ Status: status }: QueryExecution): string => status?.AthenaError?.ErrorMessage ?? status?.StateChangeReason ?? 'nothing is known of why'

/** What to say of a query that did not end well: by whose limit, or whether another try may go well. `most` is how our own limit of bytes is said, `raise` where it is set. */
export function endedBadly(query: QueryExecution, { maxBytes, timeoutMinutes, workgroup }: Pick<AthenaSettings, 'maxBytes' | 'timeoutMinutes' | 'workgroup'>, { most, raise, mend }: { readonly most: string; readonly raise: string; readonly mend: string }): QueryFailed {
  const state = String(query.Status?.State)
  const scanned = query.Statistics?.DataScannedInBytes ?? 0
  const told = reasonOf(query)
  const failed = (reason: string, hint: string, transient = false) => new QueryFailed(String(query.QueryExecutionId), state, reason, hint, transient)
  if (/bytes scanned limit/i.test(told)) return failed(`${told} (${scanned} bytes)`, `That is a limit of the workgroup ${workgroup} (BytesScannedCutoffPerQuery). Have it read less (partitions, columns), raise that limit, or choose another athena.workgroup.`)
  if (state === 'CANCELLED' && maxBytes !== undefined && scanned > maxBytes) return failed(`it had scanned ${scanned} bytes, and ${most} ${maxBytes}`, `Have it read less (partitions, columns), or raise ${raise}.`)
  if (state === 'CANCELLED') return failed(told, `Someone cancelled it, or it took longer than athena.timeoutMinutes (${timeoutMinutes}).`)
  return query.Status?.AthenaError?.Retryable ? failed(told, 'Athena says that another try may go well: run it again.', true) : failed(told, mend)
}

/** What was read may not have been what the plan pinned: Athena knows the newest version of a Delta table only. */
export class VersionMoved extends ExplainedError {
  readonly code = 'engines/version-moved'
  readonly hint = 'Run it again: it will read what is newest then. If something else keeps writing to the table, have this asset made by another engine: engines: { assets: { <key>: emr-serverless } }.'
  constructor(subject: string, readonly input: string, pinned: number, found: number) {
    super(`${subject} is to read version ${pinned} of ${input}, and its newest is ${found}: Athena can read the newest version only.`)
  }
}

/** Athena reads and writes instants by the millisecond, and drops what is finer without a word. */
export class InstantsByMillisecond extends ExplainedError {
  readonly code = 'engines/instants-by-millisecond'
  readonly hint: string
  constructor(subject: string, columns: readonly string[]) {
    super(`${subject} has instants (${columns.join(', ')}), which Athena reads and writes by the millisecond: what is finer would be lost.`)
    this.hint = `If no instant here is finer, say athena: { instants: milliseconds } in config/<profile>.yaml; else have it made by another engine: engines: { assets: { ${subject}: duckdb } }.`
  }
}

/** A query gave an instant that is finer than what Athena writes. */
export class FinerThanMilliseconds extends ExplainedError {
  readonly code = 'engines/finer-than-milliseconds'
  readonly hint: string
  constructor(subject: string, column: string) {
    super(`${subject} gave an instant in ${column} that is finer than a millisecond, which is the finest that Athena writes.`)
    this.hint = `Cut it in the query, or have it made by another engine: engines: { assets: { ${subject}: duckdb } } in config/<profile>.yaml.`
  }
}

export class NestedInstants extends ExplainedError {
  readonly code = 'engines/nested-instants'
  readonly hint: string
  constructor(subject: string, columns: readonly string[]) {
    super(`${subject} has instants within lists or structs (${columns.join(', ')}), which Athena can't write.`)
    this.hint = `Have it made by another engine: engines: { assets: { ${subject}: duckdb } } in config/<profile>.yaml.`
  }
}
