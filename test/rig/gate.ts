/** Keeps work waiting that it is told to hold, until it is let go or ended. */
export class Gate {
  #shut: { readonly opened: Promise<void>; readonly open: () => void } | undefined

  hold(): void {
    let open = () => {}
    const opened = new Promise<void>(resolve => (open = resolve))
    this.#shut = { opened, open: () => open() }
  }

  letGo(): void {
    this.#shut?.open()
    this.#shut = undefined
  }

  /** @returns whether the work may go on; it may not where it was ended meanwhile. */
  async passed(signal: AbortSignal): Promise<boolean> {
    if (this.#shut) await Promise.race([this.#shut.opened, new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))])
    return !signal.aborted
  }
}

/** Waits until something is so. The test's own time is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}
