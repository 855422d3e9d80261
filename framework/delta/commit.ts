import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Action, CommitInfoAction, Metadata } from './actions.ts'
import { conflictWith, type ConflictReason } from './conflicts.ts'
import { CannotWrite } from './delta-errors.ts'
import { summaryOf, type CommitSummary } from './history.ts'
import { commitName } from './log-names.ts'
import type { LogStore } from './log-store.ts'
import { readCommit } from './read-commit.ts'
import type { Snapshot } from './snapshot.ts'
import type { TableChange } from './table-change.ts'

/** What the commit is to say of itself. */
export interface CommitInfo {
  /** As in `WRITE` or `MERGE`. */
  readonly operation: string
  readonly operationParameters?: Readonly<Record<string, string>> | undefined
  /** Written as `commitInfo.varve`, in the same atomic commit as the data. */
  readonly provenance?: object | undefined
  /** Default: now. */
  readonly timestamp?: Date | undefined
  /** Makes a version of a change that changes nothing: its provenance is what is new. */
  readonly always?: boolean | undefined
  /** What it says holds of the base with this change and nothing else: any other change of rows in between is a conflict. */
  readonly nobodyBetween?: boolean | undefined
}

/** A conflict is an outcome, not an exception: nothing was published, and the change must be thought out again. */
export type CommitOutcome =
  | Committed
  | { readonly status: 'conflict'; readonly version: number; readonly with: CommitSummary | undefined; readonly reason: ConflictReason }
  /** The same `txn` was committed before: this write is already in the table. */
  | { readonly status: 'already-committed'; readonly version: number }

export interface Committed {
  readonly status: 'committed'
  readonly version: number
  /** What went wrong afterwards, as a checkpoint that could not be written. The commit stands. */
  readonly trouble?: Error | undefined
}

/** Far more than any line of honest writers needs; a bound for what is none. */
const MOST_ATTEMPTS = 1000

/**
 * Publishes a change as the next version after `base`, or after whatever was committed since, where that does not conflict.
 * Exactly one writer gets a version: the log store's `putIfAbsent` decides.
 */
export async function commitChange(store: LogStore, root: string, change: TableChange, base: Snapshot | undefined, info: CommitInfo): Promise<CommitOutcome> {
  if (base?.txns && alreadyIn(change, appId => base.txns.get(appId)?.version)) return { status: 'already-committed', version: base.version }
  if (!base && (!change.metadata || !change.protocol)) throw new Error('The first commit of a table needs metadata and a protocol')
  if (base) checkAppendOnly(base, change, root)
  const txnId = randomUUID()
  let earliest = 0
  for (let version = (base?.version ?? -1) + 1, attempt = 1; ; version += 1, attempt += 1) {
    const actions = commitActionsOf(change, base, { ...info, txnId, earliest, version })
    if (await store.putIfAbsent(commitName(version), actions.map(action => JSON.stringify(action)).join('\n') + '\n')) return { status: 'committed', version }
    const winner = await readCommit(store, version)
    if (winner.some(action => 'commitInfo' in action && action.commitInfo.txnId === txnId)) return { status: 'committed', version }
    if (alreadyIn(change, appId => winner.map(action => ('txn' in action && action.txn.appId === appId ? action.txn.version : undefined)).find(found => found !== undefined))) {
      return { status: 'already-committed', version }
    }
    const reason = !base ? 'table-exists' : info.nobodyBetween && changesRows(winner) ? 'concurrent-append' : conflictWith(change, base, winner)
    if (reason || attempt === MOST_ATTEMPTS) return { status: 'conflict', version, with: await summary(store, version), reason: reason ?? 'too-many-attempts' }
    earliest = Math.max(earliest, await timeOf(store, version, winner, change))
    if (attempt % 8 === 0) await pause(Math.random() * Math.min(50, attempt))
  }
}

/** When a commit was made that came in between: as it says itself, else, where that matters, by its file. */
async function timeOf(store: LogStore, version: number, winner: readonly Action[], change: TableChange): Promise<number> {
  const own = winner.flatMap(action => ('commitInfo' in action ? action.commitInfo.inCommitTimestamp ?? [] : []))[0]
  return own ?? (change.metadata?.configuration[OWN_TIMES] === 'true' ? (await store.stat(commitName(version)))?.modified ?? 0 : 0)
}

