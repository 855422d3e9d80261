import { join } from 'node:path'
import type { DatasetName } from '../graph/lineage-formats/openlineage-facets.ts'

/** How the lake's tables are called outside, by OpenLineage's naming: the bucket and the path in it, or the path on this machine. */
export function datasetsOf(lake: string, locations: ReadonlyMap<string, string> = new Map()): (key: string) => DatasetName {
  const at = (key: string) => locations.get(key) ?? key
  const bucket = /^(s3|gs):\/\/([^/]+)\/?(.*)$/.exec(lake)
  if (bucket) return key => ({ namespace: `${bucket[1]}://${bucket[2]}`, name: [bucket[3]!.replace(/\/$/, ''), at(key)].filter(Boolean).join('/') })
  return key => ({ namespace: 'file', name: join(lake, at(key)) })
}
