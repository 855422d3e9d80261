import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { jars, python } from '../delta-peers/setup-peers.ts'
import type { AskedJob } from './emr-server.ts'

export const runner = join(import.meta.dirname, '../../framework/engines/spark-runner/varve_runner.py')

/** One Spark that carries out the real runner, job after job: starting one takes longer than most jobs. */
export class WarmSpark {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterableIterator<string>
  #last: Promise<unknown> = Promise.resolve()
  log = ''

  /** @param more jars beside those of Delta, and settings */
  constructor(more: { readonly jars?: readonly string[]; readonly settings?: Readonly<Record<string, string>> } = {}) {
    this.#process = spawn(python, [join(import.meta.dirname, 'warm_spark.py'), runner, [...jars, ...(more.jars ?? [])].join(','), JSON.stringify(more.settings ?? {})], { stdio: 'pipe', cwd: tmpdir() })
    this.#process.stderr.on('data', (data: Buffer) => (this.log = (this.log + data.toString()).slice(-200_000)))
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
    this.#last = this.#answer('ready')
  }

  /** Runs the job whose specification lies there. @returns the runner's exit code */
  run(spec: string): Promise<number> {
    const next = this.#last.then(async () => {
      this.#process.stdin.write(`${spec}\n`)
      return Number(await this.#answer())
    })
    this.#last = next.catch(() => undefined)
    return next
  }

  /** As a server of jobs asks for one. */
  async submit({ jobDriver }: AskedJob): Promise<{ readonly code: number; readonly stderr: string }> {
    return { code: await this.run(jobDriver.sparkSubmit.entryPointArguments[0]!), stderr: this.log }
  }

  close(): void {
    this.#process.kill('SIGKILL')
  }

  async #answer(wanted?: string): Promise<string> {
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done) throw new Error(`Spark ended: ${this.log.slice(-3000)}`)
      if (wanted === undefined ? /^\d+$/.test(value as string) : value === wanted) return value as string
    }
  }
}
