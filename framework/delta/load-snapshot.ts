import type { Database } from '../duckdb/database.ts'
import { QueryFailed } from '../duckdb/duckdb-errors.ts'
import { BrokenLog } from './delta-errors.ts'
import { logSegment, type CheckpointFiles } from './log-segment.ts'
import { LogState } from './log-state.ts'
import { commitName } from './log-names.ts'
import type { LogEntry, LogStore } from './log-store.ts'
import { readCheckpoint } from './read-checkpoint.ts'
import { commitActions, readCommit } from './read-commit.ts'
import { Snapshot } from './snapshot.ts'

/** Reads a version from the log: its best checkpoint, then the commits since. */
export async function loadSnapshot(store: LogStore, root: string, database: Database, version?: number): Promise<Snapshot> {
  const segment = await logSegment(store, root, version)
  const { state, from } = await startingState(segment.checkpoints, store, database)
  const commits = segment.commitsAfter(from)
  for (const commit of commits) state.applyCommit(await readCommit(store, commit.version, commit.entry.name))
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
    state.applyCommit(await readCommit(store, next))
  }
  return new Snapshot(from.root, from.database, version, timestampOf(state, last?.modified), state)
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
  const actions = commitActions(Buffer.from(await store.read(commitName(version))), commitName(version))
  for (const { action } of actions) if ('commitInfo' in action) state.commitInfo = action.commitInfo
}

/** The time that the commit gave itself, where the table keeps such; else when its file was made. */
function timestampOf(state: LogState, modified: number | undefined): Date | undefined {
  const own = state.metadata?.configuration['delta.enableInCommitTimestamps'] === 'true' ? state.commitInfo?.inCommitTimestamp : undefined
  const millis = own ?? modified
  return millis === undefined ? undefined : new Date(millis)
}
