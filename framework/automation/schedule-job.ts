import type { AutomationLog } from '../state/automation-log.ts'
import { Bell } from './bell.ts'
import type { Job } from './daemon.ts'
import { dueTicks, type Schedule } from './schedules.ts'

/** Asks for runs at the times of schedules. What it has dealt with is written down together with what it asked for, so that a restart asks for nothing twice. */
export class ScheduleJob implements Job {
  readonly name = 'the scheduler'
  readonly bell = new Bell()
  readonly #schedules: readonly Schedule[]
  readonly #log: AutomationLog
  readonly #requested: () => void
  readonly #say: (message: string) => void

  /** @param requested is called when something was asked for. */
  constructor(schedules: readonly Schedule[], log: AutomationLog, requested: () => void, say: (message: string) => void) {
    this.#schedules = schedules
    this.#log = log
    this.#requested = requested
    this.#say = say
  }

  async look(now: Date): Promise<number> {
    let asked = false
    const next = this.#schedules.map(schedule => {
      const due = this.#log.transaction(() => {
        const due = this.#settle(schedule, now)
        asked ||= due.asked
        return due
      })
      if (due.missed.length > 0) this.#say(`${schedule.name} missed ${due.missed.length === 1 ? 'a time' : `${due.missed.length} times`}: ${due.missed.slice(-3).map(instant).join(', ')}${due.caughtUp ? '; one run makes up for it' : ''}`)
      return due.next
    })
    if (asked) this.#requested()
    return Math.min(...next)
  }

  #settle(schedule: Schedule, now: Date): { readonly asked: boolean; readonly missed: readonly number[]; readonly caughtUp: boolean; readonly next: number } {
    const { name, selection } = schedule
    const cursor = `schedule ${name}`
    const known = this.#log.cursor(cursor)
    const { fire, missed, next } = dueTicks(schedule, known === undefined ? undefined : Date.parse(known), now.getTime())
    const at = now.toISOString()
    for (const tick of missed) this.#log.recordTick({ schedule: name, tick: instant(tick), status: 'missed', at })
    let asked = false
    if (fire) {
      const waits = this.#log.openRequests().some(request => request.status === 'waiting' && request.by === 'schedule' && request.name === name)
      asked = !waits && this.#log.request({ id: `${cursor} ${instant(fire.tick)}`, by: 'schedule', name, at, selection, slices: {} })
      if (asked || waits) this.#log.recordTick({ schedule: name, tick: instant(fire.tick), status: waits ? 'merged' : fire.late ? 'caught-up' : 'fired', at })
    }
    // A clock that was set back must not bring back what has been dealt with.
    if (known === undefined || known < at) this.#log.setCursor(cursor, at)
    return { asked, missed: fire?.late ? [...missed, fire.tick] : missed, caughtUp: fire?.late ?? false, next }
  }
}

const instant = (at: number): string => new Date(at).toISOString()
