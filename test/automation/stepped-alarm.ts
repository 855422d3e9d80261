import { setImmediate as turn } from 'node:timers/promises'
import type { Alarm } from '../../framework/automation/alarm.ts'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** Time that passes only when it is told to: a week takes as long as the work that is done in it. */
export class SteppedAlarm implements Alarm {
  #now: number
  readonly #sleepers = new Set<Sleeper>()

  constructor(now: string) {
    this.#now = Date.parse(now)
  }

  now(): Date {
    return new Date(this.#now)
  }

  sleepUntil(instant: number, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        this.#sleepers.delete(sleeper)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { at: instant, wake }
      if (signal.aborted || instant <= this.#now) return resolve()
      this.#sleepers.add(sleeper)
      signal.addEventListener('abort', wake)
    })
  }

  /** Wakes everyone whose time comes until then, one after the other. */
  async advanceTo(instant: string | number): Promise<void> {
    const to = typeof instant === 'string' ? Date.parse(instant) : instant
    for (;;) {
      await this.settle()
      const next = [...this.#sleepers].sort((a, b) => a.at - b.at)[0]
      if (!next || next.at > to) break
      this.#now = Math.max(this.#now, next.at)
      next.wake()
    }
    this.#now = Math.max(this.#now, to)
    await this.settle()
  }

  /** Lets everything happen that happens without the clock. */
  async settle(): Promise<void> {
    for (let i = 0; i < 4; i += 1) await turn()
  }
}
