import { setTimeout as wait } from 'node:timers/promises'
import type { Leases, LeaseToken } from '../state/leases.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import { LeaseLost } from './execution-errors.ts'
import { isGone } from './holder.ts'

/** Gives work its turn on an asset: while it lasts, no other run writes the asset. */
export interface Turns {
  /** @param settle makes durable what was told; it is done in one with giving the turn back, so that who has the next one knows of it */
  take<T>(asset: AssetKey, signal: AbortSignal, say: (message: string) => void, work: (turn: Turn) => Promise<T>, settle: () => void): Promise<T>
}

export interface Turn {
  /** Another run has or may have written since this one was planned, so that what was planned may be done already. */
  readonly again: boolean
  /** To be called right before publishing. @throws {LeaseLost} where another run took over in the meantime */
  assertHeld(): void
}

/**
 * Turns by leases that all processes on this lake see. A heartbeat keeps a lease alive; a process that died loses it: at once where that can be told, else when it has been
 * silent for long enough.
 */
export class LeasedTurns implements Turns {
  readonly #leases: Leases
  readonly #holder: string
  readonly #leaseMs: number
  readonly #othersWrote: () => boolean

  /**
   * @param leaseMs how long a silent holder keeps its lease
   * @param othersWrote whether anyone else has written to the state since the run was planned
   */
  constructor(leases: Leases, holder: string, leaseMs: number, othersWrote: () => boolean) {
    this.#leases = leases
    this.#holder = holder
    this.#leaseMs = leaseMs
    this.#othersWrote = othersWrote
  }

  async take<T>(asset: AssetKey, signal: AbortSignal, say: (message: string) => void, work: (turn: Turn) => Promise<T>, settle: () => void): Promise<T> {
    const acquire = () => this.#leases.acquire(asset, this.#holder, this.#leaseMs, new Date(), isGone)
    let lease = acquire()
    const waited = !lease.ok
    if (!lease.ok) say(`${asset} is being written by ${lease.heldBy}; waiting for its turn`)
    while (!lease.ok) {
      await wait(Math.min(200, this.#leaseMs), undefined, { signal })
      lease = acquire()
    }
    const { token } = lease
    crashpoint('lease-taken')
    const renew = () => this.#leases.renew(token, this.#leaseMs, new Date())
    const heartbeat = setInterval(renew, this.#leaseMs / 3)
    try {
      return await work({
        again: waited || this.#othersWrote(),
        assertHeld() {
          if (!renew()) throw new LeaseLost(asset)
        },
      })
    } finally {
      clearInterval(heartbeat)
      crashpoint('lease-kept')
      this.#giveBack(token, settle)
      crashpoint('lease-given-back')
    }
  }

  /** What could not be settled keeps no one else from the asset. */
  #giveBack(token: LeaseToken, settle: () => void): void {
    try {
      this.#leases.release(token, settle)
    } catch (error) {
      this.#leases.release(token)
      throw error
    }
  }
}
