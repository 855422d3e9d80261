import { setTimeout as wait } from 'node:timers/promises'
import type { LeaseOutcome, Leases, LeaseToken } from '../state/leases.ts'
import type { AssetKey } from '../vocabulary/asset-key.ts'
import { crashpoint } from '../vocabulary/crashpoint.ts'
import { LeaseLost } from './execution-errors.ts'
import { Gathering } from './gathering.ts'
import { isGone } from '../vocabulary/holder.ts'

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
  readonly #leaseMs: number
  readonly #othersWrote: () => boolean
  readonly #taking: Gathering<AssetKey, LeaseOutcome>
  readonly #givingBack: Gathering<{ readonly token: LeaseToken; readonly settle: () => void }, void>

  /**
   * @param leaseMs how long a silent holder keeps its lease
   * @param othersWrote whether anyone else has written to the state since the run was planned
   */
  constructor(leases: Leases, holder: string, leaseMs: number, othersWrote: () => boolean) {
    this.#leases = leases
    this.#leaseMs = leaseMs
    this.#othersWrote = othersWrote
    this.#taking = new Gathering(assets => leases.together(() => assets.map(asset => leases.acquire(asset, holder, leaseMs, new Date(), isGone))))
    this.#givingBack = new Gathering(all => giveBack(leases, all))
  }

  async take<T>(asset: AssetKey, signal: AbortSignal, say: (message: string) => void, work: (turn: Turn) => Promise<T>, settle: () => void): Promise<T> {
    let lease = await this.#taking.add(asset)
    const waited = !lease.ok
    if (!lease.ok) say(`${asset} is being written by ${lease.heldBy}; waiting for its turn`)
    while (!lease.ok) {
      await wait(Math.min(200, this.#leaseMs), undefined, { signal })
      lease = await this.#taking.add(asset)
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
      await this.#givingBack.add({ token, settle })
      crashpoint('lease-given-back')
    }
  }
}

/** What could not be settled keeps no one else from the assets. */
function giveBack(leases: Leases, all: readonly { readonly token: LeaseToken; readonly settle: () => void }[]): readonly void[] {
  try {
    return leases.together(() => all.map(({ token, settle }) => leases.release(token, settle)))
  } catch (error) {
    leases.together(() => all.forEach(({ token }) => leases.release(token)))
    throw error
  }
}
