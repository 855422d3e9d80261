import { DAYS_OF_CRM, LAST_DAY } from './population.ts'
import { DIRT } from './dirt.ts'
import type { Random } from './random.ts'

const DAY = 86_400_000
const END = Date.parse(`${LAST_DAY}T00:00:00Z`)

/** An instant within the last so many days, in milliseconds. */
export const instantWithin = (random: Random, days: number): number => END - Math.floor(random.fraction() * days * 86_400) * 1_000 - 1_000

/** An instant between another one and the end of the history. */
export const instantAfter = (random: Random, instant: number): number => instant + Math.floor((random.fraction() * (END - instant)) / 1_000) * 1_000

/** `2026-11-22`. */
export const dayText = (instant: number): string => new Date(instant).toISOString().slice(0, 10)

/** `2026-11-22 18:03:50`. */
export const instantText = (instant: number): string => new Date(instant).toISOString().slice(0, 19).replace('T', ' ')

/** The days up to the eve of the last, oldest first. */
export const daysBefore = (count: number): string[] => Array.from({ length: count }, (_, i) => dayText(END - (count - i) * DAY))

/** A CRM's date: mostly `2026-11-22`, sometimes as another of its users typed or exported it. */
export function crmDate(random: Random, instant: number): string {
  const iso = new Date(instant).toISOString()
  const form = random.fraction()
  if (form < DIRT.americanDates) return `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)} ${iso.slice(11, 16)}`
  if (form < DIRT.americanDates + DIRT.zuluDates) return `${iso.slice(0, 19)}Z`
  return iso.slice(0, 10)
}

/** When a CRM row was made and last changed. */
export function crmStamps(random: Random): { readonly created: number; readonly modified: number } {
  const created = instantWithin(random, DAYS_OF_CRM)
  return { created, modified: instantAfter(random, created) }
}

export const days = (count: number): number => count * DAY
