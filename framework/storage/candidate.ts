import type { DescribedColumn } from '../duckdb/connection.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Materialization, StreamOffsets } from '../vocabulary/materialization.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import type { StepCounts } from '../vocabulary/run-event.ts'
import type { SliceSet } from '../partitions/slice-set.ts'
import type { DataVersion } from '../vocabulary/version.ts'

/** What a writer saw of a column over the whole candidate. The bounds hold all values; they may be wider. */
export interface ColumnFacts {
  /** Undefined where the files don't tell. */
  readonly nulls?: number | undefined
  readonly min?: string | number | undefined
  readonly max?: string | number | undefined
}

/** The next version of a table, in files that no reader sees yet. It is published whole, or not at all. */
export interface Candidate {
  readonly asset: AssetKey
  readonly dataVersion: DataVersion
  /** See {@link Materialization.content}. */
  readonly content?: string | undefined
  readonly counts: StepCounts
  /** By promise, the rows that were taken out because they break it. Absent of what was not sifted, as it was before. */
  readonly rejections?: ReadonlyMap<string, { readonly how: 'quarantine' | 'drop'; readonly rows: number; readonly of: number }> | undefined
  /** Promises that were held while it was made. */
  readonly held?: readonly CheckResult[] | undefined
  /** The content cut down to lists of columns, by their digests. */
  readonly cuts?: Readonly<Record<string, DataVersion>> | undefined
  /** Of a stream: how far its topics would have been read. */
  readonly offsets?: StreamOffsets | undefined
  /** How far the source would have been read. ISO 8601, UTC. */
  readonly watermark?: string | undefined
  /** Of the whole table, as it would stand. */
  readonly rows: number
  readonly tableBytes: number
  readonly files: number
  readonly bytes: number
  /** The slices that were made came out as they were before; the asset, where it has no slices. */
  readonly sameAsBefore: boolean
  /** The slices that came out otherwise, where not all of those that were made did. */
  readonly changedSlices?: SliceSet | undefined
  /** It equals what is published: there is nothing to commit. */
  readonly unchanged: boolean
  /** A SELECT over the table as it would stand, whose files are on this machine once it is answered; absent of what is no table. */
  relation?(): Promise<string>
  /** The table's columns, in DuckDB's words. */
  readonly columns?: readonly DescribedColumn[] | undefined
  /** A SELECT over the files that it adds to the table, which hold all rows that are new or changed. Absent: as {@link relation}. */
  changed?(): Promise<string>
  /**
   * The rows in files that the published version does not have; all others stood in that version as they are. Absent where columns are not what
   * they were, where someone else wrote since, and of what is no table.
   */
  readonly added?: { readonly rows: number; /** The version that is published. */ readonly to: number; relation(): Promise<string> } | undefined
  /** What statistics prove about a column without a scan; undefined where they don't tell. */
  facts(column: string): ColumnFacts | undefined
  /** Makes it the next version, with its provenance in the same atomic commit. @returns the table's version */
  publish(provenance: Provenance): Promise<number>
  /** Gives it up, and takes its files away. */
  discard(): Promise<void>
}

/** What a commit says of where its rows came from. */
export type Provenance = Omit<Materialization, 'tableVersion'>
