import { join } from 'node:path'
import type { AssetDefinition } from '../definition/asset-definition.ts'
import type { DeltaTable } from '../delta/delta-table.ts'
import { newestUsableVersion } from '../delta/usable-version.ts'
import { filesAt } from '../objects/lake-files.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { Landing } from './landing.ts'

/** How far a copy of the lake is behind it, and up to where it can be read. */
export interface ReplicatedTable {
  readonly asset: AssetKey
  /** Of the lake; -1 where the asset was never made. */
  readonly head: number
  /** The newest version that the replica's log has; -1 where it has none. */
  readonly newest: number
  /** The newest version of which the replica has every file. */
  readonly usable: number | undefined
  /** What keeps its newest version from being that; at most ten. */
  readonly missing: readonly string[]
}

/** Of a table. Replication copies objects in no order, so a commit may be there before the files that it names. */
export async function replicatedTable(asset: AssetKey, head: number, replica: DeltaTable): Promise<ReplicatedTable> {
  return { asset, head, ...(await newestUsableVersion(replica)) }
}

/** Of the batches of raw files. @param folder the replica's, in which its files are worked on */
export async function replicatedBatches({ key }: AssetDefinition, head: number, folder: string): Promise<ReplicatedTable> {
  const landing = new Landing(folder, { get: () => undefined, set: () => undefined })
  const newest = await landing.head(key)
  let missing: readonly string[] | undefined
  for (let batch = newest; batch >= 0; batch -= 1) {
    const manifest = await landing.manifest(key, batch).catch(() => undefined)
    const paths = manifest?.files.map(({ path }) => join(folder, key, path)) ?? []
    const sizes = await filesAt(folder).sizes(paths)
    const lacks = manifest ? manifest.files.filter(({ bytes }, i) => sizes[i] !== bytes).map(({ path }) => path) : [`_manifests: batch ${batch}`]
    if (lacks.length === 0) return { asset: key, head, newest, usable: batch, missing: missing ?? [] }
    missing ??= lacks.slice(0, 10)
  }
  return { asset: key, head, newest, usable: undefined, missing: missing ?? ['_manifests'] }
}
