import { crashpoint } from '../vocabulary/crashpoint.ts'
import type { RunEvent } from '../vocabulary/run-event.ts'
import type { EventLog } from './event-log.ts'

/** Puts what happens within a moment into the log as one transaction: who watches from elsewhere hears of it a little later. Flush it before the log is closed. */
export class BatchedEvents {
  readonly #log: Pick<EventLog, 'append'>
  readonly #momentMs: number
  #waiting: RunEvent[] = []
  #moment: NodeJS.Timeout | undefined
  #failure: unknown

  constructor(log: Pick<EventLog, 'append'>, momentMs = 50) {
    this.#log = log
    this.#momentMs = momentMs
  }

  /** @throws what an earlier batch failed with: a run whose events are lost must not go on. */
  add(event: RunEvent): void {
    this.#rethrow()
    this.#waiting.push(event)
    this.#moment ??= setTimeout(() => {
      try {
        this.#write()
      } catch (failure) {
        this.#failure ??= failure
      }
    }, this.#momentMs)
  }

  /** Writes what waits, now: after it returned, a kill loses none of it. */
  flush(): void {
    this.#rethrow()
    this.#write()
  }

  #write(): void {
    clearTimeout(this.#moment)
    this.#moment = undefined
    const batch = this.#waiting
    this.#waiting = []
    if (batch.length === 0) return
    crashpoint('events-unwritten')
    this.#log.append(batch)
    crashpoint('events-written')
  }

  #rethrow(): void {
    if (this.#failure === undefined) return
    throw this.#failure
  }
}
