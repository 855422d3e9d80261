import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { RunEvent } from '../vocabulary/run-event.ts'
import { isNewer, type EventLog, type HeldChecks, type RecordedCheck, type RecordedJob } from './event-log.ts'
import { MemoryLeases } from './memory-leases.ts'
import { runRecord, sliceId, summaryAfter, type RunRecord, type RunSummary } from './run-record.ts'

/** An {@link EventLog} that lasts as long as the process: for scratch lakes. */
export class MemoryEventLog implements EventLog {
  readonly leases = new MemoryLeases()
  readonly #events = new Map<string, RunEvent[]>()
  readonly #summaries = new Map<string, RunSummary>()
  readonly #made = new Map<AssetKey, Materialization[]>()
  readonly #newest = new Map<AssetKey, Materialization>()
  readonly #ledgers = new Map<AssetKey, string>()
  readonly #checks = new Map<string, RecordedCheck>()
  readonly #history = new Map<string, RecordedCheck>()
  readonly #jobs = new Map<string, RecordedJob>()
  readonly #held = new Map<AssetKey, HeldChecks>()

  append(events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type === 'step-progress') continue
      const summary = summaryAfter(this.#summaries.get(event.run), event)
      if (summary) this.#summaries.set(event.run, summary)
      const told = this.#events.get(event.run)
      if (told) told.push(event)
      else this.#events.set(event.run, [event])
      if (event.type === 'step-checked') this.#check({ ...event.result, run: event.run, at: event.at })
      if (event.type === 'step-materialized') {
        this.record([event.materialization])
        this.#published(event.run, event.materialization)
        this.#held.delete(event.asset)
      }
      if (event.type === 'step-job') this.#job(event)
      if (event.type === 'step-fresh' && event.held) {
        this.#held.set(event.asset, event.held)
        this.#published(event.run, { asset: event.asset, tableVersion: event.held.tableVersion })
      }
    }
  }

  materializations(assets?: readonly AssetKey[]): readonly Materialization[] {
    return assets ? assets.flatMap(asset => this.#newest.get(asset) ?? []) : [...this.#newest.values()]
  }

  newestTimes(): ReadonlyMap<AssetKey, string> {
    return new Map([...this.#made].filter(([, made]) => made.length > 0).map(([asset, made]) => [asset, made.map(({ at }) => at).reduce((a, b) => (a > b ? a : b))]))
  }

  materializationsOf(asset: AssetKey): readonly Materialization[] {
    return [...(this.#made.get(asset) ?? [])].sort((a, b) => (isNewer(a, b) ? -1 : 1))
  }

  materializationsSince(asset: AssetKey, tableVersion: number): readonly Materialization[] {
    return this.materializationsOf(asset).filter(made => made.tableVersion > tableVersion).toReversed()
  }

  ledgers(assets?: readonly AssetKey[]): ReadonlyMap<AssetKey, string> {
    return assets ? new Map([...this.#ledgers].filter(([asset]) => assets.includes(asset))) : this.#ledgers
  }

  saveLedgers(ledgers: ReadonlyMap<AssetKey, string>): void {
    for (const [asset, ledger] of ledgers) this.#ledgers.set(asset, ledger)
  }

  checkResults(asset?: AssetKey): readonly RecordedCheck[] {
    return [...this.#checks.values()].filter(check => asset === undefined || check.asset === asset)
  }

  checkHistory(asset: AssetKey, check?: string): readonly RecordedCheck[] {
    return [...this.#history.values()].filter(result => result.asset === asset && (check === undefined || result.check === check)).sort((a, b) => b.tableVersion! - a.tableVersion!)
  }

  heldChecks(): ReadonlyMap<AssetKey, HeldChecks> {
    return this.#held
  }

  runs(limit = Infinity): readonly RunSummary[] {
    return [...this.#summaries.values()].toReversed().sort((a, b) => (a.startedAt === b.startedAt ? 0 : a.startedAt > b.startedAt ? -1 : 1)).slice(0, limit)
  }

  run(id: string): RunRecord | undefined {
    return runRecord(this.#events.get(id) ?? [])
  }

  jobs(since: string): readonly RecordedJob[] {
    return [...this.#jobs.values()].filter(({ at }) => at >= since).sort((a, b) => (`${a.at} ${a.job.id}` < `${b.at} ${b.job.id}` ? -1 : 1))
  }

  record(materializations: readonly Materialization[]): void {
    for (const made of materializations) {
      const known = this.#made.get(made.asset) ?? []
      const others = known.filter(other => !(other.tableVersion === made.tableVersion && other.at === made.at && other.partition === made.partition))
      this.#made.set(made.asset, [...others, made])
      const newest = this.#newest.get(made.asset)
      if (!newest || !isNewer(newest, made)) this.#newest.set(made.asset, made)
    }
  }

  forget(asset: AssetKey): void {
    this.#made.delete(asset)
    this.#newest.delete(asset)
    this.#ledgers.delete(asset)
    this.#held.delete(asset)
    for (const results of [this.#checks, this.#history]) for (const [id, check] of results) if (check.asset === asset) results.delete(id)
  }

  prune(before: Date): number {
    const limit = before.toISOString()
    const old = [...this.#summaries.values()].filter(({ startedAt }) => startedAt < limit)
    for (const { run } of old) {
      this.#summaries.delete(run)
      this.#events.delete(run)
    }
    for (const [asset, made] of this.#made) {
      this.#made.set(asset, made.filter(one => one.at >= limit || this.#newest.get(asset) === one))
    }
    for (const told of [this.#history, this.#jobs]) for (const [id, { at }] of told) if (at < limit) told.delete(id)
    return old.length
  }

  writesOfOthers(): number {
    return 0
  }

  close(): void {}

  #check(result: RecordedCheck): void {
    this.#checks.set(`${sliceId(result.asset, result.partition)} ${result.check}`, result)
  }

  #job({ run, asset, partition, at, job }: Extract<RunEvent, { type: 'step-job' }>): void {
    const id = `${job.engine} ${job.id}`
    this.#jobs.set(id, { run, asset, partition, at: this.#jobs.get(id)?.at ?? at, job })
  }

  #published(run: string, { asset, partition, tableVersion }: Pick<Materialization, 'asset' | 'partition' | 'tableVersion'>): void {
    for (const result of this.checkResults(asset)) {
      if (result.run !== run || result.partition !== partition) continue
      this.#check({ ...result, tableVersion })
      this.#history.set(`${asset} ${result.check} ${tableVersion}`, { ...result, tableVersion })
    }
  }
}
