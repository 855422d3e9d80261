import type { Database } from '../duckdb/database.ts'
import { checkIntact, checksumDifference } from './checksum.ts'
import { cleanLog } from './clean-log.ts'
import { checkClustering } from './clustering.ts'
import { commitChange, type CommitInfo, type CommitOutcome, type Committed } from './commit.ts'
import { LogFileMissing, NoTable } from './delta-errors.ts'
import { history, versionAt, type CommitSummary } from './history.ts'
import { advanceSnapshot, loadSnapshot } from './load-snapshot.ts'
import { commitName } from './log-names.ts'
import type { LogEntry, LogStore } from './log-store.ts'
import { checkWritable } from './protocol.ts'
import { checkNames } from './file-names.ts'
import { Snapshot } from './snapshot.ts'
import { headOf } from './table-head.ts'
import { isEmpty, type TableChange } from './table-change.ts'
import { checkRules } from './table-rules.ts'
import { maintenanceProperties } from './table-properties.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

/** Which version: by its number, or the newest that was there at a time. */
export type At = { readonly version?: number | undefined } | { readonly time?: Date | undefined }

/** A Delta table: a root folder with data files, and a log that says which of them count. Reads and commits; thinking out changes is for `stage.ts` and `merge.ts`. */
export class DeltaTable {
  #latest: { readonly snapshot: Snapshot; readonly commit: LogEntry | undefined } | undefined

  /** `root` is absolute; DuckDB reads and writes data files below it. */
  constructor(readonly root: string, readonly store: LogStore, readonly database: Database) {}

  /** The newest version, or -1 where there is no table. Replays nothing; from a version that is known it only looks for later ones. */
  async head(known?: number): Promise<number> {
    return headOf(this.store, known)
  }

  /** One version, by default the newest. What was loaded last is kept, and only the commits since are read. @throws {NoTable} {NoSuchVersion} {BrokenLog} */
  async snapshot(at: At = {}): Promise<Snapshot> {
    const version = 'time' in at && at.time ? await versionAt(this.store, this.root, at.time) : 'version' in at ? at.version : undefined
    if (version === undefined) return this.#newest()
    const known = this.#latest
    if (known?.snapshot.version === version && await this.#stillThere(known)) return known.snapshot
    return loadSnapshot(this.store, this.root, this.database, version)
  }

  /** One version, by default the newest; undefined where there is no table. */
  async find(at: At = {}): Promise<Snapshot | undefined> {
    // Where a look costs a request, the one at whether there is a table is saved.
    if (!this.store.listsCheaply && (await this.head()) < 0) return undefined
    return this.snapshot(at).catch(error => {
      if (error instanceof NoTable) return undefined
      throw error
    })
  }

  /** The versions whose commits are still in the log, newest first. @throws {NoTable} */
  async history(limit?: number): Promise<readonly CommitSummary[]> {
    return history(this.store, this.root, limit)
  }

  /** What is wrong with a version though it can be read; undefined where nothing is known to be. */
  async trouble(snapshot: Snapshot): Promise<string | undefined> {
    return checksumDifference(this.store, snapshot)
  }

  /** Publishes a change that was thought out on `base`; undefined makes the table. A change of nothing commits nothing. */
  async commit(change: TableChange, base: Snapshot | undefined, info: CommitInfo): Promise<CommitOutcome> {
    if (base) checkWritable(base.protocol, base.metadata, base.schema, this.root)
    // Where each look is a request, a checksum is looked for with checkpoints only.
    if (base && !this.store.listsCheaply) await checkIntact(this.store, base)
    await this.#checkRows(change, base)
    if (base && isEmpty(change) && !info.always) return { status: 'already-committed', version: base.version }
    const outcome = await commitChange(this.store, this.root, change, base, info)
    return outcome.status === 'committed' ? this.#maintain(outcome, change.metadata?.configuration ?? base?.properties ?? {}, info.timestamp ?? new Date()) : outcome
  }

  /** Whatever wrote the files: a table's own rules hold for all of them. */
  async #checkRows(change: TableChange, base: Snapshot | undefined): Promise<void> {
    if (change.adds.length === 0 && !change.metadata && !change.protocol) return
    const candidate = Snapshot.candidate(this.root, this.database, change, base)
    checkWritable(candidate.protocol, candidate.metadata, candidate.schema, this.root)
    checkNames(candidate, change.adds)
    checkClustering(candidate, change.adds)
    await this.database.use(connection => checkRules(connection, candidate, base, change.adds))
  }

  /** Writes a checkpoint of the newest version, and takes away what the log need not keep any longer. */
  async checkpoint(now = new Date()): Promise<number> {
    const snapshot = await this.snapshot()
    await this.#checkpoint(snapshot, now)
    return snapshot.version
  }

  async #maintain(outcome: Committed, properties: Readonly<Record<string, string>>, now: Date): Promise<Committed> {
    if (outcome.version === 0 || outcome.version % maintenanceProperties(properties).checkpointInterval !== 0) return outcome
    try {
      const newest = await this.snapshot()
      await this.#checkpoint(newest.version === outcome.version ? newest : await this.snapshot({ version: outcome.version }), now)
      return outcome
    } catch (error) {
      return { ...outcome, trouble: error instanceof Error ? error : new Error(String(error)) }
    }
  }

  async #checkpoint(snapshot: Snapshot, now: Date): Promise<void> {
    await checkIntact(this.store, snapshot)
    await writeCheckpoint(this.store, snapshot, now)
    await cleanLog(this.store, snapshot, now)
  }

  async #newest(): Promise<Snapshot> {
    const known = this.#latest
    if (known && await this.#stillThere(known)) {
      const version = await this.head(known.snapshot.version)
      if (version === known.snapshot.version) return known.snapshot
      try {
        return await this.#keep(await advanceSnapshot(this.store, known.snapshot, version))
      } catch (error) {
        if (!(error instanceof LogFileMissing)) throw error
      }
    }
    return this.#keep(await loadSnapshot(this.store, this.root, this.database))
  }

  /** A table may have been taken away and made anew under the same name: then its commits are other files. */
  async #stillThere({ snapshot, commit }: { readonly snapshot: Snapshot; readonly commit: LogEntry | undefined }): Promise<boolean> {
    const now = await this.store.stat(commitName(snapshot.version))
    return commit !== undefined && now !== undefined && now.modified === commit.modified && now.bytes === commit.bytes
  }

  async #keep(snapshot: Snapshot): Promise<Snapshot> {
    this.#latest = { snapshot, commit: await this.store.stat(commitName(snapshot.version)) }
    return snapshot
  }
}
