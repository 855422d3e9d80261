import { join } from 'node:path'
import type { DatasetName } from '../graph/lineage-formats/openlineage-facets.ts'

/** How the lake's tables are called outside, by OpenLineage's naming: the bucket and the path in it, or the path on this machine. */
export function datasetsOf(lake: string): (key: string) => DatasetName {
  const bucket = /^(s3|gs):\/\/([^/]+)\/?(.*)$/.exec(lake)
  if (bucket) return key => ({ namespace: `${bucket[1]}://${bucket[2]}`, name: [bucket[3]!.replace(/\/$/, ''), key].filter(Boolean).join('/') })
  return key => ({ namespace: 'file', name: join(lake, key) })
}
