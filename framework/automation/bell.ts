/** Wakes whoever sleeps on its signal. Every ring is a new signal. */
export class Bell {
  #controller = new AbortController()

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  ring(): void {
    const rung = this.#controller
    this.#controller = new AbortController()
    rung.abort()
  }
}
