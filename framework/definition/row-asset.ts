import { AbstractAsset } from './abstract-asset.ts'
import type { RunContext } from './run-context.ts'

/** A table that TypeScript fills, row by row: from an API, a file, a queue. Rows are streamed; they need not fit in memory. */
export abstract class RowAsset<Row extends object> extends AbstractAsset {
  /** The columns in order, each with its SQL type. A value that does not fit its type fails the step. */
  abstract readonly columns: { readonly [Name in keyof Row & string]: string }
  abstract rows(context: RunContext): Iterable<Row> | AsyncIterable<Row>
}
