import type { AutomationLog } from '../state/automation-log.ts'
import { Bell } from './bell.ts'
import type { Job } from './daemon.ts'
import { dueTicks, type Schedule } from './schedules.ts'

/** Has tables packed and cleaned at set times. A time that passed while no daemon ran is made up for once, or left, as the configuration says. */
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
    if (fire) this.#working ??= this.#work(new Date(fire.tick).toISOString())
    const at = now.toISOString()
    if (known === undefined || known < at) this.#log.setCursor(CURSOR, at)
    return next
  }

  async settle(): Promise<void> {
    await this.#working
  }

  async #work(tick: string): Promise<void> {
    this.#say(`maintenance of ${tick}: begun`)
    try {
      for (const line of await this.#maintain()) this.#say(line)
      this.#say(`maintenance of ${tick}: ended`)
    } catch (error) {
      this.#say(`maintenance of ${tick} failed: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      this.#working = undefined
    }
  }
}

const CURSOR = 'maintenance'
