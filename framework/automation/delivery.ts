import type { AutomationLog, Delivery as Waiting } from '../state/automation-log.ts'
import type { AlertChannel } from './alerts.ts'
import type { Clock } from '../vocabulary/clock.ts'
import { Bell } from './bell.ts'
import type { Job } from './daemon.ts'

const FIRST_RETRY_MS = 30_000
const LONGEST_RETRY_MS = 30 * 60_000
const MOST_ATTEMPTS = 50

/** Empties the box of one channel, in order. Every channel has a job of its own, so that one that hangs holds up no other. */
export class DeliveryJob implements Job {
  readonly name: string
  readonly bell = new Bell()
  readonly #channel: AlertChannel
  readonly #log: AutomationLog
  readonly #clock: Clock
  readonly #stop: AbortSignal
  readonly #say: (message: string) => void

  constructor(channel: AlertChannel, log: AutomationLog, clock: Clock, stop: AbortSignal, say: (message: string) => void) {
    this.name = `the alert channel ${channel.name}`
    this.#channel = channel
    this.#log = log
    this.#clock = clock
    this.#stop = stop
    this.#say = say
  }

  async look(now: Date): Promise<number> {
    for (const waiting of this.#log.undelivered().filter(({ channel }) => channel === this.#channel.name)) {
      if (this.#stop.aborted) break
      if (Date.parse(waiting.nextAt) > now.getTime()) return Date.parse(waiting.nextAt)
      const again = await this.#deliver(waiting)
      if (again !== undefined) return again
    }
    return Infinity
  }

  /** When to try again, where it did not arrive. */
  async #deliver({ id, alert, attempts, nextAt }: Waiting): Promise<number | undefined> {
    try {
      await this.#channel.send(alert, this.#stop)
      this.#log.updateDelivery(id, { attempts: attempts + 1, nextAt, doneAt: this.#clock.now().toISOString() })
      return undefined
    } catch (error) {
      if (this.#stop.aborted) return Infinity
      const now = this.#clock.now()
      const message = error instanceof Error ? error.message : String(error)
      const givenUp = attempts + 1 >= MOST_ATTEMPTS
      const next = now.getTime() + Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts)
      this.#say(`${this.name} could not be reached (${message}); ${givenUp ? `the alert on ${JSON.stringify(alert.subject)} is given up` : `it is tried again at ${new Date(next).toISOString()}`}`)
      this.#log.updateDelivery(id, { attempts: attempts + 1, nextAt: new Date(next).toISOString(), doneAt: givenUp ? now.toISOString() : undefined, error: message })
      return givenUp ? undefined : next
    }
  }
}
