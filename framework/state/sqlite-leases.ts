import { endOf, isYoung, type LeaseOutcome, type Leases, type LeaseToken } from './leases.ts'
import type { StateDatabase } from './state-database.ts'

/** {@link Leases} among all processes that share a state file. */
export class SqliteLeases implements Leases {
  readonly #database: StateDatabase

  constructor(database: StateDatabase) {
    this.#database = database
  }

  acquire(resource: string, holder: string, ttlMs: number, now: Date, isGone: (holder: string) => boolean = () => false): LeaseOutcome {
    return this.#database.transaction(() => {
      const [row] = this.#database.rows('select holder, fence, until, ttl_ms from leases where resource = ?', resource)
      if (row) {
        const held = { holder: String(row['holder']), fence: Number(row['fence']), until: Number(row['until']), ttlMs: Number(row['ttl_ms']) }
        const until = endOf(held, now)
        if (until > now.getTime() && !isGone(held.holder)) {
          if (until < held.until) this.#database.write('update leases set until = ? where resource = ?', until, resource)
          return { ok: false, heldBy: held.holder, until: new Date(until) }
        }
      }
      const fence = Number(this.#database.rows('update fences set last = last + 1 returning last')[0]!['last'])
      this.#database.write('insert or replace into leases values (?, ?, ?, ?, ?)', resource, holder, fence, now.getTime() + ttlMs, ttlMs)
      return { ok: true, token: { resource, fence } }
    })
  }

  renew({ resource, fence }: LeaseToken, ttlMs: number, now: Date): boolean {
    const [held] = this.#database.rows('select until from leases where resource = ? and fence = ?', resource, fence)
    if (held && isYoung(Number(held['until']), ttlMs, now)) return true
    const update = 'update leases set until = ?, ttl_ms = ? where resource = ? and fence = ?'
    return this.#database.transaction(() => this.#database.write(update, now.getTime() + ttlMs, ttlMs, resource, fence)) === 1
  }

  release({ resource, fence }: LeaseToken, before?: () => void): void {
    this.#database.transaction(() => {
      before?.()
      this.#database.write('delete from leases where resource = ? and fence = ?', resource, fence)
    })
  }

  together<T>(work: () => T): T {
    return this.#database.transaction(work)
  }
}
