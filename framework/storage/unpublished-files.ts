import type { DeltaTable } from '../delta/delta-table.ts'
import { resolvePath } from '../delta/table-paths.ts'
import { filesAt } from '../objects/lake-files.ts'

/**
 * Takes files away that a version would have had, but for those that the newest one has: another orchestrator may have taken up the same job,
 * and published them. Where that can't be told they stay until the next vacuum.
 */
export async function removeUnpublished(table: DeltaTable, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return
  const newest = await table.find().catch(() => 'unknown' as const)
  if (newest === 'unknown') return
  const published = new Set([...(newest?.files ?? [])].map(({ path }) => resolvePath(table.root, path)))
  await filesAt(table.root).remove(paths.filter(path => !published.has(path)))
}
