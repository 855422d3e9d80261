import { crashpoint } from '../vocabulary/crashpoint.ts'
import type { RunEvent } from '../vocabulary/run-event.ts'
import type { EventLog } from './event-log.ts'

/** Puts what happens within one turn of the event loop into the log as one transaction. Close it before the log. */
export class BatchedEvents {
  readonly #log: Pick<EventLog, 'append'>
  #waiting: RunEvent[] = []
  #turn: NodeJS.Immediate | undefined
  #failure: unknown

  constructor(log: Pick<EventLog, 'append'>) {
    this.#log = log
  }

  /** @throws what an earlier batch failed with: a run whose events are lost must not go on. */
  add(event: RunEvent): void {
    this.#rethrow()
    this.#waiting.push(event)
    this.#turn ??= setImmediate(() => {
      try {
        this.#write()
      } catch (failure) {
        this.#failure ??= failure
      }
    })
  }

  /** Writes what waits, now: after it returned, a kill loses none of it. */
  flush(): void {
    this.#rethrow()
    this.#write()
  }

  #write(): void {
    clearImmediate(this.#turn)
    this.#turn = undefined
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
