import type { CommitInfoAction } from './actions.ts'
import { LogFileMissing, NoSuchVersion, NoTable } from './delta-errors.ts'
import { logFile, namesFrom } from './log-names.ts'
import type { LogEntry, LogStore } from './log-store.ts'
import { readCommitInfo } from './read-commit.ts'

/** One version of a table, as its commit tells it. */
export interface CommitSummary {
  readonly version: number
  readonly timestamp: Date
  readonly operation: string
  readonly operationParameters: Readonly<Record<string, unknown>>
  readonly operationMetrics: Readonly<Record<string, string>>
  readonly engineInfo?: string | undefined
  readonly isBlindAppend?: boolean | undefined
  readonly readVersion?: number | undefined
  /** What whoever committed wrote as `varve`, untouched. */
  readonly provenance?: unknown
}

/** The versions whose commits are still in the log, newest first. @throws {NoTable} */
export async function history(store: LogStore, root: string, limit = Infinity): Promise<CommitSummary[]> {
  const commits = await timedCommits(store)
  if (commits.length === 0) throw new NoTable(root)
  const summaries: CommitSummary[] = []
  for (const commit of commits.toReversed().slice(0, limit)) summaries.push(await summaryOf(store, commit))
  return summaries
}

/** A version with the time that counts for time travel. */
export interface TimedCommit {
  readonly version: number
  readonly timestamp: number
}

/** The commits in the log with their times: what they gave themselves, else of the file, made to rise by at least a millisecond from version to version. */
export async function timedCommits(store: LogStore, from = 0): Promise<TimedCommit[]> {
  const commits: TimedCommit[] = []
  let latest = -Infinity
  for (const entry of await store.list(namesFrom(from))) {
    const file = logFile(entry.name)
    if (file?.kind !== 'commit') continue
    const own = await ownTime(store, entry)
    latest = Math.max(entry.modified, latest + 1)
    commits.push({ version: file.version, timestamp: own ?? latest })
  }
  return commits
}

/** The newest version that was there at a time. @throws {NoSuchVersion} before the first one that is left */
export async function versionAt(store: LogStore, root: string, time: Date): Promise<number> {
  const commits = await timedCommits(store)
  if (commits.length === 0) throw new NoTable(root)
  const found = commits.findLast(commit => commit.timestamp <= time.getTime())
  if (!found) throw new NoSuchVersion(root, `as early as ${time.toISOString()}`, commits[0]!.version, commits.at(-1)!.version)
  return found.version
}

export async function summaryOf(store: LogStore, { version, timestamp }: TimedCommit): Promise<CommitSummary> {
  const info = await commitInfoOf(store, version)
  return {
    version,
    timestamp: new Date(info.inCommitTimestamp ?? timestamp),
    operation: info.operation ?? 'unknown',
    operationParameters: info.operationParameters ?? {},
    operationMetrics: info.operationMetrics ?? {},
    engineInfo: info.engineInfo,
    isBlindAppend: info.isBlindAppend,
    readVersion: info.readVersion,
    provenance: info.varve,
  }
}

async function commitInfoOf(store: LogStore, version: number): Promise<CommitInfoAction> {
  try {
    return await readCommitInfo(store, version) ?? {}
  } catch (error) {
    if (!(error instanceof LogFileMissing)) throw error
    return {}
  }
}

/** With in-commit timestamps the commit's info leads the file, so its first line tells. A copied log keeps it, while its files get new times. */
async function ownTime(store: LogStore, entry: LogEntry): Promise<number | undefined> {
  const bytes = Buffer.from(await store.read(entry.name))
  const newline = bytes.indexOf(10)
  const first = bytes.toString('utf8', 0, newline === -1 ? bytes.length : newline)
  const own = first.includes('"inCommitTimestamp"') ? /"inCommitTimestamp"\s*:\s*(\d+)/.exec(first)?.[1] : undefined
  return own === undefined ? undefined : Number(own)
}
