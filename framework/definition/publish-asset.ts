import { AbstractAsset } from './abstract-asset.ts'
import type { RunContext } from './run-context.ts'

/** What a sink is handed: the rows of its upstreams, at the versions that this run pinned. */
export interface PublishContext extends RunContext {
  /** The version of the upstream's table that is being published. */
  versionOf(upstream: AbstractAsset): number
  /** The upstream's rows, streamed in batches. */
  rowsOf(upstream: AbstractAsset): AsyncIterable<readonly Readonly<Record<string, unknown>>[]>
}

/** A table in someone's warehouse that we keep in step with the lake. It is a sink: nothing may read it. */
export abstract class PublishAsset extends AbstractAsset {
  /** Brings the sink up to the pinned versions, and tells how many rows it wrote. Called twice with one version, it must change nothing. */
  abstract publish(context: PublishContext): Promise<{ readonly rows: number }>
}
