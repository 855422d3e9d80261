import { daysBefore } from './days.ts'
import { DIRT } from './dirt.ts'
import { DAYS_OF_ORDERS, type Population } from './population.ts'
import { Random } from './random.ts'
import { csv, type TextFile } from './text-file.ts'

/** The rate vendor's two feeds, units of the quoted currency per US dollar. They differ in the third digit, and each misses days of its own. */
export function fxFiles({ seed }: Population): TextFile[] {
  return [
    { name: 'fx_rates.csv', header: 'trade_date,base_ccy,quote_ccy,fx_rate', lines: () => rates(seed, 'rates', ({ day, quote, rate }) => csv([day, 'USD', quote, rate])) },
    { name: 'fx_rates_historical.json', lines: () => rates(seed, 'historical rates', historical) },
  ]
}

interface Rate {
  readonly day: string
  readonly quote: string
  readonly rate: number
}

const QUOTES = [['EUR', 0.92], ['GBP', 0.79], ['JPY', 151], ['AUD', 1.52], ['CAD', 1.37]] as const
const OUTAGE = { quote: 'AUD', daysBeforeEnd: 100 }

function* rates(seed: number, feed: string, line: (rate: Rate) => string): Generator<string> {
  const walk = new Random(seed, 'fx')
  const noise = new Random(seed, feed)
  const now: number[] = QUOTES.map(([, start]) => start)
  const days = daysBefore(DAYS_OF_ORDERS)
  const outageFrom = days.length - OUTAGE.daysBeforeEnd
  for (const [d, day] of days.entries()) {
    for (const [q, [quote]] of QUOTES.entries()) {
      now[q] = now[q]! * (1 + walk.between(-0.004, 0.004))
      const rate = Number((now[q]! * (1 + noise.between(-0.002, 0.002))).toFixed(4))
      const missing = noise.chance(DIRT.missingRates)
      const outage = quote === OUTAGE.quote && d >= outageFrom && d < outageFrom + DIRT.outageDays
      if (!missing && !outage) yield line({ day, quote, rate })
    }
  }
}

function historical({ day, quote, rate }: Rate): string {
  return JSON.stringify({
    date: day, base_currency: 'USD', target_currency: quote, exchange_rate: rate,
    bid_rate: Number((rate * 0.9995).toFixed(4)), ask_rate: Number((rate * 1.0005).toFixed(4)), source: 'synthetic',
  })
}
