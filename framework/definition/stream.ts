import type { AssetKey } from '../vocabulary/asset-key.ts'
import { ExplainedError } from '../vocabulary/errors.ts'
import type { WriteMode } from './write-mode.ts'

/** An asset that takes in messages of topics, and knows how far it has read each of their partitions. Named are the asset's columns. */
export interface Stream {
  readonly topics: readonly string[]
  readonly topic: string
  readonly partition: string
  readonly offset: string
  /** When a message was written to its topic. */
  readonly at: string
}

/** @throws {StreamNeedsKey} where a message that is delivered twice would stand there twice. */
export function checkStream(key: AssetKey, stream: Stream | undefined, write: WriteMode): void {
  if (stream && (write.mode !== 'append' || write.key.length === 0)) throw new StreamNeedsKey(key)
}

export class StreamNeedsKey extends ExplainedError {
  readonly code = 'definition/stream-needs-key'
  readonly hint = 'Write with append({ key: [\'event_id\'] }): messages are delivered at least once, and the first delivery stays.'
  constructor(readonly asset: AssetKey) {
    super(`${asset} takes in a stream, and does not append by a key.`)
  }
}
