import type { AssetKey } from './asset-key.ts'
import type { PartitionKey } from './partition-key.ts'
import type { CodeVersion, DataVersion } from './version.ts'

/** Per topic, per partition, the highest offset that was read. */
export type StreamOffsets = Readonly<Record<string, Readonly<Record<string, number>>>>

/** What a reader saw of an upstream, where it reads only some of the columns. */
export interface ColumnScope {
  readonly columns: string
  readonly version: DataVersion
}

/** The record that a run wrote an asset, or some slices of it: by which code, from which inputs, as which table version. It lies in the commit itself. */
export interface Materialization {
  readonly asset: AssetKey
  /** The slices that were written, as text: one, or a range. Absent where the asset has none. */
  readonly partition?: PartitionKey | undefined
  /** Of these, the slices whose content is other than before, as text; empty where none is. */
  readonly changed?: string | undefined
  /** Of an asset with slices: when this was made, none of them was stale, and all had been held to these checks. Then each holds what these inputs give. */
  readonly allFresh?: boolean | undefined
  readonly run: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly codeVersion: CodeVersion
  /** The write mode with its keys and the partitioning, as canonical JSON. */
  readonly write: string
  /** The digest of the checks that it was held to; empty where there were none. */
  readonly checks?: string | undefined
  readonly dataVersion: DataVersion
  /** The content in the words of the engine that made it last, where another one gave the data version and the rows stayed the same. */
  readonly content?: string | undefined
  /** Per upstream, the data version that was consumed. */
  readonly inputs: Readonly<Record<AssetKey, DataVersion>>
  /** Per upstream, the version of its table that was read. */
  readonly read?: Readonly<Record<AssetKey, number>> | undefined
  /** The configured values that TypeScript read while it made the rows, as JSON. What a query reads is in its text. */
  readonly variables?: Readonly<Record<string, string>> | undefined
  /** The content cut down to the columns that single readers read: by the digest of the columns' names. */
  readonly cuts?: Readonly<Record<string, DataVersion>> | undefined
  /** Per upstream of which not all columns were read: the digest of those that were, and the content cut down to them. */
  readonly scopes?: Readonly<Record<AssetKey, ColumnScope>> | undefined
  /** How far its source has been read. ISO 8601, UTC. */
  readonly watermark?: string | undefined
  /** Of a stream: per topic and partition, the highest offset that was read. */
  readonly offsets?: StreamOffsets | undefined
  /** The version of the table that holds it; of a landing asset, the number of its batch. */
  readonly tableVersion: number
  readonly rows: number
  /** Of the table's live files; of a landing batch, of its files. */
  readonly bytes?: number | undefined
}
