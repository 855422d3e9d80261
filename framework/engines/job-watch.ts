import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isGone } from '../vocabulary/holder.ts'
import type { JobFiles } from './job-files.ts'
import { fileNameOf, type JobRecord, type JobRecords } from './job-record.ts'

export interface JobWatchOptions {
  /** Who waits here, as nobody else is called; of a process by {@link holderOf}. */
  readonly holder: string
  /** How long one who waits may say nothing, in milliseconds. */
  readonly leaseMs: number
}

/** Lets orchestrators that share a lake and nothing else know of each other: who waits for a job says so in the lake, again and again, until its rows are dealt with. */
export class JobWatch {
  readonly #beating = new Map<string, { readonly timer: NodeJS.Timeout; last?: Promise<unknown> }>()

  constructor(readonly folder: string, readonly files: JobFiles, readonly options: JobWatchOptions) {}

  get holder(): string {
    return this.options.holder
  }

  /** Waits for a job, and says so until its rows are dealt with ({@link end}); where the waiting fails, nobody waits any more. */
  async over<T>(record: JobRecord, records: JobRecords, waiting: () => Promise<T>): Promise<T> {
    this.#begin(record)
    try {
      return await waiting()
    } catch (error) {
      await this.end(record.subject)
      await records.forsake(record)
      throw error
    }
  }

  /** What ends before the first word costs none. */
  #begin({ subject, token }: JobRecord): void {
    if (this.#beating.has(subject) || !Number.isFinite(this.options.leaseMs)) return
    let count = 0
    const beat: { readonly timer: NodeJS.Timeout; last?: Promise<unknown> } = { timer: setInterval(() => (beat.last = this.#say(subject, `${token} ${this.holder} ${(count += 1)}`)), this.options.leaseMs / 3) }
    beat.timer.unref()
    this.#beating.set(subject, beat)
  }

  /** Nobody waits here any more. */
  async end(subject: string): Promise<void> {
    const beat = this.#beating.get(subject)
    if (!beat) return
    this.#beating.delete(subject)
    clearInterval(beat.timer)
    if (beat.last === undefined) return
    await beat.last
    await this.files.remove(this.#path(subject)).catch(() => undefined)
  }

  close(): void {
    for (const { timer } of this.#beating.values()) clearInterval(timer)
    this.#beating.clear()
  }

  /**
   * Who else waits for a job; undefined where nobody does, as far as a whole lease tells. By what changes, not by clocks, which differ from
   * machine to machine.
   * @param matters asked again and again: whether there still is something to wait for
   */
  async other({ subject, holder, token }: JobRecord, matters: () => Promise<boolean>): Promise<string | undefined> {
    if (holder === undefined || holder === this.holder || isGone(holder) || !(await matters())) return undefined
    const { leaseMs } = this.options
    const first = await this.#said(subject)
    for (const until = performance.now() + leaseMs; performance.now() < until; ) {
      await sleep(Math.max(10, Math.min(1000, leaseMs / 20)))
      const said = await this.#said(subject)
      if (said !== undefined && said !== first && said.startsWith(`${token} `)) return holder
      if (!(await matters())) return undefined
    }
    return undefined
  }

  /** A word that is lost is no more than late. */
  async #say(subject: string, text: string): Promise<void> {
    await this.files.replace(this.#path(subject), text).catch(() => undefined)
  }

  #said(subject: string): Promise<string | undefined> {
    return this.files.read(this.#path(subject))
  }

  #path(subject: string): string {
    return join(this.folder, `${fileNameOf(subject)}.watched`)
  }
}
