import type { Database } from '../duckdb/database.ts'
import { QueryFailed } from '../duckdb/duckdb-errors.ts'
import { BrokenLog } from './delta-errors.ts'
import { logSegment, type CheckpointFiles, type LogSegment } from './log-segment.ts'
import { LogState } from './log-state.ts'
import { commitName } from './log-names.ts'
import type { LogEntry, LogStore } from './log-store.ts'
import { readCheckpoint } from './read-checkpoint.ts'
import { eachAction, readCommitInfo } from './read-commit.ts'
import { Snapshot } from './snapshot.ts'

/** Reads a version from the log: its best checkpoint, then the commits since. */
export async function loadSnapshot(store: LogStore, root: string, database: Database, version?: number): Promise<Snapshot> {
  try {
    return await loadSegment(store, root, database, await logSegment(store, root, version, true))
  } catch (error) {
    if (!(error instanceof BrokenLog)) throw error
    return loadSegment(store, root, database, await logSegment(store, root, version, false))
  }
}

async function loadSegment(store: LogStore, root: string, database: Database, segment: LogSegment): Promise<Snapshot> {
  const { state, from } = await startingState(segment.checkpoints, store, database)
  const commits = segment.commitsAfter(from)
  for (const commit of commits) await applyCommit(store, commit.entry.name, state)
  const modified = commits.at(-1)?.entry.modified ?? (await store.stat(commitName(segment.version)))?.modified
  if (commits.length === 0) await recallCommitInfo(store, segment.version, state)
  return new Snapshot(root, database, segment.version, timestampOf(state, modified), state)
}

/** The snapshot of a later version, from one that is loaded and the commits since. */
export async function advanceSnapshot(store: LogStore, from: Snapshot, version: number): Promise<Snapshot> {
  const state = new LogState(from.state)
  let last: LogEntry | undefined
  for (let next = from.version + 1; next <= version; next += 1) {
    last = await store.stat(commitName(next))
    await applyCommit(store, commitName(next), state)
  }
  return new Snapshot(from.root, from.database, version, timestampOf(state, last?.modified), state)
}

async function applyCommit(store: LogStore, name: string, state: LogState): Promise<void> {
  state.beginCommit()
  await eachAction(store, name, (action, json) => state.apply(action, json))
}

/** The newest checkpoint that can be read. A damaged one is passed over; only where nothing else leads to the version is it the reader's trouble. */
async function startingState(checkpoints: readonly CheckpointFiles[], store: LogStore, database: Database): Promise<{ state: LogState; from: number }> {
  for (const checkpoint of checkpoints) {
    const state = new LogState()
    try {
      await database.use(connection => readCheckpoint(connection, store, checkpoint, state))
      return { state, from: checkpoint.version }
    } catch (error) {
      const damaged = error instanceof QueryFailed || error instanceof SyntaxError || error instanceof BrokenLog
      if (!damaged) throw error
    }
  }
  return { state: new LogState(), from: -1 }
}

async function recallCommitInfo(store: LogStore, version: number, state: LogState): Promise<void> {
  if (!await store.stat(commitName(version))) return
  state.commitInfo = await readCommitInfo(store, version) ?? state.commitInfo
}

/** The time that the commit gave itself, where the table keeps such; else when its file was made. */
function timestampOf(state: LogState, modified: number | undefined): Date | undefined {
  const own = state.metadata?.configuration['delta.enableInCommitTimestamps'] === 'true' ? state.commitInfo?.inCommitTimestamp : undefined
  const millis = own ?? modified
  return millis === undefined ? undefined : new Date(millis)
}
