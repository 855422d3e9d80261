import type { Database } from '../duckdb/database.ts'
import { QueryFailed } from '../duckdb/duckdb-errors.ts'
import { BrokenLog, LogFileMissing } from './delta-errors.ts'
import { logSegment, readHint, type CheckpointFiles, type LogSegment } from './log-segment.ts'
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
  const { state, from, damaged } = await startingState(segment.checkpoints, store, database)
  const commits = commitsAfter(segment, from, damaged)
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

function commitsAfter(segment: LogSegment, from: number, damaged: string | undefined): ReturnType<LogSegment['commitsAfter']> {
  try {
    return segment.commitsAfter(from)
  } catch (error) {
    throw error instanceof BrokenLog && damaged !== undefined ? new BrokenLog(`${error.message} A checkpoint that would have told cannot be read: ${damaged}`) : error
  }
}

/** The newest checkpoint that can be read. A damaged one is passed over; only where nothing else leads to the version is it the reader's trouble. */
export async function startingState(checkpoints: readonly CheckpointFiles[], store: LogStore, database: Database): Promise<{ state: LogState; from: number; damaged?: string | undefined }> {
  let damaged: string | undefined
  for (const checkpoint of checkpoints) {
    const state = new LogState()
    try {
      await database.use(connection => readCheckpoint(connection, store, checkpoint, state))
      const cut = await cutOf(checkpoint, store, state)
      if (cut === undefined) return { state, from: checkpoint.version, damaged }
      damaged ??= `${checkpoint.names[0]} ${cut}.`
    } catch (error) {
      if (!(error instanceof QueryFailed || error instanceof SyntaxError || error instanceof BrokenLog || error instanceof LogFileMissing)) throw error
      damaged ??= `${checkpoint.names[0]}: ${error.message}`
    }
  }
  return { state: new LogState(), from: -1, damaged }
}

/**
 * What a checkpoint lacks that was read whole. One of parquet is not cut between two rows: where it says anything at all it is taken at its word. One of JSON
 * that was cut between two lines shows only by what was noted of it when it was written.
 */
async function cutOf({ version, format, names }: CheckpointFiles, store: LogStore, { protocol, metadata, files }: LogState): Promise<string | undefined> {
  if (format === 'parquet' && (protocol || metadata || files.count > 0)) return undefined
  if (!protocol) return 'has no protocol'
  if (!metadata) return 'has no metadata'
  if (format !== 'json') return undefined
  const hint = await readHint(store)
  if (hint?.version !== version) return undefined
  const { path, sizeInBytes } = hint.v2Checkpoint ?? {}
  const bytes = path !== undefined && path === names[0] && sizeInBytes !== undefined ? (await store.stat(path))?.bytes : undefined
  if (bytes !== undefined && bytes !== sizeInBytes) return `has ${bytes} bytes where ${sizeInBytes} were written`
  return hint.numOfAddFiles !== undefined && hint.numOfAddFiles !== files.count ? `has ${files.count} files where ${hint.numOfAddFiles} were written` : undefined
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
