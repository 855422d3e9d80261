import { setTimeout as wait } from 'node:timers/promises'
import type { Leases } from '../state/leases.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { LeaseLost } from './execution-errors.ts'

/** Gives work its turn on an asset: while it lasts, no other run writes the asset. */
export interface Turns {
  /** `waited`: another run had the turn before, so that what was planned may be done already. */
  take<T>(asset: AssetKey, signal: AbortSignal, say: (message: string) => void, work: (turn: Turn) => Promise<T>): Promise<T>
}

export interface Turn {
  readonly waited: boolean
  /** To be called right before publishing. @throws {LeaseLost} where another run took over in the meantime */
  assertHeld(): void
}

/** How long a silent holder keeps its lease. */
const LEASE_MS = 30_000

/** Turns by leases that all processes on this lake see. A heartbeat keeps a lease alive; a process that died falls silent and loses it. */
export class LeasedTurns implements Turns {
  readonly #leases: Leases
  readonly #holder: string
  readonly #leaseMs: number

  constructor(leases: Leases, holder: string, leaseMs = LEASE_MS) {
    this.#leases = leases
    this.#holder = holder
    this.#leaseMs = leaseMs
  }

  async take<T>(asset: AssetKey, signal: AbortSignal, say: (message: string) => void, work: (turn: Turn) => Promise<T>): Promise<T> {
    const acquire = () => this.#leases.acquire(asset, this.#holder, this.#leaseMs, new Date())
    let lease = acquire()
    const waited = !lease.ok
    if (!lease.ok) say(`${asset} is being written by ${lease.heldBy}; waiting for its turn`)
    while (!lease.ok) {
      await wait(Math.min(200, this.#leaseMs), undefined, { signal })
      lease = acquire()
    }
    const { token } = lease
    const renew = () => this.#leases.renew(token, this.#leaseMs, new Date())
    const heartbeat = setInterval(renew, this.#leaseMs / 3)
    try {
      return await work({
        waited,
        assertHeld() {
          if (!renew()) throw new LeaseLost(asset)
        },
      })
    } finally {
      clearInterval(heartbeat)
      this.#leases.release(token)
    }
  }
}
