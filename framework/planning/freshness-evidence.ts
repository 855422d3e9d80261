import type { AssetDefinition } from '../definition/asset-definition.ts'
import { latestSlices } from '../partitions/latest-slices.ts'
import type { World } from '../partitions/partitions.ts'
import { intersect, isEmpty } from '../partitions/slice-set.ts'
import { parseSlices } from '../partitions/slice-text.ts'
import type { Materialization } from '../vocabulary/materialization.ts'

/**
 * When an asset was last brought up to date. Of an asset with slices of time only what touched the window that was the newest one then
 * counts: making the past again makes nothing newer.
 * @param made its materializations in any order
 * @param lookedAt when a run last found that it needed nothing
 */
export function newestEvent(definition: Pick<AssetDefinition, 'partitions'>, made: Iterable<Pick<Materialization, 'at' | 'partition'>>, lookedAt: string | undefined, world: Omit<World, 'now'>): number | undefined {
  let newest = lookedAt ?? ''
  for (const { at, partition } of made) if (at > newest && touchesNewest(definition, partition, at, world)) newest = at
  return newest === '' ? undefined : Date.parse(newest)
}

/** Whether slices, as text, hold some of the window that was the newest one at an instant. What has no slices does. */
export function touchesNewest({ partitions }: Pick<AssetDefinition, 'partitions'>, text: string | undefined, at: string, world: Omit<World, 'now'>): boolean {
  if (!partitions || text === undefined) return true
  try {
    return !isEmpty(intersect(parseSlices(partitions, text), latestSlices(partitions, { ...world, now: new Date(at) })))
  } catch {
    // The slices of another cut, from before the asset was cut as it is now.
    return false
  }
}
