import type { AssetKey } from './asset-key.ts'
import type { PartitionKey } from './partition-key.ts'
import type { CodeVersion, DataVersion } from './version.ts'

/** The record that a run wrote a slice: by which code, from which inputs, as which table version. It lies in the commit itself. */
export interface Materialization {
  readonly asset: AssetKey
  readonly partition?: PartitionKey | undefined
  readonly run: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly codeVersion: CodeVersion
  /** The write mode with its keys and the partitioning, as canonical JSON. */
  readonly write: string
  readonly dataVersion: DataVersion
  /** Per upstream, the data version that was consumed. */
  readonly inputs: Readonly<Record<AssetKey, DataVersion>>
  /** The version of the table that holds it; of a landing asset, the number of its batch. */
  readonly tableVersion: number
  readonly rows: number
}
