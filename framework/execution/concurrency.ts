export type Limit = <T>(work: () => Promise<T>) => Promise<T>

/** Lets so many pieces of work run at once; the rest wait their turn, first come, first served. */
export function limitConcurrency(most: number): Limit {
  let running = 0
  const waiting: (() => void)[] = []
  return async work => {
    // Who is woken takes over the place of who ended, so that nobody slips in between.
    if (running >= most) await new Promise<void>(resolve => waiting.push(resolve))
    else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
