import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { folder, jars, python } from './setup-peers.ts'

/** What a reader tells of a table. Rows are in the order of their JSON. */
export interface Told {
  readonly version: number
  readonly schema: readonly (readonly [name: string, type: unknown])[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** Another engine in its own process. */
export class Peer {
  readonly #lines: AsyncIterator<string>
  #said = ''

  private constructor(readonly name: string, readonly process: ChildProcessWithoutNullStreams) {
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]()
    process.stderr.on('data', text => { this.#said = (this.#said + String(text)).slice(-4000) })
  }

  static async start(name: 'spark' | 'delta-rs'): Promise<Peer> {
    const peer = new Peer(name, spawn(python, [join(import.meta.dirname, 'peer.py'), name, jars.join(','), join(folder, 'warehouse')], { env: { ...process.env, TZ: 'UTC', PYSPARK_PYTHON: python } }))
    await peer.#answer()
    return peer
  }

  /** @throws with the peer's own words where it refuses or fails */
  async ask(request: object): Promise<unknown> {
    this.process.stdin.write(`${JSON.stringify(request)}\n`)
    const answer = await this.#answer() as { ok?: unknown; error?: string }
    if (answer.error !== undefined) throw new Error(`${this.name}: ${answer.error}`)
    return answer.ok
  }

  async read(path: string): Promise<Told> {
    return await this.ask({ do: 'read', path }) as Told
  }

  stop(): void {
    this.process.stdin.end()
    this.process.kill()
  }

  async #answer(): Promise<unknown> {
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done) throw new Error(`${this.name} ended: ${this.#said}`)
      if (String(value).startsWith('{')) return JSON.parse(value as string)
    }
  }
}
