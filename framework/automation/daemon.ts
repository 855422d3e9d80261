import type { Alarm } from './alarm.ts'
import { Bell } from './bell.ts'

/** Something that is looked at when its time has come, independently of all else. */
export interface Job {
  readonly name: string
  readonly bell: Bell
  /** Does what is due, and tells when to look again if its bell is not rung before, in milliseconds since 1970. It must not wait for what may take long. */
  look(now: Date): Promise<number>
  /** Waits for what was begun to end. */
  settle?(): Promise<void>
}

const AGAIN_MS = 60_000

/** Runs jobs side by side. One that hangs or fails holds up no other. */
export class Daemon {
  readonly #jobs: readonly Job[]
  readonly #alarm: Alarm
  readonly #say: (message: string) => void

  constructor(jobs: readonly Job[], alarm: Alarm, say: (message: string) => void) {
    this.#jobs = jobs
    this.#alarm = alarm
    this.#say = say
  }

  /** Goes on until the signal is aborted, and then until what was begun has ended. */
  async run(stop: AbortSignal): Promise<void> {
    await Promise.all(this.#jobs.map(job => this.#loop(job, stop)))
    await Promise.all(this.#jobs.map(job => job.settle?.()))
  }

  /** Looks at each job in turn until nothing more is due at this instant. */
  async once(): Promise<void> {
    for (let round = 0; round < 100; round += 1) {
      const bells = this.#jobs.map(({ bell }) => bell.signal)
      for (const job of this.#jobs) {
        await job.look(this.#alarm.now())
        await job.settle?.()
      }
      if (round > 0 && bells.every(({ aborted }) => !aborted)) return
    }
  }

  async #loop(job: Job, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      // Taken before the look, so that a bell that is rung meanwhile is heard.
      const wake = AbortSignal.any([stop, job.bell.signal])
      await this.#alarm.sleepUntil(await this.#lookedAt(job), wake)
    }
  }

  /** A job that cannot do its work now, because a disk is full or a database busy, tries again: a watchdog that has died is worse than one that is late. */
  async #lookedAt(job: Job): Promise<number> {
    try {
      return await job.look(this.#alarm.now())
    } catch (error) {
      this.#say(`${job.name} could not do its work and tries again in a minute: ${error instanceof Error ? error.message : String(error)}`)
      return this.#alarm.now().getTime() + AGAIN_MS
    }
  }
}
