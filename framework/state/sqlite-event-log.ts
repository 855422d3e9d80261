import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { CheckResult } from '../vocabulary/check-result.ts'
import type { JobFacts } from '../vocabulary/job-facts.ts'
import type { Materialization } from '../vocabulary/materialization.ts'
import type { PartitionKey } from '../vocabulary/partition-key.ts'
import type { RunEvent } from '../vocabulary/run-event.ts'
import { isNewer, type EventLog, type HeldChecks, type RecordedCheck, type RecordedJob } from './event-log.ts'
import { runRecord, summaryAfter, type RunRecord, type RunSummary } from './run-record.ts'
import { SqliteLeases } from './sqlite-leases.ts'
import { StateDatabase, type Row, type StateOptions } from './state-database.ts'

/** An {@link EventLog} in one SQLite file, which several processes may use at once. Reading makes no file. */
export class SqliteEventLog implements EventLog {
  readonly leases: SqliteLeases
  readonly #database: StateDatabase

  constructor(path: string, options: StateOptions = {}) {
    this.#database = new StateDatabase(path, options)
    this.leases = new SqliteLeases(this.#database)
  }

  append(events: readonly RunEvent[]): void {
    const kept = events.filter(({ type }) => type !== 'step-progress')
    if (kept.length === 0) return
    this.#database.transaction(() => {
      const summaries = new Map<string, RunSummary | undefined>()
      for (const event of kept) {
        const { run } = event
        summaries.set(run, summaryAfter(summaries.has(run) ? summaries.get(run) : this.#summary(run), event))
        this.#database.write('insert into events (run, event) values (?, ?)', run, JSON.stringify(event))
        if (event.type === 'step-checked') this.#check(event.result, run, event.at)
        if (event.type === 'step-materialized') {
          this.#materialized(event.materialization)
          this.#published(run, event.materialization)
          this.#database.write('delete from held_checks where asset = ?', event.asset)
        }
        if (event.type === 'step-job') this.#job(event)
        if (event.type === 'step-fresh' && event.held) this.#held(run, event.asset, event.held)
      }
      for (const summary of summaries.values()) if (summary) this.#keep(summary)
    })
  }

  materializations(assets?: readonly AssetKey[]): readonly Materialization[] {
    if (!assets) return this.#records(this.#database.rows('select record from materializations where is_newest = 1'))
    return this.#records(this.#database.rows('select record from materializations where is_newest = 1 and asset in (select value from json_each(?))', JSON.stringify(assets)))
  }

  newestTimes(): ReadonlyMap<AssetKey, string> {
    return new Map(this.#database.rows('select asset, max(at) as at from materializations group by asset').map(row => [row['asset'] as AssetKey, String(row['at'])]))
  }

  materializationsOf(asset: AssetKey): readonly Materialization[] {
    return this.#records(this.#database.rows('select record from materializations where asset = ? order by table_version desc, at desc', asset))
  }

  materializationsSince(asset: AssetKey, tableVersion: number): readonly Materialization[] {
    return this.#records(this.#database.rows('select record from materializations where asset = ? and table_version > ? order by table_version, at', asset, tableVersion))
  }

  ledgers(assets?: readonly AssetKey[]): ReadonlyMap<AssetKey, string> {
    const rows = assets ? this.#database.rows('select asset, ledger from ledgers where asset in (select value from json_each(?))', JSON.stringify(assets)) : this.#database.rows('select asset, ledger from ledgers')
    return new Map(rows.map(row => [row['asset'] as AssetKey, String(row['ledger'])]))
  }

  saveLedgers(ledgers: ReadonlyMap<AssetKey, string>): void {
    if (ledgers.size === 0) return
    this.#database.transaction(() => {
      for (const [asset, ledger] of ledgers) this.#database.write('insert or replace into ledgers values (?, ?)', asset, ledger)
    })
  }

