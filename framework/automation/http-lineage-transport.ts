import { setTimeout as sleep } from 'node:timers/promises'
import type { LineageOutbox } from './lineage-outbox.ts'
import type { LineageTransport } from './lineage-transport.ts'

export interface HttpLineageOptions {
  readonly url: URL
  readonly apiKey?: string | undefined
  /** How long one request may take. */
  readonly timeoutMs: number
  /** The pauses between the attempts at one event. After the last the server counts as down, and what waits waits for the next run. */
  readonly pausesMs?: readonly number[] | undefined
  /** For how long a server that is down is left alone. */
  readonly restMs?: number | undefined
  /** Is told what a person should know, once for each time that the server goes down. */
  readonly say: (message: string) => void
}

type Answer = { readonly type: 'taken' } | { readonly type: 'refused' | 'not-now' | 'silent'; readonly why: string }

/** Posts events one after the other, through an outbox on the disk: none is lost while the server is down, and none overtakes another. */
export class HttpLineageTransport implements LineageTransport {
  readonly #outbox: LineageOutbox
  readonly #options: HttpLineageOptions
  readonly #pausesMs: readonly number[]
  readonly #restMs: number
  #pump: Promise<void> | undefined
  #downUntil = 0

  constructor(outbox: LineageOutbox, options: HttpLineageOptions) {
    this.#outbox = outbox
    this.#options = options
    this.#pausesMs = options.pausesMs ?? [250, 500, 1000]
    this.#restMs = options.restMs ?? 30_000
    this.#start()
  }

  send(event: string): void {
    this.#outbox.put(event)
    this.#start()
  }

  async close(): Promise<void> {
    this.#start()
    while (this.#pump) await this.#pump
  }

  #start(): void {
    if (this.#pump || performance.now() < this.#downUntil) return
    this.#pump = this.#deliver().finally(() => {
      this.#pump = undefined
    })
  }

  async #deliver(): Promise<void> {
    // Events come in bursts within one turn of the loop: none of them should find the pump just ended.
    await new Promise(done => setImmediate(done))
    if (!this.#outbox.lock()) return
    try {
      for (let names = this.#outbox.waiting(); names.length > 0; names = this.#outbox.waiting()) {
        for (const name of names) {
          const answer = await this.#patiently(this.#outbox.read(name))
          switch (answer.type) {
            case 'taken': this.#outbox.delivered(name); break
            case 'refused': {
              this.#outbox.refuse(name, answer.why)
              this.#options.say(`${this.#options.url.host} refused a lineage event (${answer.why}); it was set aside.`)
              break
            }
            case 'silent':
            case 'not-now': {
              this.#downUntil = performance.now() + this.#restMs
              const waiting = this.#outbox.waiting().length
              this.#options.say(`${this.#options.url.host} takes no lineage events now (${answer.why}); ${waiting} ${waiting === 1 ? 'waits' : 'wait'} for the next run.`)
              return
            }
          }
        }
      }
    } finally {
      this.#outbox.unlock()
    }
  }

  async #patiently(event: string): Promise<Answer> {
    for (const pause of this.#pausesMs) {
      const answer = await this.#post(event)
      if (answer.type !== 'not-now') return answer
      await sleep(pause)
    }
    return this.#post(event)
  }

  async #post(body: string): Promise<Answer> {
    const { url, apiKey, timeoutMs } = this.#options
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      })
      const text = response.ok ? (await response.body?.cancel(), '') : (await response.text()).slice(0, 300)
      if (response.ok) return { type: 'taken' }
      const why = `${response.status}${text === '' ? '' : ` ${text.replaceAll(/\s+/g, ' ').trim()}`}`
      return { type: REFUSALS.has(response.status) ? 'refused' : 'not-now', why }
    } catch (error) {
      // Who hangs once is not asked again at once: a run must not wait for it several times.
      if ((error as Error).name === 'TimeoutError') return { type: 'silent', why: 'it does not answer' }
      return { type: 'not-now', why: reasonOf(error as Error) }
    }
  }
}

/** The server understood, and will not take this event however often it comes. Every other answer is about the server or the way to it. */
const REFUSALS = new Set([400, 409, 413, 415, 422])

function reasonOf(error: Error): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined
  return cause?.code ?? cause?.message ?? error.message
}
