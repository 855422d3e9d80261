import type { ExitCode } from './command.ts'

/** Ctrl-C while a run goes on: the first cancels it, the second leaves at once. */
export class Interrupt {
  readonly #controller = new AbortController()
  readonly #say: (message: string) => void
  readonly #onInterrupt = () => this.#stop(130)
  readonly #onTerminate = () => this.#stop(143)
  /** What to end with, once there was one. */
  exitCode: ExitCode | undefined

  constructor(say: (message: string) => void) {
    this.#say = say
    process.on('SIGINT', this.#onInterrupt)
    process.on('SIGTERM', this.#onTerminate)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  close(): void {
    process.off('SIGINT', this.#onInterrupt)
    process.off('SIGTERM', this.#onTerminate)
  }

  #stop(code: 130 | 143): void {
    if (this.exitCode !== undefined) process.exit(code)
    this.exitCode = code
    this.#say('Stopping: what runs is cancelled, and nothing of it is published. Ctrl-C again leaves at once.')
    this.#controller.abort()
  }
}