interface OwnInfo extends CommitInfo {
  readonly txnId: string
  readonly version: number
  /** The newest time that a commit which came in between gave itself. */
  readonly earliest: number
}

/** The commit's info leads, where the table keeps in-commit timestamps it must. */
function commitActionsOf(change: TableChange, base: Snapshot | undefined, info: OwnInfo): Action[] {
  const actions: Action[] = []
  if (change.protocol) actions.push({ protocol: change.protocol })
  const own = ownTime(change, base, info)
  if (change.metadata) actions.push({ metaData: own === undefined ? change.metadata : timedSince(change.metadata, base, info.version, own) })
  for (const txn of change.txn ?? []) actions.push({ txn })
  for (const domainMetadata of change.domainMetadata ?? []) actions.push({ domainMetadata })
  for (const remove of change.removes) actions.push({ remove })
  for (const add of change.adds) actions.push({ add })
  for (const cdc of change.cdc ?? []) actions.push({ cdc })
  return [{ commitInfo: infoAction(change, base, info, own, actions.length + 1) }, ...actions]
}

/** The time that the commit gives itself, later than all before it whatever the clock says; undefined where the table keeps no such times. */
function ownTime(change: TableChange, base: Snapshot | undefined, info: OwnInfo): number | undefined {
  if ((change.metadata ?? base?.metadata)?.configuration[OWN_TIMES] !== 'true') return undefined
  return Math.max((info.timestamp ?? new Date()).getTime(), Math.max(base?.commitInfo?.inCommitTimestamp ?? 0, base?.timestamp?.getTime() ?? 0) + 1, info.earliest + 1)
}

/** A table that begins to keep times in its commits says since which version and time: only here is it known which these are. */
function timedSince(metadata: Metadata, base: Snapshot | undefined, version: number, time: number): Metadata {
  if (!base || base.properties[OWN_TIMES] === 'true') return metadata
  return { ...metadata, configuration: { ...metadata.configuration, 'delta.inCommitTimestampEnablementVersion': String(version), 'delta.inCommitTimestampEnablementTimestamp': String(time) } }
}

const OWN_TIMES = 'delta.enableInCommitTimestamps'

function infoAction(change: TableChange, base: Snapshot | undefined, info: OwnInfo, own: number | undefined, actionCount: number): CommitInfoAction {
  const timestamp = (info.timestamp ?? new Date()).getTime()
  const counted = {
    timestamp,
    ...(own === undefined ? {} : { inCommitTimestamp: own }),
    operation: info.operation,
    operationParameters: info.operationParameters ?? {},
    ...(base ? { readVersion: base.version } : {}),
    isolationLevel: 'WriteSerializable',
    isBlindAppend: change.reads.kind === 'nothing' && change.removes.length === 0 && !change.metadata,
    operationMetrics: Object.fromEntries(Object.entries(change.metrics).map(([name, value]) => [name, String(value)])),
    engineInfo: ENGINE,
    txnId: info.txnId,
    actionCount,
    ...(info.provenance ? { varve: info.provenance } : {}),
  }
  return counted
}

const ENGINE = 'varve/0.1.0'

/** Whether a commit says anything of what the table holds, rather than of how it lies there. */
const changesRows = (actions: readonly Action[]): boolean =>
  actions.some(action => ('add' in action && action.add.dataChange) || ('remove' in action && action.remove.dataChange) || ('commitInfo' in action && action.commitInfo.varve !== undefined))

function alreadyIn(change: TableChange, known: (appId: string) => number | undefined): boolean {
  return (change.txn ?? []).some(txn => (known(txn.appId) ?? -Infinity) >= txn.version)
}

function checkAppendOnly(base: Snapshot, change: TableChange, root: string): void {
  // The commit that takes the promise back may take out rows.
  const promised = (change.metadata ?? base.metadata).configuration['delta.appendOnly'] === 'true'
  if (promised && base.properties['delta.appendOnly'] === 'true' && change.removes.some(remove => remove.dataChange)) {
    throw new CannotWrite(`${root} is append-only: rows can be added, but not changed or taken out.`, 'Append instead, or set delta.appendOnly to false on purpose.')
  }
}

const summary = async (store: LogStore, version: number) => summaryOf(store, { version, timestamp: (await store.stat(commitName(version)))?.modified ?? 0 })
