import { timedCommits } from './history.ts'
import { startingState } from './load-snapshot.ts'
import { logFile } from './log-names.ts'
import { logSegment } from './log-segment.ts'
import type { LogStore } from './log-store.ts'
import { orphanedSidecars } from './orphaned-sidecars.ts'
import { supportedFeatures } from './protocol.ts'
import type { Snapshot } from './snapshot.ts'
import { maintenanceProperties } from './table-properties.ts'

/**
 * Takes away the part of the log that is older than the table's log retention, up to the newest checkpoint that is older too: what is left
 * starts with a checkpoint, and every version from it on can be read. With checkpoints go the sidecars that they alone named. @returns the names that were taken away
 */
export async function cleanLog(store: LogStore, snapshot: Snapshot, now: Date): Promise<string[]> {
  const { cleansLog, logRetention } = maintenanceProperties(snapshot.properties)
  // A feature was dropped from the table: older versions need what only the commits before tell, and what checkpoints would not say.
  const guarded = Number(snapshot.properties['delta.requireCheckpointProtectionBeforeVersion'] ?? 0) > 0 && supportedFeatures(snapshot.protocol).has('checkpointProtection')
  if (!cleansLog || guarded) return []
  const cutoff = new Date(now.getTime() - logRetention)
  cutoff.setUTCHours(0, 0, 0, 0)
  const entries = await store.list()
  if (!entries.some(entry => entry.modified < cutoff.getTime())) return []
  const old = new Set((await timedCommits(store)).filter(commit => commit.timestamp < cutoff.getTime()).map(commit => commit.version))
  const files = entries.flatMap(entry => {
    const file = logFile(entry.name)
    return file ? [{ entry, file }] : []
  })
  const whole = (await logSegment(store, snapshot.root, undefined, false)).checkpoints.filter(({ version, names }) => names.length === 1 && old.has(version))
  if (whole.length === 0) return []
  // What is taken away for good must not be missed: the checkpoint that stands for it has to be read once.
  const { from: keepFrom } = await startingState(whole, store, snapshot.database)
  const gone = files.filter(({ file, entry }) => file.version < keepFrom && (file.kind !== 'compacted' || file.until < keepFrom) && entry.modified < cutoff.getTime())
  for (const { entry } of gone) await store.delete(entry.name)
  const sidecars = gone.some(({ file }) => file.kind.startsWith('checkpoint')) ? await orphanedSidecars(store, snapshot, cutoff.getTime()) : []
  for (const { name } of sidecars) await store.delete(name)
  return [...gone.map(({ entry }) => entry.name), ...sidecars.map(({ name }) => name)]
}
