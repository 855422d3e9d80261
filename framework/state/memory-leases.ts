import { endOf, type HeldLease, type LeaseOutcome, type Leases, type LeaseToken } from './leases.ts'

/** {@link Leases} among the runs of one process. */
export class MemoryLeases implements Leases {
  readonly #held = new Map<string, HeldLease>()
  #fence = 0

  acquire(resource: string, holder: string, ttlMs: number, now: Date, isGone: (holder: string) => boolean = () => false): LeaseOutcome {
    const held = this.#held.get(resource)
    if (held) {
      const until = endOf(held, now)
      if (until > now.getTime() && !isGone(held.holder)) {
        this.#held.set(resource, { ...held, until })
        return { ok: false, heldBy: held.holder, until: new Date(until) }
      }
    }
    this.#fence += 1
    this.#held.set(resource, { holder, fence: this.#fence, until: now.getTime() + ttlMs, ttlMs })
    return { ok: true, token: { resource, fence: this.#fence } }
  }

  renew({ resource, fence }: LeaseToken, ttlMs: number, now: Date): boolean {
    const held = this.#held.get(resource)
    if (held?.fence !== fence) return false
    this.#held.set(resource, { ...held, until: now.getTime() + ttlMs, ttlMs })
    return true
  }

  release({ resource, fence }: LeaseToken, before?: () => void): void {
    before?.()
    if (this.#held.get(resource)?.fence === fence) this.#held.delete(resource)
  }

  /** Nothing in here fails halfway. */
  together<T>(work: () => T): T {
    return work()
  }
}
