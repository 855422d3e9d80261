import type { AutomationLog, QueuedRequest } from '../state/automation-log.ts'
import type { Clock } from '../vocabulary/clock.ts'
import { Bell } from './bell.ts'
import type { Job } from './daemon.ts'

/** How a run that was asked for ended. */
export interface RunEnding {
  readonly run: string
  readonly ok: boolean
  readonly cancelled: boolean
}

export interface RunQueueOptions {
  readonly log: AutomationLog
  readonly clock: Clock
  /** How many go on at once. */
  readonly atOnce: number
  readonly run: (request: QueuedRequest, signal: AbortSignal) => Promise<RunEnding>
  readonly cancel: AbortSignal
  /** Nothing more is begun from then on. */
  readonly stop: AbortSignal
  /** Is called when a run has ended. */
  readonly ended: () => void
  readonly say: (message: string) => void
}

const MOST_ATTEMPTS = 3

/** Runs what was asked for, oldest first. What a stop or a crash broke off is begun again: it makes only what is not made yet. */
export class RunQueue implements Job {
  readonly name = 'the run queue'
  readonly bell = new Bell()
  readonly #options: RunQueueOptions
  readonly #running = new Map<string, Promise<void>>()

  constructor(options: RunQueueOptions) {
    this.#options = options
  }

  async look(): Promise<number> {
    const { log, atOnce, stop } = this.#options
    for (const request of log.openRequests()) {
      if (stop.aborted || this.#running.size >= atOnce) break
      if (this.#running.has(request.id)) continue
      if (request.attempts >= MOST_ATTEMPTS) this.#giveUp(request)
      else this.#begin(request)
    }
    return Infinity
  }

  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  #begin(request: QueuedRequest): void {
    const { log, clock, say } = this.#options
    log.updateRequest(request.id, { status: 'running', attempts: request.attempts + 1, startedAt: clock.now().toISOString() })
    say(`${request.id}: begun${request.attempts > 0 ? ' again' : ''}`)
    this.#running.set(request.id, this.#carryOut(request))
  }

  async #carryOut(request: QueuedRequest): Promise<void> {
    const { log, clock, run, cancel, ended, say } = this.#options
    const endedAt = () => clock.now().toISOString()
    try {
      const { run: id, ok, cancelled } = await run(request, cancel)
      // What was cancelled because the daemon stops is left for the next one, and is no attempt of its own.
      if (cancelled && cancel.aborted) log.updateRequest(request.id, { status: 'waiting', attempts: request.attempts, run: id })
      else log.updateRequest(request.id, { status: ok ? 'succeeded' : cancelled ? 'cancelled' : 'failed', run: id, endedAt: endedAt() })
      say(`${request.id}: ${ok ? 'succeeded' : cancelled ? 'cancelled' : 'failed'}, run ${id}`)
    } catch (error) {
      if (cancel.aborted) log.updateRequest(request.id, { status: 'waiting', attempts: request.attempts })
      else {
        const message = error instanceof Error ? error.message : String(error)
        log.updateRequest(request.id, { status: 'failed', endedAt: endedAt(), error: message })
        say(`${request.id}: failed before it could begin: ${message}`)
      }
    } finally {
      this.#running.delete(request.id)
      this.bell.ring()
      ended()
    }
  }

  #giveUp(request: QueuedRequest): void {
    const { log, clock, say } = this.#options
    log.updateRequest(request.id, { status: 'failed', endedAt: clock.now().toISOString(), error: `it was broken off ${request.attempts} times` })
    say(`${request.id}: given up after it was broken off ${request.attempts} times`)
  }
}
