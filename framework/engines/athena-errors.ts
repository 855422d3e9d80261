import { ExplainedError } from '../vocabulary/errors.ts'
import { JobFailed } from './engine-errors.ts'

/** A query that Athena ended. `transient`: by Athena's own word, another try may go well. */
export class QueryFailed extends JobFailed {
  constructor(query: string, state: string, reason: string, hint: string, readonly transient: boolean) {
    super('athena', query, state, reason, hint)
  }
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
