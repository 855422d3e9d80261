import type { WriteStream } from 'node:tty'
import { withoutSecrets } from '../../vocabulary/secret.ts'
import { styleFor, type Style } from './style.ts'

/** One of the two streams that a command talks to. */
export interface Output {
  readonly isTerminal: boolean
  /** In cells. Without a terminal there is no limit. */
  readonly width: number
  readonly height: number
  readonly style: Style
  write(text: string): void
  lines(lines: readonly string[]): void
  onResize(listener: () => void): () => void
}

/** Where results go, and where all else goes. */
export interface Terminal {
  readonly out: Output
  readonly err: Output
}

export const openTerminal = (out: NodeJS.WriteStream, err: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Terminal => ({
  out: new StreamOutput(out, environment),
  err: new StreamOutput(err, environment),
})

class StreamOutput implements Output {
  readonly isTerminal: boolean
  readonly style: Style
  readonly #stream: Partial<WriteStream> & NodeJS.WriteStream
  #isGone = false

  constructor(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv) {
    this.#stream = stream
    this.isTerminal = stream.isTTY === true
    this.style = styleFor(this.isTerminal, environment)
    // Whoever read the pipe may leave before the end, as `head` does. What was begun is still finished.
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      this.#isGone = true
    })
  }

  get width(): number {
    return this.isTerminal ? Math.max(20, this.#stream.columns || 80) : Infinity
  }

  get height(): number {
    return this.isTerminal ? Math.max(4, this.#stream.rows || 24) : Infinity
  }

  write(text: string): void {
    if (!this.#isGone) this.#stream.write(withoutSecrets(text))
  }

  lines(lines: readonly string[]): void {
    if (lines.length > 0) this.write(`${lines.join('\n')}\n`)
  }

  onResize(listener: () => void): () => void {
    this.#stream.on('resize', listener)
    return () => this.#stream.off('resize', listener)
  }
}
