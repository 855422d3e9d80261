import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive } from '../vocabulary/processes.ts'

/**
 * Events that wait for a server, a file each: they outlive the process, and their names keep their order. Several processes may put events
 * in; one at a time takes them out.
 */
export class LineageOutbox {
  readonly #waiting: string
  readonly #refused: string
  readonly #lock: string
  #last = 0
  #locked = false

  constructor(folder: string) {
    this.#waiting = join(folder, 'waiting')
    this.#refused = join(folder, 'refused')
    this.#lock = join(folder, 'lock')
    mkdirSync(this.#waiting, { recursive: true })
    // A clock that was set back must not let what is new overtake what waits.
    this.#last = Number(this.waiting().at(-1)?.slice(0, 17) ?? 0)
  }

  /** Kept once this returns. The name is the time to the microsecond, and later than that of any before. */
  put(event: string): void {
    const now = Math.round((performance.timeOrigin + performance.now()) * 1000)
    this.#last = Math.max(now, this.#last + 1)
    const name = `${String(this.#last).padStart(17, '0')}-${process.pid}.json`
    const path = join(this.#waiting, name)
    writeFileSync(`${path}.tmp`, event)
    renameSync(`${path}.tmp`, path)
  }

  /** The names of those that wait, oldest first. */
  waiting(): string[] {
    return readdirSync(this.#waiting).filter(name => name.endsWith('.json')).sort()
  }

  read(name: string): string {
    return readFileSync(join(this.#waiting, name), 'utf8')
  }

  delivered(name: string): void {
    rmSync(join(this.#waiting, name))
  }

  /** Sets aside what the server will never take, with its answer, so that it does not hold up the others. */
  refuse(name: string, answer: string): void {
    mkdirSync(this.#refused, { recursive: true })
    renameSync(join(this.#waiting, name), join(this.#refused, name))
    writeFileSync(join(this.#refused, name.replace(/\.json$/, '.txt')), `${answer}\n`)
  }

  /** Whether this process is the one that takes events out from now on. The lock of a process that is gone is taken over. */
  lock(): boolean {
    if (this.#locked) return true
    for (let attempt = 0; attempt < 2; attempt += 1) {
      try {
        writeFileSync(this.#lock, String(process.pid), { flag: 'wx' })
        return (this.#locked = true)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        if (this.#holderLives()) return false
        rmSync(this.#lock, { force: true })
      }
    }
    return false
  }

  unlock(): void {
    if (this.#locked) rmSync(this.#lock, { force: true })
    this.#locked = false
  }

  #holderLives(): boolean {
    try {
      const holder = Number(readFileSync(this.#lock, 'utf8'))
      return Number.isInteger(holder) && holder > 0 && isAlive(holder)
    } catch {
      // It was given back in the meantime.
      return false
    }
  }
}
