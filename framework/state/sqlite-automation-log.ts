import type { Alert, Incident } from '../vocabulary/alert.ts'
import { subjectName } from '../vocabulary/alert.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import type { RunEvent } from '../vocabulary/run-event.ts'
import type { AutomationLog, Delivery, QueuedRequest, RecordedTrace, RunRequest, ScheduleTick } from './automation-log.ts'
import { StateDatabase, type Row, type StateOptions } from './state-database.ts'

/** An {@link AutomationLog} in the SQLite file of the event log. */
export class SqliteAutomationLog implements AutomationLog {
  readonly #database: StateDatabase
  #isInTransaction = false

  constructor(path: string, options: StateOptions = {}) {
    this.#database = new StateDatabase(path, options)
  }

  transaction<T>(work: () => T): T {
    if (this.#isInTransaction) return work()
    this.#isInTransaction = true
    try {
      return this.#database.transaction(work)
    } finally {
      this.#isInTransaction = false
    }
  }

  looked(assets: readonly AssetKey[], at: string): void {
    if (assets.length === 0) return
    this.transaction(() => {
      for (const asset of assets) this.#database.write('insert into looks values (?, ?) on conflict do update set at = max(at, excluded.at)', asset, at)
    })
  }

  looks(): ReadonlyMap<AssetKey, string> {
    return new Map(this.#database.rows('select asset, at from looks').map(row => [row['asset'] as AssetKey, String(row['at'])]))
  }

  cursor(name: string): string | undefined {
    const [row] = this.#database.rows('select cursor from cursors where name = ?', name)
    return row && String(row['cursor'])
  }

  setCursor(name: string, cursor: string): void {
    this.transaction(() => this.#database.write('insert or replace into cursors values (?, ?)', name, cursor))
  }

  eventsSince(point: number): { readonly events: readonly RunEvent[]; readonly point: number } {
    const rows = this.#database.rows('select seq, event from events where seq > ? order by seq', point)
    return { events: rows.map(row => this.#database.parse<RunEvent>(row['event'])), point: Number(rows.at(-1)?.['seq'] ?? point) }
  }

  eventPoint(): number {
    return Number(this.#database.rows('select max(seq) as point from events')[0]?.['point'] ?? 0)
  }

  heldLeases(now: Date): readonly string[] {
    return this.#database.rows('select resource from leases where until > ?', now.getTime()).map(row => String(row['resource']))
  }

  request(request: RunRequest): boolean {
    const queued: QueuedRequest = { ...request, status: 'waiting', attempts: 0 }
    return this.transaction(() => this.#database.write('insert or ignore into requests (id, at, is_open, request) values (?, ?, 1, ?)', request.id, request.at, JSON.stringify(queued))) === 1
  }

  requests(limit = -1): readonly QueuedRequest[] {
    return this.#records(this.#database.rows('select request as record from requests order by seq desc limit ?', limit))
  }

  openRequests(): readonly QueuedRequest[] {
    return this.#records(this.#database.rows('select request as record from requests where is_open = 1 order by seq'))
  }

  updateRequest(id: string, change: Partial<Omit<QueuedRequest, keyof RunRequest>>): void {
    this.transaction(() => {
      const [known] = this.#records<QueuedRequest>(this.#database.rows('select request as record from requests where id = ?', id))
      if (!known) throw new Error(`there is no request ${id}`)
      const next = { ...known, ...change }
      this.#database.write('update requests set request = ?, is_open = ? where id = ?', JSON.stringify(next), next.status === 'waiting' || next.status === 'running' ? 1 : 0, id)
    })
  }

  recordTick({ schedule, tick, status, at }: ScheduleTick): void {
    this.transaction(() => this.#database.write('insert or replace into schedule_ticks values (?, ?, ?, ?)', schedule, tick, status, at))
  }

  ticks(schedule?: string, limit = -1): readonly ScheduleTick[] {
    const rows = schedule === undefined ? this.#database.rows('select * from schedule_ticks order by tick desc, schedule limit ?', limit) : this.#database.rows('select * from schedule_ticks where schedule = ? order by tick desc limit ?', schedule, limit)
    return rows.map(tickOf)
  }

  missedTicks(limit = -1): readonly ScheduleTick[] {
    return this.#database.rows("select * from schedule_ticks where status in ('missed', 'caught-up') order by tick desc, schedule limit ?", limit).map(tickOf)
  }

  trace({ asset, at, requested, trace }: RecordedTrace): boolean {
    const [last] = this.#database.rows('select requested, trace from condition_traces where asset = ? order by seq desc limit 1', asset)
    const text = JSON.stringify(trace)
    if (last && last['trace'] === text && (last['requested'] ?? undefined) === requested) return false
    this.transaction(() => this.#database.write('insert into condition_traces (asset, at, requested, trace) values (?, ?, ?, ?)', asset, at, requested ?? null, text))
    return true
  }

  traces(asset: AssetKey, limit = -1): readonly RecordedTrace[] {
    return this.#database.rows('select at, requested, trace from condition_traces where asset = ? order by seq desc limit ?', asset, limit).map(row => ({
      asset, at: String(row['at']), ...(row['requested'] !== null && { requested: String(row['requested']) }), trace: this.#database.parse(row['trace']),
    }))
  }

  openIncidents(): readonly Incident[] {
    return this.#records(this.#database.rows('select record from incidents where is_open = 1 order by opened_at, id'))
  }

  incidents(limit = -1): readonly Incident[] {
    return this.#records(this.#database.rows('select record from incidents order by opened_at desc, id limit ?', limit))
  }

  saveIncident(incident: Incident): void {
    const { id, subject, openedAt, closedAt } = incident
    this.transaction(() => this.#database.write('insert or replace into incidents values (?, ?, ?, ?, ?)', id, subjectName(subject), openedAt, closedAt === undefined ? 1 : 0, JSON.stringify(incident)))
  }

  post(alert: Alert, channels: readonly string[]): void {
    this.transaction(() => {
      for (const channel of channels) this.#database.write('insert into deliveries (channel, alert, attempts, next_at) values (?, ?, 0, ?)', channel, JSON.stringify(alert), alert.at)
    })
  }

  undelivered(): readonly Delivery[] {
    return this.#database.rows('select * from deliveries where done_at is null order by id').map(row => ({
      id: Number(row['id']), channel: String(row['channel']), alert: this.#database.parse<Alert>(row['alert']), attempts: Number(row['attempts']), nextAt: String(row['next_at']),
      ...(row['error'] !== null && { error: String(row['error']) }),
    }))
  }

  updateDelivery(id: number, { attempts, nextAt, doneAt, error }: Pick<Delivery, 'attempts' | 'nextAt' | 'doneAt' | 'error'>): void {
    this.transaction(() => this.#database.write('update deliveries set attempts = ?, next_at = ?, done_at = ?, error = ? where id = ?', attempts, nextAt, doneAt ?? null, error ?? null, id))
  }

  prune(before: Date): void {
    const limit = before.toISOString()
    this.transaction(() => {
      this.#database.write('delete from requests where at < ? and is_open = 0', limit)
      this.#database.write('delete from schedule_ticks where tick < ?', limit)
      this.#database.write('delete from incidents where opened_at < ? and is_open = 0', limit)
      this.#database.write('delete from deliveries where next_at < ? and done_at is not null', limit)
      this.#database.write('delete from condition_traces where at < ? and seq not in (select max(seq) from condition_traces group by asset)', limit)
    })
  }

  close(): void {
    this.#database.close()
  }

  #records<T>(rows: readonly Row[]): T[] {
    return rows.map(row => this.#database.parse<T>(row['record']))
  }
}

const tickOf = (row: Row): ScheduleTick => ({ schedule: String(row['schedule']), tick: String(row['tick']), status: row['status'] as ScheduleTick['status'], at: String(row['at']) })
