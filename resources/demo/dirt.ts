import { Random } from './random.ts'

/** What the real world does to exports, each as a share of the rows that it can happen to. */
export const DIRT = {
  /** An older state of a row arrives after the newer one (CRM, customers, orders, products). */
  lateUpdates: 0.01,
  /** Two states of a row carry the same stamp and differ (CRM, customers, orders, products). */
  tiedUpdates: 0.005,
  /** A line comes a second time, a little later (all but FX). */
  duplicates: 0.005,
  /** A day without rates, of one currency (FX; each of the two feeds on its own). */
  missingRates: 0.015,
  /** So many days in a row without any rate of one currency, once (FX, both feeds). */
  outageDays: 6,
  /** An e-mail address that is none (customers, contacts). */
  invalidEmails: 0.02,
  /** A telephone number written unlike the others, or none at all (customers, accounts, contacts). */
  oddPhones: 0.06,
  /** A name with spaces around or doubled inside it (customers, contacts, accounts). */
  untrimmedNames: 0.03,
  /** A name outside ASCII, or of a single letter (customers, contacts). */
  unusualNames: 0.04,
  /** `MM/DD/YYYY HH:MM` instead of `YYYY-MM-DD` (CRM). */
  americanDates: 0.06,
  /** `YYYY-MM-DDTHH:MM:SSZ` instead of `YYYY-MM-DD` (CRM). */
  zuluDates: 0.04,
  /** An order that was deleted later (`op` DELETE). */
  deletedOrders: 0.005,
  /** The share of rows that have a value in `loyalty_tier`, a column of the orders that no contract knows. */
  loyaltyTiers: 0.3,
} as const

/** Which state of a row a line shows: as it is now, as it was before, or another that claims the same stamp. */
export type RowState = 'now' | 'before' | 'rival'

/** What can happen to the lines of a table on their way. */
export interface Mishaps {
  readonly updates: boolean
}

const LONGEST_DELAY = 400

/** The lines of rows 1 to `count` in the order in which they arrive. Holds back at most what is on its way within {@link LONGEST_DELAY} rows. */
export function* delivered(seed: number, stream: string, count: number, { updates }: Mishaps, line: (i: number, state: RowState) => string): Generator<string> {
  const onTheWay = new Map<number, string[]>()
  for (let i = 1; i <= count; i += 1) {
    const random = new Random(seed, `${stream} mishaps`, i)
    const current = line(i, 'now')
    yield current
    const mishap = random.fraction()
    const again = mishapOf(mishap, updates)
    if (again) {
      const at = i + random.whole(1, LONGEST_DELAY)
      onTheWay.set(at, [...(onTheWay.get(at) ?? []), again === 'now' ? current : line(i, again)])
    }
    yield* onTheWay.get(i) ?? []
    onTheWay.delete(i)
  }
  for (const at of [...onTheWay.keys()].sort((a, b) => a - b)) yield* onTheWay.get(at)!
}

function mishapOf(fraction: number, updates: boolean): RowState | undefined {
  if (fraction < DIRT.duplicates) return 'now'
  if (!updates) return undefined
  if (fraction < DIRT.duplicates + DIRT.lateUpdates) return 'before'
  if (fraction < DIRT.duplicates + DIRT.lateUpdates + DIRT.tiedUpdates) return 'rival'
  return undefined
}