  checkResults(asset?: AssetKey): readonly RecordedCheck[] {
    const rows = asset === undefined ? this.#database.rows('select * from checks') : this.#database.rows('select * from checks where asset = ?', asset)
    return rows.map(row => this.#recorded(row))
  }

  checkHistory(asset: AssetKey, check?: string): readonly RecordedCheck[] {
    return (check === undefined ? this.#database.rows('select * from check_history where asset = ? order by table_version desc, name', asset) : this.#database.rows('select * from check_history where asset = ? and name = ? order by table_version desc', asset, check)).map(row => this.#recorded(row))
  }

  heldChecks(): ReadonlyMap<AssetKey, HeldChecks> {
    return new Map(this.#database.rows('select * from held_checks').map(row => [row['asset'] as AssetKey, { checks: String(row['checks']), tableVersion: Number(row['table_version']) }]))
  }

  runs(limit = -1): readonly RunSummary[] {
    const rows = this.#database.rows('select summary from runs order by started_at desc, (select min(seq) from events where events.run = runs.run) desc limit ?', limit)
    return rows.map(row => this.#database.parse<RunSummary>(row['summary']))
  }

  run(id: string): RunRecord | undefined {
    const rows = this.#database.rows('select event from events where run = ? order by seq', id)
    return runRecord(rows.map(row => this.#database.parse<RunEvent>(row['event'])))
  }

  jobs(since: string): readonly RecordedJob[] {
    return this.#database.rows('select * from jobs where at >= ? order by at, id', since).map(row => ({
      run: String(row['run']), asset: row['asset'] as AssetKey, partition: row['partition'] === '' ? undefined : (row['partition'] as PartitionKey), at: String(row['at']), job: this.#database.parse<JobFacts>(row['facts']),
    }))
  }

  record(materializations: readonly Materialization[]): void {
    if (materializations.length === 0) return
    this.#database.transaction(() => {
      for (const made of materializations) this.#materialized(made)
    })
  }

  forget(asset: AssetKey): void {
    this.#database.transaction(() => {
      this.#database.write('delete from materializations where asset = ?', asset)
      for (const table of ['checks', 'check_history', 'held_checks']) this.#database.write(`delete from ${table} where asset = ?`, asset)
      this.#database.write('delete from ledgers where asset = ?', asset)
    })
  }

  prune(before: Date): number {
    const limit = before.toISOString()
    const pruned = this.#database.transaction(() => {
      this.#database.write('delete from events where run in (select run from runs where started_at < ?)', limit)
      this.#database.write('delete from materializations where at < ? and is_newest = 0', limit)
      for (const table of ['check_history', 'jobs']) this.#database.write(`delete from ${table} where at < ?`, limit)
      return this.#database.write('delete from runs where started_at < ?', limit)
    })
    this.#database.shrink()
    return pruned
  }

  writesOfOthers(): number {
    return this.#database.writesOfOthers()
  }

  close(): void {
    this.#database.close()
  }

  #summary(run: string): RunSummary | undefined {
    const [row] = this.#database.rows('select summary from runs where run = ?', run)
    return row && this.#database.parse<RunSummary>(row['summary'])
  }

  #keep(summary: RunSummary): void {
    this.#database.write('insert into runs values (?, ?, ?) on conflict do update set summary = excluded.summary', summary.run, summary.startedAt, JSON.stringify(summary))
  }

  #materialized(made: Materialization): void {
    const slice = [made.asset, columnOf(made.partition)] as const
    const [known] = this.#database.rows('select table_version, at from materializations where asset = ? and is_newest = 1', made.asset)
    const newest = !known || !isNewer({ ...made, tableVersion: Number(known['table_version']), at: String(known['at']) }, made)
    if (known && newest) this.#database.write('update materializations set is_newest = 0 where asset = ? and is_newest = 1', made.asset)
    this.#database.write(
      `insert into materializations values (?, ?, ?, ?, ?, ?)
       on conflict do update set record = excluded.record, is_newest = excluded.is_newest`,
      ...slice, made.tableVersion, made.at, newest ? 1 : 0, JSON.stringify(made),
    )
  }

  #check(result: CheckResult, run: string, at: string): void {
    this.#database.write('insert or replace into checks values (?, ?, ?, ?, ?, null, ?)', result.asset, columnOf(result.partition), result.check, run, at, JSON.stringify(result))
  }

  /** The bill of a job leaves it the time at which it ended. */
  #job({ run, asset, partition, at, job }: Extract<RunEvent, { type: 'step-job' }>): void {
    this.#database.write('insert into jobs values (?, ?, ?, ?, ?, ?, ?) on conflict do update set facts = excluded.facts', job.engine, job.id, run, asset, columnOf(partition), at, JSON.stringify(job))
  }

  #recorded(row: Row): RecordedCheck {
    const recorded = { ...this.#database.parse<CheckResult>(row['result']), run: String(row['run']), at: String(row['at']) }
    return row['table_version'] === null ? recorded : { ...recorded, tableVersion: Number(row['table_version']) }
  }

  #published(run: string, { asset, partition, tableVersion }: Materialization): void {
    this.#checkedVersion(run, asset, columnOf(partition), tableVersion)
  }

  #held(run: string, asset: AssetKey, { checks, tableVersion }: HeldChecks): void {
    this.#database.write('insert or replace into held_checks values (?, ?, ?)', asset, tableVersion, checks)
    this.#checkedVersion(run, asset, '', tableVersion)
  }

  #checkedVersion(run: string, asset: AssetKey, partition: string, tableVersion: number): void {
    this.#database.write('update checks set table_version = ? where asset = ? and partition = ? and run = ?', tableVersion, asset, partition, run)
    this.#database.write('insert or replace into check_history select asset, name, table_version, run, at, result from checks where asset = ? and partition = ? and run = ?', asset, partition, run)
  }

  #records(rows: readonly Row[]): Materialization[] {
    return rows.map(row => this.#database.parse<Materialization>(row['record']))
  }
}

/** NULLs are never equal in SQL, so an asset without partitions has the slice that is named nothing. */
const columnOf = (partition: PartitionKey | undefined): string => partition ?? ''
