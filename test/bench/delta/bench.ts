interface Figure {
  readonly name: string
  readonly millis: number
  readonly against?: { readonly name: string; readonly millis: number } | undefined
  /** A ratio where there is a baseline, milliseconds else. */
  readonly aim?: number | undefined
}

/** Takes medians of interleaved runs, and prints them with their aims. Nothing is asserted: machines differ, ratios tell. */
export class Bench {
  readonly #figures: Figure[] = []
  readonly #rounds = Math.max(1, Number(process.env['VARVE_BENCH_ROUNDS'] ?? 5))

  /** A deed and its baseline in turns, after one round that does not count. */
  async pair(name: string, baseline: string, deed: () => Promise<unknown>, raw: () => Promise<unknown>, aim?: number): Promise<void> {
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = 0; round <= this.#rounds; round += 1) {
      const [a, b] = [await millis(deed), await millis(raw)]
      if (round === 0) continue
      ours.push(a)
      theirs.push(b)
    }
    this.#figures.push({ name, millis: median(ours), against: { name: baseline, millis: median(theirs) }, aim })
  }

  async alone(name: string, deed: () => Promise<unknown>, aim?: number): Promise<void> {
    const all: number[] = []
    for (let round = 0; round <= this.#rounds; round += 1) {
      const spent = await millis(deed)
      if (round > 0) all.push(spent)
    }
    this.#figures.push({ name, millis: median(all), aim })
  }

  print(): void {
    for (const { name, millis: spent, against, aim } of this.#figures) {
      const ratio = against && spent / against.millis
      const told = against ? `${spent.toFixed(0)} ms, ${ratio!.toFixed(2)} of ${against.name} (${against.millis.toFixed(0)} ms)` : `${spent.toFixed(1)} ms`
      const met = aim === undefined ? '' : (ratio ?? spent) <= aim ? `  aim ${aim}: met` : `  aim ${aim}: missed`
      process.stdout.write(`${name}: ${told}${met}\n`)
    }
    process.stdout.write(`peak memory of the process: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB\n`)
  }
}

async function millis(deed: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await deed()
  return performance.now() - start
}

const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]!
