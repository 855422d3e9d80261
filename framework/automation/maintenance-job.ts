import type { AutomationLog } from '../state/automation-log.ts'
import { Bell } from './bell.ts'
import type { Job } from './daemon.ts'
import { dueTicks, type Schedule } from './schedules.ts'

/**
 * Has tables packed and cleaned at set times. A time that passed while no daemon ran is made up for once, or left, as the configuration
 * says; what a crash broke off is begun again.
 */
export class MaintenanceJob implements Job {
  readonly name = 'the maintenance of tables'
  readonly bell = new Bell()
  readonly #times: Pick<Schedule, 'cron' | 'timezone' | 'catchUp'>
  readonly #log: AutomationLog
  readonly #maintain: () => Promise<readonly string[]>
  readonly #say: (message: string) => void
  #working: Promise<void> | undefined

  /** @param maintain does it, and tells what came of it in lines */
  constructor(times: Pick<Schedule, 'cron' | 'timezone' | 'catchUp'>, log: AutomationLog, maintain: () => Promise<readonly string[]>, say: (message: string) => void) {
    this.#times = times
    this.#log = log
    this.#maintain = maintain
    this.#say = say
  }

  async look(now: Date): Promise<number> {
    const known = this.#log.cursor(CURSOR)
    const { fire, next } = dueTicks(this.#times, known === undefined ? undefined : Date.parse(known), now.getTime())
    // What is still going on is not begun again beside itself.
    if (!this.#working) {
      const broken = this.#broken()
      if (fire) this.#begin({ tick: new Date(fire.tick).toISOString(), attempts: 0 })
      else if (broken) this.#begin(broken)
    }
    const at = now.toISOString()
    if (known === undefined || known < at) this.#log.setCursor(CURSOR, at)
    return next
  }

  async settle(): Promise<void> {
    await this.#working
  }

  /** What a daemon was at when it was killed. */
  #broken(): Begun | undefined {
    const kept = this.#log.cursor(BEGUN)
    return kept ? (JSON.parse(kept) as Begun) : undefined
  }

  #begin({ tick, attempts }: Begun): void {
    if (attempts >= MOST_ATTEMPTS) {
      this.#log.setCursor(BEGUN, '')
      return this.#say(`maintenance of ${tick}: given up after it was broken off ${attempts} times`)
    }
    this.#log.setCursor(BEGUN, JSON.stringify({ tick, attempts: attempts + 1 } satisfies Begun))
    this.#say(`maintenance of ${tick}: begun${attempts > 0 ? ' again' : ''}`)
    this.#working = this.#work(tick)
  }

  async #work(tick: string): Promise<void> {
    try {
      for (const line of await this.#maintain()) this.#say(line)
      this.#say(`maintenance of ${tick}: ended`)
    } catch (error) {
      this.#say(`maintenance of ${tick} failed: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      this.#log.setCursor(BEGUN, '')
      this.#working = undefined
    }
  }
}

/** A tick whose work has begun and not ended, and how often it was begun. */
interface Begun {
  readonly tick: string
  readonly attempts: number
}

const MOST_ATTEMPTS = 3
const BEGUN = 'maintenance begun'
const CURSOR = 'maintenance'
