/** Who may write what, for how long. Times are those of the machine's clock, never of a run's `--now`. */
export interface Leases {
  /** Takes the lease if it is free, has run out, or its holder is gone. Nobody holds one twice, its own holder neither. */
  acquire(resource: string, holder: string, ttlMs: number, now: Date, isGone?: (holder: string) => boolean): LeaseOutcome
  /**
   * Prolongs the lease from now on; one that has most of its time before it may be left as it is. False where someone else has had it since:
   * then nothing may be written under this token any more.
   */
  renew(token: LeaseToken, ttlMs: number, now: Date): boolean
  /** Gives the lease back; nothing happens where it is already someone else's. What is done `before` is kept in one with it, or neither is. */
  release(token: LeaseToken, before?: () => void): void
  /** Does all of it or nothing, at the cost of one. */
  together<T>(work: () => T): T
}

/** A fencing token: of two leases on one resource, the later has the greater number. */
export interface LeaseToken {
  readonly resource: string
  readonly fence: number
}

/** That someone else is writing is an outcome, not an error. */
export type LeaseOutcome = { readonly ok: true; readonly token: LeaseToken } | { readonly ok: false; readonly heldBy: string; readonly until: Date }

/** What a lease store keeps of one lease. Instants in milliseconds since the epoch. */
export interface HeldLease {
  readonly holder: string
  readonly fence: number
  readonly until: number
  readonly ttlMs: number
}

/** Whether so much of a lease remains that it need not be prolonged: who renews it this early only wants to know that it is held. */
export const isYoung = (until: number, ttlMs: number, now: Date): boolean => until - now.getTime() > ttlMs * 0.9 && until - now.getTime() <= ttlMs

/**
 * What remains of a lease for one who asks now. Nobody has to wait longer than its whole span: after the clock jumped back, the end
 * that was written down lies too far off.
 */
export const endOf = (lease: HeldLease, now: Date): number => Math.min(lease.until, now.getTime() + lease.ttlMs)
