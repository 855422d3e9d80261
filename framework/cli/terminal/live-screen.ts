import type { Output } from './terminal.ts'
import { textWidth } from './text-width.ts'

const HIDE_CURSOR = '\u001B[?25l'
const SHOW_CURSOR = '\u001B[?25h'
const MILLIS_BETWEEN_FRAMES = 100

/** Some lines at the bottom of a terminal that are drawn anew as things change, ten times a second at most. */
export class LiveScreen {
  readonly #output: Output
  readonly #frame: () => readonly string[]
  readonly #restore = () => this.#output.write(SHOW_CURSOR)
  readonly #timer: NodeJS.Timeout
  readonly #stopListening: () => void
  #drawn: readonly string[] = []

  /** @param frame the lines as they should be now, none wider than the output. */
  constructor(output: Output, frame: () => readonly string[]) {
    this.#output = output
    this.#frame = frame
    output.write(HIDE_CURSOR)
    // However the process ends, short of a kill, the cursor comes back.
    process.on('exit', this.#restore)
    this.#stopListening = output.onResize(() => this.#draw(this.#frame()))
    this.#timer = setInterval(() => this.#draw(this.#frame()), MILLIS_BETWEEN_FRAMES)
  }

  /** Writes lines that stay, above those that change. */
  print(lines: readonly string[]): void {
    if (lines.length === 0) return
    this.#output.write(`${this.#erased()}${lines.join('\n')}\n`)
    this.#drawn = []
    this.#draw(this.#frame())
  }

  /** Replaces what was drawn by lines that stay, and gives the cursor back. */
  close(last: readonly string[] = []): void {
    clearInterval(this.#timer)
    this.#stopListening()
    process.off('exit', this.#restore)
    this.#output.write(`${this.#erased()}${last.map(line => `${line}\n`).join('')}${SHOW_CURSOR}`)
    this.#drawn = []
  }

  #draw(lines: readonly string[]): void {
    if (lines.length === this.#drawn.length && lines.every((line, i) => line === this.#drawn[i])) return
    const erased = this.#erased()
    this.#output.write(`${erased}${lines.map(line => `${line}\n`).join('')}`)
    this.#drawn = lines
  }

  /** Moves up over what was drawn. A line that no longer fits after a resize has been wrapped by the terminal to several rows. */
  #erased(): string {
    const { width, height } = this.#output
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / width)), 0)
    return rows === 0 ? '' : `\u001B[${Math.min(rows, height - 1)}A\r\u001B[0J`
  }
}
