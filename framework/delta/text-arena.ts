/** A place of a text in the arena. */
export interface TextSpan {
  readonly chunk: Buffer
  readonly start: number
  readonly end: number
}

/** Keeps very many texts as bytes outside of JavaScript's heap, where each costs its length and nothing more. */
export class TextArena {
  #chunk = Buffer.allocUnsafe(0)
  #used = 0

  keep(text: string): TextSpan {
    const most = text.length * 3
    if (this.#chunk.length - this.#used < most) {
      this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK, most))
      this.#used = 0
    }
    const start = this.#used
    this.#used += this.#chunk.write(text, start)
    return { chunk: this.#chunk, start, end: this.#used }
  }
}

export const textAt = ({ chunk, start, end }: TextSpan): string => chunk.toString('utf8', start, end)

const CHUNK = 256 * 1024
