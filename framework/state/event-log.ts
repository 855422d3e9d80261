import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import type { JobFacts } from '../vocabulary/job-facts.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { PartitionKey } from '../vocabulary/partition-key.ts'
import type { RunEvent } from '../vocabulary/run-event.ts'
import type { Leases } from './leases.ts'
import type { RunRecord, RunSummary } from './run-record.ts'

/** What happened in runs, and what the lake holds after it: an index over the lake's commits that can be rebuilt from them. */
export interface EventLog {
  /** Takes in events in their order, all of them or none. `step-progress` is for those who watch and is not kept. */
  append(events: readonly RunEvent[]): void
  /** The newest materialization of every asset, or of these: by table version, then by time, in whatever order the news came. */
  materializations(assets?: readonly AssetKey[]): readonly Materialization[]
  /** When each asset was last materialized: the latest instant of all, whatever its version. ISO 8601, UTC. */
  newestTimes(): ReadonlyMap<AssetKey, string>
  /** All that is known of an asset's materializations, newest first. */
  materializationsOf(asset: AssetKey): readonly Materialization[]
  /** An asset's materializations after a table version, oldest first. */
  materializationsSince(asset: AssetKey, tableVersion: number): readonly Materialization[]
  /** What was kept of each asset's slices, as whoever keeps ledgers wrote it: a cache over the materializations. */
  ledgers(assets?: readonly AssetKey[]): ReadonlyMap<AssetKey, string>
  saveLedgers(ledgers: ReadonlyMap<AssetKey, string>): void
  /** The newest result of every check, of one asset or of all. */
  checkResults(asset?: AssetKey): readonly RecordedCheck[]
  /** What was found of the published versions of an asset's table, newest version first: one result for each check and version. */
  checkHistory(asset: AssetKey, check?: string): readonly RecordedCheck[]
  /** For assets whose checks were held against a version that was there already: which checks, and which version. */
  heldChecks(): ReadonlyMap<AssetKey, HeldChecks>
  /** Newest first; of runs that a stopped clock made start at once, the one that was heard of last. */
  runs(limit?: number): readonly RunSummary[]
  run(id: string): RunRecord | undefined
  /** Jobs on other machines that ended at or after an instant (ISO 8601, UTC), oldest first, with what is known of each last. */
  jobs(since: string): readonly RecordedJob[]
  /** Takes in commits that were found in the lake without their event. */
  record(materializations: readonly Materialization[]): void
  /** Drops what is known of an asset's table: it is gone, or was made anew from version 0. What its runs did stays told. */
  forget(asset: AssetKey): void
  /** Drops runs that started before, with their events, and materializations of that age which are no slice's newest. Answers how many runs went. */
  prune(before: Date): number
  /** Another number whenever someone else has written since: a run that finds it changed looks again at what it was planned on. */
  writesOfOthers(): number
  readonly leases: Leases
  close(): void
}

/** The newest result of one check: which run held it, and against which version. */
export interface RecordedCheck extends CheckResult {
  readonly run: string
  /** ISO 8601, UTC. */
  readonly at: string
  /** Absent where the candidate that was checked has not been published. */
  readonly tableVersion?: number | undefined
}

/** A job on other machines, and the step that it was for. */
export interface RecordedJob {
  readonly run: string
  readonly asset: AssetKey
  readonly partition?: PartitionKey | undefined
  /** When it had ended. ISO 8601, UTC. */
  readonly at: string
  readonly job: JobFacts
}

/** `checks` is the digest of the checks. */
export interface HeldChecks {
  readonly checks: string
  readonly tableVersion: number
}

/** Whether an asset's materialization takes the place of another as its newest. */
export const isNewer = (made: Materialization, than: Materialization): boolean =>
  made.tableVersion === than.tableVersion ? made.at > than.at : made.tableVersion > than.tableVersion
