import { AbstractAsset } from './abstract-asset.ts'
import type { RunContext } from './run-context.ts'

/** What a sink is handed: its upstreams, at the versions that this run pinned. */
export interface PublishContext extends RunContext {
  /** The version of the upstream's table that is being published. */
  versionOf(upstream: AbstractAsset): number
  /** What names the upstream's content: equal rows have the equal name, whatever the version. */
  contentOf(upstream: AbstractAsset): string
  /** The upstream's rows, streamed in batches. */
  rowsOf(upstream: AbstractAsset): AsyncIterable<readonly Readonly<Record<string, unknown>>[]>
  /** The upstream's rows as parquet files, in a folder that is gone when publishing ends. */
  filesOf(upstream: AbstractAsset): Promise<UnloadedTable>
  /** As {@link filesOf}, only what is not as it was in an earlier version; undefined where that can't be told. `content` is what named it then. */
  changesSince(upstream: AbstractAsset, since: { readonly version: number; readonly content: string }): Promise<UnloadedChanges | undefined>
  /** How many rows the upstream has, where that is recorded. */
  rowCountOf(upstream: AbstractAsset): number | undefined
}

/** A table as files that a warehouse can load. */
export interface UnloadedTable {
  /** Absolute. */
  readonly files: readonly string[]
  /** With types in DuckDB's words. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: number
}

/** What makes one version of a table of another. A row that both versions have may be in both. */
export interface UnloadedChanges {
  /** The rows as they are now that were not there, or otherwise. */
  readonly came: UnloadedTable
  /** The rows as they were that are there no longer, or otherwise. */
  readonly went: UnloadedTable
}

/** A part of a table that is not the same in the lake and in the sink. */
export interface Difference {
  /** Which part: a day, a segment. */
  readonly partition: string
  readonly measure: string
  readonly lake: string | null
  readonly sink: string | null
}

/** A table in someone's warehouse that we keep in step with the lake. It is a sink: nothing may read it. */
export abstract class PublishAsset extends AbstractAsset {
  /** Brings the sink up to the pinned versions, and tells how many rows it wrote. Called twice with one version, it must change nothing. */
  abstract publish(context: PublishContext): Promise<{ readonly rows: number }>
  /** Compares the sink with the versions that were published last. Absent: `varve reconcile` passes it over. */
  reconcile?(context: PublishContext): Promise<readonly Difference[]>
}
